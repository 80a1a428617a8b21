"""Times: what a record's text means, and how long somebody has waited when the clocks change."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical.moments import LONDON, Precision, at_instant, read_moment, utc_text
from clinical.waiting import waited
from tests.clinical.ward import NOW, WAITING


@pytest.mark.parametrize(
    ("text", "precision", "first", "after"),
    [
        ("1950", Precision.YEAR, "1950-01-01T00:00:00+00:00", "1951-01-01T00:00:00+00:00"),
        ("2026-12", Precision.MONTH, "2026-12-01T00:00:00+00:00", "2027-01-01T00:00:00+00:00"),
        ("2026-07-01", Precision.DAY, "2026-06-30T23:00:00+00:00", "2026-07-01T23:00:00+00:00"),
        ("2026-03-29", Precision.DAY, "2026-03-29T00:00:00+00:00", "2026-03-29T23:00:00+00:00"),
        ("2026-07-01T10:00:00", Precision.DAY, "2026-06-30T23:00:00+00:00", None),
    ],
)
def test_a_partial_date_is_a_range_of_days_in_london(
    text: str, precision: Precision, first: str, after: str | None
) -> None:
    moment = read_moment(text)
    assert moment is not None
    assert moment.precision is precision
    assert moment.earliest.astimezone(UTC).isoformat() == first
    if after is not None:
        assert moment.before.astimezone(UTC).isoformat() == after


@pytest.mark.parametrize(
    "text", ["", "  ", "26", "2026-13", "2026-02-30", "yesterday", "2026-07-01 10:00", "20260701"]
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert read_moment(text) is None


@given(st.text(max_size=30))
def test_no_text_stops_the_reading_of_a_date(text: str) -> None:
    moment = read_moment(text)
    assert moment is None or moment.earliest <= moment.before


def test_an_instant_keeps_its_offset_and_needs_one() -> None:
    moment = read_moment("2026-07-01T10:00:00+01:00")
    assert moment is not None
    assert moment.exact
    assert moment.earliest.utcoffset() == timedelta(hours=1)
    assert utc_text(moment.earliest) == "2026-07-01T09:00:00.000Z"
    with pytest.raises(ValueError, match="needs its offset"):
        at_instant(datetime(2026, 7, 1, 10))  # noqa: DTZ001 (what is refused)


def test_a_wait_across_a_change_of_the_clocks_is_real_time() -> None:
    since = at_instant(datetime(2026, 10, 25, 0, 30, tzinfo=LONDON))
    now = datetime(2026, 10, 25, 2, 0, tzinfo=LONDON)
    assert waited(replace(WAITING, waiting_since=since), now) == timedelta(minutes=150)
    spring = at_instant(datetime(2026, 3, 29, 0, 30, tzinfo=LONDON))
    then = datetime(2026, 3, 29, 2, 30, tzinfo=LONDON)
    assert waited(replace(WAITING, waiting_since=spring), then) == timedelta(minutes=60)


def test_a_wait_without_an_instant_is_not_known_and_one_from_the_future_is_none_yet() -> None:
    assert waited(replace(WAITING, waiting_since=None), NOW) is None
    assert waited(replace(WAITING, waiting_since=read_moment("2026-03-10")), NOW) is None
    ahead = at_instant(NOW + timedelta(minutes=5))
    assert waited(replace(WAITING, waiting_since=ahead), NOW) == timedelta()


def test_certainly_and_possibly_within_a_span_are_real_hours_too() -> None:
    day = read_moment("2026-03-28")
    assert day is not None
    now = datetime(2026, 3, 30, 0, 0, tzinfo=LONDON)
    assert day.certainly_within(timedelta(hours=47), now)
    assert not day.certainly_within(timedelta(hours=46), now)
    assert day.possibly_within(timedelta(hours=24), now)
    assert not day.possibly_within(timedelta(hours=22), now)
