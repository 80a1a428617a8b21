"""The parts of everybody that are told of, and the quarters by which they are: the same whichever
page, row, filter or file asks for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import numpy as np

from clinical.outcome_columns import NO_HOUR, OUTCOMES, Column, microseconds
from clinical.outcome_filters import CaseFilter, Group
from clinical.outcome_rows import CaseRows
from clinical.review import Outcome
from clinical.suppression import Split, Suppression
from clinical.weeks import Weeks

MOST_GROUPS = 2
"""By how many groups may be filtered at once. Each more would tell every number once again, as a
sum of others, and the average of many such sums is the number."""
THE_REST = "the rest"
"""The part of those that are in no part that is told of."""


def may_be_asked(case_filter: CaseFilter) -> bool:
    """Whether numbers are told under this filter: of at most two groups, of one name each."""
    chosen = case_filter.chosen
    return len(chosen) <= MOST_GROUPS and all(len(names) == 1 for names in chosen.values())


def part_named(key: Iterable[tuple[str, tuple[str, ...]]], *further: str) -> str:
    """What a part is called, from its filter's key: the same however it is come by."""
    return "|".join([*(f"{group}={'+'.join(names)}" for group, names in key), *further])


def places_of(table: CaseRows, group: Group, listed: Sequence[str]) -> Column:
    """The place in ``listed`` of each row's group; one beyond its end for any other."""
    places = {name: place for place, name in enumerate(listed)}
    found: Column = np.array(
        [places.get(name, len(listed)) for name in table.names(group)], dtype=np.int64
    )[table.codes(group)]
    return found


def split_by_quarters(
    table: CaseRows, parts: Column, names: Sequence[str], quarters: Sequence[Weeks]
) -> Split:
    """A table of these quarters and no others, split into parts."""
    return Split(
        parts,
        names,
        _quarter_of_each(table, quarters),
        [each.first.isoformat() for each in quarters],
    )


def everybody_by_quarters(
    whole: CaseRows, as_at: datetime, name: str, quarters: Sequence[Weeks]
) -> Column:
    """A row for each quarter: how many there are of each verdict."""
    asked = whole.judge(as_at).ask(name)
    place = _quarter_of_each(whole, quarters)[asked.rows] * 4 + asked.verdicts
    found: Column = np.bincount(place, minlength=len(quarters) * 4).reshape(-1, 4)
    return found


def refused_by_hour(
    suppression: Suppression,
    part: CaseRows,
    *,
    whole: CaseRows,
    outcome: Outcome,
    parts: Column,
    names: Sequence[str],
    hours: int,
    quarters: Sequence[Weeks],
) -> list[int | None]:
    """How many had this outcome, by part and by bands of so many hours, one part after another.

    ``parts`` may name one place more than there are names: the rest.
    """
    bands = 24 // hours
    rows = _with_outcome(part, outcome)
    codes = np.zeros(len(part), dtype=np.int64)
    codes[rows] = parts[rows] * bands + part.column("hour")[rows].astype(np.int64) // hours
    everybody = np.bincount(
        _quarter_of_each(whole, quarters)[_with_outcome(whole, outcome)], minlength=len(quarters)
    )
    named = [
        f"{name}|{hours * band}+{hours}" for name in (*names, THE_REST) for band in range(bands)
    ]
    split = split_by_quarters(part, codes, named, quarters)
    told = suppression.tally(part, outcome.value, rows, split, everybody)
    return told[: len(names) * bands]


def _with_outcome(table: CaseRows, outcome: Outcome) -> Column:
    """The rows of this outcome whose hour is known."""
    found: Column = np.flatnonzero(
        (table.column("outcome") == OUTCOMES.index(outcome)) & (table.column("hour") != NO_HOUR)
    )
    return found


def _quarter_of_each(table: CaseRows, quarters: Sequence[Weeks]) -> Column:
    begins = np.array([microseconds(each.start) for each in quarters])
    found: Column = np.searchsorted(begins, table.column("dated"), side="right") - 1
    return found
