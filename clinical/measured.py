"""Single values of vital signs and results: what was measured, when, in which unit."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum

from clinical.moments import Moment
from clinical.news2_chart import OXYGEN_BY_SNOMED
from clinical.record import Entry


class Vital(Enum):
    """What a crew measures, in the order of the NEWS2 chart. The values are the screen's words."""

    RESPIRATION = "Respiratory rate"
    SATURATION = "Oxygen saturation"
    OXYGEN = "Air or oxygen"
    BLOOD_PRESSURE = "Blood pressure"
    PULSE = "Pulse"
    TEMPERATURE = "Temperature"
    CONSCIOUSNESS = "Consciousness (ACVPU)"
    NEWS2 = "NEWS2"
    GLUCOSE = "Blood glucose"


_BY_NAME = {
    "respiration": Vital.RESPIRATION,
    "spo2": Vital.SATURATION,
    "oxygen": Vital.OXYGEN,
    "systolic": Vital.BLOOD_PRESSURE,
    "pulse": Vital.PULSE,
    "temperature": Vital.TEMPERATURE,
    "consciousness": Vital.CONSCIOUSNESS,
    "news2": Vital.NEWS2,
}
"""The names that the table of codes of vital signs uses."""
IN_WORDS = frozenset({Vital.OXYGEN, Vital.CONSCIOUSNESS})
"""Those that are words and no numbers."""
_GLUCOSE_CODES = frozenset({"14743-9", "15074-8", "2339-0", "41653-7"})
"""LOINC: glucose in blood or capillary blood, as moles or as mass."""
NOT_MEASURED = frozenset({"entered-in-error", "cancelled", "registered"})
_SAME_UNIT = {
    "mm[hg]": "mmHg", "mmhg": "mmHg", "cel": "°C", "degc": "°C", "°c": "°C", "[degf]": "°F",
    "degf": "°F", "°f": "°F", "bpm": "/min", "beats/min": "/min", "breaths/min": "/min",
    "beats/minute": "/min", "breaths/minute": "/min", "score": "", "1": "",
}  # fmt: skip
_ANNOTATION = re.compile(r"\{[^}]*\}")
_AMOUNT = re.compile(r"\s*(-?\d+(?:\.\d+)?)(?:\s+(\S.*?))?\s*")


@dataclass(frozen=True, slots=True)
class Measured:
    """One value at one time. ``number`` is None for what is said in words."""

    entry: Entry
    at: Moment
    number: Decimal | None
    words: str
    unit: str
    doubted: bool
    """Whether the record gives a reason not to read it plainly."""


def plain_unit(unit: str) -> str:
    """A unit as people write it, so that the same unit in two codes is one."""
    bare = _ANNOTATION.sub("", unit).strip()
    return _SAME_UNIT.get(bare.lower(), bare)


def vital_of(entry: Entry, names_by_code: Mapping[str, str]) -> Vital | None:
    """Which vital sign an entry is, by its codes; a blood pressure also by its parts."""
    for code in entry.codes:
        if code.code in _GLUCOSE_CODES:
            return Vital.GLUCOSE
        named = _BY_NAME.get(names_by_code.get(code.code, ""))
        if named is not None:
            return named
        if code.code in OXYGEN_BY_SNOMED:
            return Vital.OXYGEN
    if entry.parts and any("systolic" in what.lower() for what, _ in entry.parts):
        return None if entry.number is not None else Vital.BLOOD_PRESSURE
    return None


def measured(vital: Vital, entry: Entry) -> Measured | None:
    """The value of an entry; None where it has none, or no time."""
    if entry.when is None:
        return None
    if vital is Vital.BLOOD_PRESSURE:
        return _pressure(entry)
    if vital in IN_WORDS:
        return value_of(entry, None, entry.value or entry.title, "")
    if entry.number is None:
        return None
    return value_of(entry, entry.number, entry.value, plain_unit(entry.unit))


def _pressure(entry: Entry) -> Measured | None:
    """The systolic pressure; its words give the diastolic too, where there is one."""
    if entry.number is not None:
        unit = plain_unit(entry.unit)
        return value_of(entry, entry.number, f"{entry.number} {unit} systolic", unit)
    upper = _part(entry, "systolic")
    if upper is None:
        return None
    lower = _part(entry, "diastolic")
    number, unit = upper
    both = f"{number}/{lower[0]}" if lower is not None and lower[1] == unit else f"{number}/?"
    return value_of(entry, number, f"{both} {unit}".strip(), unit)


def _part(entry: Entry, named: str) -> tuple[Decimal, str] | None:
    for what, value in entry.parts:
        if named in what.lower() and (match := _AMOUNT.fullmatch(value)) is not None:
            return Decimal(match[1]), plain_unit(match[2] or "")
    return None


def value_of(entry: Entry, number: Decimal | None, words: str, unit: str) -> Measured:
    """The value of an entry that has a time. Raises ValueError for one that has none."""
    at = entry.when
    if at is None:
        raise ValueError("a value of a trend needs its time")
    return Measured(entry, at, number, words, unit, bool(entry.caution))


def on_oxygen(values: Sequence[Measured]) -> bool | None:
    """Whether oxygen was given at the newest finding that says so in a code."""
    for each in sorted(values, key=taken_at, reverse=True):
        for code in reversed(each.entry.codes):
            if code.code in OXYGEN_BY_SNOMED:
                return OXYGEN_BY_SNOMED[code.code]
    return None


def taken_at(each: Measured) -> datetime:
    """When it was taken, for ordering: the first instant that the date can mean."""
    return each.at.earliest
