"""NEWS2 as the record gives it: totals, sub-scores and raw vital signs, never a 0 for a gap."""

from __future__ import annotations

from typing import Any

import pytest

from clinical.news2 import News2Reading
from fhir_queries.reading.news2 import news2_readings
from fhir_queries.reading.observations import observation
from tests.fhir_queries.questions.shapes import SNOMED, coded, observed

TOTAL = "1104051000000101"
SUB_SCORES = {
    "1104301000000104": 2,
    "1104311000000102": 2,
    "1104331000000105": 0,
    "1104341000000101": 0,
    "1104351000000103": 1,
    "1104361000000100": 0,
    "1104371000000107": 0,
}


def read(*observations: Any) -> tuple[News2Reading, ...]:
    """The readings of these Observations."""
    return news2_readings([(each, observation(each, {})) for each in observations])


def full_set(at: str = "13:20") -> list[dict[str, Any]]:
    """Raw vital signs of one time: 2 + 2 + 0 + 0 + 1 + 0 + 0 points."""
    return [
        observed("86290005", 21, "/min", at),
        observed("431314004", 93, "%", at),
        coded("1104331000000105", "722742002", at),
        observed("72313002", 120, "mm[Hg]", at),
        observed("364075005", 95, "/min", at),
        coded("1104441000000107", "248234008", at),
        observed("276885007", 37.5, "Cel", at),
    ]


def total(value: int, at: str = "13:20", **sub_scores: Any) -> dict[str, Any]:
    """A recorded total, with components by code."""
    components = [
        {
            "code": {"coding": [{"system": SNOMED, "code": code.removeprefix("c")}]},
            "valueQuantity": {"value": points, "unit": "{ScoreOf}", "code": "{ScoreOf}"},
        }
        for code, points in sub_scores.items()
    ]
    return observed(TOTAL, value, "{ScoreOf}", at, component=components)


def test_raw_vital_signs_are_scored_by_the_chart() -> None:
    (reading,) = read(*full_set())
    assert (reading.total, reading.computed, reading.missing) == (None, 5, ())


def test_the_recorded_total_is_compared_with_the_chart() -> None:
    (reading,) = read(*full_set(), total(6))
    assert (reading.total, reading.computed) == (6, 5)
    assert reading.disagrees
    assert reading.reference == f"Observation/obs-{TOTAL}-1320"


def test_sub_scores_stand_in_where_nothing_was_measured() -> None:
    (reading,) = read(total(5, **SUB_SCORES))
    assert (reading.total, reading.computed, reading.missing) == (5, 5, ())


@pytest.mark.parametrize("left_out", range(7))
def test_a_missing_parameter_is_missing_and_never_nought(left_out: int) -> None:
    some = full_set()
    del some[left_out]
    (reading,) = read(*some)
    assert reading.computed is None
    assert len(reading.missing) == 1
    scores = dict(SUB_SCORES)
    del scores[sorted(scores)[left_out]]
    (reading,) = read(total(5, **scores))
    assert (reading.total, reading.computed, len(reading.missing)) == (5, None, 1)


def test_a_measurement_outranks_the_sub_score_of_the_same_parameter() -> None:
    wrong = {**SUB_SCORES, "1104301000000104": 0}
    (reading,) = read(observed("86290005", 26, "/min"), total(3, **wrong))
    assert dict(reading.points)["respiratory rate"] == 3
    assert reading.disagrees


def test_scale_2_only_where_the_record_says_so() -> None:
    scores = {k: v for k, v in SUB_SCORES.items() if k != "1104311000000102"}
    (reading,) = read(total(3, **scores, **{"1104321000000108": 0}))
    assert reading.scale_2
    (reading,) = read(total(5, **SUB_SCORES))
    assert not reading.scale_2


def test_the_newest_comes_first_and_the_one_before_it_second() -> None:
    newest, before = read(*full_set("13:20"), total(4, "12:50"), total(2, "12:20"))
    assert (newest.computed, before.total) == (5, 4)


def test_vital_signs_some_minutes_apart_are_one_set_unless_one_is_repeated() -> None:
    early, late = full_set("13:20")[:3], full_set("13:24")[3:]
    (reading,) = read(*early, *late)
    assert reading.computed == 5
    newest, before = read(*full_set("13:20"), observed("364075005", 140, "/min", "13:24"))
    assert newest.computed is None
    assert before.computed == 5


def test_a_total_of_unknown_time_is_not_taken_for_the_newest() -> None:
    timeless = total(9)
    del timeless["effectiveDateTime"]
    newest, before = read(timeless, *full_set())
    assert (newest.computed, before.total) == (5, 9)


@pytest.mark.parametrize(
    "unusable",
    [
        {"status": "entered-in-error"},
        {"status": "cancelled"},
        {"modifierExtension": [{"url": "x"}]},
    ],
)
def test_what_was_entered_in_error_is_not_scored(unusable: dict[str, Any]) -> None:
    assert read(total(9) | unusable) == ()


def test_a_comparator_or_a_string_is_no_measurement() -> None:
    less = observed("431314004", 90, "%")
    less["valueQuantity"]["comparator"] = "<"
    said = observed("86290005", 18, "/min")
    said["valueQuantity"]["value"] = "18"
    assert read(less, said) == ()


def test_fahrenheit_is_turned_into_celsius() -> None:
    (reading,) = read(observed("8310-5", 103.1, "[degF]"))
    assert dict(reading.points)["temperature"] == 2


def test_a_blood_pressure_panel_gives_its_systolic() -> None:
    panel = observed("75367002", 0, "")
    del panel["valueQuantity"]
    panel["component"] = [
        {
            "code": {"coding": [{"system": SNOMED, "code": "72313002"}]},
            "valueQuantity": {"value": 88, "unit": "mm[Hg]"},
        }
    ]
    (reading,) = read(panel)
    assert dict(reading.points) == {"systolic blood pressure": 3}


@pytest.mark.parametrize(
    ("given", "points"),
    [
        (coded("x", "371825009"), 2),
        (coded("x", "722742002"), 0),
        (observed("3151-8", 2, "L/min"), 2),
        (observed("3151-8", 0, "L/min"), 0),
        (observed("3150-6", 28, "%"), 2),
        (observed("3150-6", 21, "%"), 0),
    ],
)
def test_oxygen_by_code_by_flow_and_by_concentration(given: Any, points: int) -> None:
    (reading,) = read(given)
    assert dict(reading.points) == {"air or oxygen": points}


@pytest.mark.parametrize("wrong", [None, 7, "x", [], {}, [None], {"coding": 3}, [[]], True])
def test_any_json_in_an_observation_of_a_wait_is_survived(wrong: Any) -> None:
    for name in (
        "code", "status", "effectiveDateTime", "valueQuantity", "component", "performer",
        "encounter", "category", "interpretation", "referenceRange", "note", "hasMember",
    ):  # fmt: skip
        read(
            total(5, **SUB_SCORES) | {name: wrong}, observed("86290005", 18, "/min") | {name: wrong}
        )
