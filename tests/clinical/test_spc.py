"""Control charts: published examples to the digit, the rules, and how often they cry wolf.

The NHS England examples are those that the NHS's own open tools publish with their numbers:
NHSRplotthedots (the vignette "Deviations from Excel defaults" and the package's tests) and
nhspy-plotthedots (its tests, among them the example of the SPC tool on england.nhs.uk). The guides
of Making Data Count themselves give charts without the numbers behind them, and no p chart with
numbers was found there: that one is from a textbook of statistics.
"""

from __future__ import annotations

import random
import subprocess
import sys
from functools import cache
from math import sqrt
from pathlib import Path
from statistics import fmean

import pandas as pd
import pytest
from abspc import calculate_control_limits, detect_special_causes

from clinical.spc import (
    RUNS,
    XMR_FACTOR,
    Assurance,
    Better,
    Rule,
    Variation,
    in_a_shift,
    in_a_trend,
    p_chart,
    signals_of,
    xmr_chart,
)

ROOT = Path(__file__).parents[2]


def seeded(number: int) -> random.Random:
    """Chance that is the same at every run."""
    return random.Random(number)  # noqa: S311 - a simulation


MIXED = [1, 2, 3, 2, 1, 2, 3, 4, 5, 6, 7, 4, 3, 2, 1, 2]


@pytest.mark.parametrize(
    ("values", "mean", "lower", "upper", "near_lower", "near_upper"),
    [
        (range(1, 11), 5.5, 2.84, 8.16, 3.7266666666666666, 7.273333333333333),
        ([1, 2, 3, 4, 5, 4, 3, 2, 1, 2], 2.7, 0.04, 5.36, 0.9266666666666667, 4.473333333333334),
        ([1, 2, 3], 2.0, -0.66, 4.66, 0.22666666666666657, 3.7733333333333334),
        (range(20), 9.5, 6.84, 12.16, 7.726666666666667, 11.273333333333333),
        (
            [3, 1, 4, 1, 5, 9, 2],
            3.5714285714285716,
            -6.625238095238096,
            13.768095238095238,
            -3.2263492063492065,
            10.36920634920635,
        ),
        (MIXED, 3.0, -0.014666666666666828, 6.014666666666667, 0.99022222222, 5.00977777777),
    ],
)
def test_an_xmr_chart_has_the_limits_that_nhspy_plotthedots_publishes(
    values: range | list[int],
    mean: float,
    lower: float,
    upper: float,
    near_lower: float,
    near_upper: float,
) -> None:
    """tests/unittests/test_limits_calculations.py of nhs-pycom/nhspy-plotthedots."""
    chart = xmr_chart([*values])
    third = (chart.upper[0] - chart.mean) * 2 / 3
    assert chart.mean == pytest.approx(mean, abs=1e-12)
    assert chart.lower[0] == pytest.approx(lower, abs=1e-12)
    assert chart.upper[0] == pytest.approx(upper, abs=1e-12)
    assert chart.mean - third == pytest.approx(near_lower, abs=1e-9)
    assert chart.mean + third == pytest.approx(near_upper, abs=1e-9)


def test_the_example_of_the_spc_tool_on_england_nhs_uk() -> None:
    """As nhspy-plotthedots took it down: mean 76.67, limits 57 and 96, the 12th point outside."""
    chart = xmr_chart([89, 86, 75, 77, 81, 74, 72, 78, 76, 82, 77, 54, 66, 77, 86])
    assert round(chart.mean, 2) == 76.67
    assert (round(chart.lower[0]), round(chart.upper[0])) == (57, 96)
    outside = [place for place, rules in enumerate(chart.signals, 1) if rules]
    assert outside == [12]
    assert chart.signals[11] == {Rule.OUTSIDE}
    assert not chart.provisional


def test_the_example_of_the_plotthedots_vignette() -> None:
    """Without screening, "the same output as Excel": 6.95, 1.94 and -3.06, one point outside.

    With the two moves of the outlier left out, which Making Data Count's own tool doesn't do, it
    publishes 4.6 and -0.72.
    """
    chart = xmr_chart([1, 2, 1, 2, 10, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1])
    shown = [round(each, 2) for each in (chart.upper[0], chart.mean, chart.lower[0])]
    assert shown == [6.95, 1.94, -3.06]
    assert [len(each) for each in chart.signals] == [0, 0, 0, 0, 1, *[0] * 13]
    assert (round(chart.mean + XMR_FACTOR, 2), round(chart.mean - XMR_FACTOR, 2)) == (4.6, -0.72)


def test_a_p_chart_has_the_limits_of_a_published_example() -> None:
    """Ten samples of 200, from a textbook (An Introduction to Business Statistics, example 16.6):
    mean 0.16, limits 0.16 -+ 0.07776.
    """
    chart = p_chart([40, 44, 22, 34, 24, 32, 28, 32, 34, 30], [200] * 10)
    assert chart.mean == pytest.approx(0.16, abs=1e-12)
    assert chart.upper[0] == pytest.approx(0.16 + 0.07776, abs=5e-5)
    assert chart.lower[0] == pytest.approx(0.16 - 0.07776, abs=5e-5)
    assert not any(chart.signals)


def test_the_limits_of_a_p_chart_are_those_of_abspc() -> None:
    yes, of = [3, 0, 12, 7, 30], [20, 4, 31, 50, 31]
    frame = pd.DataFrame({"of": of, "yes": yes})
    theirs = calculate_control_limits(frame, "p", value_col="of", numerator_col="yes")
    ours = p_chart(yes, of)
    assert ours.mean == pytest.approx(theirs["mean"][0])
    assert ours.lower == pytest.approx(tuple(theirs["lcl"]))
    assert ours.upper == pytest.approx(tuple(theirs["ucl"].clip(upper=1)))


def test_abspc_takes_another_factor_and_longer_and_shorter_runs() -> None:
    """Why its limits and two of its rules aren't used: should it change, this says so."""
    values = [*map(float, MIXED)]
    theirs = calculate_control_limits(pd.DataFrame({"value": values}), "XmR")
    ours = xmr_chart(values)
    assert ours.upper[0] != pytest.approx(theirs["ucl"][0], rel=1e-6)
    assert ours.upper[0] == pytest.approx(theirs["ucl"][0], rel=1e-3)

    def rules(points: list[float]) -> pd.DataFrame:
        frame = pd.DataFrame({"value": points, "mean": 0.0, "ucl": 9.0, "lcl": -9.0})
        return detect_special_causes(frame)

    seven = [1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0]
    assert all(in_a_shift(seven, 0.0, RUNS.shift))
    assert not rules(seven)["rule2"].any()
    six = [-3.0, -2.0, -1.0, 1.0, 2.0, 3.0]
    assert not any(in_a_trend(six, RUNS.trend))
    assert rules(six)["rule3"].all()


def test_the_rules_of_abspc_come_without_its_drawing() -> None:
    """Which would load Matplotlib, and keep a first page waiting as long as all else it loads."""
    asked = (
        "import sys; from clinical.spc import Rule, xmr_chart; "
        "chart = xmr_chart([*[5.0, 6.0] * 10, 50.0]); "
        "print('matplotlib' in sys.modules, Rule.OUTSIDE in chart.signals[-1])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, check=True, text=True, cwd=ROOT
    )
    assert ran.stdout.split() == ["False", "True"]


@pytest.mark.parametrize("rule", [Rule.OUTSIDE, Rule.NEAR_LIMIT])
def test_a_single_point_rule_is_found_where_the_definition_says_so(rule: Rule) -> None:
    chance = seeded(4)
    values = [chance.gauss(0, 1.2) for _ in range(3000)]
    found = [rule in each for each in signals_of(values, 0.0, [1.0] * len(values))]
    if rule is Rule.OUTSIDE:
        expected = [abs(value) > 3 for value in values]
    else:
        near = [2 < abs(value) <= 3 for value in values]
        expected = [False] * len(values)
        for first in range(len(values) - 2):
            three = range(first, first + 3)
            one_side = len({values[place] > 0 for place in three}) == 1
            if one_side and sum(near[place] for place in three) >= 2:
                for place in three:
                    expected[place] = expected[place] or near[place]
    assert sum(expected) > 20
    assert found == expected


def test_runs_are_those_that_plotthedots_publishes() -> None:
    """tests/testthat/test-ptd_calculate_point_type.R of nhs-r-community/NHSRplotthedots."""
    assert not any(in_a_shift([1] * 6, 0, RUNS.shift))
    assert not any(in_a_shift([*[1] * 6, -1], 0, RUNS.shift))
    assert in_a_shift([*[1] * 8, -1], 0, RUNS.shift) == [*[True] * 8, False]
    assert not any(in_a_trend([*range(1, 7)], RUNS.trend))
    assert not any(in_a_trend([1, 2, 3, 3, 4, 5, 6], RUNS.trend))
    assert in_a_trend([2, *range(1, 8), 3], RUNS.trend) == [0, *[1] * 7, 0]
    assert in_a_trend([2, *range(7, 0, -1), 3], RUNS.trend) == [0, *[-1] * 7, 0]
    assert not any(in_a_shift([0.0] * 9, 0.0, RUNS.shift))


def test_two_near_opposite_limits_are_no_signal() -> None:
    """As NHSRplotthedots tests it: points near both limits, one after the other."""
    values = [*[1.0, -1.0] * 7, 5.5, -5.5]
    chart = xmr_chart(values)
    assert chart.signals[-2:] == (frozenset(), frozenset())


def test_limits_of_a_baseline_stay_when_the_process_changes() -> None:
    chance = seeded(2)
    before = [20 + chance.gauss(0, 2) for _ in range(26)]
    after = [30 + chance.gauss(0, 2) for _ in range(10)]
    chart = xmr_chart([*before, *after], baseline=26)
    assert chart.mean == pytest.approx(fmean(before))
    assert chart.variation(Better.HIGH) is Variation.IMPROVEMENT_HIGH
    assert chart.variation(Better.LOW) is Variation.CONCERN_HIGH
    assert chart.variation(Better.NEITHER) is Variation.CHANGE_HIGH


@pytest.mark.parametrize(
    ("target", "better", "said"),
    [
        (None, Better.HIGH, Assurance.NO_TARGET),
        (2.0, Better.HIGH, Assurance.PASSING),
        (2.0, Better.LOW, Assurance.FAILING),
        (5.0, Better.HIGH, Assurance.HIT_OR_MISS),
        (9.0, Better.HIGH, Assurance.FAILING),
        (9.0, Better.LOW, Assurance.PASSING),
        (9.0, Better.NEITHER, Assurance.NO_TARGET),
    ],
)
def test_assurance_compares_the_target_with_the_limits(
    target: float | None, better: Better, said: Assurance
) -> None:
    assert xmr_chart([*range(1, 11)]).assurance(target, better) is said


def test_a_point_that_falls_in_a_trend_counts_as_low_though_above_the_mean() -> None:
    chart = xmr_chart([*[1.0, 2.0] * 10, 17.0, 16.0, 15.0, 14.0, 13.0, 12.0, 11.0])
    assert Rule.TREND in chart.signals[-1]
    assert chart.values[-1] > chart.mean
    assert chart.variation(Better.HIGH) is Variation.CONCERN_LOW


def test_few_points_are_provisional_and_one_is_no_chart() -> None:
    assert xmr_chart([1.0, 2.0, 3.0]).provisional
    with pytest.raises(ValueError, match="two points"):
        xmr_chart([1.0])
    with pytest.raises(ValueError, match="denominator"):
        p_chart([1, 0], [2, 0])


POINTS = 100_000


@cache
def in_control() -> list[set[Rule]]:
    """Signals of a process in which nothing ever changes, with its true mean and sigma."""
    chance = seeded(20260)
    values = [chance.gauss(0, 1) for _ in range(POINTS)]
    return signals_of(values, 0.0, [1.0] * POINTS)


@pytest.mark.parametrize(
    ("rule", "theory"),
    [
        (Rule.OUTSIDE, 0.002700),
        # part of a run of 7 or more of one side: sum over the runs through a point
        (Rule.SHIFT, 8 * 0.5**7),
        (Rule.TREND, None),
        (Rule.NEAR_LIMIT, None),
    ],
)
def test_how_often_a_rule_cries_wolf(rule: Rule, theory: float | None) -> None:
    """The share of points that a rule marks where nothing has changed.

    A point is in a run of length n on one side with probability n / 2^(n+1); from 7 upwards that
    sums to 8 / 2^7. The other two are held to between
    0.15% and 0.35%.
    """
    rate = sum(rule in each for each in in_control()) / POINTS
    if theory is not None:
        spread = sqrt(theory * (1 - theory) / POINTS) * (7 if rule is Rule.SHIFT else 1)
        assert rate == pytest.approx(theory, abs=4 * spread)
    else:
        assert 0.0015 < rate < 0.0035


def test_how_often_any_rule_cries_wolf() -> None:
    rate = sum(bool(each) for each in in_control()) / POINTS
    assert 0.06 < rate < 0.08


def test_limits_from_few_points_cry_wolf_more_often() -> None:
    """26 points of baseline, and then points of the same process."""
    chance = seeded(7)
    outside = 0
    for _ in range(400):
        chart = xmr_chart([chance.gauss(0, 1) for _ in range(52)], baseline=26)
        outside += sum(Rule.OUTSIDE in each for each in chart.signals[26:])
    assert 0.0027 < outside / (400 * 26) < 0.02
