"""Open or closed now, by the clock on the wall in England."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from clinical.moments import LONDON, read_moment
from clinical.opening_hours import Closure, OpeningHours, Openness, OpenPeriod, openness

EVERY_DAY = frozenset(range(7))
WEEKDAYS = frozenset(range(5))
DAYTIME = OpeningHours((OpenPeriod(EVERY_DAY, time(8), time(20)),))
OFFICE = OpeningHours((OpenPeriod(WEEKDAYS, time(9), time(17)),))
NIGHT = OpeningHours((OpenPeriod(EVERY_DAY, time(22), time(6)),))


def in_london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


@pytest.mark.parametrize(
    ("hours", "now", "is_open", "until"),
    [
        (DAYTIME, "2026-07-01T07:59", False, "2026-07-01T08:00"),
        (DAYTIME, "2026-07-01T08:00", True, "2026-07-01T20:00"),
        (DAYTIME, "2026-07-01T19:59", True, "2026-07-01T20:00"),
        (DAYTIME, "2026-07-01T20:00", False, "2026-07-02T08:00"),
        (OFFICE, "2026-07-03T17:30", False, "2026-07-06T09:00"),  # a Friday evening
        (NIGHT, "2026-07-01T23:00", True, "2026-07-02T06:00"),
        (NIGHT, "2026-07-01T05:00", True, "2026-07-01T06:00"),
        (NIGHT, "2026-07-01T06:00", False, "2026-07-01T22:00"),
    ],
)
def test_hours_begin_with_their_first_minute_and_end_before_their_last(
    hours: OpeningHours, now: str, is_open: bool, until: str
) -> None:
    found = openness(hours, in_london(now).astimezone(UTC))
    assert (found.open, found.until) == (is_open, in_london(until))


def test_a_night_that_began_on_friday_ends_on_saturday_morning() -> None:
    friday_night = OpeningHours((OpenPeriod(frozenset({4}), time(22), time(6)),))
    assert openness(friday_night, in_london("2026-07-04T05:00")).open is True
    assert openness(friday_night, in_london("2026-07-04T22:30")).open is False
    assert openness(friday_night, in_london("2026-07-03T05:00")).open is False


def test_eight_o_clock_is_eight_o_clock_before_and_after_the_clocks_change() -> None:
    # Forward on 29 March 2026, back on 25 October 2026, both at 01:00 UTC.
    for day, utc_hour in (
        ("2026-03-28", 8),
        ("2026-03-29", 7),
        ("2026-10-24", 7),
        ("2026-10-25", 8),
    ):
        opens = datetime.fromisoformat(day).replace(hour=utc_hour, tzinfo=UTC)
        assert openness(DAYTIME, opens).open is True
        before = openness(DAYTIME, opens - timedelta(seconds=1))
        assert (before.open, before.until) == (False, opens)


def test_a_service_that_opens_within_the_hour_that_is_left_out_opens_when_the_clock_jumps() -> None:
    early = OpeningHours((OpenPeriod(EVERY_DAY, time(1, 30), time(4)),))
    jump = datetime(2026, 3, 29, 1, tzinfo=UTC)
    found = openness(early, jump - timedelta(minutes=10))
    assert (found.open, found.until) == (False, jump)
    assert openness(early, jump).open is True


def test_round_the_clock_never_changes() -> None:
    always = OpeningHours((OpenPeriod(EVERY_DAY, time(0), time(0)),))
    assert openness(always, in_london("2026-10-25T01:30")) == Openness(open=True)


def test_hours_that_are_not_recorded_are_not_closed() -> None:
    assert openness(OpeningHours(), in_london("2026-07-01T12:00")) == Openness(None)


def test_where_some_hours_could_not_be_read_only_open_is_sure() -> None:
    partly = OpeningHours(OFFICE.periods, complete=False)
    assert openness(partly, in_london("2026-07-01T12:00")).open is True
    assert openness(partly, in_london("2026-07-01T20:00")).open is None


def test_a_closure_wins_over_the_hours_and_says_why() -> None:
    training = Closure("Training", read_moment("2026-07-01T11:00:00+01:00"),
                       read_moment("2026-07-01T14:00:00+01:00"))  # fmt: skip
    hours = OpeningHours(OFFICE.periods, (training,))
    found = openness(hours, in_london("2026-07-01T12:00"))
    assert (found.open, found.because) == (False, "Training")
    assert found.until == in_london("2026-07-01T14:00")
    assert openness(hours, in_london("2026-07-01T10:00")).until == in_london("2026-07-01T11:00")
    assert openness(hours, in_london("2026-07-01T14:00")).open is True


def test_a_closure_of_whole_days_lasts_until_the_end_of_the_last() -> None:
    holidays = Closure("Holidays", read_moment("2026-12-25"), read_moment("2026-12-26"))
    hours = OpeningHours(DAYTIME.periods, (holidays,))
    assert openness(hours, in_london("2026-12-26T19:00")).open is False
    assert openness(hours, in_london("2026-12-27T08:00")).open is True


def test_a_closure_without_an_end_goes_on() -> None:
    shut = OpeningHours(DAYTIME.periods, (Closure("Shut", read_moment("2026-05-01"), None),))
    assert openness(shut, in_london("2026-07-01T12:00")) == Openness(
        open=False, until=None, because="Shut"
    )
