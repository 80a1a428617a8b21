"""How often somebody was at an emergency department or in hospital, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from clinical.record import Entry, RecordSection

SHORT = timedelta(days=30)
LONG = timedelta(days=365)
_ATTENDANCE = frozenset({"EMER"})
_ADMISSION = frozenset({"IMP", "ACUTE", "NONAC", "OBSENC", "SS"})
"""v3-ActCode classes of an Encounter, as its entry's ``category`` holds them."""
_DID_NOT_HAPPEN = frozenset({"planned", "cancelled", "entered-in-error"})


@dataclass(frozen=True, slots=True)
class Count:
    """How many happened in the 30 days and in the 12 months before; in either, at least so many.

    ``undated`` are those of which the record doesn't say enough of the time to count them.
    """

    in_30_days: int
    in_12_months: int
    undated: int


@dataclass(frozen=True, slots=True)
class HospitalUse:
    """Attendances and admissions. ``complete`` is False where more may not have been loaded."""

    attendances: Count
    admissions: Count
    complete: bool


def hospital_use(section: RecordSection, now: datetime) -> HospitalUse:
    """What the section of attendances and admissions counts up to, at ``now``.

    One whose date is only partly known counts where all of it lies in the span. Planned and
    cancelled ones and those entered in error don't count.
    """
    happened = [each for each in section.entries if each.status not in _DID_NOT_HAPPEN]
    return HospitalUse(
        _count([each for each in happened if each.category in _ATTENDANCE], now),
        _count([each for each in happened if each.category in _ADMISSION], now),
        section.complete and not section.set_aside,
    )


def length_of_stay(entry: Entry) -> timedelta | None:
    """How long an attendance or admission lasted; None where its ends aren't both known.

    Between two days it is whole days, between two instants what lies between them.
    """
    if entry.when is None or entry.ended is None or entry.kind != "Encounter":
        return None
    if entry.when.exact != entry.ended.exact:
        return None
    length = entry.ended.earliest - entry.when.earliest
    return length if length >= timedelta() else None


def _count(entries: list[Entry], now: datetime) -> Count:
    recent, year, undated = 0, 0, 0
    for entry in entries:
        if entry.when is None:
            undated += 1
        elif entry.when.earliest <= now:
            recent += entry.when.earliest >= now - SHORT
            year += entry.when.earliest >= now - LONG
    return Count(recent, year, undated)
