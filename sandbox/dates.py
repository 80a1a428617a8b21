"""The range of instants that a FHIR date, dateTime or instant may mean."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

EARLIEST = -(2**62)
LATEST = 2**62
"""Bounds of an open date range, in microseconds since 1970."""

_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?"
    r"(Z|[+-]\d\d:\d\d)?)?)?)?"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def _microseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // _MICROSECOND


@lru_cache(maxsize=16384)
def date_range(text: str) -> tuple[int, int]:
    """The instants a date may mean, as [first, next after the last) microseconds since 1970.

    A date without offset is taken as UTC. Raises ValueError for what is not a date.
    """
    found = _DATE.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not a date")
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    leap = second == "60"
    start = datetime(
        int(year),
        int(month or 1),
        int(day or 1),
        int(hour or 0),
        int(minute or 0),
        59 if leap else int(second or 0),
        int((fraction or "0")[:6].ljust(6, "0")),
        tzinfo=_zone(zone),
    )
    low = _microseconds(start) + (1_000_000 if leap else 0)
    if fraction:
        return low, low + 10 ** max(0, 6 - len(fraction))
    if second:
        return low, low + 1_000_000
    if hour:
        return low, low + 60_000_000
    if day:
        return low, low + 86_400_000_000
    following = (int(year), int(month) + 1) if month and month != "12" else (int(year) + 1, 1)
    if following[0] > 9999:
        return low, LATEST
    return low, _microseconds(datetime(*following, 1, tzinfo=UTC))


def _zone(text: str | None) -> timezone:
    if text is None or text == "Z":
        return UTC
    minutes = int(text[1:3]) * 60 + int(text[4:6])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))
