"""Somebody waiting in an ambulance outside the emergency department, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from clinical.codes import Coding
from clinical.moments import Moment
from clinical.news2 import News2Reading
from clinical.person import Person
from clinical.quick import quick
from clinical.record import Entry
from clinical.review import Review


class PlaceKind(Enum):
    """Where somebody waits: a wait need not be in the vehicle (Nuffield Trust)."""

    VEHICLE = "vehicle"
    BAY = "bay"
    CORRIDOR = "corridor"
    OTHER = "other"
    NOT_RECORDED = "not recorded"


@quick
@dataclass(frozen=True, slots=True)
class Place:
    """Where exactly somebody waits, in the record's words."""

    kind: PlaceKind
    words: str
    call_sign: str = ""


@quick
@dataclass(frozen=True, slots=True)
class EmergencyDepartment:
    """The emergency department outside which they wait. Empty parts are not recorded."""

    id: str
    name: str
    ods: str = ""


@quick
@dataclass(frozen=True, slots=True)
class WaitingPatient:
    """One wait: an Encounter that the record's profile calls waiting, with its person."""

    encounter: str
    encounter_version: str
    person: Person
    waiting_since: Moment | None
    department: EmergencyDepartment
    place: Place
    reason: str
    """Reason for the call, in words; empty where none is recorded."""
    reason_codes: tuple[Coding, ...]
    incident: str
    """The ambulance service's incident or call identifier; empty where none is recorded."""
    findings: tuple[Entry, ...]
    """The crew's observations and findings on this Encounter, newest first."""
    news2: News2Reading | None
    """The newest NEWS2 of this Encounter, None where none is recorded."""
    news2_before: News2Reading | None
    review: Review | None
    set_aside: int = 0
    """Resources about this wait that couldn't be read."""


class WaitingBand(Enum):
    """How long a wait is: thresholds of the NHS Standard Contract and release to rescue."""

    NOT_KNOWN = "not-known"
    WITHIN_15 = "within-15"
    OVER_15 = "over-15"
    OVER_30 = "over-30"
    OVER_45 = "over-45"
    OVER_60 = "over-60"


@dataclass(frozen=True, slots=True)
class WaitingList:
    """Everybody waiting, as one reading of the record gave it."""

    as_at: datetime
    waiting: tuple[WaitingPatient, ...]
    """Longest wait first; before them those without a known start, which may be longer."""
    set_aside: int
    """Resources received that couldn't be read or placed with a wait."""
    complete: bool
    """False while pages are known to be unread or a part of the answer failed."""
    warnings: tuple[str, ...] = ()
    """In words: what is missing from this reading and what that costs."""


def waited(patient: WaitingPatient, now: datetime) -> timedelta | None:
    """How long ``patient`` has waited at ``now``; None where the start isn't an instant.

    An arrival in the future (a clock that is wrong) gives a wait of zero.
    """
    since = patient.waiting_since
    if since is None or not since.exact:
        return None
    return max(now.astimezone(UTC) - since.earliest.astimezone(UTC), timedelta())
