"""Waiting bands: exactly on the minute is compliant, a second over is not."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical.bands import WaitingThresholds, band_for, meanings, minutes_of
from clinical.waiting import WaitingBand

ORDER = [
    WaitingBand.WITHIN_15,
    WaitingBand.OVER_15,
    WaitingBand.OVER_30,
    WaitingBand.OVER_45,
    WaitingBand.OVER_60,
]


@pytest.mark.parametrize(
    ("minutes", "at", "just_over"),
    [
        (15, WaitingBand.WITHIN_15, WaitingBand.OVER_15),
        (30, WaitingBand.OVER_15, WaitingBand.OVER_30),
        (45, WaitingBand.OVER_30, WaitingBand.OVER_45),
        (60, WaitingBand.OVER_45, WaitingBand.OVER_60),
    ],
)
def test_a_handover_exactly_on_the_minute_has_not_passed_it(
    minutes: int, at: WaitingBand, just_over: WaitingBand
) -> None:
    assert band_for(timedelta(minutes=minutes)) is at
    assert band_for(timedelta(minutes=minutes, microseconds=1)) is just_over


def test_a_wait_that_is_not_known_is_not_called_short() -> None:
    assert band_for(None) is WaitingBand.NOT_KNOWN
    assert minutes_of(None) is None
    assert "may be the longest" in meanings()[WaitingBand.NOT_KNOWN].means


def test_somebody_who_just_arrived_is_within_the_first_threshold() -> None:
    assert band_for(timedelta()) is WaitingBand.WITHIN_15
    assert minutes_of(timedelta()) == 0


def test_the_clock_shows_minutes_completed_while_the_band_is_exact() -> None:
    wait = timedelta(minutes=15, seconds=59)
    assert minutes_of(wait) == 15
    assert band_for(wait) is WaitingBand.OVER_15


def test_a_site_with_its_own_thresholds_is_told_its_own_minutes() -> None:
    thresholds = WaitingThresholds(10, 20, 40, 120)
    assert band_for(timedelta(minutes=41), thresholds) is WaitingBand.OVER_45
    assert meanings(thresholds)[WaitingBand.OVER_45].words == "over 40 minutes"
    assert meanings(thresholds)[WaitingBand.OVER_60].after == 120


@pytest.mark.parametrize("wrong", [(15, 15, 45, 60), (0, 30, 45, 60), (15, 30, 60, 45)])
def test_thresholds_that_do_not_rise_are_refused(wrong: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="have to rise"):
        WaitingThresholds(*wrong)


def test_every_band_says_what_it_means_and_only_sixty_minutes_is_unverified() -> None:
    explained = meanings()
    assert set(explained) == set(WaitingBand)
    assert [band for band in explained if not explained[band].verified] == [WaitingBand.OVER_60]
    assert "standard contract" in explained[WaitingBand.OVER_15].means
    assert "standard contract" in explained[WaitingBand.OVER_30].means
    assert "Release to rescue" in explained[WaitingBand.OVER_45].means
    assert "breach" in explained[WaitingBand.OVER_60].means


@given(
    st.timedeltas(timedelta(), timedelta(hours=30)), st.timedeltas(timedelta(), timedelta(hours=30))
)
def test_waiting_longer_never_gives_a_shorter_band(wait: timedelta, more: timedelta) -> None:
    assert ORDER.index(band_for(wait)) <= ORDER.index(band_for(wait + more))
