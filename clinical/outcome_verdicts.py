"""The definitions of ``clinical.outcomes`` over whole columns: a verdict for every case at once.

``clinical.outcomes`` is the reference; tests hold every answer here equal to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from clinical.outcome_columns import (
    ALWAYS,
    DEPARTURES,
    INEXACT,
    MISSING,
    OUTCOMES,
    Column,
    span,
)
from clinical.outcome_counts import COUNTED_OUTCOMES, Count, windowed
from clinical.outcome_spans import Spans
from clinical.outcomes import Departure, OutcomeSettings
from clinical.review import Outcome

NO, YES, PENDING, UNKNOWN = range(4)

_REDIRECTED = OUTCOMES.index(Outcome.REDIRECTED)
_REVERSED = OUTCOMES.index(Outcome.REDIRECT_REVERSED)
_LEFT = DEPARTURES.index(Departure.LEFT)
_HANDED_OVER = DEPARTURES.index(Departure.HANDED_OVER)
_STILL_HERE = DEPARTURES.index(Departure.STILL_HERE)
_NOT_KNOWN = DEPARTURES.index(Departure.NOT_KNOWN)
_BY_NAME = {outcome.value: OUTCOMES.index(outcome) for outcome in COUNTED_OUTCOMES}
_EVENTS = {
    "attendance-avoided": "attended",
    "admission-avoided": "admitted",
    "reattendance": "attended",
    "admission": "admitted",
    "death": "died",
}
_TURNED = np.array([YES, NO, PENDING, UNKNOWN], dtype=np.uint8)
_MICROSECONDS_A_MINUTE = 60_000_000


@dataclass(frozen=True, slots=True)
class Asked:
    """One count's verdicts: of which rows it asks, and what it says of each."""

    rows: Column
    """Places of the rows asked about, upwards."""
    verdicts: Column
    """NO, YES, PENDING or UNKNOWN for each."""

    def count(self, name: str) -> Count:
        """All of it as one count."""
        return count_of(name, np.bincount(self.verdicts, minlength=4))


def count_of(name: str, tally: Column) -> Count:
    """The count of which ``tally`` says how often each verdict was given."""
    no, yes, pending, unknown = (int(many) for many in tally)
    return Count(name, yes, no + yes + pending + unknown, pending, unknown)


def names_of(settings: OutcomeSettings) -> list[str]:
    """The names of all counts, in the order in which ``count_outcomes`` gives them."""
    return [
        "flagged",
        "decided",
        *_BY_NAME,
        "withdrawn",
        "accepted",
        "redirected",
        "redirect-reversed",
        *(name for name, *_ in windowed(settings)),
    ]


class Judge:
    """Judges the rows of one set of columns at one as-at time, each question once."""

    def __init__(
        self, columns: Mapping[str, Column], as_at: int, settings: OutcomeSettings
    ) -> None:
        self._columns = columns
        self._as_at = as_at
        self._windows = {name: (kind, window) for name, kind, window in windowed(settings)}
        self._settings = settings
        self._taken = np.flatnonzero(columns["accepted"])
        redirected = self._redirected()
        self._redirects = Asked(self._taken, redirected)
        self._rows = self._taken[redirected == YES]
        self._left = columns["left"][self._rows]
        self._happened: dict[tuple[str, timedelta], Column] = {}

    def ask(self, name: str) -> Asked:
        """The verdicts of the count of this name. Raises KeyError where there is none."""
        if name in ("flagged", "decided", "withdrawn"):
            return self._of_everybody(name)
        if name == "accepted" or name in _BY_NAME:
            return self._of_decided(name)
        if name == "redirected":
            return self._redirects
        if name == "redirect-reversed":
            return Asked(self._taken, self._reversed())
        kind, window = self._windows[name]
        if kind == "community-response":
            return Asked(self._rows, self._responded(window))
        found = self._within(_EVENTS[kind], window)
        return Asked(self._rows, _TURNED[found] if kind.endswith("avoided") else found)

    def _of_everybody(self, name: str) -> Asked:
        columns = self._columns
        yes = {
            "flagged": columns["flagged"] != MISSING,
            "decided": columns["outcome"] >= 0,
            "withdrawn": columns["withdrawn"],
        }[name]
        return Asked(np.arange(len(yes)), yes.astype(np.uint8))

    def _of_decided(self, name: str) -> Asked:
        outcome = self._columns["outcome"]
        decided = np.flatnonzero(outcome >= 0)
        if name == "accepted":
            yes = self._columns["accepted"][decided]
        else:
            yes = outcome[decided] == _BY_NAME[name]
        return Asked(decided, yes.astype(np.uint8))

    def _redirected(self) -> Column:
        departure = self._columns["departure"][self._taken]
        left = self._columns["left"][self._taken]
        found = np.full(len(self._taken), UNKNOWN, dtype=np.uint8)
        gone = (departure == _LEFT) & (left > INEXACT)
        found[gone] = np.where(left[gone] <= self._as_at, YES, PENDING)
        found[departure == _STILL_HERE] = PENDING
        stands = self._columns["outcome"][self._taken] == _REDIRECTED
        found[(departure == _HANDED_OVER) | ~stands] = NO
        return found

    def _reversed(self) -> Column:
        departure = self._columns["departure"][self._taken]
        redirected = self._redirects.verdicts
        found = np.where(redirected == YES, NO, redirected).astype(np.uint8)
        undone = self._columns["outcome"][self._taken] == _REVERSED
        found[undone | (departure == _HANDED_OVER)] = YES
        return found

    def _within(self, events: str, window: timedelta) -> Column:
        """Whether the event lies within the window of leaving, for each of those redirected."""
        key = (events, window)
        if key not in self._happened:
            rows = self._rows
            end = self._left + span(window)
            first = self._columns[events][rows]
            found = np.full(len(rows), NO, dtype=np.uint8)
            over = end < self._as_at
            found[over & (self._columns["visible_until"][rows] < end)] = UNKNOWN
            found[~over] = PENDING
            found[~self._columns["visible"][rows]] = UNKNOWN
            found[first <= np.minimum(end, self._as_at)] = YES
            if events == "died":
                found[first == ALWAYS] = UNKNOWN
            self._happened[key] = found
        return self._happened[key]

    def _responded(self, window: timedelta) -> Column:
        rows = self._rows
        referred = self._columns["referred"][rows]
        known = referred > INEXACT
        end = np.where(known, referred, 0) + span(window)
        limit = np.minimum(end, self._as_at)
        found = np.full(len(rows), NO, dtype=np.uint8)
        found[~self._columns["contacted"][rows]] = UNKNOWN
        found[self._columns["perhaps_visited"][rows] <= limit] = UNKNOWN
        found[self._as_at <= end] = PENDING
        found[self._columns["visited"][rows] <= limit] = YES
        found[~known] = UNKNOWN
        return found

    def spans(self) -> list[Spans]:
        """How long each step took, as ``clinical.outcome_spans`` says it."""
        columns = self._columns
        taken = self._taken
        still_open = (columns["outcome"] < 0) & ~columns["withdrawn"]
        claimed = columns["claimed"] != MISSING
        to_claim = np.flatnonzero(claimed | still_open)
        to_decide = np.flatnonzero(claimed & ~columns["withdrawn"])
        lost = columns["departure"][taken] == _NOT_KNOWN
        return [
            self._ambulance_time(),
            _steps("flag-to-claim", columns["flagged"][to_claim], columns["claimed"][to_claim]),
            _steps("claim-to-decision", columns["claimed"][to_decide],
                   columns["decided"][to_decide]),
            _steps("decision-to-departure", columns["decided"][taken], columns["departed"][taken],
                   lost),
        ]  # fmt: skip

    def _ambulance_time(self) -> Spans:
        waiting, departed = self._columns["waiting"], self._columns["departed"]
        here = self._columns["departure"] == _STILL_HERE
        known = (waiting > INEXACT) & (here | (departed > INEXACT))
        until = np.where(here, self._as_at, np.minimum(departed, self._as_at))[known]
        waited = until - waiting[known]
        waited = waited[waited >= 0]
        beyond = np.maximum(waited - span(self._settings.waiting_threshold), 0)
        return Spans(
            "ambulance-time-lost",
            _minutes(beyond),
            len(waiting),
            unknown=len(waiting) - len(beyond),
        )


class JudgedSpans(Mapping[str, Spans]):
    """How long each step took, by name; worked out when first asked for."""

    __slots__ = ("_judge", "_spans")

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._spans: dict[str, Spans] = {}

    def _all(self) -> dict[str, Spans]:
        if not self._spans:
            self._spans = {spans.name: spans for spans in self._judge.spans()}
        return self._spans

    def __getitem__(self, name: str) -> Spans:
        """The spans of one step."""
        return self._all()[name]

    def __iter__(self) -> Iterator[str]:
        """The names of the steps."""
        return iter(self._all())

    def __len__(self) -> int:
        """How many steps there are."""
        return len(self._all())


def _steps(name: str, start: Column, end: Column, lost: Column | None = None) -> Spans:
    no_end = (end == MISSING) & (start != MISSING)
    pending = int(np.count_nonzero(no_end if lost is None else no_end & ~lost))
    known = (start > INEXACT) & (end > INEXACT)
    took = end[known] - start[known]
    took = took[took >= 0]
    unknown = len(start) - len(took) - pending
    return Spans(name, _minutes(took), len(start), pending=pending, unknown=unknown)


def _minutes(took: Column) -> tuple[float, ...]:
    return tuple((np.sort(took) / _MICROSECONDS_A_MINUTE).tolist())
