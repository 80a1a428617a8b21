"""Whole weeks of Europe/London."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from clinical.moments import LONDON

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Weeks:
    """Whole weeks of Europe/London, from a Monday to a Sunday: the finest time there is here."""

    first: date
    """A Monday."""
    last: date
    """A Sunday."""

    @classmethod
    def around(cls, first: date, last: date) -> Weeks:
        """The weeks in which these days lie, in whichever order they come."""
        first, last = min(first, last), max(first, last)
        return cls(
            first - timedelta(days=first.weekday()), last + timedelta(days=6 - last.weekday())
        )

    @classmethod
    def until(cls, day: date, many: int) -> Weeks:
        """So many weeks, the one of ``day`` the last of them."""
        return cls.around(day - (many - 1) * WEEK, day)

    @property
    def start(self) -> datetime:
        """The instant at which they begin."""
        return _midnight(self.first)

    @property
    def end(self) -> datetime:
        """The instant before which they end."""
        return _midnight(self.last + timedelta(days=1))

    @property
    def many(self) -> int:
        """How many weeks."""
        return ((self.last - self.first).days + 1) // 7

    def quarters(self) -> tuple[Weeks, ...]:
        """The quarters in which these weeks lie, in order.

        A quarter is of 12 to 14 whole weeks: it begins on the first Monday on or after 1 January,
        1 April, 1 July and 1 October.
        """
        found = [_quarter_of(self.first)]
        while found[-1].last < self.last:
            found.append(_quarter_of(found[-1].last + timedelta(days=1)))
        return tuple(found)

    def in_quarters(self) -> Weeks:
        """From the beginning of the first to the end of the last of these quarters."""
        quarters = self.quarters()
        return Weeks(quarters[0].first, quarters[-1].last)


def _quarter_of(day: date) -> Weeks:
    begins = [
        _monday_from(date(year, month, 1))
        for year in (day.year - 1, day.year, day.year + 1)
        for month in (1, 4, 7, 10)
    ]
    after = next(place for place, each in enumerate(begins) if each > day)
    return Weeks(begins[after - 1], begins[after] - timedelta(days=1))


def _monday_from(day: date) -> date:
    return day + timedelta(days=-day.weekday() % 7)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=LONDON).astimezone(UTC)
