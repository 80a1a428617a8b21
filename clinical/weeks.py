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


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=LONDON).astimezone(UTC)
