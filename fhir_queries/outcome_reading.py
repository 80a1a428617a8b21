"""Reading into the books of the counts: the reviews, and what belongs to those reviewed.

Nobody is asked for one by one: each search names many, and many searches travel together. What
can't be read makes its people unsure, so that nothing of theirs is counted as avoided.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

from clinical.moments import utc_text
from clinical.review import Outcome
from fhir_queries.asking import Answer, Answers, Resource, Search
from fhir_queries.errors import BadRecord, NotFound, Refused
from fhir_queries.outcome_books import Books
from fhir_queries.port import page_of
from fhir_queries.profile import RecordProfile
from fhir_queries.reading.codes import CLINICAL_FRAILTY_LEVELS, CLINICAL_FRAILTY_SCORES
from fhir_queries.reading.fields import mapping, text
from fhir_queries.reading.outcome_facts import ReviewFacts
from fhir_queries.reading.reviews import REVIEW_CODE, TASK_CODE_SYSTEM

LONG_AGO = datetime.min.replace(tzinfo=UTC)
BEFORE_LEAVING = timedelta(days=3)
"""How long before the flag, the decision and leaving what came after them is searched from."""
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
        self._followed: dict[str, datetime] = {}
        """From when on what became of a Patient is read."""
        self._scored: set[str] = set()
        self._unjoined: set[str] = set()
        self._unfollowed: set[str] = set()
        self._finds_untimed = True
        self._failed = False
        self.to_try_again: set[str] = set()
        """The patients of reviews of whom something could not be read."""

    def forget(self, patients: Iterable[str]) -> None:
        """Read anew who is the same person as these, and what became of them."""
        for each in patients:
            self._joined.discard(each)
            self._scored.discard(each)
            self._followed.pop(each, None)

    def follow(self, tasks: Iterable[str]) -> None:
        """Read what isn't read yet of the people of these reviews."""
        books = self.books
        reviews = [found for each in tasks if (found := books.reviews.get(each)) is not None]
        wanted = {each.patient for each in reviews if each.patient}
        self._failed = False
        self._meet(reviews, wanted)
        self._join(wanted - self._joined)
        self._read_later(
            _from_when(books, reviews),
            {one for each in wanted for one in books.same_person(each)},
        )
        self.to_try_again -= wanted
        if self._failed:
            self.to_try_again |= wanted
        unsure = self._unjoined | self._unfollowed
        changed = unsure ^ books.unsure
        books.unsure = unsure
        books.touch(changed)

    def _meet(self, reviews: Sequence[ReviewFacts], patients: set[str]) -> None:
        """Patients, waits and referrals that a review names and that didn't come with it."""
        books = self.books
        waits = {each.encounter for each in reviews if each.encounter} - books.encounters.keys()
        referrals = {each.referral for each in reviews if each.referral} - books.referrals.keys()
        searches = [
            *self._by_id("waits", "Encounter", waits, WITH_SITE),
            *self._by_id("patients", "Patient", patients - books.patients.keys()),
            *self._by_id("referrals", "ServiceRequest", referrals),
        ]
        if searches:
            for answer in self._ask(searches).by_name.values():
                self._take(answer)

    def _take(self, answer: Answer) -> bool:
        """Take in an answer; whether all of it came."""
        if answer.error is None:
            take_all(self.books, answer)
        read = answer.error is None and answer.complete and not answer.withheld
        self._failed = self._failed or not read
        return read

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
            if not self._take(answer) and not name.startswith("links-"):
                missed |= whose.get(name, patients)
        self._joined |= patients - missed
        self._unjoined = (self._unjoined - patients) | missed

    def _read_later(self, followed: Mapping[str, datetime], everybody: set[str]) -> None:
        page = page_of(self.books.profile)
        chunks = list(_some(each for each in followed if not self._is_followed(each, followed)))
        searches: list[Search] = []
        for place, some in enumerate(chunks):
            searches += self._later(place, some, min(followed[each] for each in some))
        scored = list(_some(everybody - self._scored))
        for place, some in enumerate(scored):
            params = (_of(some), OF_FRAILTY, *page)
            searches.append(Search(f"frailty-{place}", "Observation", params))
        if not searches:
            return
        answers = self._ask(searches).by_name
        for place, some in enumerate(scored):
            if self._take(answers[f"frailty-{place}"]):
                self._scored.update(some)
        for place, some in enumerate(chunks):
            timed = self._take(answers[f"encounters-{place}"])
            untimed = answers.get(f"untimed-{place}")
            if timed and (untimed is None or self._take_untimed(untimed, some)):
                self._followed.update({each: followed[each] for each in some})
                self._unfollowed.difference_update(some)
            else:
                self._unfollowed.update(some)

    def _is_followed(self, patient: str, followed: Mapping[str, datetime]) -> bool:
        return patient in self._followed and self._followed[patient] <= followed[patient]

    def _later(self, place: int, some: Sequence[str], start: datetime) -> list[Search]:
        """What became of these people from ``start`` on. An Encounter whose time isn't recorded
        may be the one that matters, and a search by date alone doesn't find it.
        """
        page = page_of(self.books.profile)
        if not self._finds_untimed or start == LONG_AGO:
            return [Search(f"encounters-{place}", "Encounter", (_of(some), *page))]
        since, untimed = ("date", f"ge{utc_text(start)}"), ("date:missing", "true")
        return [
            Search(f"encounters-{place}", "Encounter", (_of(some), since, *page)),
            Search(f"untimed-{place}", "Encounter", (_of(some), untimed, *page)),
        ]

    def _take_untimed(self, answer: Answer, some: Sequence[str]) -> bool:
        """Take in the Encounters without a time; all there are, where the record can't search
        for those.
        """
        if isinstance(answer.error, Refused | NotFound | BadRecord):
            self._finds_untimed = False
            (search,) = self._later(0, some, LONG_AGO)
            return self._take(self._ask([search]).by_name[search.name])
        return self._take(answer)


def changed_at(resource: Resource) -> str:
    """``meta.lastUpdated`` as the record wrote it; empty where it doesn't say."""
    return text(mapping(resource.get("meta")).get("lastUpdated"))


def _some(names: Iterable[str]) -> Iterable[list[str]]:
    listed = sorted(names)
    return (listed[first : first + AT_ONCE] for first in range(0, len(listed), AT_ONCE))


def _of(patients: Sequence[str]) -> tuple[str, str]:
    return "patient", ",".join(f"Patient/{each}" for each in patients)


def _from_when(books: Books, reviews: Iterable[ReviewFacts]) -> dict[str, datetime]:
    """From when on what became of each Patient of those redirected matters."""
    found: dict[str, datetime] = {}
    for each in reviews:
        if each.outcome is Outcome.REDIRECTED and each.patient:
            wait = books.encounters.get(each.encounter)
            times = (each.flagged_at, each.decided_at, wait.left_site_at if wait else None)
            known = [at.earliest for at in times if at is not None]
            start = min(known) - BEFORE_LEAVING if known else LONG_AGO
            for one in books.same_person(each.patient):
                found[one] = min(start, found.get(one, start))
    return found
