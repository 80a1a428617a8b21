"""Everything that a manager is told of one period and filter: the page and its files show this and
nothing else, so that neither can tell more than the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType

import numpy as np

from clinical.outcome_columns import NO_HOUR, OUTCOMES
from clinical.outcome_counts import windowed
from clinical.outcome_filters import CaseFilter, Group
from clinical.outcome_table import OutcomeTable
from clinical.review import Outcome
from clinical.suppression import ShownCount, Suppression, exactly
from clinical.weeks import WEEK, Weeks

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
        self.as_at = as_at
        self.weeks = weeks
        self.filter = case_filter
        self.exact = case_filter.everything
        self._suppression = suppression
        self._table = table
        self._whole = table.select(weeks.start, weeks.end)
        self._part = table.select(weeks.start, weeks.end, case_filter)
        self._everybody = self._whole.counts(as_at)
        self.definitions = self._everybody.definitions
        self.settings = table.settings
        self.counts: Mapping[str, ShownCount] = MappingProxyType(self._counts())
        self.people = self.counts["flagged"].of
        self.too_few = not self.exact and (self.people or 0) < suppression.fewest
        """Whether the filter leaves so few that nothing is told of them."""

    def _counts(self) -> dict[str, ShownCount]:
        everybody = self._everybody.counts
        if self.exact:
            return {name: exactly(count) for name, count in everybody.items()}
        judge = self._part.judge(self.as_at)
        return {
            name: self._suppression.count(self._part, name, judge.ask(name), count)
            for name, count in everybody.items()
        }

    def spans(self) -> list[ShownSpan]:
        """How long each step took. Of a part: rounded, and only of enough people."""
        found = []
        for name in SPANS:
            spans = self._part.counts(self.as_at).spans[name]
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
        """These counts for each group, by its name. Always protected: each is of a part."""
        listed = self.groups(group)
        if self.too_few or not listed:
            return {}
        places = {name: place for place, name in enumerate(listed)}
        rest = len(listed)
        codes = np.array(
            [places.get(name, rest) for name in self._part.names(group)], dtype=np.int64
        )[self._part.codes(group)]
        judge = self._part.judge(self.as_at)
        found: dict[str, dict[str, ShownCount]] = {name: {} for name in listed}
        for name in names:
            split = self._suppression.split(
                self._part,
                name,
                judge.ask(name),
                self._everybody.counts[name],
                codes=codes,
                groups=rest + 1,
            )
            for place, label in enumerate(listed):
                found[label][name] = split[place]
        return found

    def missed(self) -> dict[tuple[str, int], int | None]:
        """Would-be redirects refused for want of room, by service and by the hour at which each
        band of four hours begins. Always protected.
        """
        listed = self.groups(Group.SERVICE)
        part = self._part
        if self.too_few or not listed:
            return {}
        rows = np.flatnonzero(part.column("outcome") == OUTCOMES.index(Outcome.NO_CAPACITY))
        hours = part.column("hour")[rows].astype(np.int64)
        timed = hours != NO_HOUR
        rows, hours = rows[timed], hours[timed]
        bands = 24 // HOURS_IN_A_BAND
        places = {name: place for place, name in enumerate(listed)}
        service = np.array(
            [places.get(name, len(listed)) for name in part.names(Group.SERVICE)], dtype=np.int64
        )[part.codes(Group.SERVICE)[rows]]
        cells = self._suppression.cells(
            part,
            rows,
            service * bands + hours // HOURS_IN_A_BAND,
            (len(listed) + 1) * bands,
            self._everybody.counts["no-capacity"].yes,
        )
        return {
            (name, band * HOURS_IN_A_BAND): cells[place * bands + band]
            for place, name in enumerate(listed)
            for band in range(bands)
        }

    def funnel(self) -> list[ShownStep]:
        """The way from a review asked for to an admission avoided, and where people leave it."""
        counts = self.counts
        if self.exact:
            return [
                ShownStep(step.name, step.after, step.people, step.left)
                for step in self._part.funnel(self.as_at)
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
            periods = self._whole.series(
                name, self.as_at, start=self.weeks.start, end=self.weeks.end
            )
            return [ShownPart(each.start, 1, exactly(each.count), each.whole) for each in periods]
        return [] if self.too_few else self._by_four_weeks(name)

    def _by_four_weeks(self, name: str) -> list[ShownPart]:
        first = self.weeks.first
        first -= ((first - _FIRST_MONDAY).days // 7 % WEEKS_IN_A_PART) * WEEK
        found = []
        while first <= self.weeks.last:
            weeks = Weeks(first, first + WEEKS_IN_A_PART * WEEK - timedelta(days=1))
            whole = self._whole.select(weeks.start, weeks.end)
            part = self._part.select(weeks.start, weeks.end)
            everybody = whole.judge(self.as_at).ask(name).count(name)
            asked = part.judge(self.as_at).ask(name)
            found.append(
                ShownPart(
                    first,
                    WEEKS_IN_A_PART,
                    self._suppression.count(part, name, asked, everybody),
                    weeks.first >= self.weeks.first
                    and weeks.end <= min(self.weeks.end, self.as_at),
                )
            )
            first = weeks.last + timedelta(days=1)
        return found


def _nearest(value: float | None, step: int) -> float | None:
    return None if value is None else float(round(value / step) * step)
