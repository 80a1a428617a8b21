"""Reading into the books of the counts: the reviews, and what belongs to those reviewed.

Nobody is asked for one by one: each search names many, and many searches travel together. What
can't be read makes its people unsure, so that nothing of theirs is counted as avoided.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from clinical.moments import utc_text
from clinical.review import Outcome
from fhir_queries.asking import Answer, Answers, Resource, Search
from fhir_queries.outcome_books import Books
from fhir_queries.port import page_of
from fhir_queries.profile import RecordProfile
from fhir_queries.reading.codes import CLINICAL_FRAILTY_LEVELS, CLINICAL_FRAILTY_SCORES
from fhir_queries.reading.fields import mapping, text
from fhir_queries.reading.reviews import REVIEW_CODE, TASK_CODE_SYSTEM

AT_ONCE = 100
"""How many people or numbers one search names."""
OF_REVIEWS = ("code", f"{TASK_CODE_SYSTEM}|{REVIEW_CODE}")
OF_FRAILTY = ("code", ",".join(sorted({*CLINICAL_FRAILTY_LEVELS, *CLINICAL_FRAILTY_SCORES})))
WITH_SITE = ("_include", "Encounter:service-provider")


class Ask(Protocol):
    """Asks a record; what comes of it is counted there."""

    def __call__(self, searches: Sequence[Search], *, audit: Resource | None = None) -> Answers:
        """The answers, as ``Record.ask`` gives them."""


def reviews_search(profile: RecordProfile, start: datetime | None, end: datetime | None) -> Search:
    """Every review asked for from ``start`` to before ``end``, with its wait and its patient."""
    bounds = []
    if start is not None:
        bounds.append(("authored-on", f"ge{utc_text(start)}"))
    if end is not None:
        bounds.append(("authored-on", f"lt{utc_text(end)}"))
    return Search(
        "reviews",
        "Task",
        (
            OF_REVIEWS,
            *bounds,
            ("_include", "Task:patient"),
            ("_include", "Task:encounter"),
            ("_include:iterate", "Encounter:service-provider"),
            *page_of(profile),
        ),
    )


def take_all(books: Books, answer: Answer) -> int:
    """Take in everything of an answer, what others refer to first; how many couldn't be read."""
    for resource in answer.included.values():
        books.take(resource)
    return answer.set_aside + sum(not books.take(each) for each in answer.matches)


class Follower:
    """Reads what belongs to people whose reviews are in the books, each person once.

    ``ask`` is how the record is asked. What failed stays to be read and is tried again.
    """

    def __init__(self, books: Books, ask: Ask) -> None:
        self.books = books
        self._ask = ask
        self._joined: set[str] = set()
        self._unjoined: set[str] = set()
        self._unfollowed: set[str] = set()
        self._followed: set[str] = set()
        self._scored: set[str] = set()

    def forget(self, patients: Iterable[str]) -> None:
        """Read anew who is the same person as these, and what became of them."""
        for read in (self._joined, self._followed, self._scored):
            read.difference_update(patients)

    def follow(self, tasks: Iterable[str]) -> None:
        """Read what isn't read yet of the people of these reviews."""
        reviews = [found for each in tasks if (found := self.books.reviews.get(each)) is not None]
        wanted = {each.patient for each in reviews if each.patient}
        self._meet(
            wanted,
            {each.encounter for each in reviews if each.encounter},
            {each.referral for each in reviews if each.referral},
        )
        self._join(wanted - self._joined)
        followed = {each.patient for each in reviews if each.outcome is Outcome.REDIRECTED}
        self._read_later(
            {one for each in followed for one in self.books.same_person(each) if each},
            {one for each in wanted for one in self.books.same_person(each)},
        )
        unsure = self._unjoined | self._unfollowed
        changed = unsure ^ self.books.unsure
        self.books.unsure = unsure
        self.books.touch(changed)

    @property
    def to_try_again(self) -> set[str]:
        """The patients of whom something could not be read."""
        return self._unjoined | self._unfollowed

    def _meet(self, patients: set[str], waits: set[str], referrals: set[str]) -> None:
        """Patients, waits and referrals that a review names and that didn't come with it."""
        books = self.books
        searches = [
            *self._by_id("waits", "Encounter", waits - books.encounters.keys(), WITH_SITE),
            *self._by_id("patients", "Patient", patients - books.patients.keys()),
            *self._by_id("referrals", "ServiceRequest", referrals - books.referrals.keys()),
        ]
        if searches:
            for answer in self._ask(searches).by_name.values():
                take_all(books, answer)

    def _by_id(self, name: str, kind: str, ids: set[str], *more: tuple[str, str]) -> list[Search]:
        page = page_of(self.books.profile)
        return [
            Search(f"{name}-{place}", kind, (("_id", ",".join(some)), *more, *page))
            for place, some in enumerate(_some(ids))
        ]

    def _join(self, patients: set[str]) -> None:
        """Find the other Patients who are the same person: by NHS number, and by link."""
        books = self.books
        if not patients:
            return
        page = page_of(books.profile)
        numbers: dict[str, set[str]] = {}
        linked: set[str] = set()
        for patient in patients:
            known = books.patients.get(patient)
            if known is not None:
                for number in known.numbers:
                    numbers.setdefault(number, set()).add(patient)
                linked.update(each for each in known.linked if each not in books.patients)
        systems = books.profile.person.nhs_number_systems
        whose: dict[str, set[str]] = {}
        searches = self._by_id("linked", "Patient", linked)
        for place, some in enumerate(_some(numbers)):
            tokens = ",".join(f"{system}|{number}" for number in some for system in systems)
            searches.append(Search(f"number-{place}", "Patient", (("identifier", tokens), *page)))
            whose[f"number-{place}"] = {one for each in some for one in numbers[each]}
        for place, some in enumerate(_some(patients)):
            named = ",".join(f"Patient/{each}" for each in some)
            searches.append(Search(f"links-{place}", "Patient", (("link", named), *page)))
        missed: set[str] = set()
        for name, answer in self._ask(searches).by_name.items():
            if answer.error is None:
                take_all(books, answer)
            if (answer.error is not None or not answer.complete) and name[:6] != "links-":
                missed |= whose.get(name, patients)
        self._joined |= patients - missed
        self._unjoined = (self._unjoined - patients) | missed

    def _read_later(self, followed: set[str], everybody: set[str]) -> None:
        books = self.books
        page = page_of(books.profile)
        searches: list[Search] = []
        whose: dict[str, set[str]] = {}
        # Without a date: an Encounter whose time isn't recorded may be the one that matters
        for place, some in enumerate(_some(followed - self._followed)):
            named = ("patient", ",".join(f"Patient/{each}" for each in some))
            searches.append(Search(f"encounters-{place}", "Encounter", (named, *page)))
            whose[f"encounters-{place}"] = set(some)
        for place, some in enumerate(_some(everybody - self._scored)):
            named = ("patient", ",".join(f"Patient/{each}" for each in some))
            searches.append(Search(f"frailty-{place}", "Observation", (named, OF_FRAILTY, *page)))
            whose[f"frailty-{place}"] = set(some)
        if not searches:
            return
        for name, answer in self._ask(searches).by_name.items():
            if answer.error is None:
                take_all(books, answer)
            read = answer.error is None and answer.complete and not answer.withheld
            if name.startswith("frailty-"):
                self._scored |= whose[name] if read else set()
            elif read:
                self._followed |= whose[name]
                self._unfollowed -= whose[name]
            else:
                self._unfollowed |= whose[name]


def changed_at(resource: Resource) -> str:
    """``meta.lastUpdated`` as the record wrote it; empty where it doesn't say."""
    return text(mapping(resource.get("meta")).get("lastUpdated"))


def _some(names: Iterable[str]) -> Iterable[list[str]]:
    listed = sorted(names)
    return (listed[first : first + AT_ONCE] for first in range(0, len(listed), AT_ONCE))
