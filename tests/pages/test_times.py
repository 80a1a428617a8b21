"""Times as the ward reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from clinical.moments import read_moment
from pages.present import times

NOON = datetime(2026, 7, 1, 11, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("recorded", "shown"),
    [
        ("1938", "1938"),
        ("1938-03", "Mar-1938"),
        ("1938-03-05", "05-Mar-1938"),
        ("2026-07-01T11:00:00Z", "01-Jul-2026 12:00"),
        ("2026-07-01T11:00:00", "01-Jul-2026"),
        ("2026-01-01T11:00:00+02:00", "01-Jan-2026 09:00"),
    ],
)
def test_a_date_is_shown_as_far_as_it_is_known(recorded: str, shown: str) -> None:
    assert times.moment(read_moment(recorded)) == shown


def test_no_date_says_so() -> None:
    assert times.moment(None) == "date not recorded"


def test_the_hour_that_comes_twice_says_which() -> None:
    assert times.clock(datetime(2026, 10, 25, 0, 30, tzinfo=UTC)) == "01:30 BST"
    assert times.clock(datetime(2026, 10, 25, 1, 30, tzinfo=UTC)) == "01:30 GMT"
    assert times.clock(NOON, seconds=True) == "12:00:00"


@pytest.mark.parametrize(
    ("minutes", "shown"),
    [(0, "0 min"), (59, "59 min"), (60, "1 h 00 min"), (125, "2 h 05 min"), (1500, "1 day 1 h")],
)
def test_a_wait_is_said_as_the_ward_says_it(minutes: int, shown: str) -> None:
    assert times.span(timedelta(minutes=minutes, seconds=59)) == shown


def test_an_unknown_wait_is_not_nought() -> None:
    assert times.span(None) == "not known"


@pytest.mark.parametrize(
    ("passed", "shown"),
    [
        (timedelta(seconds=-90), "in the future"),
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=4), "just now"),
        (timedelta(seconds=12), "12 s ago"),
        (timedelta(minutes=4, seconds=50), "4 min ago"),
        (timedelta(hours=26), "1 day 2 h ago"),
        (timedelta(days=3), "3 days ago"),
        (timedelta(days=90), "3 months ago"),
        (timedelta(days=800), "2 years ago"),
    ],
)
def test_how_long_ago(passed: timedelta, shown: str) -> None:
    assert times.ago(NOON - passed, NOON) == shown


def test_a_time_of_another_day_carries_its_date() -> None:
    assert times.clock_of_today(NOON - timedelta(hours=2), NOON) == "10:00"
    assert times.clock_of_today(NOON - timedelta(days=1), NOON) == "30-Jun-2026 12:00"
