"""Times and dates in words: Europe/London, the Common User Interface's dd-Mmm-yyyy, no guesses.

A date that is only partly known is shown as far as it is known. The hour that comes twice when
the clocks go back carries GMT or BST.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from clinical.moments import LONDON, Moment, Precision

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day(when: date) -> str:
    """``05-Mar-1938``, of a date or of an instant's day in London."""
    if isinstance(when, datetime):
        when = when.astimezone(LONDON).date()
    return f"{when.day:02}-{_MONTHS[when.month - 1]}-{when.year:04}"


def clock(when: datetime, *, seconds: bool = False) -> str:
    """``14:03``, or ``14:03:22``, in London."""
    local = when.astimezone(LONDON)
    shown = f"{local:%H:%M:%S}" if seconds else f"{local:%H:%M}"
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return f"{shown} {local.tzname()}" if twice else shown


def clock_of_today(when: datetime, now: datetime) -> str:
    """The time alone where it is of today, else the date before it."""
    if when.astimezone(LONDON).date() == now.astimezone(LONDON).date():
        return clock(when)
    return f"{day(when)} {clock(when)}"


def moment(when: Moment | None, *, unknown: str = "date not recorded") -> str:
    """A moment as far as the record knows it."""
    if when is None:
        return unknown
    local = when.earliest.astimezone(LONDON)
    match when.precision:
        case Precision.YEAR:
            return f"{local.year:04}"
        case Precision.MONTH:
            return f"{_MONTHS[local.month - 1]}-{local.year:04}"
        case Precision.DAY:
            return day(when.earliest)
        case Precision.INSTANT:
            return f"{day(when.earliest)} {clock(when.earliest)}"


def span(length: timedelta | None, *, unknown: str = "not known") -> str:
    """A length of time as the ward says it: ``42 min``, ``1 h 05 min``, ``2 days 3 h``."""
    if length is None:
        return unknown
    minutes = max(length // timedelta(minutes=1), 0)
    hours, rest = divmod(minutes, 60)
    if hours < 1:
        return f"{minutes} min"
    if hours < 24:
        return f"{hours} h {rest:02} min"
    days, hours = divmod(hours, 24)
    return f"{days} {'day' if days == 1 else 'days'} {hours} h"


def ago(when: datetime, now: datetime) -> str:
    """How long ago an instant was: ``12 s ago``, ``4 min ago``, ``3 days ago``."""
    passed = now - when
    if passed < -timedelta(minutes=1):
        return "in the future"
    if passed < timedelta(seconds=5):
        return "just now"
    if passed < timedelta(minutes=1):
        return f"{passed // timedelta(seconds=1)} s ago"
    days = passed // timedelta(days=1)
    if days < 2:
        return f"{span(passed)} ago"
    for unit, length, below in (("days", 1, 60), ("months", 30, 730)):
        if days < below:
            return f"{days // length} {unit} ago"
    return f"{days // 365} years ago"


def span_of_minutes(minutes: float) -> str:
    """A length given in minutes, as :func:`span` says it."""
    return span(timedelta(minutes=minutes))
