"""Numbers of people that give nobody away, alone or by subtraction: docs/adr/0006 says why so.

What is counted of everybody, by whole weeks, is exact. Whatever narrows it (a filter, a row of a
breakdown, a part of a chart) is told from a secret half of the people, doubled and rounded to the
nearest 5. The half hangs on a secret of this installation and is the same for every question:
asking in many ways and taking differences or means finds no more than that half. When those of
whom it is told were counted is exchanged within runs of 20 people alike, so that no difference of
two periods is of fewer. ``clinical.suppression_told`` does the telling.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from clinical.outcome_columns import Column
from clinical.outcome_counts import Count
from clinical.outcome_filters import Group
from clinical.outcome_rows import CaseRows

TIMES_TOO_FEW = 4
"""How many small numbers make up the fewest people of whom a part may be told (20)."""
SHARE_TOLD_OF = 0.5
"""Which share of the people numbers of a part are told from."""
_WORD = 8
_HALF = np.uint64(1 << 63)
_MASK = np.uint64((1 << 32) - 1)


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
    """Who is told of in parts, and what is shown of so many. It keeps nothing but each case's
    secret mark.
    """

    def __init__(self, secret: bytes, small_number: int = 5) -> None:
        """``secret`` has to be the same in every replica, and to stay the same."""
        self.base = small_number
        self.fewest = TIMES_TOO_FEW * small_number
        self._secret = blake2b(secret, digest_size=32, person=b"suppression").digest()
        self._marks: dict[str, int] = {}

    @property
    def key(self) -> tuple[bytes, int]:
        """What tells two suppressions apart: hashable, and as secret as the secret."""
        return self._secret, self.base

    def shown(self, told_of: int) -> int:
        """How many people are shown where ``told_of`` of the secret half are there: twice as
        many, to the nearest multiple of the small number. One alone is shown as none.
        """
        return (2 * told_of + self.base // 2) // self.base * self.base

    def half(self, table: CaseRows) -> Column:
        """For each row of ``table`` whether it is of the half that parts are told from."""
        found: Column = self._marks_of(table) < _HALF
        return found

    def exchanged(self, table: CaseRows, rows: Column) -> Column:
        """``rows``, which are of people alike and in order of time, in the order in which they
        are told of: the n-th is told of at the n-th one's time. Each stays in its run of
        ``fewest`` people or more; fewer than that altogether are one run.
        """
        order = (self._marks_of(table)[rows] & _MASK).astype(np.int64)
        whole = max(len(rows) // self.fewest - 1, 0) * self.fewest
        runs = np.argsort(order[:whole].reshape(-1, self.fewest), axis=1, kind="stable")
        starts = np.arange(0, whole, self.fewest)[:, np.newaxis]
        last = np.argsort(order[whole:], kind="stable") + whole
        found: Column = rows[np.concatenate([(runs + starts).ravel(), last])]
        return found

    def _marks_of(self, table: CaseRows) -> Column:
        """A secret 64-bit number for each case of ``table``."""
        return table.once(("marks", self.key), lambda: self._made(table))

    def _made(self, table: CaseRows) -> Column:
        known = self._marks
        found = []
        for task in table.tasks:
            mark = known.get(task)
            if mark is None:
                digest = blake2b(task.encode(), key=self._secret, digest_size=_WORD).digest()
                mark = known[task] = int.from_bytes(digest)
            found.append(mark)
        return np.array(found, dtype=np.uint64)

    def listed(self, table: CaseRows, group: Group) -> list[str]:
        """The groups of ``table`` that are large enough to be named and chosen."""
        many = np.bincount(table.codes(group), minlength=len(table.names(group)))
        names = table.names(group)
        large = {names[code] for code in np.flatnonzero(many >= self.fewest).tolist()}
        return [name for name in table.groups(group) if name in large]


def place_in(table: CaseRows, group: Group, listed: Sequence[str]) -> Column:
    """The place in ``listed`` of each row's group; one beyond its end for any other."""
    places = {name: place for place, name in enumerate(listed)}
    found: Column = np.array(
        [places.get(name, len(listed)) for name in table.names(group)], dtype=np.int64
    )[table.codes(group)]
    return found
