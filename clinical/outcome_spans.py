"""How long each step between arrival and departure took, and what isn't known of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from clinical.moments import Moment
from clinical.outcomes import Departure, OutcomeSettings, RedirectCase, accepted, utc

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Spans:
    """How long one step took, over the cases in which both its ends are known."""

    name: str
    minutes: tuple[float, ...]
    """Each one, shortest first."""
    of: int
    pending: int = 0
    unknown: int = 0

    @property
    def total_hours(self) -> float:
        """The sum of them all."""
        return sum(self.minutes) / 60

    def at_quantile(self, share: float) -> float | None:
        """The minutes within which ``share`` of them were done (the nearest rank)."""
        if not self.minutes:
            return None
        return self.minutes[max(0, ceil(share * len(self.minutes)) - 1)]

    @property
    def median(self) -> float | None:
        """The middle of them: of an even number the mean of both middle ones."""
        if not self.minutes:
            return None
        middle = len(self.minutes) // 2
        if len(self.minutes) % 2:
            return self.minutes[middle]
        return (self.minutes[middle - 1] + self.minutes[middle]) / 2


def all_spans(
    cases: Sequence[RedirectCase], as_at: datetime, settings: OutcomeSettings
) -> list[Spans]:
    """Ambulance time lost, flag to claim, claim to decision, decision to departure.

    A review that ended without a claim, or was withdrawn after it, has no such step.
    """
    taken = [case for case in cases if accepted(case)]
    return [
        _ambulance_time(cases, as_at, settings.waiting_threshold),
        _spans(
            "flag-to-claim",
            [
                (case.flagged_at, case.claimed_at, False)
                for case in cases
                if case.claimed_at is not None or _open(case)
            ],
        ),
        _spans(
            "claim-to-decision",
            [
                (case.claimed_at, case.decided_at, False)
                for case in cases
                if case.claimed_at is not None and not case.withdrawn
            ],
        ),
        _spans(
            "decision-to-departure",
            [
                (case.decided_at, case.departed_at, case.departure is Departure.NOT_KNOWN)
                for case in taken
            ],
        ),
    ]


def _open(case: RedirectCase) -> bool:
    return case.outcome is None and not case.withdrawn


def _ambulance_time(cases: Sequence[RedirectCase], as_at: datetime, threshold: timedelta) -> Spans:
    lost: list[float] = []
    for case in cases:
        if case.waiting_since is None or not case.waiting_since.exact:
            continue
        if case.departure is Departure.STILL_HERE:
            until = as_at
        elif case.departed_at is not None and case.departed_at.exact:
            until = min(utc(case.departed_at.earliest), as_at)
        else:
            continue
        waited = utc(until) - utc(case.waiting_since.earliest)
        if waited < timedelta():
            continue
        lost.append(max(waited - threshold, timedelta()) / _MINUTE)
    return Spans(
        "ambulance-time-lost", tuple(sorted(lost)), len(cases), unknown=len(cases) - len(lost)
    )


def _spans(name: str, steps: Sequence[tuple[Moment | None, Moment | None, bool]]) -> Spans:
    """Spans of (start, end, ended without a time). No end yet is pending; an end before its start
    (clocks that disagree) or a time that is only partly known is unknown.
    """
    minutes: list[float] = []
    pending = 0
    for start, end, lost in steps:
        if end is None:
            pending += start is not None and not lost
        elif start is not None and start.exact and end.exact:
            took = utc(end.earliest) - utc(start.earliest)
            if took >= timedelta():
                minutes.append(took / _MINUTE)
    return Spans(
        name,
        tuple(sorted(minutes)),
        len(steps),
        pending=pending,
        unknown=len(steps) - len(minutes) - pending,
    )
