"""Times as the record gives them: instants with their offset, and dates that are only partly known.

FHIR's ``dateTime`` may be a year, a month, a day or an instant. Nothing here fills in what was
not recorded: a partial date is a range, and a rule has to say which end of it it uses.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from clinical.quick import quick

LONDON = ZoneInfo("Europe/London")


class Precision(Enum):
    """How much of a date the record holds."""

    YEAR = "year"
    MONTH = "month"
    DAY = "day"
    INSTANT = "instant"


@quick
@dataclass(frozen=True, slots=True)
class Moment:
    """A FHIR ``date``, ``dateTime`` or ``instant``, as recorded.

    ``earliest`` is the first instant it may mean and ``before`` the first that it can't mean any
    more (for an instant, ``before`` is ``earliest``). Both carry an offset; days, months and years
    begin at midnight in Europe/London.
    """

    text: str
    earliest: datetime
    before: datetime
    precision: Precision

    @property
    def exact(self) -> bool:
        """Whether this is an instant, so that a clock may run from it."""
        return self.precision is Precision.INSTANT

    def certainly_within(self, span: timedelta, now: datetime) -> bool:
        """Whether the whole of this time lies in the ``span`` that ends at ``now``."""
        now = now.astimezone(UTC)
        return now - span <= self.earliest and self.before <= now

    def possibly_within(self, span: timedelta, now: datetime) -> bool:
        """Whether any part of this time can lie in the ``span`` that ends at ``now``."""
        now = now.astimezone(UTC)
        return self.before >= now - span and self.earliest <= now


def read_moment(text: str) -> Moment | None:
    """The moment that a FHIR date, dateTime or instant means, or None where it means none.

    An instant without an offset is no FHIR instant; some records write one all the same. It is
    read as a day, since the hour can't be trusted.
    """
    text = text.strip()
    try:
        if len(text) == 4:
            first = datetime(int(text), 1, 1, tzinfo=LONDON)
            return Moment(text, first, first.replace(year=first.year + 1), Precision.YEAR)
        if len(text) == 7 and text[4] == "-":
            first = datetime(int(text[:4]), int(text[5:]), 1, tzinfo=LONDON)
            after = (first + timedelta(days=32)).replace(day=1)
            return Moment(text, first, after, Precision.MONTH)
        if len(text) == 10:
            return _day(text)
        return _instant(text) if text[10:11] == "T" else None
    except (ValueError, OverflowError):
        return None


def at_instant(when: datetime) -> Moment:
    """The moment of one instant. ``when`` has to carry an offset."""
    if when.tzinfo is None:
        raise ValueError("an instant needs its offset")
    return Moment(when.isoformat(timespec="seconds"), when, when, Precision.INSTANT)


def utc_text(when: datetime) -> str:
    """``when`` as a FHIR instant in UTC, to the millisecond."""
    return when.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _instant(text: str) -> Moment:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        return _day(text[:10])
    return Moment(text, instant, instant, Precision.INSTANT)


def _day(text: str) -> Moment:
    naive = datetime.fromisoformat(text)
    first = naive.replace(tzinfo=LONDON)
    after = (naive + timedelta(days=1)).replace(tzinfo=LONDON)
    return Moment(text, first, after, Precision.DAY)
