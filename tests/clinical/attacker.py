"""Somebody who takes every number that is told and works out what was not.

Two of them: one who only claims what must be so (by exact bounds, propagated until nothing
narrows), and one who guesses from everything that adds up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np


@dataclass(frozen=True, slots=True)
class Told:
    """These atoms together are from ``low`` to ``high`` people, by what was told."""

    atoms: frozenset[int]
    low: float
    high: float


def bounds(atoms: int, told: Iterable[Told], rounds: int = 1000) -> list[tuple[float, float]]:
    """The fewest and the most people that each atom can hold, narrowed at most so many times."""
    low, high = [0.0] * atoms, [inf] * atoms
    facts = list(told)
    for _ in range(rounds):
        before = (low.copy(), high.copy())
        for fact in facts:
            _narrow(fact, low, high)
        if before == (low, high):
            break
    return list(zip(low, high, strict=True))


def _narrow(fact: Told, low: list[float], high: list[float]) -> None:
    least = sum(low[each] for each in fact.atoms)
    open_ended = sum(high[each] == inf for each in fact.atoms)
    most = sum(high[each] for each in fact.atoms if high[each] < inf)
    for each in fact.atoms:
        high[each] = min(high[each], fact.high - least + low[each])
        if open_ended == 0:
            low[each] = max(low[each], fact.low - most + high[each])
        elif open_ended == 1 and high[each] == inf:
            low[each] = max(low[each], fact.low - most)


def by_difference(told: Sequence[Told]) -> list[Told]:
    """What was told, and each difference of two sums of which one holds the other."""
    found = {fact.atoms: fact for fact in told}
    for whole in told:
        for part in told:
            if part.atoms < whole.atoms:
                rest = whole.atoms - part.atoms
                low, high = whole.low - part.high, whole.high - part.low
                known = found.get(rest)
                if known is not None:
                    low, high = max(low, known.low), min(high, known.high)
                found[rest] = Told(rest, max(low, 0.0), high)
    return list(found.values())


def guesses(
    atoms: int, exact: Mapping[frozenset[int], int], rounded: Mapping[frozenset[int], int]
) -> list[float]:
    """The likeliest number of people in each atom: least squares over everything told, the exact
    numbers held to a hundred times more strictly, and none below nought.
    """
    rows, wanted = [], []
    for facts, weight in ((exact, 100.0), (rounded, 1.0)):
        for members, value in facts.items():
            row = np.zeros(atoms)
            row[list(members)] = weight
            rows.append(row)
            wanted.append(weight * value)
    found, *_ = np.linalg.lstsq(np.array(rows), np.array(wanted), rcond=None)
    return [max(float(each), 0.0) for each in found]
