"""Numbers of people that give nobody away, alone or by subtraction: docs/adr/0006 says why so.

What is counted of everybody, by whole weeks, is exact. Whatever narrows it (a filter, a row of a
breakdown, a part of a chart) is of a part, and a part is told by whole quarters: each quarter's
number gets a little noise, and their sum is rounded to the nearest 5. The noise hangs on who is
counted and on a secret of this installation, so that asking again teaches nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from clinical.outcome_columns import Column
from clinical.outcome_counts import Count
from clinical.outcome_filters import Group
from clinical.outcome_rows import CaseRows
from clinical.outcome_verdicts import NO, PENDING, UNKNOWN, YES, Asked

TIMES_TOO_FEW = 4
"""How many small numbers make up the fewest people of whom a part may be told (20)."""
_WORD = 8
_MASK = (1 << 64) - 1
_PARTS: Mapping[str, tuple[int, ...]] = {
    "yes": (YES,),
    "known": (NO, YES),
    "of": (NO, YES, PENDING, UNKNOWN),
    "pending": (PENDING,),
    "unknown": (UNKNOWN,),
}


@dataclass(frozen=True, slots=True)
class ShownCount:
    """One count as it may be shown. None is withheld: of everybody there are too few to split."""

    name: str
    yes: int | None
    known: int | None
    """With an answer: the denominator."""
    of: int | None
    """Everybody asked about."""
    pending: int | None
    unknown: int | None
    exact: bool
    """Whether these are the numbers themselves; otherwise all are rounded."""
    enough: int = 0
    """Of how many at least a share may be told."""

    @property
    def share(self) -> float | None:
        """Yes among those with an answer, of the numbers shown; None where that would be noise."""
        if self.yes is None or not self.known or self.known < self.enough:
            return None
        return min(self.yes / self.known, 1.0)

    @property
    def completeness(self) -> float | None:
        """Those with an answer among everybody asked about, of the numbers shown."""
        if self.known is None or not self.of or self.of < self.enough:
            return None
        return min(self.known / self.of, 1.0)

    @property
    def numbers(self) -> tuple[int | None, ...]:
        """Everything that it tells."""
        return self.yes, self.known, self.of, self.pending, self.unknown


def exactly(count: Count) -> ShownCount:
    """A count of everybody, as it is."""
    return ShownCount(
        count.name, count.yes, count.known, count.of, count.pending, count.unknown, exact=True
    )


@dataclass(frozen=True, slots=True)
class Split:
    """How a table is split: what part each row is of, and in which stretch of time it lies."""

    parts: Column
    """For each row the place of its part in ``names``."""
    names: Sequence[str]
    """What each part is, the same for the same part however it is come by."""
    times: Column
    """For each row the place of its stretch of time in ``since``."""
    since: Sequence[str]
    """When each stretch of time begins."""

    @property
    def cells(self) -> Column:
        """For each row the place of its part and time together."""
        found: Column = self.parts.astype(np.int64) * len(self.since) + self.times
        return found


class Suppression:
    """What may be told of parts of everybody. It keeps nothing but each case's mark."""

    def __init__(self, secret: bytes, small_number: int = 5) -> None:
        """``secret`` has to be the same in every replica, and to stay the same."""
        self.base = small_number
        self.fewest = TIMES_TOO_FEW * small_number
        self._secret = blake2b(secret, digest_size=32, person=b"suppression").digest()
        self._marks: dict[str, int] = {}

    def noise(self, marks: int) -> int:
        """What is added to a number of people whose marks add up to ``marks``; it has no bound.

        One noise in three is 0, and one in six is -1 and one in six 1, one in twelve -2 and one in
        twelve 2, and so on.
        """
        drawn = int.from_bytes(
            blake2b((marks & _MASK).to_bytes(_WORD), key=self._secret, digest_size=16).digest()
        )
        drawn, third = divmod(drawn, 3)
        if third == 0:
            return 0
        drawn, sign = divmod(drawn, 2)
        size = 1 + (drawn & -drawn).bit_length() - 1 if drawn else 120
        return size if sign else -size

    def near(self, people: int) -> int:
        """The nearest multiple of the small number; none below nought."""
        return (max(people, 0) + self.base // 2) // self.base * self.base

    def _marks_of(self, table: CaseRows) -> Column:
        """A secret 64-bit number for each case of ``table``."""
        return table.once(("marks", id(self)), lambda: self._marked(table))

    def _marked(self, table: CaseRows) -> Column:
        known = self._marks
        found = []
        for task in table.tasks:
            mark = known.get(task)
            if mark is None:
                mark = known[task] = self._mark(task)
            found.append(mark)
        return np.array(found, dtype=np.uint64)

    def _mark(self, words: str) -> int:
        return int.from_bytes(blake2b(words.encode(), key=self._secret, digest_size=_WORD).digest())

    def counts(
        self, part: CaseRows, name: str, asked: Asked, split: Split, everybody: Column
    ) -> list[ShownCount]:
        """A count of each part of ``split``.

        ``everybody`` has a row for each stretch of time, and in it how many there are of each
        verdict when nothing is narrowed.
        """
        cells = len(split.names) * len(split.since)
        place = split.cells[asked.rows] * 4 + asked.verdicts
        people = np.bincount(place, minlength=cells * 4).reshape(cells, 4)
        flat = np.zeros(cells * 4, dtype=np.uint64)
        np.add.at(flat, place, self._marks_of(part)[asked.rows])
        marks: Column = flat.reshape(cells, 4)
        told = {
            what: self.told(
                people[:, verdicts].sum(axis=1),
                marks[:, verdicts].sum(axis=1, dtype=np.uint64),
                f"{name}|{what}",
                split,
                everybody[:, verdicts].sum(axis=1),
            )
            for what, verdicts in _PARTS.items()
        }
        told["known"] = _no_fewer(told["known"], told["yes"])
        told["of"] = _no_fewer(told["of"], told["known"])
        return [
            ShownCount(name, **numbers, exact=False, enough=self.fewest)
            for numbers in (
                {what: many[place] for what, many in told.items()}
                for place in range(len(split.names))
            )
        ]

    def tally(
        self, part: CaseRows, name: str, rows: Column, split: Split, everybody: Column
    ) -> list[int | None]:
        """How many of ``rows`` are of each part; ``everybody`` is how many in each stretch of
        time when nothing is narrowed.
        """
        cells = len(split.names) * len(split.since)
        place = split.cells[rows]
        people = np.bincount(place, minlength=cells)
        marks = np.zeros(cells, dtype=np.uint64)
        np.add.at(marks, place, self._marks_of(part)[rows])
        return self.told(people, marks, name, split, everybody)

    def told(
        self, people: Column, marks: Column, what: str, split: Split, everybody: Column
    ) -> list[int | None]:
        """What is told of each part: its stretches of time with their noise, added and rounded.

        ``people`` and ``marks`` have a place for each part and stretch of time, ``everybody`` one
        for each stretch of time.
        """
        altogether = int(everybody.sum())
        if 0 < altogether < max(self.fewest, 2 * len(split.names)):
            return [None] * len(split.names)
        times = len(split.since)
        noised = people.astype(np.int64)
        for cell in np.flatnonzero(people).tolist():
            noised[cell] += self.noise(int(marks[cell]))
        empty = (people == 0) & np.tile(self.also_of_nobody(everybody), len(split.names))
        for cell in np.flatnonzero(empty).tolist():
            named = f"{what}|{split.names[cell // times]}|{split.since[cell % times]}"
            noised[cell] += self.noise(self._mark(named))
        return [self.near(int(many)) for many in noised.reshape(-1, times).sum(axis=1)]

    def also_of_nobody(self, everybody: Column) -> Column:
        """In which stretches of time a part gets noise even where nobody is of it.

        Those in which everybody together has few: there a number that isn't nought, or that differs
        from another period's, would name the part.
        """
        found: Column = (everybody > 0) & (everybody < self.fewest)
        return found

    def listed(self, table: CaseRows, group: Group) -> list[str]:
        """The groups of ``table`` that are large enough to be named and chosen."""
        many = np.bincount(table.codes(group), minlength=len(table.names(group)))
        names = table.names(group)
        large = {names[code] for code in np.flatnonzero(many >= self.fewest).tolist()}
        return [name for name in table.groups(group) if name in large]


def _no_fewer(all_of_them: list[int | None], part: list[int | None]) -> list[int | None]:
    """No fewer than the part of them that is told: two noises may have it otherwise."""
    return [
        whole if whole is None or some is None else max(whole, some)
        for whole, some in zip(all_of_them, part, strict=True)
    ]
