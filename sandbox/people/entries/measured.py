"""Results over the years, reports, frailty scores and social history."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.people.entries.telling import Teller
from sandbox.people.fhir import (
    HL7,
    LOINC,
    SNOMED,
    Resource,
    category,
    coding,
    concept,
    quantity,
    ref,
    snomed,
    without_empty,
)

FRAILTY_LEVELS = (
    ("1129331000000101", "very fit"),
    ("1129341000000105", "well"),
    ("1129351000000108", "managing well"),
    ("1129361000000106", "vulnerable"),
    ("1129371000000104", "mildly frail"),
    ("1129381000000102", "moderately frail"),
    ("1129391000000100", "severely frail"),
    ("1129401000000102", "very severely frail"),
    ("1129411000000100", "terminally ill"),
)
FRAILTY_SCORE = "1129321000000103"
_KINDS = {
    "egfr": ("62238-1", "eGFR (CKD-EPI)", "mL/min/1.73m2", "mL/min/{1.73_m2}", (60.0, None)),
    "creatinine": ("14682-9", "Creatinine", "umol/L", "umol/L", (45.0, 104.0)),
    "haemoglobin": ("718-7", "Haemoglobin", "g/L", "g/L", (115.0, 165.0)),
    "hba1c": ("59261-8", "HbA1c (IFCC)", "mmol/mol", "mmol/mol", (20.0, 42.0)),
    "sodium": ("2951-2", "Sodium", "mmol/L", "mmol/L", (133.0, 146.0)),
    "potassium": ("2823-3", "Potassium", "mmol/L", "mmol/L", (3.5, 5.3)),
    "crp": ("1988-5", "C-reactive protein", "mg/L", "mg/L", (None, 5.0)),
    "white-cells": ("6690-2", "White blood cells", "10*9/L", "10*9/L", (4.0, 11.0)),
    "inr": ("6301-6", "INR", "1", "1", (2.0, 3.0)),
    "weight": ("29463-7", "Body weight", "kg", "kg", (None, None)),
    "pulse": ("8867-4", "Heart rate", "/min", "/min", (None, None)),
    "spo2": ("2708-6", "Oxygen saturation", "%", "%", (None, None)),
}
_VITAL = frozenset({"weight", "pulse", "spo2", "bp"})
_OBSERVATION_CATEGORY = f"{HL7}observation-category"


@dataclass(frozen=True, slots=True)
class Measures:
    """Observations of one kind: (days ago, value); for `bp` the value is (systolic, diastolic)."""

    kind: str
    values: tuple[tuple[float, float | tuple[int, int]], ...]
    by: str = "gp"

    def told(self, to: Teller) -> Iterator[Resource]:
        """One Observation for each value."""
        kind = "vital-signs" if self.kind in _VITAL else "laboratory"
        for ago, value in self.values:
            made = to.start("Observation", self.by) | {
                "status": "final",
                "category": category(_OBSERVATION_CATEGORY, kind),
                "subject": to.subject,
                "effectiveDateTime": to.instant(ago, "09:10"),
                "performer": [to.org(self.by)],
            }
            yield made | (_pressure(value) if isinstance(value, tuple) else self._result(value))

    def _result(self, value: float) -> Resource:
        code, words, unit, ucum, (low, high) = _KINDS[self.kind]
        made: Resource = {
            "code": concept(words, coding(LOINC, code, words)),
            "valueQuantity": quantity(value, unit, ucum),
        }
        limits: Resource = {}
        if low is not None:
            limits["low"] = quantity(low, unit, ucum)
        if high is not None:
            limits["high"] = quantity(high, unit, ucum)
        if limits:
            made["referenceRange"] = [limits]
            outside = "L" if low is not None and value < low else ""
            outside = "H" if high is not None and value > high else outside
            if outside:
                system = f"{HL7}v3-ObservationInterpretation"
                made["interpretation"] = [concept("", coding(system, outside))]
        return made


def _pressure(value: tuple[int, int]) -> Resource:
    return {
        "code": concept("Blood pressure", coding(SNOMED, "75367002", "Blood pressure")),
        "component": [
            {
                "code": concept("", coding(SNOMED, code, words)),
                "valueQuantity": quantity(each, "mmHg", "mm[Hg]"),
            }
            for code, words, each in (
                ("72313002", "Systolic blood pressure", value[0]),
                ("1091811000000102", "Diastolic blood pressure", value[1]),
            )
        ],
    }


def series(
    kind: str, first: float, last: float, count: int, *, by: str = "gp", until: float = 40
) -> Measures:
    """Values that go from `first` to `last` with a small sway, 150 days apart, newest `until`."""
    step = (last - first) / max(count - 1, 1)
    sway = (0.0, 0.4, -0.3, 0.2, -0.5)
    values = tuple(
        (
            until + 150.0 * (count - 1 - index),
            round(first + step * index + sway[index % 5] * abs(step), 1),
        )
        for index in range(count)
    )
    return Measures(kind, values, by)


@dataclass(frozen=True, slots=True)
class Report:
    """A DiagnosticReport with its results."""

    text: str
    ago: float
    conclusion: str
    kind: str = "RAD"
    """HL7 v2-0074: LAB, RAD, CT, ..."""
    by: str = "acute"
    results: tuple[Measures, ...] = ()
    status: str = "final"

    def told(self, to: Teller) -> Iterator[Resource]:
        """The results, then the report that names them."""
        found = [made for each in self.results for made in each.told(to)]
        yield from found
        yield without_empty(
            to.start("DiagnosticReport", self.by)
            | {
                "status": self.status,
                "category": category(f"{HL7}v2-0074", self.kind),
                "code": concept(self.text),
                "subject": to.subject,
                "effectiveDateTime": to.instant(self.ago, "14:05"),
                "issued": to.instant(self.ago, "16:30"),
                "performer": [to.org(self.by)],
                "result": [ref("Observation", made["id"]) for made in found],
                "conclusion": self.conclusion,
            }
        )


@dataclass(frozen=True, slots=True)
class Frailty:
    """A Clinical Frailty Scale score: as a level code, or as a number with `as_number`."""

    level: int
    ago: float = 120
    by: str = "gp"
    as_number: bool = False
    status: str = "final"
    note: str = ""

    def told(self, to: Teller) -> Iterator[Resource]:
        """One Observation."""
        code, words = FRAILTY_LEVELS[self.level - 1]
        made = to.start("Observation", self.by) | {
            "status": self.status,
            "category": category(_OBSERVATION_CATEGORY, "survey"),
            "subject": to.subject,
            "effectiveDateTime": to.day(self.ago),
            "performer": [to.author(self.by)],
            "note": [{"text": self.note}] if self.note else [],
        }
        if self.as_number:
            name = "Rockwood Clinical Frailty Scale score"
            made["code"] = concept("Clinical Frailty Scale", coding(SNOMED, FRAILTY_SCORE, name))
            made["valueInteger"] = self.level
        else:
            name = f"Rockwood Clinical Frailty Scale level {self.level} - {words}"
            made["code"] = concept(name, coding(SNOMED, code, name))
        yield without_empty(made)


@dataclass(frozen=True, slots=True)
class Social:
    """A social-history Observation: what, and the answer in words."""

    text: str
    answer: str
    ago: float = 300
    by: str = "gp"
    code: str = ""
    """SNOMED code of the answer, where it is a finding."""
    kind: str = "social-history"

    def told(self, to: Teller) -> Iterator[Resource]:
        """One Observation."""
        yield to.start("Observation", self.by) | {
            "status": "final",
            "category": category(_OBSERVATION_CATEGORY, self.kind),
            "code": concept(self.text),
            "subject": to.subject,
            "effectiveDateTime": to.day(self.ago),
            "performer": [to.org(self.by)],
            "valueCodeableConcept": snomed(self.answer, self.code),
        }
