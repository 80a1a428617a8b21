"""NEWS2 against the chart of the Royal College of Physicians: every boundary, both scales."""

from dataclasses import fields, replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical.age import Age
from clinical.news2 import (
    RESPONSES,
    ConcernLevel,
    News2Parameters,
    News2Reading,
    concern,
    not_valid_because,
    reading_of_points,
    score_parameters,
)
from clinical.news2_chart import MOST_POINTS, Consciousness, Parameter

WELL = News2Parameters(
    respiratory_rate=Decimal(16),
    oxygen_saturation=Decimal(97),
    on_oxygen=False,
    systolic=Decimal(120),
    pulse=Decimal(70),
    consciousness=Consciousness.ALERT,
    temperature=Decimal("37.0"),
)
MEASURED = [field.name for field in fields(News2Parameters) if field.name != "scale_2"]


def without(parameters: News2Parameters, name: str) -> News2Parameters:
    return replace(parameters, **{name: None})  # type: ignore[arg-type]


RESPIRATORY_RATE = {0: 3, 8: 3, 9: 1, 11: 1, 12: 0, 20: 0, 21: 2, 24: 2, 25: 3, 60: 3}
SCALE_1 = {70: 3, 91: 3, 92: 2, 93: 2, 94: 1, 95: 1, 96: 0, 100: 0}
SCALE_2_ON_AIR = {70: 3, 83: 3, 84: 2, 85: 2, 86: 1, 87: 1, 88: 0, 92: 0, 93: 0, 97: 0, 100: 0}
SCALE_2_ON_OXYGEN = {
    83: 3,
    84: 2,
    85: 2,
    86: 1,
    87: 1,
    88: 0,
    92: 0,
    93: 1,
    94: 1,
    95: 2,
    96: 2,
    97: 3,
    100: 3,
}
SYSTOLIC = {60: 3, 90: 3, 91: 2, 100: 2, 101: 1, 110: 1, 111: 0, 219: 0, 220: 3, 260: 3}
PULSE = {20: 3, 40: 3, 41: 1, 50: 1, 51: 0, 90: 0, 91: 1, 110: 1, 111: 2, 130: 2, 131: 3, 200: 3}
TEMPERATURE = {
    "33.0": 3,
    "35.0": 3,
    "35.1": 1,
    "36.0": 1,
    "36.1": 0,
    "37.5": 0,
    "38.0": 0,
    "38.1": 1,
    "39.0": 1,
    "39.1": 2,
    "41.5": 2,
}
ACVPU = {
    Consciousness.ALERT: 0,
    Consciousness.NEW_CONFUSION: 3,
    Consciousness.VOICE: 3,
    Consciousness.PAIN: 3,
    Consciousness.UNRESPONSIVE: 3,
}

CHART = [
    *((replace(WELL, respiratory_rate=Decimal(v)), p) for v, p in RESPIRATORY_RATE.items()),
    *((replace(WELL, oxygen_saturation=Decimal(v)), p) for v, p in SCALE_1.items()),
    *(
        (replace(WELL, oxygen_saturation=Decimal(v), scale_2=True), p)
        for v, p in SCALE_2_ON_AIR.items()
    ),
    *(
        (replace(WELL, oxygen_saturation=Decimal(v), scale_2=True, on_oxygen=True), p + 2)
        for v, p in SCALE_2_ON_OXYGEN.items()
    ),
    *(
        (replace(WELL, oxygen_saturation=Decimal(v), on_oxygen=True), p + 2)
        for v, p in SCALE_1.items()
    ),
    *((replace(WELL, systolic=Decimal(v)), p) for v, p in SYSTOLIC.items()),
    *((replace(WELL, pulse=Decimal(v)), p) for v, p in PULSE.items()),
    *((replace(WELL, consciousness=v), p) for v, p in ACVPU.items()),
    *((replace(WELL, temperature=Decimal(v)), p) for v, p in TEMPERATURE.items()),
]


@pytest.mark.parametrize(("parameters", "points"), CHART)
def test_each_boundary_of_the_chart(parameters: News2Parameters, points: int) -> None:
    reading = score_parameters(parameters)
    assert reading.computed == points
    assert reading.missing == ()
    assert sum(scored for _, scored in reading.points) == points


def test_the_points_go_to_the_parameter_that_earned_them() -> None:
    deteriorating = News2Parameters(
        respiratory_rate=Decimal(25),
        oxygen_saturation=Decimal(93),
        on_oxygen=True,
        systolic=Decimal(105),
        pulse=Decimal(131),
        consciousness=Consciousness.NEW_CONFUSION,
        temperature=Decimal("39.1"),
    )
    assert score_parameters(deteriorating).points == (
        ("respiratory rate", 3),
        ("oxygen saturation", 2),
        ("air or oxygen", 2),
        ("systolic blood pressure", 1),
        ("pulse", 3),
        ("consciousness", 3),
        ("temperature", 2),
    )


@pytest.mark.parametrize("name", MEASURED)
def test_a_missing_parameter_is_missing_and_never_scores_0(name: str) -> None:
    reading = score_parameters(without(WELL, name))
    assert len(reading.missing) == 1
    assert reading.missing[0] not in dict(reading.points)
    assert reading.computed is None
    assert reading.score is None
    assert not concern(reading).exact


@pytest.mark.parametrize("name", [name for name in MEASURED if name != "on_oxygen"])
def test_somebody_well_apart_from_what_was_not_measured_is_not_called_low(name: str) -> None:
    found = concern(score_parameters(without(WELL, name)))
    assert found.level is ConcernLevel.NOT_KNOWN
    assert found.words == "at least 0: low to low-medium"


def test_oxygen_alone_cannot_lift_somebody_well_above_low() -> None:
    found = concern(score_parameters(replace(WELL, on_oxygen=None)))
    assert found.certainly_low
    assert found.words == "at least 0: low"


@pytest.mark.parametrize(
    ("value", "as_much_as"), [("38.05", "38.1"), ("35.05", "35.0"), ("36.04", "36.0")]
)
def test_a_value_between_two_steps_of_the_chart_takes_the_higher_points(
    value: str, as_much_as: str
) -> None:
    between = score_parameters(replace(WELL, temperature=Decimal(value)))
    on_the_chart = score_parameters(replace(WELL, temperature=Decimal(as_much_as)))
    assert between.computed == on_the_chart.computed
    assert on_the_chart.computed


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"temperature": Decimal("98.6")}, "temperature 98.6"),
        ({"oxygen_saturation": Decimal("0.97")}, "oxygen saturation 0.97"),
        ({"oxygen_saturation": Decimal(101)}, "oxygen saturation 101"),
        ({"pulse": Decimal(-4)}, "pulse -4"),
        ({"systolic": Decimal("NaN")}, "systolic blood pressure NaN"),
        ({"oxygen_saturation": Decimal("NaN"), "scale_2": True}, "oxygen saturation NaN"),
    ],
)
def test_a_value_that_cannot_be_in_its_unit_is_named_and_counts_as_missing(
    changed: dict[str, object], named: str
) -> None:
    reading = score_parameters(replace(WELL, **changed))  # type: ignore[arg-type]
    assert reading.computed is None
    assert len(reading.missing) == 1
    assert named in reading.unusable[0]
    assert reading.unusable[0] in concern(reading).caution


def test_on_scale_2_a_high_saturation_is_not_scored_while_oxygen_is_not_known() -> None:
    unsure = replace(WELL, oxygen_saturation=Decimal(97), scale_2=True, on_oxygen=None)
    assert score_parameters(unsure).missing == ("oxygen saturation", "air or oxygen")
    target = replace(unsure, oxygen_saturation=Decimal(90))
    assert score_parameters(target).missing == ("air or oxygen",)


def test_scale_2_is_used_only_where_the_record_says_so() -> None:
    copd = replace(WELL, oxygen_saturation=Decimal(89))
    assert score_parameters(copd).computed == 3
    assert score_parameters(replace(copd, scale_2=True)).computed == 0


@pytest.mark.parametrize(
    ("changes", "level"),
    [
        ({}, ConcernLevel.LOW),
        ({"pulse": Decimal(111), "respiratory_rate": Decimal(21)}, ConcernLevel.LOW),
        ({"consciousness": Consciousness.NEW_CONFUSION}, ConcernLevel.LOW_MEDIUM),
        (
            {"consciousness": Consciousness.NEW_CONFUSION, "pulse": Decimal(91)},
            ConcernLevel.LOW_MEDIUM,
        ),
        (
            {"consciousness": Consciousness.NEW_CONFUSION, "pulse": Decimal(111)},
            ConcernLevel.MEDIUM,
        ),
        (
            {"consciousness": Consciousness.NEW_CONFUSION, "pulse": Decimal(131)},
            ConcernLevel.MEDIUM,
        ),
        (
            {
                "consciousness": Consciousness.NEW_CONFUSION,
                "pulse": Decimal(131),
                "temperature": Decimal("38.5"),
            },
            ConcernLevel.HIGH,
        ),
    ],
)
def test_concern_follows_the_total_and_a_single_three(
    changes: dict[str, object], level: ConcernLevel
) -> None:
    found = concern(score_parameters(replace(WELL, **changes)))  # type: ignore[arg-type]
    assert found.level is level
    assert found.could_be is level
    assert found.exact


def test_delirium_alone_asks_for_an_urgent_ward_based_review() -> None:
    found = concern(score_parameters(replace(WELL, consciousness=Consciousness.NEW_CONFUSION)))
    assert found.response == "urgent ward-based review"
    assert found.words == "3: low-medium"


def test_with_a_parameter_missing_the_lower_bound_is_said() -> None:
    partial = replace(WELL, consciousness=None, pulse=Decimal(131), respiratory_rate=Decimal(21))
    found = concern(score_parameters(partial))
    assert found.words == "at least 5: medium or higher"
    assert (found.level, found.could_be) == (ConcernLevel.MEDIUM, ConcernLevel.HIGH)
    assert not found.exact
    assert "Missing: consciousness." in found.caution


def test_without_any_observation_concern_is_not_known_and_possibly_high() -> None:
    for nothing in (None, score_parameters(News2Parameters())):
        found = concern(nothing)
        assert (found.level, found.could_be) == (ConcernLevel.NOT_KNOWN, ConcernLevel.HIGH)
        assert found.words == "not known"
        assert not found.certainly_low


@pytest.mark.parametrize(
    ("total", "level", "could_be"),
    [
        (0, ConcernLevel.LOW, ConcernLevel.LOW),
        (2, ConcernLevel.LOW, ConcernLevel.LOW),
        (3, ConcernLevel.NOT_KNOWN, ConcernLevel.LOW_MEDIUM),
        (4, ConcernLevel.NOT_KNOWN, ConcernLevel.LOW_MEDIUM),
        (5, ConcernLevel.MEDIUM, ConcernLevel.MEDIUM),
        (6, ConcernLevel.MEDIUM, ConcernLevel.MEDIUM),
        (7, ConcernLevel.HIGH, ConcernLevel.HIGH),
        (20, ConcernLevel.HIGH, ConcernLevel.HIGH),
    ],
)
def test_a_bare_total_of_3_or_4_may_hide_a_single_three(
    total: int, level: ConcernLevel, could_be: ConcernLevel
) -> None:
    found = concern(score_parameters(News2Parameters(), recorded_total=total))
    assert (found.level, found.could_be) == (level, could_be)
    assert "Only the total is recorded" in found.caution[0]


def test_a_total_that_disagrees_is_said_and_the_higher_counts() -> None:
    reading = score_parameters(replace(WELL, pulse=Decimal(131)), recorded_total=1)
    assert reading.disagrees
    assert reading.score == 1
    found = concern(reading)
    assert found.at_least == 3
    assert found.level is ConcernLevel.LOW_MEDIUM
    assert "recorded total is 1; the parameters give 3" in found.caution[0]


def test_a_low_total_added_up_without_a_parameter_is_not_taken_as_low() -> None:
    reading = score_parameters(replace(WELL, temperature=None), recorded_total=0)
    found = concern(reading)
    assert found.level is ConcernLevel.NOT_KNOWN
    assert found.words == "at least 0: low to low-medium"


def test_a_total_outside_the_chart_is_no_total() -> None:
    reading = score_parameters(News2Parameters(), recorded_total=21)
    assert reading.total is None
    assert reading.unusable == ("a NEWS2 can't be 21",)
    assert concern(reading).could_be is ConcernLevel.HIGH


def test_sub_scores_of_the_record_are_read_as_points() -> None:
    reading = reading_of_points(
        dict.fromkeys(Parameter, 0) | {Parameter.CONSCIOUSNESS: 3}, recorded_total=3
    )
    assert reading.computed == 3
    assert reading.any_three


@pytest.mark.parametrize(
    ("parameter", "scored"),
    [(Parameter.PULSE, 4), (Parameter.AIR_OR_OXYGEN, 1), (Parameter.CONSCIOUSNESS, 2)],
)
def test_a_sub_score_that_the_chart_cannot_give_counts_as_missing(
    parameter: Parameter, scored: int
) -> None:
    reading = reading_of_points(dict.fromkeys(Parameter, 0) | {parameter: scored})
    assert reading.missing == (parameter.value,)
    assert reading.unusable == (f"{parameter.value} can't score {scored}",)


@pytest.mark.parametrize(
    ("age", "pregnant", "words"),
    [
        (Age(15, 15), False, "not valid under 16"),
        (Age(15, 16), False, "the age is 15 or 16"),
        (None, False, "the age is not known"),
        (Age(30, 30), True, "pregnancy"),
    ],
)
def test_news2_is_not_valid_under_16_or_in_pregnancy(
    age: Age | None, pregnant: bool | None, words: str
) -> None:
    assert words in not_valid_because(age, pregnant=pregnant)


@pytest.mark.parametrize("pregnant", [None, False])
def test_news2_is_valid_from_16(pregnant: bool | None) -> None:
    assert not_valid_because(Age(16, 16), pregnant=pregnant) == ""


def test_every_level_says_what_response_it_asks_for() -> None:
    assert set(RESPONSES) == set(ConcernLevel)


def _decimals(lowest: int, highest: int, places: int = 0) -> st.SearchStrategy[Decimal]:
    return st.decimals(lowest, highest, places=places)


observed = st.builds(
    News2Parameters,
    respiratory_rate=st.none() | _decimals(0, 60),
    oxygen_saturation=st.none() | _decimals(60, 100),
    on_oxygen=st.none() | st.booleans(),
    systolic=st.none() | _decimals(40, 260),
    pulse=st.none() | _decimals(20, 200),
    consciousness=st.none() | st.sampled_from(Consciousness),
    temperature=st.none() | _decimals(32, 42, 1),
    scale_2=st.booleans(),
)


@given(observed, st.sampled_from(MEASURED))
def test_removing_a_parameter_never_lowers_concern(parameters: News2Parameters, name: str) -> None:
    before = concern(score_parameters(parameters))
    after = concern(score_parameters(without(parameters, name)))
    assert after.rank >= before.rank
    if before.level is not ConcernLevel.LOW:
        assert after.level is not ConcernLevel.LOW
    assert after.certainly_low <= before.certainly_low


@given(observed, st.integers(0, 20), st.sampled_from(MEASURED))
def test_nor_does_it_while_a_total_is_recorded_and_anything_else_is_known(
    parameters: News2Parameters, total: int, name: str
) -> None:
    before = concern(score_parameters(parameters, recorded_total=total))
    less = score_parameters(without(parameters, name), recorded_total=total)
    if less.points:
        assert concern(less).rank >= before.rank


@given(observed, observed)
def test_what_is_filled_in_later_lies_within_what_was_said_before(
    first: News2Parameters, later: News2Parameters
) -> None:
    filled = replace(
        later,
        scale_2=first.scale_2,
        **{name: getattr(first, name) for name in MEASURED if getattr(first, name) is not None},
    )
    then, now = concern(score_parameters(first)), concern(score_parameters(filled))
    assert now.rank <= then.rank
    assert (now.at_least or 0) >= (then.at_least or 0)


def test_the_most_that_a_parameter_can_score_is_what_the_chart_gives() -> None:
    tables = [RESPIRATORY_RATE, SCALE_1, {0: 0, 1: 2}, SYSTOLIC, PULSE, ACVPU, TEMPERATURE]
    highest = [max(table.values()) for table in tables]  # type: ignore[attr-defined]
    assert [MOST_POINTS[name] for name in Parameter] == highest


def test_a_reading_made_elsewhere_with_only_its_total_is_not_assumed_to_have_no_three() -> None:
    bare = News2Reading(4, None, (), (), False, None, "", "")
    assert concern(bare).could_be is ConcernLevel.LOW_MEDIUM
