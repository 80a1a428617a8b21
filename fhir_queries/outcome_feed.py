"""The cases as the record has them: read whole once, and from then on what changed.

How changes are found: each type is searched by ``_lastUpdated`` from the newest time that was
seen, less an overlap for writes that were under way; deletions by the history of a type, where the
record offers it. Everything can be read anew at any time, with the same answer.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from threading import Lock
from typing import Protocol

from clinical.moments import read_moment, utc_text
from clinical.outcome_table import OutcomeTable
from clinical.outcomes import OutcomeSettings
from fhir_queries.asking import Answer, Answers, Resource, Search
from fhir_queries.collector import collected_afterwards, collecting
from fhir_queries.errors import BadRecord
from fhir_queries.outcome_books import Books
from fhir_queries.outcome_reading import (
    OF_FRAILTY,
    OF_REVIEWS,
    WITH_SITE,
    Follower,
    changed_at,
    reviews_search,
    take_all,
)
from fhir_queries.port import Record, page_of
from fhir_queries.reading.outcome_facts import patient_facts
from fhir_queries.reading.sections import UNREADABLE

OVERLAP = timedelta(seconds=30)
"""How long a write may have been under way when something newer was already seen."""
NOTICED = ("Task", "Encounter", "Patient", "ServiceRequest")
"""Types of which a deletion is noticed between two whole readings."""

_FIRST_WINDOW = timedelta(days=60)
_FEW, _MANY = 500, 2000
"""A window of the whole reading with fewer reviews is widened, one with more narrowed."""
_LONGEST_WINDOW = timedelta(days=3650)
_SECONDS = 120.0
"""How long one exchange of a reading may take: a page of years is more than a page of a queue."""
_NOT_ALL = "Not every review could be read, so no counts are given."


class RecordWithHistory(Record, Protocol):
    """A record that can also be asked what was deleted from it."""

    def deleted_since(self, kind: str, since: datetime) -> frozenset[str] | None:
        """The ids deleted since; None where the record keeps no history of a type."""


@dataclass(frozen=True, slots=True)
class FeedState:
    """How the table stands to the record."""

    as_at: datetime
    """When the newest of what it holds was read."""
    deletions_as_at: datetime
    """Deletions up to then are noticed."""
    whole_as_at: datetime
    """When everything was last read anew."""


class OutcomeFeed:
    """One reading of the record that goes on: ``read`` makes one. Not for two threads at a time."""

    def __init__(
        self, record: RecordWithHistory, settings: OutcomeSettings, overlap: timedelta
    ) -> None:
        """Of a record of which nothing is read yet."""
        now = datetime.now(UTC)
        self._record = record
        self._overlap = overlap
        self._books = Books(record.profile)
        self._follower = Follower(self._books, self._ask)
        self._newest: datetime | None = None
        self._since: datetime | None = None
        self._deletions_since: datetime | None = None
        self._keeps_history = True
        self.table = OutcomeTable.of((), settings)
        self.state = FeedState(now, now, now)
        self._counting = Lock()
        self.resources = 0
        """How many resources the last reading took from the record."""

    @classmethod
    @collected_afterwards
    def read(
        cls,
        record: RecordWithHistory,
        settings: OutcomeSettings,
        *,
        overlap: timedelta = OVERLAP,
        audit: Resource | None = None,
    ) -> OutcomeFeed:
        """Everything, read anew. Raises RecordError; BadRecord where a review could not be read."""
        feed = cls(record, settings, overlap)
        with closing(_ahead(feed._windows(feed.state.as_at, audit))) as windows:
            for answer in chain.from_iterable(windows):
                if answer.error is not None:
                    raise answer.error
                aside = take_all(feed._books, answer)
                if aside or not answer.complete or answer.withheld:
                    raise BadRecord("not every review was read", sentence=_NOT_ALL)
                feed._follower.follow(str(task.get("id")) for task in answer.matches)
        feed._books.touched()
        feed.table = OutcomeTable.of(feed._books.cases(), settings)
        feed._deletions_since = feed._after()
        return feed

    def _windows(self, now: datetime, audit: Resource | None) -> Iterator[list[Answer]]:
        """The answers to searches for reviews, newest first, that together ask for all; those of
        one exchange at a time.
        """
        profile = self._record.profile
        end, width = now - _FIRST_WINDOW, _FIRST_WINDOW
        undated = Search("undated", "Task", (OF_REVIEWS, ("authored-on:missing", "true")))
        answers = self._ask([reviews_search(profile, end, None), undated], audit=audit).by_name
        self._note_read(now, answers.values())
        yield [answers["reviews"], *([] if answers["undated"].error else [answers["undated"]])]
        while True:
            many = len(answers["reviews"].matches)
            if many < _FEW:
                width = min(width * 3, _LONGEST_WINDOW)
            elif many > _MANY:
                width /= 2
            start = end - width
            older = ("authored-on", f"lt{utc_text(start)}")
            rest = Search("rest", "Task", (OF_REVIEWS, older, ("_count", "1")), every_page=False)
            answers = self._ask([reviews_search(profile, start, end), rest]).by_name
            yield [answers["reviews"]]
            if answers["rest"].error is not None:
                raise answers["rest"].error
            if not answers["rest"].matches:
                return
            end = start

    def read_changes(self, audit: Resource | None = None) -> bool:
        """Read what changed since the last reading; whether that can be told at all.

        Raises RecordError; the table then stays. False where nothing read so far has a time of
        change: everything has to be read anew.
        """
        if self._since is None:
            return False
        began = datetime.now(UTC)
        self.resources = 0
        answers = self._ask(self._changes(self._since), audit=audit).by_name
        for answer in answers.values():
            if answer.error is not None:
                raise answer.error
            if not answer.complete or answer.withheld:
                raise BadRecord("not every change was read", sentence=_NOT_ALL)
        self._take_changes(answers)
        self._renew_table()
        self._note_read(began, answers.values())
        self.state = replace(self.state, as_at=began)
        return True

    def _changes(self, since: datetime) -> list[Search]:
        page = page_of(self._record.profile)
        # At the newest time seen nothing is under way any more: only what is newer is new
        settled = since == self._newest
        changed = ("_lastUpdated", f"{'gt' if settled else 'ge'}{utc_text(since)}")
        return [
            Search("tasks", "Task", (OF_REVIEWS, changed, *page)),
            Search("encounters", "Encounter", (changed, WITH_SITE, *page)),
            Search("patients", "Patient", (changed, *page)),
            Search("referrals", "ServiceRequest", (changed, *page)),
            Search("frailty", "Observation", (OF_FRAILTY, changed, *page)),
        ]

    def _take_changes(self, answers: Mapping[str, Answer]) -> None:
        """Take in what concerns somebody reviewed; reviews first, since they say who that is."""
        books, follower = self._books, self._follower
        if take_all(books, answers["tasks"]):
            raise BadRecord("a changed review can't be read", sentence=_NOT_ALL)
        tasks = {str(task.get("id")) for task in answers["tasks"].matches}
        for place in answers["encounters"].included.values():
            books.take(place)
        for patient in answers["patients"].matches:
            changed = self._take_patient(patient)
            follower.forget(changed)
            tasks |= books.tasks_of(changed)
        for request in answers["referrals"].matches:
            if books.is_referral(str(request.get("id"))):
                books.take(request)
        for each in (*answers["encounters"].matches, *answers["frailty"].matches):
            if books.wants(each):
                books.take(each)
        follower.follow(tasks | books.tasks_of(follower.to_try_again) | books.touched_so_far)

    def _take_patient(self, patient: Resource) -> set[str]:
        """Take in a Patient who is, or may be, somebody reviewed; who is that person now or was."""
        books = self._books
        with suppress(*UNREADABLE):
            facts = patient_facts(patient)
            if books.may_concern(facts):
                before = books.same_person(facts.patient)
                books.take(patient)
                return before | books.same_person(facts.patient)
        return set()

    def reviewed(self) -> frozenset[str]:
        """The Encounters that a review was asked for."""
        return frozenset(each.encounter for each in self._books.reviews.values())

    def read_deletions(self) -> None:
        """Take out what was deleted since the last look. Raises RecordError; the table then stays.

        Where the record keeps no history of a type nothing is found until everything is read anew.
        """
        if self._deletions_since is None or not self._keeps_history:
            return
        began = datetime.now(UTC)
        gone: list[tuple[str, str]] = []
        for kind in NOTICED:
            found = self._record.deleted_since(kind, self._deletions_since)
            if found is None:
                self._keeps_history = False
                return
            gone += [(kind, each) for each in found]
        for kind, own_id in gone:
            self._books.drop(kind, own_id)
        self._renew_table()
        self._deletions_since = self._after()
        self.state = replace(self.state, deletions_as_at=began)

    def _after(self) -> datetime | None:
        """From when on deletions are to be looked for the next time. A history is asked for from
        an instant on, that instant included: at a settled one nothing can be new.
        """
        if self._since is None or self._since != self._newest:
            return self._since
        return self._since + timedelta(milliseconds=1)

    def _renew_table(self) -> None:
        touched = self._books.touched()
        gone = touched - self._books.reviews.keys()
        self.table = self.table.replace(self._books.cases(touched), without=gone)

    def _note_read(self, began: datetime, answers: Iterable[Answer]) -> None:
        """Work out from when on changes are to be read the next time.

        By the newest time that the first exchange of this reading saw: by the record's own clock,
        so that ours needn't agree with it.
        """
        seen = [
            changed_at(each)
            for answer in answers
            for each in (*answer.matches, *answer.included.values())
        ]
        newest = read_moment(max(seen, default=""))
        if newest is not None and (self._newest is None or newest.earliest > self._newest):
            self._newest = newest.earliest.astimezone(UTC)
        if self._newest is not None:
            settled = self._newest < began - self._overlap
            self._since = self._newest if settled else self._newest - self._overlap

    def _ask(self, searches: Sequence[Search], *, audit: Resource | None = None) -> Answers:
        answers = self._record.ask(searches, audit=audit, deadline=_SECONDS)
        came = [len(each.matches) + len(each.included) for each in answers.by_name.values()]
        with self._counting:
            self.resources += sum(came)
        return answers


def _ahead(windows: Iterator[list[Answer]]) -> Generator[list[Answer], None, None]:
    """The same, each asked for while the one before is worked on: the record and this process
    have a processor each. Raises what asking raises, in its turn.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="outcomes") as other:
        coming = other.submit(next, windows, None)
        while True:
            with collecting():
                window = coming.result()
            if window is None:
                return
            coming = other.submit(next, windows, None)
            yield window
