"""What was missed, and what each pathway brought: by need, service and hour of the day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

import numpy as np

from clinical.outcome_columns import NO_HOUR, OUTCOMES, microseconds
from clinical.outcome_counts import Count
from clinical.outcome_filters import NOT_RECORDED, Group
from clinical.outcome_rows import CaseRows
from clinical.outcome_verdicts import count_of, names_of
from clinical.review import Outcome

_NO_CAPACITY = OUTCOMES.index(Outcome.NO_CAPACITY)
_HOURS = 25
"""Those of a day, and "not recorded"."""


@dataclass(frozen=True, slots=True)
class Pathway:
    """One need at one service in one hour of the day: what a service could be widened for."""

    need: str
    service: str
    """Empty where none is recorded."""
    hour: int | None
    """Of the decision, in Europe/London; None where its time isn't recorded."""
    missed: int
    """Would-be redirects refused for want of room."""
    counts: Mapping[str, Count]
    """The named counts of the same need and service in the same hour, of those decided."""


def missed(table: CaseRows) -> Mapping[tuple[str, int | None], int]:
    """Would-be redirects refused for capacity, by (service, hour), as ``missed_opportunities``
    gives them.
    """
    return table.once("missed", lambda: _missed(table))


def _missed(table: CaseRows) -> Mapping[tuple[str, int | None], int]:
    rows = np.flatnonzero(table.column("outcome") == _NO_CAPACITY)
    services = table.codes(Group.SERVICE)[rows].tolist()
    hours = table.column("hour")[rows].tolist()
    found: Counter[tuple[int, int]] = Counter(zip(services, hours, strict=True))
    return MappingProxyType(
        {
            (_service(table, code), None if hour == NO_HOUR else hour): many
            for (code, hour), many in found.items()
        }
    )


def pathways(table: CaseRows, as_at: datetime, names: Sequence[str] | None = None) -> list[Pathway]:
    """Each need, service and hour of the day that there were decisions in, most missed first.

    ``names`` says which counts come with it; every one where it is left out. Raises KeyError for
    a name that isn't counted.
    """
    wanted = tuple(names_of(table.settings) if names is None else names)
    return list(
        table.once(
            ("pathways", wanted),
            lambda: tuple(_pathways(table, as_at, wanted)),
            microseconds(as_at),
        )
    )


def _pathways(table: CaseRows, as_at: datetime, names: Sequence[str]) -> list[Pathway]:
    outcome = table.column("outcome")
    decided = np.flatnonzero(outcome >= 0)
    services = len(table.names(Group.SERVICE))
    needs = table.codes(Group.REASON).astype(np.int64)
    cells = (needs * services + table.codes(Group.SERVICE)) * _HOURS + (
        table.column("hour").astype(np.int64) - NO_HOUR
    )
    present, place = np.unique(cells[decided], return_inverse=True)
    where = np.full(len(table), -1, dtype=np.int64)
    where[decided] = place
    refused = np.bincount(place[outcome[decided] == _NO_CAPACITY], minlength=len(present))
    counts: list[dict[str, Count]] = [{} for _ in present]
    judge = table.judge(as_at)
    for name in names:
        asked = judge.ask(name)
        cell = where[asked.rows]
        here = cell >= 0
        tally = np.bincount(
            cell[here] * 4 + asked.verdicts[here], minlength=4 * len(present)
        ).reshape(-1, 4)
        for number, each in enumerate(counts):
            each[name] = count_of(name, tally[number])
    found = [
        _pathway(table, code, int(refused[number]), counts[number])
        for number, code in enumerate(present.tolist())
    ]
    return sorted(found, key=lambda each: (-each.missed, each.need, each.service, each.hour or 0))


def _pathway(table: CaseRows, cell: int, refused: int, counts: Mapping[str, Count]) -> Pathway:
    rest, hour = divmod(cell, _HOURS)
    need, service = divmod(rest, len(table.names(Group.SERVICE)))
    return Pathway(
        table.names(Group.REASON)[need],
        _service(table, service),
        hour + NO_HOUR if hour else None,
        refused,
        MappingProxyType(dict(counts)),
    )


def _service(table: CaseRows, code: int) -> str:
    name = table.names(Group.SERVICE)[code]
    return "" if name == NOT_RECORDED else name
