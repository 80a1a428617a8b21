"""When a service is open: by the clock on the wall in England, whatever the offset is that day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from clinical.moments import LONDON, Moment

_LOOK_AHEAD_DAYS = 8
_MIDNIGHT = time(0)
_CLOCKS_CHANGE = time(1)
"""UTC. On two days of the year the clock on the wall jumps then."""


@dataclass(frozen=True, slots=True)
class OpenPeriod:
    """One recurring period. ``days`` are weekdays, 0 for Monday.

    It belongs to the day on which it begins: one that ends at or before the time at which it
    starts runs into the next day. ``ends`` equal to ``starts`` is the whole day.
    """

    days: frozenset[int]
    starts: time
    ends: time


@dataclass(frozen=True, slots=True)
class Closure:
    """A time at which a service isn't available although its hours say so. None: open-ended."""

    words: str
    starts: Moment | None
    ends: Moment | None

    def holds(self, at: datetime) -> bool:
        """Whether the service is closed by it at this instant; every day it may mean counts."""
        begun = self.starts is None or self.starts.earliest <= at
        over = self.ends is not None and (
            self.ends.earliest <= at if self.ends.exact else self.ends.before <= at
        )
        return begun and not over


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """A service's hours as its record gives them."""

    periods: tuple[OpenPeriod, ...] = ()
    closures: tuple[Closure, ...] = ()
    complete: bool = True
    """False where some of the recorded hours could not be read."""


@dataclass(frozen=True, slots=True)
class Openness:
    """Whether a service is open at one instant."""

    open: bool | None
    """None where the hours aren't recorded, or not all of them could be read."""
    until: datetime | None = None
    """When that next changes, in UTC; None where it doesn't within a week, or isn't known."""
    because: str = ""
    """Why it is closed within its hours, in the record's words."""


def openness(hours: OpeningHours, now: datetime) -> Openness:
    """Whether a service with these hours is open ``now``, and until when that stays so."""
    found = _open_at(hours, now)
    if found is None:
        return Openness(None)
    until = next(
        (each for each in _changes(hours, now) if _open_at(hours, each) is (not found)), None
    )
    closed_by = next((each.words for each in hours.closures if each.holds(now)), "")
    return Openness(found, until, "" if found else closed_by)


def _open_at(hours: OpeningHours, at: datetime) -> bool | None:
    if any(each.holds(at) for each in hours.closures):
        return False
    local = at.astimezone(LONDON)
    today, yesterday = local.weekday(), (local.weekday() - 1) % 7
    clock = local.time()
    for period in hours.periods:
        if today in period.days and _begun(period, clock):
            return True
        if yesterday in period.days and _runs_over(period) and clock < period.ends:
            return True
    return False if hours.periods and hours.complete else None


def _begun(period: OpenPeriod, clock: time) -> bool:
    if period.starts == period.ends:
        return True
    over = not _runs_over(period) and clock >= period.ends
    return clock >= period.starts and not over


def _runs_over(period: OpenPeriod) -> bool:
    return period.ends < period.starts


def _changes(hours: OpeningHours, now: datetime) -> list[datetime]:
    """Every instant after ``now`` at which it may open or close, in order, in UTC."""
    first = now.astimezone(LONDON).date() - timedelta(days=1)
    found = {
        instant
        for ahead in range(_LOOK_AHEAD_DAYS + 1)
        for instant in _bounds_of(hours, first + timedelta(days=ahead))
    }
    for closure in hours.closures:
        if closure.starts is not None:
            found.add(closure.starts.earliest.astimezone(UTC))
        if closure.ends is not None:
            ends = closure.ends.earliest if closure.ends.exact else closure.ends.before
            found.add(ends.astimezone(UTC))
    return sorted(each for each in found if each > now)


def _bounds_of(hours: OpeningHours, day: date) -> Iterator[datetime]:
    for clock in {_MIDNIGHT, *(t for each in hours.periods for t in (each.starts, each.ends))}:
        for fold in (0, 1):
            local = datetime.combine(day, clock, LONDON).replace(fold=fold)
            yield local.astimezone(UTC)
    yield datetime.combine(day, _CLOCKS_CHANGE, UTC)
