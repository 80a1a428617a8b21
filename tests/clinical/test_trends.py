"""Vital signs and results over time, beside the normal and the usual."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from clinical import news2_chart as chart
from clinical.codes import LOINC, SNOMED, Coding
from clinical.measured import plain_unit
from clinical.moments import at_instant
from clinical.news2 import News2Reading
from clinical.record import Entry, PatientRecord
from clinical.trends import Band, Trend, no_points, result_trends, vital_trends
from tests.clinical.ward import ANN, NOW, WAITING, observed, section

CODES = {"78564009": "pulse", "431314004": "spo2", "276885007": "temperature", "n": "news2",
         "72313002": "systolic", "1104441000000107": "consciousness"}  # fmt: skip


def value(
    code: str,
    number: str | None,
    unit: str,
    days_ago: float = 0.01,
    **changes: object,
) -> Entry:
    taken = at_instant(NOW - timedelta(days=days_ago))
    return replace(
        Entry(
            "Observation",
            f"{code}-{number}-{days_ago}",
            f"The title of {code}",
            (Coding(SNOMED, code),),
            "final",
            taken,
            None,
            "" if number is None else f"{number} {unit}",
            None if number is None else Decimal(number),
            unit,
            "Crew",
        ),
        **changes,  # type: ignore[arg-type]
    )


def trends(
    *now: Entry, before: tuple[Entry, ...] = (), news2: News2Reading | None = None
) -> dict[str, Trend]:
    waiting = replace(WAITING, findings=now, news2=news2 or observed())
    record = PatientRecord(NOW, ANN, {"observations": section("observations", *now, *before)}, 0)
    return {each.name: each for each in vital_trends(waiting, record, CODES)}


def test_values_come_oldest_first_and_what_was_not_measured_has_none() -> None:
    found = trends(value("78564009", "91", "/min", 0.01), value("78564009", "98", "/min", 0.05))
    assert [each.number for each in found["Pulse"].now] == [98, 91]
    assert found["Oxygen saturation"].latest is None
    assert "Blood glucose" not in found


def test_usual_is_of_what_was_measured_before_this_wait_and_plainly() -> None:
    before = (
        value("78564009", "80", "/min", 30),
        value("78564009", "90", "{beats}/min", 20),
        value("78564009", "84", "bpm", 10),
        value("78564009", "180", "/min", 9, status="entered-in-error"),
        value("78564009", "190", "/min", 8, caution=("doubted",)),
        value("78564009", "1.5", "Hz", 7),
    )
    pulse = trends(value("78564009", "91", "/min"), before=before)["Pulse"]
    assert pulse.usual is not None
    assert (pulse.usual.middle, pulse.usual.lowest, pulse.usual.highest) == (84, 80, 90)
    assert pulse.usual.count == 3
    assert pulse.usual.last.earliest == NOW - timedelta(days=10)
    assert len(pulse.now) == 1


def test_one_axis_has_one_unit() -> None:
    found = trends(
        value("276885007", "98.6", "[degF]", 0.05), value("276885007", "37.2", "Cel", 0.01)
    )["Temperature"]
    assert [each.number for each in found.now] == [Decimal("37.2")]
    assert (found.unit, found.other_units) == ("°C", 1)


def test_a_normal_range_is_only_for_the_unit_of_the_chart() -> None:
    found = trends(value("276885007", "98.6", "[degF]"))["Temperature"]
    assert found.normal is None


@pytest.mark.parametrize(
    ("column", "low", "high"),
    [
        (chart.RESPIRATORY_RATE, "12", "20"),
        (chart.SATURATION_SCALE_1, "96", None),
        (chart.SATURATION_SCALE_2_ON_AIR, "88", None),
        (chart.SATURATION_SCALE_2_ON_OXYGEN, "88", "92"),
        (chart.SYSTOLIC, "111", "219"),
        (chart.PULSE, "51", "90"),
        (chart.TEMPERATURE, "36.1", "38.0"),
    ],
)
def test_the_normal_range_is_where_the_chart_gives_no_points(
    column: chart.Column, low: str, high: str | None
) -> None:
    assert no_points(column) == Band(Decimal(low), None if high is None else Decimal(high))


@pytest.mark.parametrize(
    ("scale_2", "oxygen", "words", "high"),
    [
        (False, "371825009", "scale 1", None),
        (True, "722742002", "scale 2, on air", None),
        (True, "371825009", "scale 2, on oxygen", Decimal(92)),
        (True, "", "scale 2, oxygen not recorded", Decimal(92)),
    ],
)
def test_the_saturation_s_range_follows_the_scale_in_use(
    scale_2: bool, oxygen: str, words: str, high: Decimal | None
) -> None:
    found = [value("431314004", "90", "%")]
    if oxygen:
        found.append(value(oxygen, None, "", value="as coded"))
    reading = replace(observed(), scale_2=scale_2)
    saturation = trends(*found, news2=reading)["Oxygen saturation"]
    assert saturation.normal_words == words
    assert saturation.normal is not None
    assert saturation.normal.high == high


def test_a_blood_pressure_is_drawn_by_its_systolic_and_said_in_full() -> None:
    panel = value(
        "75367002", None, "",
        parts=(("Systolic blood pressure", "138 mm[Hg]"), ("Diastolic blood pressure", "76 mmHg")),
    )  # fmt: skip
    found = trends(panel)["Blood pressure"]
    assert [(each.number, each.words) for each in found.now] == [(138, "138/76 mmHg")]
    assert found.normal == Band(Decimal(111), Decimal(219))


@pytest.mark.parametrize("said", ["> 138 mmHg", "not recorded", "", "138/76 mmHg"])
def test_a_pressure_that_is_no_plain_number_is_not_drawn(said: str) -> None:
    panel = value("75367002", None, "", parts=(("Systolic", said),))
    assert trends(panel)["Blood pressure"].latest is None


def test_words_have_no_normal_and_no_usual() -> None:
    voice = value("1104441000000107", None, "", value="Voice")
    found = trends(voice, before=(value("1104441000000107", None, "", 9, value="Alert"),))
    consciousness = found["Consciousness (ACVPU)"]
    assert consciousness.latest is not None
    assert consciousness.latest.words == "Voice"
    assert (consciousness.normal, consciousness.usual) == (None, None)
    assert not consciousness.drawable


def test_a_value_without_a_time_is_counted_and_not_drawn() -> None:
    found = trends(value("78564009", "91", "/min", when=None))["Pulse"]
    assert (found.now, found.undated) == ((), 1)


def test_what_the_record_doubts_is_kept_and_marked() -> None:
    found = trends(value("78564009", "91", "/min", caution=("taken by its time alone",)))["Pulse"]
    assert found.latest is not None
    assert found.latest.doubted


def result(code: str, number: str, unit: str, days_ago: float, rang: str = "") -> Entry:
    detail = (f"Reference range: {rang}",) if rang else ()
    return value(code, number, unit, days_ago, codes=(Coding(LOINC, code),), detail=detail)


def test_results_are_one_trend_for_each_code_and_unit_the_newest_first() -> None:
    found = result_trends(
        (
            result("2160-0", "110", "umol/L", 40),
            result("2160-0", "1.2", "mg/dL", 20),
            result("2160-0", "118", "umol/L", 10, "45 umol/L to 104 umol/L"),
            result("718-7", "114", "g/L", 5, "115 g/L or more"),
        )
    )
    assert [(each.unit, [one.number for one in each.now]) for each in found] == [
        ("g/L", [114]),
        ("umol/L", [110, 118]),
        ("mg/dL", [Decimal("1.2")]),
    ]
    assert [each.other_units for each in found] == [0, 1, 2]
    assert found[0].normal == Band(Decimal(115), None)
    assert found[1].normal == Band(Decimal(45), Decimal(104))


@pytest.mark.parametrize(
    "rang", ["45 mg/L to 104 umol/L", "normal", "under 5 umol/L", "45 umol/L to 104", ""]
)
def test_a_reference_range_that_is_not_plain_in_this_unit_is_not_drawn(rang: str) -> None:
    (trend,) = result_trends((result("2160-0", "110", "umol/L", 4, rang),))
    assert trend.normal is None
    assert trend.normal_words == rang


def test_results_without_a_number_or_withdrawn_have_no_trend() -> None:
    gone = result("718-7", "114", "g/L", 5)
    words = value("718-7", None, "", value="see report")
    assert result_trends((replace(gone, status="entered-in-error"), words)) == ()


@pytest.mark.parametrize(
    ("first", "second"),
    [("mm[Hg]", "mmHg"), ("Cel", "°C"), ("/min", "{breaths}/min"), ("bpm", "/min"), ("score", "")],
)
def test_one_unit_in_two_codes_is_one(first: str, second: str) -> None:
    assert plain_unit(first) == plain_unit(second)
    assert plain_unit("Cel") != plain_unit("[degF]")
