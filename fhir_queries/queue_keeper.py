"""The queue, read once per interval for everybody who may see the same of it.

Any number of tablets cost the record one reading of the queue per interval. What was read last
stays when the record stops answering, with its age and the reason; it goes at once when the
record says that it isn't permitted. Nobody is shown a list before the record has been told who
looks.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from time import perf_counter

from clinical.evidence import Indicator
from clinical.indicators import IndicatorSettings, judge
from clinical.person import Caller, Role
from clinical.record import RecordSection, SectionState
from clinical.waiting import WaitingList, WaitingPatient
from fhir_queries.audit import must_see_people, opened_queue
from fhir_queries.errors import NotPermitted, RecordError
from fhir_queries.evidence import read_evidence
from fhir_queries.indicator_file import indicator_settings
from fhir_queries.port import Record
from fhir_queries.waiting import read_waiting

EVIDENCE_STANDS_FOR = timedelta(minutes=5)
TOLD_AGAIN_AFTER = timedelta(minutes=15)
"""How long one entry in the audit speaks for somebody who goes on looking at the queue."""

Sections = Mapping[str, RecordSection]
Drawn = dict[Hashable, object]


@dataclass(frozen=True, slots=True)
class QueueView:
    """The queue as it was last read, for one caller."""

    list: WaitingList
    indicators: Mapping[str, tuple[Indicator, ...]]
    """By encounter id; the verdicts of the moment at which the list was read."""
    evidence: Mapping[str, Sections]
    """By patient id, the sections that the indicators were judged on."""
    age: timedelta
    """How long ago the list was read."""
    error: RecordError | None
    """Why the newest attempt to read failed; None where ``list`` is the newest there is."""
    drawn: Drawn = field(default_factory=dict, compare=False)
    """Where a screen keeps what it drew of this reading: shared by those who see the same reading,
    and gone with it."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one reading of the queue gave: handed on as one, so that no view mixes two."""

    list: WaitingList
    indicators: Mapping[str, tuple[Indicator, ...]]
    evidence: Mapping[str, Sections]
    drawn: Drawn = field(default_factory=dict)


@dataclass(slots=True)
class _Shelf:
    """What is kept for all callers with one right to see."""

    lock: Lock = field(default_factory=Lock)
    reading: _Reading | None = None
    evidence_read: dict[str, float] = field(default_factory=dict)
    tried: float | None = None
    error: RecordError | None = None
    told: dict[tuple[str, str], float] = field(default_factory=dict)
    """When the record was last told of each caller."""


class QueueKeeper:
    """One reader of the queue for a whole process. Every method may be called by any thread."""

    def __init__(
        self,
        record: Record,
        *,
        every: timedelta | None = None,
        departments: Sequence[str] | None = None,
        indicators: IndicatorSettings | None = None,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        """``every`` and ``departments`` are the settings' where they are left out."""
        settings = record.settings
        self._record = record
        self._every = (every or timedelta(seconds=settings.refresh_seconds)).total_seconds()
        covered = settings.departments if departments is None else departments
        self._departments = tuple(sorted(covered))
        self._indicators = indicators or indicator_settings(record.settings.indicators)
        self._clock = clock
        self._lock = Lock()
        self._shelves: dict[tuple[Role, tuple[str, ...]], _Shelf] = {}

    def view(self, caller: Caller) -> QueueView:
        """The queue for this caller, read again where the last reading is an interval old.

        Never raises RecordError: ``error`` holds it, beside the last good list. While another
        thread is reading, the last list is given at once.
        """
        try:
            must_see_people(self._record, caller)
        except NotPermitted as error:
            return self._nothing(error)
        shelf = self._shelf(caller)
        nothing_yet = shelf.reading is None and shelf.error is None
        if (nothing_yet or self._due(shelf)) and shelf.lock.acquire(blocking=nothing_yet):
            try:
                if self._due(shelf):
                    self._read(shelf, caller)
            finally:
                shelf.lock.release()
        return self._view(shelf, caller)

    def refresh(self, caller: Caller) -> QueueView:
        """The queue, read now: after a write, so that its effect is seen."""
        if caller.role is Role.MANAGER:
            return self.view(caller)
        shelf = self._shelf(caller)
        with shelf.lock:
            self._read(shelf, caller)
        return self._view(shelf, caller)

    def _shelf(self, caller: Caller) -> _Shelf:
        key = (caller.role, self._departments)
        with self._lock:
            return self._shelves.setdefault(key, _Shelf())

    def _due(self, shelf: _Shelf) -> bool:
        return shelf.tried is None or self._clock() - shelf.tried >= self._every

    def _read(self, shelf: _Shelf, caller: Caller) -> None:
        shelf.tried = self._clock()
        audited = self._record.profile.writing.audit
        try:
            found = read_waiting(
                self._record,
                audit=opened_queue(caller, self._departments) if audited else None,
                departments=self._departments,
            )
        except NotPermitted as error:
            shelf.reading, shelf.error = None, error
            shelf.evidence_read.clear()
            return
        except RecordError as error:
            shelf.error = error
            return
        shelf.told[_identity(caller)] = self._clock()
        evidence = self._evidence(shelf, found.waiting)
        indicators = {
            wait.encounter: judge(
                wait, evidence.get(wait.person.patient, {}), self._indicators, found.as_at
            )
            for wait in found.waiting
        }
        shelf.reading, shelf.error = _Reading(found, indicators, evidence), None

    def _evidence(self, shelf: _Shelf, waiting: Sequence[WaitingPatient]) -> dict[str, Sections]:
        """The evidence of those waiting; only what is missing, failed or old is read again."""
        now = self._clock()
        lasts = EVIDENCE_STANDS_FOR.total_seconds()
        before = shelf.reading.evidence if shelf.reading is not None else {}
        here = {wait.person.patient for wait in waiting if wait.person.patient}
        fresh = {
            patient
            for patient, at in shelf.evidence_read.items()
            if patient in here and now - at < lasts and patient in before
        }
        wanted = [wait for wait in waiting if wait.person.patient not in fresh]
        kept = {patient: before[patient] for patient in fresh}
        read_at = {patient: shelf.evidence_read[patient] for patient in fresh}
        if wanted:
            for patient, sections in read_evidence(self._record, wanted).items():
                kept[patient] = sections
                if not _failed(sections):
                    read_at[patient] = now
        shelf.evidence_read = read_at
        return kept

    def _view(self, shelf: _Shelf, caller: Caller) -> QueueView:
        now = datetime.now(UTC)
        untold = self._tell(shelf, caller)
        kept = shelf.reading
        if kept is None or untold is not None:
            return self._nothing(untold or shelf.error)
        age = max(now - kept.list.as_at, timedelta())
        return QueueView(kept.list, kept.indicators, kept.evidence, age, shelf.error, kept.drawn)

    def _nothing(self, error: RecordError | None) -> QueueView:
        """A view with nobody in it, and why."""
        said = (str(error),) if error is not None else ()
        empty = WaitingList(datetime.now(UTC), (), 0, complete=False, warnings=said)
        return QueueView(empty, {}, {}, timedelta(), error)

    def _tell(self, shelf: _Shelf, caller: Caller) -> RecordError | None:
        """Tell the record that this caller looks too; the reason where that can't be done.

        Whoever was told of before goes on seeing what they saw while the record is silent.
        """
        if shelf.reading is None or not self._record.profile.writing.audit:
            return None
        now = self._clock()
        before = shelf.told.get(_identity(caller))
        if before is not None and now - before < TOLD_AGAIN_AFTER.total_seconds():
            return None
        try:
            self._record.ask((), audit=opened_queue(caller, self._departments))
        except RecordError as error:
            return None if before is not None and not isinstance(error, NotPermitted) else error
        shelf.told[_identity(caller)] = now
        return None


def _identity(caller: Caller) -> tuple[str, str]:
    return caller.user_system, caller.user


def _failed(sections: Sections) -> bool:
    return any(section.state is SectionState.FAILED for section in sections.values())
