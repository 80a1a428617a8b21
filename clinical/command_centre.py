"""Every emergency department side by side, now: numbers, and nobody's name.

What is predicted is a plain continuation, stated in ``PREDICTION_RULE``, and not a forecast: the
departments' own last hour goes on for one more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from clinical.bands import WaitingThresholds
from clinical.moments import Moment
from clinical.review import ReviewStatus
from clinical.waiting import EmergencyDepartment, WaitingPatient, waited

HOUR = timedelta(hours=1)
_OPEN = (ReviewStatus.REQUESTED, ReviewStatus.CLAIMED, ReviewStatus.DEFERRED)

PREDICTION_RULE = (
    "Predicted hours lost in the next hour: everybody who waits now goes on waiting; as many "
    "arrive as arrived in the last hour, evenly spread, and as many leave the queue as left it in "
    "the last hour, evenly spread, whoever has waited longest first. Each minute that somebody "
    "waits beyond the threshold in that hour is a minute lost. Waits without a known start are "
    "left out. It continues the last hour; it is not a forecast."
)


@dataclass(frozen=True, slots=True)
class Movement:
    """One wait that began or ended lately. None where it didn't, or the record gives no instant."""

    department: EmergencyDepartment
    began: Moment | None
    ended: Moment | None


@dataclass(frozen=True, slots=True)
class Flow:
    """How many began and ended their wait in the last hour."""

    arrived: int
    left: int


@dataclass(frozen=True, slots=True)
class DepartmentNow:
    """One emergency department at one time."""

    department: EmergencyDepartment
    waiting: int
    start_not_known: int
    """Of those waiting, how many have no known start: each may be the longest."""
    longest: timedelta | None
    """The longest known wait; None where nobody waits or no start is known."""
    over: tuple[tuple[int, int], ...]
    """(minutes, how many have waited strictly longer), one pair a threshold."""
    hours_lost_so_far: float
    """Hours waited beyond the first threshold by those who wait now."""
    flow: Flow | None
    """The last hour; None where the record can't tell."""
    predicted_hours_lost: float | None
    """In the next hour, by ``PREDICTION_RULE``; None where the flow isn't known."""
    reviews_open: int
    """Asked for, held or deferred."""
    reviews_unclaimed: int
    redirected_still_here: int


@dataclass(frozen=True, slots=True)
class CommandCentre:
    """All departments at one time."""

    as_at: datetime
    departments: tuple[DepartmentNow, ...]
    complete: bool
    """False where a part of the queue is known to be missing: the numbers are then too low."""
    set_aside: int
    warnings: tuple[str, ...] = ()


def departments_now(
    waiting: Sequence[WaitingPatient],
    movements: Sequence[Movement] | None,
    known: Iterable[EmergencyDepartment],
    as_at: datetime,
    thresholds: WaitingThresholds,
) -> tuple[DepartmentNow, ...]:
    """Each department of ``known`` and of those waiting, by name.

    ``movements`` None says that the record couldn't tell who came and went.
    """
    by_id = {each.id: each for each in known}
    for wait in waiting:
        by_id.setdefault(wait.department.id, wait.department)
    named = sorted(by_id.values(), key=lambda each: (each.name.lower(), each.id))
    return tuple(
        _department(
            each,
            [wait for wait in waiting if wait.department.id == each.id],
            None
            if movements is None
            else [move for move in movements if move.department.id == each.id],
            as_at,
            thresholds,
        )
        for each in named
    )


def predicted_hours_lost(
    waits: Sequence[timedelta], arrivals: int, departures: int, threshold: timedelta
) -> float:
    """Hours lost beyond ``threshold`` in the next hour, by ``PREDICTION_RULE``.

    ``arrivals`` and ``departures`` are a rate an hour, spread evenly: the k-th of n comes, or
    goes, at (k - 1/2)/n of the hour.
    """
    queue = [-wait for wait in sorted(waits, reverse=True)]
    """When each began, from now: the longest wait first."""
    queue += [HOUR * ((number + 0.5) / arrivals) for number in range(arrivals)]
    lost = timedelta()
    gone = [HOUR * ((number + 0.5) / departures) for number in range(departures)]
    for place, began in enumerate(queue):
        end = gone[place] if place < len(gone) else HOUR
        # Whoever would be called before they come is not there to be called
        end = max(end, began)
        from_when = max(timedelta(), began + threshold)
        lost += max(min(end, HOUR) - from_when, timedelta())
    return lost / HOUR


def _department(
    department: EmergencyDepartment,
    waiting: Sequence[WaitingPatient],
    movements: Sequence[Movement] | None,
    as_at: datetime,
    thresholds: WaitingThresholds,
) -> DepartmentNow:
    waits = [each for each in (waited(wait, as_at) for wait in waiting) if each is not None]
    first = timedelta(minutes=thresholds.first)
    marks = (thresholds.second, thresholds.third, thresholds.fourth)
    statuses = [wait.review.status for wait in waiting if wait.review is not None]
    flow = None if movements is None else _flow(movements, as_at)
    return DepartmentNow(
        department=department,
        waiting=len(waiting),
        start_not_known=len(waiting) - len(waits),
        longest=max(waits, default=None),
        over=tuple(
            (minutes, sum(wait > timedelta(minutes=minutes) for wait in waits)) for minutes in marks
        ),
        hours_lost_so_far=sum((max(w - first, timedelta()) for w in waits), timedelta()) / HOUR,
        flow=flow,
        predicted_hours_lost=None
        if flow is None
        else predicted_hours_lost(waits, flow.arrived, flow.left, first),
        reviews_open=sum(status in _OPEN for status in statuses),
        reviews_unclaimed=sum(status is ReviewStatus.REQUESTED for status in statuses),
        redirected_still_here=sum(status is ReviewStatus.REDIRECTED for status in statuses),
    )


def _flow(movements: Sequence[Movement], as_at: datetime) -> Flow:
    return Flow(
        sum(_lately(move.began, as_at) for move in movements),
        sum(_lately(move.ended, as_at) for move in movements),
    )


def _lately(when: Moment | None, as_at: datetime) -> bool:
    if when is None or not when.exact:
        return False
    return as_at - HOUR < when.earliest.astimezone(UTC) <= as_at
