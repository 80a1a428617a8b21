"""NEWS2 points of the crew's readings (Royal College of Physicians, 2017).

The record keeps its own sums: what the crew wrote has to be right here without any code of the
programs that read it.
"""

from __future__ import annotations

from dataclasses import dataclass

SPO2_SCALE_1 = "spo2-scale-1"
SPO2_SCALE_2 = "spo2-scale-2"
CODES = {
    "respiration": ("1104301000000104", "Respiration rate score"),
    SPO2_SCALE_1: ("1104311000000102", "Oxygen saturation scale 1 score"),
    SPO2_SCALE_2: ("1104321000000108", "Oxygen saturation scale 2 score"),
    "oxygen": ("1104331000000105", "Air or oxygen score"),
    "systolic": ("1104341000000101", "Systolic blood pressure score"),
    "pulse": ("1104351000000103", "Pulse score"),
    "consciousness": ("1104361000000100", "Consciousness score"),
    "temperature": ("1104371000000107", "Temperature score"),
}
TOTAL = ("1104051000000101", "Royal College of Physicians NEWS2 - total score")

_RESPIRATION = ((8, 3), (11, 1), (20, 0), (24, 2), (999, 3))
_SCALE_1 = ((91, 3), (93, 2), (95, 1), (100, 0))
_SCALE_2_AIR = ((83, 3), (85, 2), (87, 1), (100, 0))
_SCALE_2_OXYGEN = ((83, 3), (85, 2), (87, 1), (92, 0), (94, 1), (96, 2), (100, 3))
_SYSTOLIC = ((90, 3), (100, 2), (110, 1), (219, 0), (999, 3))
_PULSE = ((40, 3), (50, 1), (90, 0), (110, 1), (130, 2), (999, 3))
_TEMPERATURE = ((35.0, 3), (36.0, 1), (38.0, 0), (39.0, 1), (99.0, 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """One set of the crew's readings. What they did not take is None.

    Rates are a minute, saturation in %, pressures in mmHg, temperature in Celsius, glucose in
    mmol/L. `acvpu` is one letter.
    """

    minutes: int = 25
    """How long before the arrival they were taken (negative: after it)."""
    respiration: int | None = None
    spo2: int | None = None
    oxygen: bool | None = None
    systolic: int | None = None
    diastolic: int | None = None
    pulse: int | None = None
    acvpu: str = ""
    temperature: float | None = None
    glucose: float | None = None
    pain: int | None = None
    coma: int | None = None
    """Glasgow Coma Scale, 3 to 15."""
    scale_2: bool = False
    """For confirmed hypercapnic respiratory failure, target saturation 88 to 92 %."""
    scored: bool = True
    """Whether the crew wrote a NEWS2 at all."""
    written_total: int | None = None
    """A total that the crew wrote in spite of the parameters."""
    loinc: bool = False
    """Whether this vehicle's device writes LOINC instead of SNOMED codes."""
    note: str = ""


def _banded(value: float, bands: tuple[tuple[float, int], ...]) -> int:
    return next(points for upto, points in bands if value <= upto)


def points(vitals: Vitals) -> dict[str, int]:
    """The points of each parameter that was taken, by the keys of `CODES`."""
    made: dict[str, int] = {}
    if vitals.respiration is not None:
        made["respiration"] = _banded(vitals.respiration, _RESPIRATION)
    if vitals.spo2 is not None:
        if not vitals.scale_2:
            made[SPO2_SCALE_1] = _banded(vitals.spo2, _SCALE_1)
        elif vitals.oxygen is not None:
            bands = _SCALE_2_OXYGEN if vitals.oxygen else _SCALE_2_AIR
            made[SPO2_SCALE_2] = _banded(vitals.spo2, bands)
    if vitals.oxygen is not None:
        made["oxygen"] = 2 if vitals.oxygen else 0
    if vitals.systolic is not None:
        made["systolic"] = _banded(vitals.systolic, _SYSTOLIC)
    if vitals.pulse is not None:
        made["pulse"] = _banded(vitals.pulse, _PULSE)
    if vitals.acvpu:
        made["consciousness"] = 0 if vitals.acvpu == "A" else 3
    if vitals.temperature is not None:
        made["temperature"] = _banded(vitals.temperature, _TEMPERATURE)
    return made


def total(vitals: Vitals) -> int | None:
    """The total, or None where a parameter was not taken: missing is not 0."""
    made = points(vitals)
    return sum(made.values()) if len(made) == 7 else None
