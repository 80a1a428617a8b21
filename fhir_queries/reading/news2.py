"""NEWS2 of one wait, from recorded totals, their sub-scores, and raw vital signs.

Points are worked out from raw vital signs where the record has them, since those are what was
measured; a sub-score stands in where it doesn't. What neither gives is missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from clinical.moments import Moment
from clinical.news2 import (
    News2Parameters,
    News2Reading,
    reading_of_points,
    score_parameters,
)
from clinical.news2_chart import (
    CONSCIOUSNESS_BY_SNOMED,
    OXYGEN_BY_SNOMED,
    Consciousness,
    Parameter,
)
from clinical.record import Entry
from fhir_queries.reading.codes import (
    INHALED_OXYGEN,
    NEWS2_POINTS,
    NEWS2_SCALE_2,
    NEWS2_TOTAL,
    VITAL_SIGNS,
)
from fhir_queries.reading.fields import (
    codings,
    mapping,
    number,
    objects,
    text,
)

ONE_SET = timedelta(minutes=5)
"""Vital signs taken this close together, none of them twice, are one set of observations."""

_UNUSABLE = frozenset({"entered-in-error", "cancelled", "registered"})
_FAHRENHEIT = frozenset({"[degF]", "degF", "°F", "F"})
_PARAMETERS = {
    "respiration": Parameter.RESPIRATORY_RATE,
    "spo2": Parameter.OXYGEN_SATURATION,
    "oxygen": Parameter.AIR_OR_OXYGEN,
    "systolic": Parameter.SYSTOLIC,
    "pulse": Parameter.PULSE,
    "consciousness": Parameter.CONSCIOUSNESS,
    "temperature": Parameter.TEMPERATURE,
}
_AS_READ = {
    code: name
    for code, name in VITAL_SIGNS.items()
    if name in ("respiration", "spo2", "systolic", "pulse")
}
"""Those whose entry already holds the number that is scored."""
_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(slots=True)
class _Set:
    """One set of observations while it is put together."""

    at: Moment | None
    raw: dict[str, Any]
    points: dict[Parameter, int]
    total: int | None = None
    has_total: bool = False
    scale_2: bool = False
    source: str = ""
    reference: str = ""


def news2_readings(
    observed: Sequence[tuple[dict[str, Any], Entry]],
    totals: frozenset[str] = frozenset({NEWS2_TOTAL}),
    *,
    at_most: int = 2,
) -> tuple[News2Reading, ...]:
    """The newest NEWS2 readings that a wait's Observations give, newest first.

    ``observed`` are the Observations, each with the entry read from it; ``totals`` are the codes
    of a NEWS2 total. One of unknown time comes last, since it can't be taken for the newest.
    """
    readings: list[News2Reading] = []
    in_order = _sets(observed, totals)
    if len(in_order) > 1:
        in_order = _joined(sorted(in_order, key=_time))
    for one in reversed(in_order):
        reading = _reading(one)
        if reading is not None:
            readings.append(reading)
        if len(readings) == at_most:
            break
    return tuple(readings)


def _sets(observed: Sequence[tuple[dict[str, Any], Entry]], totals: frozenset[str]) -> list[_Set]:
    """The sets of observations, one for each time that they carry."""
    sets: dict[str, _Set] = {}
    for observation, read in observed:
        if read.status in _UNUSABLE or "modifierExtension" in observation:
            continue
        sign = _plain_sign(observation, read, totals)
        raw, is_total = _NOTHING, False
        if not sign:
            codes = [code.code for code in read.codes]
            is_total = not totals.isdisjoint(codes)
            raw = _NOTHING if is_total else _raw(observation, codes)
            if not is_total and not raw:
                continue
        at = read.when
        text_of_it = at.text if at is not None else ""
        one = sets.get(text_of_it)
        if one is None:
            one = sets[text_of_it] = _Set(at, {}, {})
        if sign:
            one.raw.setdefault(sign, read.number)
        for name, value in raw.items():
            one.raw.setdefault(name, value)
        if is_total:
            _read_total(one, observation, read)
        elif not one.source:
            one.source, one.reference = read.source, one.reference or read.reference
    return [*sets.values()]


def _plain_sign(observation: dict[str, Any], read: Entry, totals: frozenset[str]) -> str:
    """The one vital sign that an Observation is of, where its entry's number is what is scored."""
    codes = read.codes
    if len(codes) != 1 or read.number is None or "component" in observation:
        return ""
    code = codes[0].code
    name = _AS_READ.get(code)
    if name is None or code in totals or observation.get("valueQuantity") is None:
        return ""
    return name


def _time(one: _Set) -> float:
    return float("-inf") if one.at is None else one.at.earliest.timestamp()


def _joined(sets: Sequence[_Set]) -> list[_Set]:
    """Sets that are really one: close together, and no parameter in both."""
    joined: list[_Set] = []
    for one in sets:
        last = joined[-1] if joined else None
        if last is not None and _same_set(last, one):
            last.raw.update(one.raw)
            last.points.update(one.points)
            last.scale_2 = last.scale_2 or one.scale_2
            if one.has_total:
                last.total, last.has_total = one.total, True
                last.source, last.reference = one.source or last.source, one.reference
            last.at = one.at if one.has_total else last.at
        else:
            joined.append(one)
    return joined


def _same_set(last: _Set, one: _Set) -> bool:
    if last.at is None or one.at is None or (last.has_total and one.has_total):
        return False
    if one.at.earliest - last.at.earliest > ONE_SET:
        return False
    return last.raw.keys().isdisjoint(one.raw) and last.points.keys().isdisjoint(one.points)


def _reading(one: _Set) -> News2Reading | None:
    if not one.raw and not one.points and one.total is None:
        return None
    raw = one.raw
    scored = score_parameters(
        News2Parameters(
            raw.get("respiration"),
            raw.get("spo2"),
            raw.get("oxygen"),
            raw.get("systolic"),
            raw.get("pulse"),
            raw.get("consciousness"),
            raw.get("temperature"),
            one.scale_2,
        ),
        recorded_total=one.total,
        taken_at=one.at,
        source=one.source,
        reference=one.reference,
    )
    if not one.points:
        return scored
    points = {**one.points, **{Parameter(name): got for name, got in scored.points}}
    return reading_of_points(
        points,
        recorded_total=one.total,
        scale_2=one.scale_2,
        taken_at=one.at,
        source=one.source,
        reference=one.reference,
        unusable=scored.unusable,
    )


def _read_total(one: _Set, observation: dict[str, Any], read: Entry) -> None:
    found = read.number
    if found is not None and found == found.to_integral_value():
        one.total = int(found)
    one.has_total = True
    one.source, one.reference = read.source, read.reference
    for component in objects(observation.get("component")):
        codes = [code.code for code in codings(component.get("code"))]
        for code in codes:
            if (name := NEWS2_POINTS.get(code)) is not None:
                if code == NEWS2_SCALE_2:
                    one.scale_2 = True
                _read_sub_score(one, name, component)
                break
        else:
            for name, value in _raw({**component, "status": ""}, codes).items():
                one.raw.setdefault(name, value)


def _read_sub_score(one: _Set, name: str, component: dict[str, Any]) -> None:
    """A sub-score's points; where the sender put the measurement in its place, that."""
    measured = mapping(component.get("valueQuantity"))
    unit = text(measured.get("code")) or text(measured.get("unit"))
    if measured and unit and "score" not in unit.lower() and unit != "1":
        if (value := _number(name, measured)) is not None:
            one.raw.setdefault(name, value)
        return
    if name in ("consciousness", "oxygen") and "valueCodeableConcept" in component:
        if (coded := _coded(name, component)) is not None:
            one.raw.setdefault(name, coded)
        return
    points = _amount(component)
    if points is not None and points == points.to_integral_value():
        one.points.setdefault(_PARAMETERS[name], int(points))


def _raw(element: dict[str, Any], codes: Sequence[str]) -> dict[str, Any]:
    """The parameters that an Observation measures, itself or in its components."""
    found: dict[str, Any] = {}
    for code in codes:
        if (name := VITAL_SIGNS.get(code)) is not None:
            value = _measured(name, element)
            if value is not None:
                found[name] = value
            break
        if code in INHALED_OXYGEN:
            oxygen = _oxygen(code, element)
            if oxygen is not None:
                found["oxygen"] = oxygen
            break
    if (components := element.get("component")) is not None:
        for component in objects(components):
            inner = [each.code for each in codings(component.get("code"))]
            for name, value in _raw({**component, "component": None}, inner).items():
                found.setdefault(name, value)
    return found


def _measured(name: str, element: dict[str, Any]) -> Any:
    if name in ("consciousness", "oxygen"):
        return _coded(name, element)
    return _number(name, mapping(element.get("valueQuantity")))


def _number(name: str, measured: dict[str, Any]) -> Decimal | None:
    value = number(measured.get("value"))
    if value is None or ("comparator" in measured and text(measured["comparator"])):
        return None
    if name == "temperature":
        unit = text(measured.get("code")) or text(measured.get("unit"))
        if unit in _FAHRENHEIT:
            return round((value - 32) * 5 / 9, 1)
    return value


def _coded(name: str, element: dict[str, Any]) -> Consciousness | bool | None:
    for code in codings(element.get("valueCodeableConcept")):
        if name == "oxygen" and code.code in OXYGEN_BY_SNOMED:
            return OXYGEN_BY_SNOMED[code.code]
        if name == "consciousness" and code.code in CONSCIOUSNESS_BY_SNOMED:
            return CONSCIOUSNESS_BY_SNOMED[code.code]
    if name == "oxygen":
        return _oxygen("", element)
    return None


def _oxygen(code: str, element: dict[str, Any]) -> bool | None:
    """Whether oxygen is given: by code, by a flow above 0, by a concentration above air's 21%."""
    for coded in codings(element.get("valueCodeableConcept")):
        if coded.code in OXYGEN_BY_SNOMED:
            return OXYGEN_BY_SNOMED[coded.code]
    said = element.get("valueBoolean")
    if code in OXYGEN_BY_SNOMED and type(said) is bool:
        return OXYGEN_BY_SNOMED[code] is said
    measured = mapping(element.get("valueQuantity"))
    amount = number(measured.get("value"))
    if amount is None:
        return OXYGEN_BY_SNOMED.get(code) if not measured else None
    unit = text(measured.get("code")) or text(measured.get("unit"))
    if unit == "%":
        return amount > 21
    return amount > 0 if unit.lower().startswith("l/") else None


def _amount(element: dict[str, Any]) -> Decimal | None:
    measured = element.get("valueQuantity")
    if measured is not None:
        found = mapping(measured)
        return None if text(found.get("comparator")) else number(found.get("value"))
    return number(element.get("valueInteger"))
