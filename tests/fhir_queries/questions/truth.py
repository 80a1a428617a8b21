"""The generator's own books as the right counts, for every definition, period and filter.

Nothing here reads a resource or asks a definition of the program: the verdicts are those that the
truth file gives of each decision, tallied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from clinical.outcome_counts import Count
from clinical.outcome_filters import NOT_RECORDED, CaseFilter, Group
from clinical.outcome_table import OutcomeTable
from sandbox.people.services import service

Line = Mapping[str, Any]

ANSWERS = ("no", "yes", "pending", "unknown")
_RESPONSE = {"met": "yes", "not-met": "no", "not-recorded": "unknown"}
_OF_OUTCOME = ("not-suitable", "patient-declined", "no-capacity", "deferred", "handed-over-first")
_FOLLOWED = {
    "attendance-avoided-24h": "attendance_avoided",
    "admission-avoided-72h": "admission_avoided_72h",
    "admission-avoided-7d": "admission_avoided_7d",
    "admission-avoided-30d": "admission_avoided_30d",
    "reattendance-72h": "reattendance_72h",
    "reattendance-7d": "reattendance_7d",
    "admission-7d": "admission_within_7d",
    "admission-30d": "admission_within_30d",
    "death-7d": "death_7d",
    "death-30d": "death_30d",
    "community-response-2h": "response_2h",
}
NAMES = (
    "flagged",
    "decided",
    *_OF_OUTCOME,
    "withdrawn",
    "accepted",
    "redirected",
    "redirect-reversed",
    *_FOLLOWED,
)


def answers(line: Line) -> list[str]:
    """What the books answer to the count of each of ``NAMES``; empty where it isn't asked."""
    outcome = line["outcome"]
    decided = outcome != "withdrawn"
    accepted = outcome == "redirected"
    said = ["yes", _yes(decided)]
    said += [_yes(outcome == each) if decided else "" for each in _OF_OUTCOME]
    said += [_yes(not decided), _yes(accepted) if decided else ""]
    said += [line["redirected"] if accepted else "", line["reversed"] if accepted else ""]
    for key in _FOLLOWED.values():
        found = line[key] if line["redirected"] == "yes" else ""
        said.append(_RESPONSE.get(found, found))
    return said


def _yes(holds: bool) -> str:
    return "yes" if holds else "no"


def _banded(level: int | None, bands: Sequence[tuple[int, int]]) -> str:
    for low, high in bands:
        if level is not None and low <= level <= high:
            return str(low) if low == high else f"{low}-{high}"
    return NOT_RECORDED


GROUPS: Mapping[Group, Callable[[Line], str]] = {
    Group.SITE: lambda line: line["site"] if line["wait_held"] else NOT_RECORDED,
    Group.SERVICE: lambda line: service(line["service"]).name if line["service"] else NOT_RECORDED,
    Group.REASON: lambda line: line["reason"] if line["wait_held"] else NOT_RECORDED,
    Group.AGE: lambda line: line["age_band"] if line["wait_held"] else NOT_RECORDED,
    Group.FRAILTY: lambda line: _banded(line["frailty"], ((1, 3), (4, 4), (5, 6), (7, 9))),
    Group.DEPRIVATION: lambda line: _banded(
        line["deprivation_decile"], ((1, 2), (3, 4), (5, 6), (7, 8), (9, 10))
    ),
    Group.ETHNICITY: lambda line: line["ethnicity"] or NOT_RECORDED,
}


@dataclass(frozen=True, slots=True)
class Compared:
    """How many numbers were held against the books, and what of them was different."""

    numbers: int
    different: tuple[str, ...]


class Truth:
    """The lines of a truth file as columns, to be tallied by any period and filter."""

    def __init__(
        self, lines: Iterable[Line], as_at: datetime, site_names: Mapping[str, str]
    ) -> None:
        code = {answer: number for number, answer in enumerate(ANSWERS)} | {"": -1}
        rows: list[list[int]] = []
        grouped: list[list[str]] = []
        decided: list[float] = []
        self.tasks: list[str] = []
        self.seconds: dict[str, list[int | None]] = {key: [] for key in _SPANS}
        self.outcomes: list[str] = []
        for line in lines:
            self.tasks.append(line["task"])
            rows.append([code[answer] for answer in answers(line)])
            groups = [of(line) for of in GROUPS.values()]
            groups[0] = site_names.get(groups[0], groups[0])
            grouped.append(groups)
            decided.append(datetime.fromisoformat(line["decided_at"]).timestamp())
            for key in _SPANS:
                self.seconds[key].append(
                    line[key] if key in _WITHOUT_WAIT or line["wait_held"] else None
                )
            self.outcomes.append(line["outcome"])
        self.as_at = as_at
        self.answers = np.array(rows, dtype=np.int8)
        self.decided = np.array(decided)
        self.groups: dict[Group, list[str]] = {}
        self._codes: dict[Group, NDArray[np.int64]] = {}
        for group, of_lines in zip(GROUPS, zip(*grouped, strict=True), strict=True):
            present, codes = np.unique(np.array(of_lines), return_inverse=True)
            self.groups[group] = present.tolist()
            self._codes[group] = codes

    def __len__(self) -> int:
        return len(self.tasks)

    def rows(
        self, start: datetime | None, end: datetime | None, narrowed: CaseFilter
    ) -> NDArray[np.bool_]:
        """Which lines belong to a period and a filter."""
        taken = np.ones(len(self), dtype=np.bool_)
        if start is not None:
            taken &= self.decided >= start.timestamp()
        if end is not None:
            taken &= self.decided < end.timestamp()
        for group, names in narrowed.chosen.items():
            chosen = np.array([name in names for name in self.groups[group]])
            taken &= chosen[self._codes[group]]
        return taken

    def counts(self, rows: NDArray[np.bool_]) -> dict[str, Count]:
        """The right count of each name over these lines."""
        found = {}
        for place, name in enumerate(NAMES):
            asked = self.answers[rows, place]
            no, yes, pending, unknown = np.bincount(asked[asked >= 0], minlength=4).tolist()
            found[name] = Count(name, yes, no + yes + pending + unknown, pending, unknown)
        return found

    def filters(self) -> Iterator[CaseFilter]:
        """Everybody; each group by itself; each two groups of different kinds that somebody is in;
        and of each kind all groups but the first.
        """
        yield CaseFilter()
        for group, names in self.groups.items():
            for name in names:
                yield CaseFilter({group: frozenset({name})})
            yield CaseFilter({group: frozenset(names[1:])})
        for one, other in combinations(self.groups, 2):
            pairs = np.unique(np.stack([self._codes[one], self._codes[other]]), axis=1)
            for first, second in pairs.T.tolist():
                yield CaseFilter(
                    {
                        one: frozenset({self.groups[one][first]}),
                        other: frozenset({self.groups[other][second]}),
                    }
                )

    def periods(self) -> Iterator[tuple[datetime | None, datetime | None]]:
        """All time; each month of London; and the weeks in which its clocks change."""
        yield None, None
        first = datetime.fromtimestamp(self.decided.min(), UTC).date().replace(day=1)
        last = datetime.fromtimestamp(self.decided.max(), UTC).date()
        while first <= last:
            after = (first + timedelta(days=32)).replace(day=1)
            yield midnight(first), midnight(after)
            if first.month in (3, 10):
                sunday = after - timedelta(days=(after.weekday() + 1) % 7 or 7)
                yield midnight(sunday - timedelta(days=3)), midnight(sunday + timedelta(days=4))
            first = after

    def compare(self, table: OutcomeTable) -> Compared:
        """Every count of every period and every filter, against the table's.

        The filters are taken over all time and over the newest half of it.
        """
        middle = datetime.fromtimestamp(float(np.median(self.decided)), UTC)
        asked = [(*period, CaseFilter()) for period in self.periods()]
        asked += [(start, None, each) for each in self.filters() for start in (None, middle)]
        numbers, different = 0, []
        for start, end, narrowed in asked:
            right = self.counts(self.rows(start, end, narrowed))
            found = table.select(start, end, narrowed).counts(self.as_at).counts
            for name, count in right.items():
                numbers += 4
                if found[name] != count:
                    different.append(f"{start} {end} {narrowed.key} {found[name]} for {count}")
        for name, spans in table.counts(self.as_at).spans.items():
            right_minutes = self.minutes(name)
            numbers += len(right_minutes)
            if spans.minutes != right_minutes:
                different.append(f"{name}: {len(spans.minutes)} for {len(right_minutes)}")
        return Compared(numbers, tuple(different))

    def minutes(self, name: str) -> tuple[float, ...]:
        """The right minutes of each span of this name, shortest first."""
        key = next(key for key, named in _SPANS.items() if named == name)
        seconds = [
            each
            for each, outcome in zip(self.seconds[key], self.outcomes, strict=True)
            if each is not None and each >= 0 and _has_step(name, outcome)
        ]
        if name == "ambulance-time-lost":
            seconds = [max(0, each - 15 * 60) for each in seconds]
        return tuple(sorted(each / 60 for each in seconds))


_WITHOUT_WAIT = ("flag_to_claim_seconds", "claim_to_decision_seconds")
_SPANS = {
    "flag_to_claim_seconds": "flag-to-claim",
    "claim_to_decision_seconds": "claim-to-decision",
    "decision_to_departure_seconds": "decision-to-departure",
    "waited_seconds": "ambulance-time-lost",
}


def _has_step(name: str, outcome: str) -> bool:
    if name == "decision-to-departure":
        return outcome == "redirected"
    return name != "claim-to-decision" or outcome != "withdrawn"


def midnight(day: date) -> datetime:
    """The beginning of a day in England."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("Europe/London"))
