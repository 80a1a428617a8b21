"""How does every emergency department stand now? One exchange, and numbers only.

A command centre asks for counts of people and never for people: what is read here is counted
here, and nothing of anybody leaves this module.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from time import perf_counter

from clinical.bands import WaitingThresholds
from clinical.capacity import ServiceCapacity
from clinical.command_centre import HOUR, CommandCentre, Movement, departments_now
from clinical.moments import utc_text
from clinical.outcomes import Departure
from clinical.person import Caller
from clinical.review_steps import Action, may
from clinical.waiting import EmergencyDepartment
from fhir_queries.asking import Answer, Resource, Search
from fhir_queries.audit import counted
from fhir_queries.capacity import read_capacity
from fhir_queries.errors import NotPermitted, RecordError
from fhir_queries.port import Record, page_of
from fhir_queries.profile import RecordProfile
from fhir_queries.reading.fields import mapping, objects, text
from fhir_queries.reading.follow_up import departure
from fhir_queries.reading.sections import UNREADABLE
from fhir_queries.reading.waits import department, waiting_since
from fhir_queries.waiting import of_the_classes, waiting_list, waits_search

_LOOK_BACK = HOUR + timedelta(minutes=5)
TOLD_AGAIN_AFTER = timedelta(minutes=15)
"""How long one entry in the audit speaks for a screen that goes on showing the counts."""


@dataclass(frozen=True, slots=True)
class CentreView:
    """The newest numbers there are, for everybody who may see counts."""

    centre: CommandCentre | None
    """None where they have never been read."""
    capacity: tuple[ServiceCapacity, ...]
    capacity_error: RecordError | None
    error: RecordError | None
    """Why the newest attempt to read failed; ``centre`` is then older."""


def read_command_centre(
    record: Record, *, audit: Resource | None = None, thresholds: WaitingThresholds | None = None
) -> CommandCentre:
    """All departments now, in one exchange.

    The last hour's coming and going is what the record changed lately; where it can't be asked for
    that, the flow is not known and nothing is predicted. Raises RecordError where the record gives
    no answer at all to who waits.
    """
    profile = record.profile
    now = datetime.now(UTC)
    minutes = thresholds or WaitingThresholds(*record.settings.waiting_minutes)
    answers = record.ask([waits_search(profile), _moved_search(profile, now)], audit=audit)
    waits = answers.by_name["waits"]
    if waits.error is not None:
        raise waits.error
    departments = record.settings.departments
    found = waiting_list(waits, answers.as_at, profile, departments)
    moved = answers.by_name["moved"]
    movements = None if moved.error is not None or not moved.complete else _movements(moved, record)
    if movements is not None:
        # A wait that goes on has begun, whether or not the record counts it as changed lately
        told = {each for each, _ in movements}
        movements += [
            (wait.encounter, Movement(wait.department, wait.waiting_since, None))
            for wait in found.waiting
            if wait.encounter not in told
        ]
    known = {move.department.id: move.department for _, move in movements or ()}
    return CommandCentre(
        answers.as_at,
        departments_now(
            found.waiting,
            None if movements is None else [move for _, move in movements],
            known.values(),
            answers.as_at,
            minutes,
        ),
        found.complete,
        found.set_aside,
        found.warnings,
    )


def _moved_search(profile: RecordProfile, now: datetime) -> Search:
    """Encounters of the waiting classes that the record changed in the last hour."""
    asked, expect = of_the_classes(profile.wait)
    since = ("_lastUpdated", f"ge{utc_text(now - _LOOK_BACK)}")
    params = (since, *asked, ("_include", "Encounter:service-provider"), *page_of(profile))
    return Search("moved", "Encounter", params, expect=expect)


def _movements(answer: Answer, record: Record) -> list[tuple[str, Movement]]:
    """What changed, of Encounters that are or were a wait: one that never was came on foot."""
    rules = record.profile.wait
    covered = frozenset(record.settings.departments)
    found: list[tuple[str, Movement]] = []
    for encounter in answer.matches:
        try:
            past = {text(each.get("status")) for each in objects(encounter.get("statusHistory"))}
            status = text(encounter.get("status"))
            if not ({status} | past) & frozenset(rules.statuses):
                continue
            where = department(encounter, answer.included)
            if covered and not covered & {where.id, where.ods}:
                continue
            found.append((text(encounter.get("id")), _movement(encounter, where, record.profile)))
        except UNREADABLE:
            continue
    return found


def _movement(encounter: Resource, where: EmergencyDepartment, profile: RecordProfile) -> Movement:
    how, left, handed_over = departure(encounter, profile)
    ended = left if how is Departure.LEFT else handed_over
    began = waiting_since(encounter, profile.wait)
    if began is None and mapping(encounter.get("period")).get("start") is None:
        return Movement(where, None, ended)
    return Movement(where, began, ended)


@dataclass(slots=True)
class CommandCentreKeeper:
    """One reader of the numbers for a whole process, however many screens show them."""

    record: Record
    clock: Callable[[], float] = perf_counter
    _lock: Lock = field(default_factory=Lock)
    _centre: CommandCentre | None = None
    _capacity: tuple[ServiceCapacity, ...] = ()
    _capacity_error: RecordError | None = None
    _error: RecordError | None = None
    _tried: float | None = None
    _told: dict[tuple[str, str], float] = field(default_factory=dict)

    def view(self, caller: Caller) -> CentreView:
        """The numbers, read again where the last reading is an interval old.

        Never raises RecordError but NotPermitted, for a role that sees no counts.
        """
        if not may(caller, Action.SEE_DEPARTMENTS):
            raise NotPermitted("a role that sees no departments' counts asked for them")
        with self._lock:
            if self._due():
                self._read(caller)
            if (untold := self._tell(caller)) is not None:
                return CentreView(None, (), None, untold)
            return CentreView(self._centre, self._capacity, self._capacity_error, self._error)

    def _due(self) -> bool:
        every = self.record.settings.refresh_seconds
        return self._tried is None or self.clock() - self._tried >= every

    def _read(self, caller: Caller) -> None:
        self._tried = self.clock()
        audited = self.record.profile.writing.audit
        try:
            self._centre = read_command_centre(
                self.record, audit=counted(caller) if audited and self._untold(caller) else None
            )
        except NotPermitted as error:
            self._centre, self._error = None, error
            return
        except RecordError as error:
            self._error = error
            return
        self._error = None
        if audited and self._untold(caller):
            self._told[_identity(caller)] = self.clock()
        try:
            self._capacity = read_capacity(self.record, datetime.now(UTC))
            self._capacity_error = None
        except RecordError as error:
            self._capacity_error = error

    def _untold(self, caller: Caller) -> bool:
        before = self._told.get(_identity(caller))
        return before is None or self.clock() - before >= TOLD_AGAIN_AFTER.total_seconds()

    def _tell(self, caller: Caller) -> RecordError | None:
        """Tell the record who is shown what was read for another; why, where that can't be done.

        Whoever was told of before goes on seeing what they saw while the record is silent.
        """
        if self._centre is None or not self.record.profile.writing.audit:
            return None
        if not self._untold(caller):
            return None
        try:
            self.record.ask((), audit=counted(caller))
        except RecordError as error:
            before = _identity(caller) in self._told
            return None if before and not isinstance(error, NotPermitted) else error
        self._told[_identity(caller)] = self.clock()
        return None


def _identity(caller: Caller) -> tuple[str, str]:
    return caller.user_system, caller.user
