"""Numbers of people that give nobody away, alone or by subtraction: docs/adr/0006 says why so.

What is counted of everybody, by whole weeks, is exact. Whatever narrows it (a filter, a row of a
breakdown, a part of a chart) is rounded to the nearest 5 after a little noise. The noise hangs on
who is counted and on a secret of this installation: the same people give the same number however
they are asked for, so that asking again teaches nothing, and other people give another noise, so
that no difference of two numbers is a number of people.
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


class Suppression:
    """What may be told of parts of everybody. It keeps nothing but each case's mark."""

    def __init__(self, secret: bytes, small_number: int = 5) -> None:
        """``secret`` has to be the same in every replica, and to stay the same."""
        self.base = small_number
        self.fewest = TIMES_TOO_FEW * small_number
        self._secret = blake2b(secret, digest_size=32, person=b"suppression").digest()
        self._marks: dict[str, int] = {}

    def round(self, people: int, marks: int) -> int:
        """How many are shown for so many ``people``, whose marks add up to ``marks``.

        None at all is shown as none. Otherwise noise of no bound is added, and the sum rounded to
        the nearest multiple of the small number: one noise in three is 0, and one in six is
        -1 and one in six 1, one in twelve -2 and one in twelve 2, and so on.
        """
        if people == 0:
            return 0
        told = max(people + self._noise(marks), 0)
        return (told + self.base // 2) // self.base * self.base

    def _noise(self, marks: int) -> int:
        drawn = int.from_bytes(
            blake2b((marks & _MASK).to_bytes(_WORD), key=self._secret, digest_size=16).digest()
        )
        drawn, third = divmod(drawn, 3)
        if third == 0:
            return 0
        drawn, sign = divmod(drawn, 2)
        size = 1 + (drawn & -drawn).bit_length() - 1 if drawn else 120
        return size if sign else -size

    def marks_of(self, table: CaseRows) -> Column:
        """A secret 64-bit number for each case of ``table``."""
        return table.once(("marks", id(self)), lambda: self._marks_of(table))

    def _marks_of(self, table: CaseRows) -> Column:
        known = self._marks
        found = []
        for task in table.tasks:
            mark = known.get(task)
            if mark is None:
                digest = blake2b(task.encode(), key=self._secret, digest_size=_WORD).digest()
                mark = known[task] = int.from_bytes(digest)
            found.append(mark)
        return np.array(found, dtype=np.uint64)

    def count(self, part: CaseRows, name: str, asked: Asked, everybody: Count) -> ShownCount:
        """A count of ``part``, of which there are ``everybody`` in the same time."""
        codes = np.zeros(len(part), dtype=np.int64)
        return self.split(part, name, asked, everybody, codes=codes, groups=1)[0]

    def split(
        self,
        part: CaseRows,
        name: str,
        asked: Asked,
        everybody: Count,
        *,
        codes: Column,
        groups: int,
    ) -> list[ShownCount]:
        """A count for each of ``groups`` groups, to which ``codes`` puts each row of ``part``."""
        place = codes[asked.rows].astype(np.int64) * 4 + asked.verdicts
        people = np.bincount(place, minlength=groups * 4).reshape(groups, 4)
        flat = np.zeros(groups * 4, dtype=np.uint64)
        np.add.at(flat, place, self.marks_of(part)[asked.rows])
        marks: Column = flat.reshape(groups, 4)
        enough = max(self.fewest, 2 * groups)

        def shown(group: int, what: str) -> int | None:
            if not self._may_be_split(everybody, what, enough):
                return None
            return self._cell(people[group], marks[group], _PARTS[what])

        return [
            ShownCount(
                name,
                yes=shown(group, "yes"),
                known=shown(group, "known"),
                of=shown(group, "of"),
                pending=shown(group, "pending"),
                unknown=shown(group, "unknown"),
                exact=False,
                enough=self.fewest,
            )
            for group in range(groups)
        ]

    def cells(
        self, part: CaseRows, rows: Column, codes: Column, groups: int, everybody: int
    ) -> list[int | None]:
        """How many of ``rows`` are in each of ``groups`` groups, by the codes of those rows."""
        if 0 < everybody < max(self.fewest, 2 * groups):
            return [None] * groups
        people = np.bincount(codes, minlength=groups)
        marks = np.zeros(groups, dtype=np.uint64)
        np.add.at(marks, codes, self.marks_of(part)[rows])
        return [self.round(int(many), int(mark)) for many, mark in zip(people, marks, strict=True)]

    def _cell(self, people: Column, marks: Column, verdicts: Sequence[int]) -> int:
        many = sum(int(people[each]) for each in verdicts)
        return self.round(many, sum(int(marks[each]) for each in verdicts))

    @staticmethod
    def _may_be_split(everybody: Count, what: str, enough: int) -> bool:
        """Whether so many are asked about at all that a part of them may be told."""
        many = int(getattr(everybody, what))
        return many == 0 or many >= enough

    def listed(self, table: CaseRows, group: Group) -> list[str]:
        """The groups of ``table`` that are large enough to be named and chosen."""
        many = np.bincount(table.codes(group), minlength=len(table.names(group)))
        names = table.names(group)
        large = {names[code] for code in np.flatnonzero(many >= self.fewest).tolist()}
        return [name for name in table.groups(group) if name in large]
