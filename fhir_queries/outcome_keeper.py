"""The manager's counts, kept: everything is read once a process, and from then on what changed.

Any number of managers cost the record one reading of changes per interval. What was read last
stays when the record stops answering, with its age and the reason; it goes at once when the record
says that it isn't permitted. Nobody is given counts before the record has been told who looks.

What it can't notice between two whole readings: a deletion, where the record keeps no history of a
type (``deletions_as_at`` says up to when they are known); a deleted frailty score; a site's
new name.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import Lock
from time import perf_counter

from clinical.outcome_table import OutcomeTable
from clinical.outcomes import OutcomeSettings
from clinical.person import Caller, Role
from fhir_queries.audit import counted
from fhir_queries.errors import NotPermitted, RecordError
from fhir_queries.outcome_feed import OVERLAP, OutcomeFeed, RecordWithHistory
from fhir_queries.queue_keeper import TOLD_AGAIN_AFTER

EVERY = timedelta(seconds=60)
"""How often changes are read."""
DELETIONS_EVERY = timedelta(minutes=5)
WHOLE_EVERY = timedelta(hours=24)
"""How often everything is read anew, for what no search of changes tells."""


@dataclass(frozen=True, slots=True)
class KeptOutcomes:
    """The cases as they were last read, and how fresh they are."""

    table: OutcomeTable
    """Of every review that the record holds; it is the same object until something is read."""
    as_at: datetime
    """When it was read: the time to count it at."""
    age: timedelta
    """How long ago that is."""
    deletions_as_at: datetime
    """What was deleted after this still counts."""
    whole_as_at: datetime
    """When everything was last read anew."""
    error: RecordError | None
    """Why the newest attempt to read failed; None where the table is the newest there is."""
    resources_read: int
    """How many resources the last reading took from the record."""
    reviewed: frozenset[str]
    """The Encounters that a review was asked for."""


@dataclass(slots=True)
class _Shelf:
    """What is kept for all callers with one right to see."""

    lock: Lock = field(default_factory=Lock)
    feed: OutcomeFeed | None = None
    kept: KeptOutcomes | None = None
    error: RecordError | None = None
    tried: float | None = None
    deletions_read: float = 0.0
    whole_read: float = 0.0
    told: dict[tuple[str, str], float] = field(default_factory=dict)
    """When the record was last told of each caller."""


class OutcomeKeeper:
    """One reader of outcomes for a whole process. Every method may be called by any thread."""

    def __init__(
        self,
        record: RecordWithHistory,
        *,
        settings: OutcomeSettings | None = None,
        every: timedelta = EVERY,
        deletions_every: timedelta = DELETIONS_EVERY,
        whole_every: timedelta = WHOLE_EVERY,
        overlap: timedelta = OVERLAP,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self._record = record
        self._settings = settings or OutcomeSettings()
        self._every = every.total_seconds()
        self._deletions_every = deletions_every.total_seconds()
        self._whole_every = whole_every.total_seconds()
        self._overlap = overlap
        self._clock = clock
        self._lock = Lock()
        self._shelves: dict[Role, _Shelf] = {}

    def table(self, caller: Caller) -> KeptOutcomes:
        """The cases for this caller, with what changed where the last reading is an interval old.

        While another thread is reading, the last table is given at once. Raises RecordError where
        there is no table that this caller may see: BadRecord where not every review could be read
        (a count of some would look like a count of all).
        """
        shelf = self._shelf(caller.role)
        nothing_yet = shelf.kept is None
        if (nothing_yet or self._due(shelf)) and shelf.lock.acquire(blocking=nothing_yet):
            try:
                if self._due(shelf):
                    self._read(shelf, caller)
            finally:
                shelf.lock.release()
        return self._view(shelf, caller)

    def refresh(self, caller: Caller) -> KeptOutcomes:
        """The cases with what changed until now."""
        return self._read_now(caller, whole=False)

    def rebuild(self, caller: Caller) -> KeptOutcomes:
        """The cases with everything read anew: the same, unless something went unnoticed."""
        return self._read_now(caller, whole=True)

    def _read_now(self, caller: Caller, *, whole: bool) -> KeptOutcomes:
        shelf = self._shelf(caller.role)
        with shelf.lock:
            self._read(shelf, caller, whole=whole)
        return self._view(shelf, caller)

    def _shelf(self, role: Role) -> _Shelf:
        with self._lock:
            return self._shelves.setdefault(role, _Shelf())

    def _due(self, shelf: _Shelf) -> bool:
        return shelf.tried is None or self._clock() - shelf.tried >= self._every

    def _read(self, shelf: _Shelf, caller: Caller, *, whole: bool = False) -> None:
        shelf.tried = now = self._clock()
        audit = counted(caller) if self._audited else None
        try:
            feed = shelf.feed
            stale = feed is None or now - shelf.whole_read >= self._whole_every
            if feed is None or whole or stale or not feed.read_changes(audit):
                feed = OutcomeFeed.read(
                    self._record, self._settings, overlap=self._overlap, audit=audit
                )
                shelf.whole_read = shelf.deletions_read = now
        except RecordError as error:
            if isinstance(error, NotPermitted):
                shelf.feed = shelf.kept = None
            shelf.error = error
            return
        if now - shelf.deletions_read >= self._deletions_every:
            shelf.deletions_read = now
            # Where that fails the rest still is the newest there is, and says up to when
            # deletions are known
            with suppress(RecordError):
                feed.read_deletions()
        shelf.told[_identity(caller)] = now
        shelf.feed, shelf.error = feed, None
        state = feed.state
        shelf.kept = KeptOutcomes(
            feed.table,
            state.as_at,
            timedelta(),
            state.deletions_as_at,
            state.whole_as_at,
            None,
            feed.resources,
            feed.reviewed(),
        )

    def _view(self, shelf: _Shelf, caller: Caller) -> KeptOutcomes:
        kept, error = shelf.kept, shelf.error
        if kept is None:
            raise error or RecordError("nothing was read")
        self._tell(shelf, caller)
        age = max(datetime.now(UTC) - kept.as_at, timedelta())
        return replace(kept, age=age, error=error)

    @property
    def _audited(self) -> bool:
        return self._record.profile.writing.audit

    def _tell(self, shelf: _Shelf, caller: Caller) -> None:
        """Tell the record that this caller looks too. Raises RecordError where that can't be done.

        Whoever was told of before goes on seeing what they saw while the record is silent.
        """
        if not self._audited:
            return
        now = self._clock()
        before = shelf.told.get(_identity(caller))
        if before is not None and now - before < TOLD_AGAIN_AFTER.total_seconds():
            return
        try:
            self._record.ask((), audit=counted(caller))
        except RecordError as error:
            if before is None or isinstance(error, NotPermitted):
                raise
            return
        shelf.told[_identity(caller)] = now


def _identity(caller: Caller) -> tuple[str, str]:
    return caller.user_system, caller.user
