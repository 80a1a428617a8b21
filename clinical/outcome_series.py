"""Counts by week and by month, for control charts: periods begin at midnight in Europe/London."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal, TypeVar

import numpy as np

from clinical.moments import LONDON
from clinical.outcome_columns import NEVER, instant, microseconds
from clinical.outcome_counts import Count
from clinical.outcome_rows import CaseRows
from clinical.outcome_verdicts import count_of
from clinical.outcomes import utc

Step = Literal["week", "month"]
Rows = TypeVar("Rows", bound=CaseRows)


@dataclass(frozen=True, slots=True)
class Period:
    """One week or month of a series, by the days of Europe/London."""

    start: date
    """Its first day: a Monday, or the first of a month."""
    count: Count
    whole: bool
    """Whether all of it lies within the table's time and is over at the as-at time; a part of a
    period doesn't belong on a chart beside whole ones."""


def series(
    table: CaseRows,
    name: str,
    as_at: datetime,
    step: Step = "week",
    *,
    start: datetime | None = None,
    end: datetime | None = None,
) -> list[Period]:
    """The count of this name by week or month, empty ones included.

    From the period of ``start`` (the first case, where it is left out) to that of ``end`` (the
    last case). Raises KeyError for a name that isn't counted.
    """
    bounds = tuple(None if each is None else microseconds(each) for each in (start, end))
    found = table.once(
        ("series", name, step, bounds),
        lambda: _series(table, name, as_at, step, start, end),
        microseconds(as_at),
    )
    return list(found)


def _series(  # noqa: PLR0917 - as its caller is given them
    table: CaseRows,
    name: str,
    as_at: datetime,
    step: Step,
    start: datetime | None,
    end: datetime | None,
) -> tuple[Period, ...]:
    chosen = table.select(start, end)
    asked = chosen.judge(as_at).ask(name)
    first, last = _bounds(chosen, start, end)
    if first is None or last is None:
        return ()
    starts = _starts(first, last, step)
    edges = np.array([microseconds(_midnight(day)) for day in starts], dtype=np.int64)
    dated = chosen.column("dated")[asked.rows]
    timed = dated != NEVER
    place = np.searchsorted(edges, dated[timed], side="right") - 1
    tally = np.bincount(place * 4 + asked.verdicts[timed], minlength=4 * len(edges)).reshape(-1, 4)
    over = utc(as_at) if end is None else min(utc(end), utc(as_at))
    return tuple(
        Period(
            day,
            count_of(name, tally[number]),
            (start is None or start <= _midnight(day)) and _midnight(_next(day, step)) <= over,
        )
        for number, day in enumerate(starts)
    )


def periods(
    table: Rows,
    step: Step = "week",
    *,
    start: datetime | None = None,
    end: datetime | None = None,
) -> list[tuple[date, Rows]]:
    """The cases of each week or month, by its first day: for spans by period."""
    chosen = table.select(start, end)
    first, last = _bounds(chosen, start, end)
    if first is None or last is None:
        return []
    return [
        (day, chosen.select(_midnight(day), _midnight(_next(day, step))))
        for day in _starts(first, last, step)
    ]


def _bounds(
    table: CaseRows, start: datetime | None, end: datetime | None
) -> tuple[datetime | None, datetime | None]:
    """From when to when there are periods; (None, None) where nothing says it."""
    dated = table.column("dated")
    known = int(np.searchsorted(dated, NEVER))
    first = start if start or not known else instant(int(dated[0]))
    before = None if end is None else end - timedelta(microseconds=1)
    last = before if before or not known else instant(int(dated[known - 1]))
    return (None, None) if first is None or last is None else (first, last)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=LONDON).astimezone(UTC)


def _next(day: date, step: Step) -> date:
    if step == "week":
        return day + timedelta(days=7)
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _starts(first: datetime, last: datetime, step: Step) -> list[date]:
    day = first.astimezone(LONDON).date()
    day = day - timedelta(days=day.weekday()) if step == "week" else day.replace(day=1)
    until = last.astimezone(LONDON).date()
    found = []
    while day <= until:
        found.append(day)
        day = _next(day, step)
    return found
