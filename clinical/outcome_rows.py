"""Many cases as rows of columns: narrowed, split, renewed and counted without touching them one by
one.

What they say is exactly what ``count_outcomes`` says of the same cases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Self, TypeVar

import numpy as np

from clinical.outcome_columns import NEVER, Categories, Column, columns_of, microseconds, part_of
from clinical.outcome_counts import OutcomeCounts, definitions
from clinical.outcome_filters import EVERYTHING, CaseFilter, Group, in_order
from clinical.outcome_verdicts import Judge, JudgedSpans, names_of
from clinical.outcomes import OutcomeSettings, RedirectCase, utc

Kept = TypeVar("Kept")

_REMEMBERED = 48
"""How many answers one table keeps."""


class CaseRows:
    """Cases as columns, in order of time. Nothing of it ever changes; any number of threads may
    count it.
    """

    __slots__ = ("_columns", "_groups", "_memory", "_moment", "_names", "_tasks", "settings")

    def __init__(
        self,
        tasks: Column,
        columns: Mapping[str, Column],
        groups: Mapping[Group, Column],
        names: Mapping[Group, Sequence[str]],
        settings: OutcomeSettings,
    ) -> None:
        """Of columns that are in order of time: ``of`` and ``replace`` make them."""
        self.settings = settings
        self._tasks = tasks
        self._columns = columns
        self._groups = groups
        self._names = names
        self._memory: dict[object, object] = {}
        self._moment: tuple[int, dict[object, object]] = (0, {})

    @classmethod
    def of(cls, cases: Iterable[RedirectCase], settings: OutcomeSettings | None = None) -> Self:
        """The table of these cases, each task once."""
        categories = {group: Categories() for group in Group}
        tasks, columns, groups = columns_of(cases, categories)
        return cls._sorted(
            _texts(tasks), columns, groups, categories, settings or OutcomeSettings()
        )

    @classmethod
    def _sorted(
        cls,
        tasks: Column,
        columns: Mapping[str, Column],
        groups: Mapping[Group, Column],
        categories: Mapping[Group, Categories],
        settings: OutcomeSettings,
    ) -> Self:
        order = np.argsort(columns["dated"], kind="stable")
        return cls(
            tasks[order],
            {name: column[order] for name, column in columns.items()},
            {group: column[order] for group, column in groups.items()},
            {group: tuple(each.names) for group, each in categories.items()},
            settings,
        )

    def __len__(self) -> int:
        """How many cases there are."""
        return len(self._tasks)

    def __eq__(self, other: object) -> bool:
        """Whether both hold the same cases, in whatever order they came."""
        if not isinstance(other, CaseRows):
            return NotImplemented
        if self.settings != other.settings or len(self) != len(other):
            return False
        mine, theirs = np.argsort(self._tasks), np.argsort(other._tasks)
        return (
            bool(np.array_equal(self._tasks[mine], other._tasks[theirs]))
            and all(
                np.array_equal(column[mine], other._columns[name][theirs])
                for name, column in self._columns.items()
            )
            and all(
                np.array_equal(self._labels(group)[mine], other._labels(group)[theirs])
                for group in Group
            )
        )

    __hash__ = None  # type: ignore[assignment]

    def _labels(self, group: Group) -> Column:
        return _texts(self._names[group])[self._groups[group]]

    def replace(self, cases: Iterable[RedirectCase], *, without: Iterable[str] = ()) -> Self:
        """This table with ``cases`` in place of those of the same tasks, or besides them.

        ``without`` names tasks that are no longer. What is not named costs a copy of its numbers,
        a few hundredths of a second for 200,000.
        """
        categories = {group: Categories(self._names[group]) for group in Group}
        tasks, columns, groups = columns_of(cases, categories)
        gone = {*tasks, *without}
        if not gone:
            return self
        stay = np.fromiter((task not in gone for task in self._tasks.tolist()), np.bool_, len(self))
        return self._sorted(
            np.concatenate([self._tasks[stay], _texts(tasks)]),
            {n: np.concatenate([column[stay], columns[n]]) for n, column in self._columns.items()},
            {g: np.concatenate([column[stay], groups[g]]) for g, column in self._groups.items()},
            categories,
            self.settings,
        )

    def select(
        self,
        start: datetime | None = None,
        end: datetime | None = None,
        case_filter: CaseFilter = EVERYTHING,
    ) -> Self:
        """The cases dated from ``start`` to before ``end`` that the filter takes.

        The date is that of ``outcome_counts.dated``: the decision, else the flag, else arrival.
        Either end may be left open; a case with no time belongs to no period that has one.
        """
        first = None if start is None else microseconds(start)
        last = None if end is None else microseconds(end)
        key = ("select", first, last, case_filter.key)
        return self.once(key, lambda: self._select(first, last, case_filter))

    def _select(self, first: int | None, last: int | None, case_filter: CaseFilter) -> Self:
        dated = self._columns["dated"]
        begin = 0 if first is None else int(np.searchsorted(dated, first))
        if first is None and last is None:
            stop = len(self)
        else:
            stop = int(np.searchsorted(dated, NEVER if last is None else last))
        found = self._part(slice(begin, max(begin, stop)))
        if case_filter.everything:
            return found
        taken = np.ones(len(found), dtype=np.bool_)
        for group, names in case_filter.chosen.items():
            chosen = np.array([name in names for name in found._names[group]], dtype=np.bool_)
            if len(found):
                taken &= chosen[found._groups[group]]
        return found._part(np.flatnonzero(taken))

    def _part(self, rows: Column | slice) -> Self:
        return type(self)(
            self._tasks[rows],
            part_of(self._columns, rows),
            part_of(self._groups, rows),
            self._names,
            self.settings,
        )

    @property
    def tasks(self) -> list[str]:
        """The reviews' ids, in order of time. They are for joining, never for a screen."""
        found: list[str] = self._tasks.tolist()
        return found

    def counts(self, as_at: datetime) -> OutcomeCounts:
        """Every count and span as ``count_outcomes`` gives them for the same cases."""
        at = microseconds(as_at)
        return self.once("counts", lambda: self._counts(utc(as_at)), at)

    def _counts(self, as_at: datetime) -> OutcomeCounts:
        judge = self.judge(as_at)
        return OutcomeCounts(
            as_at=as_at,
            cases=len(self),
            counts=MappingProxyType(
                {name: judge.ask(name).count(name) for name in names_of(self.settings)}
            ),
            spans=JudgedSpans(judge),
            definitions=definitions(self.settings),
        )

    def judge(self, as_at: datetime) -> Judge:
        """What judges each row of this table at ``as_at``."""
        at = microseconds(as_at)
        return self.once("judge", lambda: Judge(self._columns, at, self.settings), at)

    def column(self, name: str) -> Column:
        """One of ``outcome_columns.KINDS``; not to be written to."""
        return self._columns[name]

    def codes(self, group: Group) -> Column:
        """For each row the place of its group's name in ``names``; not to be written to."""
        return self._groups[group]

    def names(self, group: Group) -> Sequence[str]:
        """The names that ``codes`` stands for, those of nobody here among them."""
        return self._names[group]

    def groups(self, group: Group) -> list[str]:
        """The names of the groups that there is somebody in, in the order of a page."""
        present = np.flatnonzero(
            np.bincount(self._groups[group], minlength=len(self._names[group]))
        )
        return in_order(group, [self._names[group][code] for code in present.tolist()])

    def by(self, group: Group) -> Mapping[str, Self]:
        """The cases of each group that there is somebody in, by its name, in a page's order."""
        return self.once(("by", group), lambda: self._by(group))

    def _by(self, group: Group) -> Mapping[str, Self]:
        codes = {name: code for code, name in enumerate(self._names[group])}
        of_row = self._groups[group]
        return MappingProxyType(
            {name: self._part(np.flatnonzero(of_row == codes[name])) for name in self.groups(group)}
        )

    def once(self, key: object, make: Callable[[], Kept], at: int | None = None) -> Kept:
        """What ``make`` gives, kept under ``key``.

        ``at`` is the as-at time, where the answer depends on it: the answers of one time only are
        kept, the newest asked for.
        """
        memory = self._memory if at is None else self._at(at)
        found = memory.get(key)
        if found is None:
            if len(memory) >= _REMEMBERED:
                memory.clear()
            found = memory[key] = make()
        return found  # type: ignore[return-value]

    def _at(self, at: int) -> dict[object, object]:
        held = self._moment
        if held[0] != at:
            held = self._moment = (at, {})
        return held[1]


def _texts(texts: Sequence[str]) -> Column:
    made = np.empty(len(texts), dtype=object)
    made[:] = list(texts)
    return made
