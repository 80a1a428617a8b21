"""The departments in numbers: what is counted, what is predicted, what isn't known."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical.bands import NATIONAL_THRESHOLDS
from clinical.command_centre import Movement, departments_now, predicted_hours_lost
from clinical.moments import at_instant, read_moment
from clinical.waiting import EmergencyDepartment, WaitingPatient
from tests.clinical.ward import NOW, WAITING

MINUTE = timedelta(minutes=1)
FIFTEEN = 15 * MINUTE
ED = WAITING.department
OTHER = EmergencyDepartment("other", "Another Made-up General")


def waiting(minutes: float | None, where: EmergencyDepartment = ED) -> WaitingPatient:
    since = None if minutes is None else at_instant(NOW - minutes * MINUTE)
    return replace(WAITING, waiting_since=since, department=where, encounter=f"e{minutes}")


def came(minutes_ago: float, where: EmergencyDepartment = ED) -> Movement:
    return Movement(where, at_instant(NOW - minutes_ago * MINUTE), None)


def left(minutes_ago: float) -> Movement:
    return Movement(ED, None, at_instant(NOW - minutes_ago * MINUTE))


def test_exactly_thirty_minutes_is_not_over_thirty() -> None:
    [now] = departments_now([waiting(30), waiting(30.1)], [], [], NOW, NATIONAL_THRESHOLDS)
    assert now.over == ((30, 1), (45, 0), (60, 0))


def test_a_wait_without_a_start_is_counted_and_never_called_short() -> None:
    [now] = departments_now([waiting(None), waiting(20)], [], [], NOW, NATIONAL_THRESHOLDS)
    assert (now.waiting, now.start_not_known, now.longest) == (2, 1, 20 * MINUTE)
    [alone] = departments_now([waiting(None)], [], [], NOW, NATIONAL_THRESHOLDS)
    assert alone.longest is None


def test_a_department_where_nobody_waits_stays_on_the_screen() -> None:
    found = departments_now([waiting(20)], [], [OTHER], NOW, NATIONAL_THRESHOLDS)
    assert [(each.department.id, each.waiting) for each in found] == [("other", 0), ("ed", 1)]


def test_hours_lost_begin_at_the_first_threshold() -> None:
    [now] = departments_now(
        [waiting(75), waiting(15), waiting(5)], [], [], NOW, NATIONAL_THRESHOLDS
    )
    assert now.hours_lost_so_far == pytest.approx(1.0)


def test_nothing_is_predicted_where_the_record_cannot_tell_who_came_and_went() -> None:
    [now] = departments_now([waiting(75)], None, [], NOW, NATIONAL_THRESHOLDS)
    assert now.flow is None
    assert now.predicted_hours_lost is None


def test_the_last_hour_is_the_last_hour_and_only_instants_count() -> None:
    partial = Movement(ED, read_moment("2026-03-10"), None)
    moves = [came(60), came(59), came(0), left(10), left(61), partial]
    [now] = departments_now([], moves, [ED], NOW, NATIONAL_THRESHOLDS)
    assert now.flow is not None
    assert (now.flow.arrived, now.flow.left) == (2, 1)


def test_nobody_comes_or_goes_and_everybody_waits_on() -> None:
    # 30 min so far: all of the hour is beyond 15 min. 5 min so far: 50 min of it are.
    assert predicted_hours_lost([30 * MINUTE, 5 * MINUTE], 0, 0, FIFTEEN) == pytest.approx(
        1 + 50 / 60
    )


def test_the_longest_wait_ends_first() -> None:
    # One leaves, at half past: the one of 40 min, who loses 30 min; the other waits all of it.
    assert predicted_hours_lost([20 * MINUTE, 40 * MINUTE], 0, 1, FIFTEEN) == pytest.approx(1.5)


def test_an_arrival_loses_time_only_beyond_the_threshold() -> None:
    # It comes at half past and has waited 30 min at the end, 15 of them beyond 15.
    assert predicted_hours_lost([], 1, 0, FIFTEEN) == pytest.approx(0.25)


@given(
    st.lists(st.integers(0, 600), max_size=30),
    st.integers(0, 30),
    st.integers(0, 30),
    st.integers(0, 120),
)
def test_no_prediction_is_below_nothing_or_above_an_hour_each(
    minutes: list[int], arrivals: int, departures: int, threshold: int
) -> None:
    waits = [each * MINUTE for each in minutes]
    beyond = threshold * MINUTE
    lost = predicted_hours_lost(waits, arrivals, departures, beyond)
    assert 0 <= lost <= len(waits) + arrivals
    assert lost >= predicted_hours_lost(waits, arrivals, departures + 1, beyond) - 1e-9
    assert lost <= predicted_hours_lost([*waits, beyond], arrivals, departures, beyond) + 1e-9
