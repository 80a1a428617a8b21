"""What may be told of parts of one table at one time: docs/adr/0006.

Everything here is a sum over one secret draft of the table: half of the people, told of at times
that are exchanged among people alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from clinical.outcome_columns import NEVER, Column, microseconds
from clinical.outcome_rows import CaseRows
from clinical.outcome_spans import Spans
from clinical.outcome_verdicts import NO, PENDING, UNKNOWN, YES
from clinical.suppression import ShownCount, Suppression

_PARTS: Mapping[str, tuple[int, ...]] = {
    "yes": (YES,),
    "known": (NO, YES),
    "of": (NO, YES, PENDING, UNKNOWN),
    "pending": (PENDING,),
    "unknown": (UNKNOWN,),
}


@dataclass(frozen=True, slots=True)
class _Alike:
    """People of whom one count says the same, in order of the time at which they are told of."""

    times: Column
    """Everybody's, upwards."""
    told_times: Column
    """Of the secret half, upwards."""
    told_rows: Column

    def many(self, start: int, end: int) -> int:
        """How many of everybody there are in this time: what is told exactly elsewhere."""
        first, last = np.searchsorted(self.times, (start, end))
        return int(last - first)

    def rows(self, start: int, end: int) -> Column:
        """Of whom is told in this time."""
        first, last = np.searchsorted(self.told_times, (start, end))
        return self.told_rows[first:last]


class Told:
    """One table at one time, as it may be told of in parts.

    Every answer is of the cases from ``start`` to before ``end``; ``taken`` says for each row of
    the table whether a filter takes it. None is withheld: of everybody there are too few to split.
    """

    @classmethod
    def of(cls, table: CaseRows, as_at: datetime, suppression: Suppression) -> Told:
        """The same one while table and time are the same."""
        return table.once(
            ("told", suppression.key), lambda: cls(table, as_at, suppression), microseconds(as_at)
        )

    def __init__(self, table: CaseRows, as_at: datetime, suppression: Suppression) -> None:
        self._table = table
        self._suppression = suppression
        self._judge = table.judge(as_at)
        self._half = suppression.half(table)
        self._dated = table.column("dated")
        self._alike: dict[tuple[str, int], _Alike] = {}

    def count(
        self, name: str, start: datetime, end: datetime, taken: Column | None = None
    ) -> ShownCount:
        """The count of this name."""
        codes = np.zeros(len(self._table), dtype=np.int64)
        return self.split(name, start, end, taken, codes=codes, groups=1)[0]

    def split(
        self,
        name: str,
        start: datetime,
        end: datetime,
        taken: Column | None = None,
        *,
        codes: Column,
        groups: int,
    ) -> list[ShownCount]:
        """A count for each of ``groups`` groups, to which ``codes`` puts each row of the table."""
        first, last = microseconds(start), microseconds(end)
        alike = [self._people(name, verdict) for verdict in range(4)]
        everybody = [each.many(first, last) for each in alike]
        told = [
            np.bincount(codes[_within(each.rows(first, last), taken)], minlength=groups)
            for each in alike
        ]
        shown = {
            what: self._shown(
                sum(everybody[each] for each in verdicts),
                np.sum([told[each] for each in verdicts], axis=0),
            )
            for what, verdicts in _PARTS.items()
        }
        return [
            ShownCount(
                name,
                **{what: each[group] for what, each in shown.items()},
                exact=False,
                enough=self._suppression.fewest,
            )
            for group in range(groups)
        ]

    def cells(
        self,
        name: str,
        start: datetime,
        end: datetime,
        taken: Column | None = None,
        *,
        codes: Column,
        groups: int,
    ) -> list[int | None]:
        """Of how many this count says yes in each of ``groups`` groups, a negative code in none."""
        first, last = microseconds(start), microseconds(end)
        alike = self._people(name, YES)
        places = codes[_within(alike.rows(first, last), taken)]
        told = np.bincount(places[places >= 0], minlength=groups)
        return self._shown(alike.many(first, last), told)

    def spans(
        self, name: str, start: datetime, end: datetime, taken: Column | None = None
    ) -> Spans | None:
        """How long a step took those of whom is told; None where they are too few."""
        first, last = microseconds(start), microseconds(end)
        timed = self._judge.timed(name)
        alike = self._once((name, YES), lambda: timed.rows)
        rows = _within(alike.rows(first, last), taken)
        fewest = self._suppression.fewest
        if alike.many(first, last) < fewest or self._suppression.shown(len(rows)) < fewest:
            return None
        return timed.only(np.searchsorted(timed.rows, rows)).spans

    def _shown(self, everybody: int, told: Column) -> list[int | None]:
        """What is shown of each group, or nothing of any where everybody is too few to split."""
        if 0 < everybody < max(self._suppression.fewest, 2 * len(told)):
            return [None] * len(told)
        return [self._suppression.shown(int(each)) for each in told]

    def _people(self, name: str, verdict: int) -> _Alike:
        def rows() -> Column:
            asked = self._judge.ask(name)
            found: Column = asked.rows[asked.verdicts == verdict]
            return found

        return self._once((name, verdict), rows)

    def _once(self, key: tuple[str, int], rows: Callable[[], Column]) -> _Alike:
        found = self._alike.get(key)
        if found is None:
            found = self._alike[key] = self._exchanged(rows())
        return found

    def _exchanged(self, rows: Column) -> _Alike:
        rows = rows[self._dated[rows] != NEVER]
        times = self._dated[rows]
        exchanged = self._suppression.exchanged(self._table, rows)
        told = self._half[exchanged]
        return _Alike(times, times[told], exchanged[told])


def _within(rows: Column, taken: Column | None) -> Column:
    return rows if taken is None else rows[taken[rows]]
