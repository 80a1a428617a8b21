"""Everything that a manager is told of one period and filter: the page and its files show this and
nothing else, so that neither can tell more than the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np

from clinical.outcome_columns import Column
from clinical.outcome_counts import windowed
from clinical.outcome_filters import CaseFilter, Group
from clinical.outcome_table import OutcomeTable
from clinical.review import Outcome
from clinical.suppression import ShownCount, Suppression, exactly
from clinical.suppression_parts import (
    THE_REST,
    everybody_by_quarters,
    may_be_asked,
    part_named,
    places_of,
    refused_by_hour,
    split_by_quarters,
)
from clinical.weeks import WEEK, Weeks

Kept = TypeVar("Kept")

WEEKS_IN_A_PART = 4
"""Weeks in one point of a chart where single weeks would tell of few people."""
HOURS_IN_A_BAND = 4
SPANS = ("ambulance-time-lost", "flag-to-claim", "claim-to-decision", "decision-to-departure")
_MINUTES, _HOURS = 5, 10
"""To what times and hours are rounded where they are of a part."""
_FIRST_MONDAY = date(2001, 1, 1)


@dataclass(frozen=True, slots=True)
class ShownSpan:
    """How long a step took, as it may be shown."""

    name: str
    median: float | None
    """Minutes; None where nobody's is known, or too few people's."""
    most: float | None
    """Minutes within which 9 of 10 were done."""
    total_hours: float | None
    known: int | None
    pending: int | None
    unknown: int | None
    exact: bool


@dataclass(frozen=True, slots=True)
class ShownStep:
    """One step of the way, and why people leave it there."""

    name: str
    after: str
    people: int | None
    left: Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class ShownPart:
    """One point of a series."""

    first: date
    weeks: int
    count: ShownCount
    whole: bool
    """Whether all of it lies in the period and is over."""


class ManagerView:
    """One period and filter at one time. Exact where nothing is narrowed, protected otherwise."""

    def __init__(
        self,
        table: OutcomeTable,
        as_at: datetime,
        weeks: Weeks,
        case_filter: CaseFilter,
        suppression: Suppression,
    ) -> None:
        """Raises ValueError for a filter of more than two groups, or of several names of one."""
        if not may_be_asked(case_filter):
            raise ValueError("at most two groups may be filtered, each by one name")
        self.as_at = as_at
        self.exact = case_filter.everything
        self.told_of = weeks.in_quarters()
        """The whole quarters that parts are told of."""
        self.weeks = weeks if self.exact else self.told_of
        self.filter = case_filter
        self._suppression = suppression
        self._table = table
        self._kept: dict[object, Any] = {}
        self._shown = table.select(self.weeks.start, self.weeks.end, case_filter)
        self._part = table.select(self.told_of.start, self.told_of.end, case_filter)
        self._whole = table.select(self.told_of.start, self.told_of.end)
        self._quarters = weeks.quarters()
        everybody = self._shown.counts(as_at)
        self.definitions = everybody.definitions
        self.settings = table.settings
        self.counts: Mapping[str, ShownCount] = MappingProxyType(
            {name: exactly(count) for name, count in everybody.counts.items()}
            if self.exact
            else {name: self._of_part(name) for name in everybody.counts}
        )
        self.people = self.counts["flagged"].of
        self.too_few = not self.exact and (self.people or 0) < suppression.fewest
        """Whether the filter leaves so few that nothing is told of them."""

    def _once(self, key: object, make: Callable[[], Kept]) -> Kept:
        """What ``make`` gives, worked out once: a page is drawn anew at every tap."""
        if key not in self._kept:
            self._kept[key] = make()
        found: Kept = self._kept[key]
        return found

    def _of_part(self, name: str) -> ShownCount:
        nobody_else = np.zeros(len(self._part), dtype=np.int64)
        return self._split(name, nobody_else, [part_named(self.filter.key)])[0]

    def _split(self, name: str, parts: Column, names: Sequence[str]) -> list[ShownCount]:
        return self._suppression.counts(
            self._part,
            name,
            self._part.judge(self.as_at).ask(name),
            split_by_quarters(self._part, parts, names, self._quarters),
            everybody_by_quarters(self._whole, self.as_at, name, self._quarters),
        )

    def spans(self) -> list[ShownSpan]:
        """How long each step took. Of a part: rounded, and only of enough people."""
        found = []
        for name in SPANS:
            spans = self._shown.counts(self.as_at).spans[name]
            if self.exact:
                shown = ShownSpan(
                    name,
                    spans.median,
                    spans.at_quantile(0.9),
                    spans.total_hours,
                    len(spans.minutes),
                    spans.pending,
                    spans.unknown,
                    exact=True,
                )
            else:
                told = len(spans.minutes) >= self._suppression.fewest and not self.too_few
                shown = ShownSpan(
                    name,
                    _nearest(spans.median, _MINUTES) if told else None,
                    _nearest(spans.at_quantile(0.9), _MINUTES) if told else None,
                    _nearest(spans.total_hours, _HOURS) if told else None,
                    None,
                    None,
                    None,
                    exact=False,
                )
            found.append(shown)
        return found

    def groups(self, group: Group) -> list[str]:
        """The names of this group that may be chosen: those with enough people in the record."""
        return self._suppression.listed(self._table, group)

    def by(self, group: Group, names: Sequence[str]) -> dict[str, dict[str, ShownCount]]:
        """These counts for each group, by its name, of whole quarters. Always protected: each is
        of a part.
        """
        return self._once(("by", group, tuple(names)), lambda: self._by(group, names))

    def _by(self, group: Group, names: Sequence[str]) -> dict[str, dict[str, ShownCount]]:
        chosen = self.filter.chosen.get(group)
        listed = [each for each in self.groups(group) if chosen is None or each in chosen]
        if self.too_few or not listed:
            return {}
        parts = places_of(self._part, group, listed)
        named = [part_named(self.filter.with_only(group, [each]).key) for each in listed]
        found: dict[str, dict[str, ShownCount]] = {label: {} for label in listed}
        for name in names:
            split = self._split(name, parts, [*named, THE_REST])
            for label, count in zip(listed, split, strict=False):
                found[label][name] = count
        return found

    def missed(self) -> dict[tuple[str, int], int | None]:
        """Would-be redirects refused for want of room in these whole quarters, by service and by
        the hour at which each band of four hours begins. Always protected.
        """
        return self._once("missed", self._missed)

    def _missed(self) -> dict[tuple[str, int], int | None]:
        chosen = self.filter.chosen.get(Group.SERVICE)
        listed = [each for each in self.groups(Group.SERVICE) if chosen is None or each in chosen]
        if self.too_few or not listed:
            return {}
        bands = 24 // HOURS_IN_A_BAND
        cells = refused_by_hour(
            self._suppression,
            self._part,
            whole=self._whole,
            outcome=Outcome.NO_CAPACITY,
            parts=places_of(self._part, Group.SERVICE, listed),
            names=[part_named(self.filter.with_only(Group.SERVICE, [each]).key) for each in listed],
            hours=HOURS_IN_A_BAND,
            quarters=self._quarters,
        )
        return {
            (name, band * HOURS_IN_A_BAND): cells[place * bands + band]
            for place, name in enumerate(listed)
            for band in range(bands)
        }

    def funnel(self, not_reviewed: int | None = None) -> list[ShownStep]:
        """The way from waiting to an admission avoided, and where people leave it.

        ``not_reviewed`` is how many arrived in these weeks of whom no review was asked for. Where
        it isn't known, or a part is shown, the way begins with the reviews.
        """
        counts = self.counts
        if self.exact:
            waiting = None if not_reviewed is None else len(self._shown) + not_reviewed
            return [
                ShownStep(step.name, step.after, step.people, step.left)
                for step in self._shown.funnel(self.as_at, waiting=waiting)
            ]
        if self.too_few:
            return []
        steps = [
            ShownStep("flagged", "", counts["flagged"].of, {}),
            ShownStep(
                "decided",
                "flagged",
                counts["decided"].yes,
                {name: counts[name].yes for name in ("handed-over-first", "withdrawn")},
            ),
            ShownStep(
                "accepted",
                "decided",
                counts["accepted"].yes,
                {
                    name: counts[name].yes
                    for name in ("not-suitable", "patient-declined", "no-capacity", "deferred")
                },
            ),
            ShownStep(
                "redirected",
                "accepted",
                counts["redirected"].yes,
                {
                    "redirect-reversed": counts["redirect-reversed"].yes,
                    "pending": counts["redirected"].pending,
                    "unknown": counts["redirected"].unknown,
                },
            ),
        ]
        for name, kind, _ in windowed(self.settings):
            if kind.endswith("avoided"):
                left = {"pending": counts[name].pending, "unknown": counts[name].unknown}
                steps.append(ShownStep(name, "redirected", counts[name].yes, left))
        return steps

    def series(self, name: str) -> list[ShownPart]:
        """The count of this name: by week where nothing is narrowed, else by four weeks."""
        if self.exact:
            periods = self._shown.series(
                name, self.as_at, start=self.weeks.start, end=self.weeks.end
            )
            return [ShownPart(each.start, 1, exactly(each.count), each.whole) for each in periods]
        if self.too_few:
            return []
        return self._once(("series", name), lambda: self._by_four_weeks(name))

    def _by_four_weeks(self, name: str) -> list[ShownPart]:
        """Only whole ones of the same four weeks whatever is asked for: a week more or less in
        one of them would be told by the difference.
        """
        first = self.told_of.first
        first += -((first - _FIRST_MONDAY).days // 7) % WEEKS_IN_A_PART * WEEK
        found = []
        while (last := first + WEEKS_IN_A_PART * WEEK - timedelta(days=1)) <= self.told_of.last:
            weeks = Weeks(first, last)
            whole = self._whole.select(weeks.start, weeks.end)
            part = self._part.select(weeks.start, weeks.end)
            [count] = self._suppression.counts(
                part,
                name,
                part.judge(self.as_at).ask(name),
                split_by_quarters(
                    part,
                    np.zeros(len(part), dtype=np.int64),
                    [part_named(self.filter.key)],
                    [weeks],
                ),
                everybody_by_quarters(whole, self.as_at, name, [weeks]),
            )
            found.append(ShownPart(first, WEEKS_IN_A_PART, count, weeks.end <= self.as_at))
            first = weeks.last + timedelta(days=1)
        return found


def _nearest(value: float | None, step: int) -> float | None:
    return None if value is None else float(round(value / step) * step)
