"""What the ambulance crew found, as Observations on the wait's Encounter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sandbox.people import early_warning
from sandbox.people.county import AMBULANCE, org, source
from sandbox.people.early_warning import Vitals
from sandbox.people.fhir import (
    HL7,
    LOINC,
    SNOMED,
    UK_CORE,
    Resource,
    category,
    coding,
    concept,
    instant,
    later,
    quantity,
    ref,
)

_ACVPU = {
    "A": ("248234008", "Alert"),
    "C": ("130987000", "Acute confusion"),
    "V": ("300202002", "Responds to voice"),
    "P": ("450847001", "Responds to pain"),
    "U": ("422768004", "Unresponsive"),
}
_AIR = ("722742002", "Breathing room air")
_OXYGEN = ("371825009", "Patient on oxygen")
_VITAL_SIGNS = category(f"{HL7}observation-category", "vital-signs", "Vital Signs")
_SURVEY = category(f"{HL7}observation-category", "survey", "Survey")
_EXAM = category(f"{HL7}observation-category", "exam", "Exam")
_MEASURES = {
    "respiration": ("86290005", "9279-1", "Respiratory rate", "/min"),
    "spo2": ("431314004", "2708-6", "Peripheral oxygen saturation", "%"),
    "pulse": ("78564009", "8867-4", "Pulse rate", "/min"),
    "temperature": ("276885007", "8310-5", "Core body temperature", "Cel"),
}


@dataclass(frozen=True, slots=True)
class Attended:
    """Whom a crew attended, on which Encounter, when they arrived; ids begin with `stem`."""

    patient: str
    encounter: str
    stem: str
    arrived: datetime


def _observation(
    at: Attended, number: int, when: datetime, kind: list[Resource], code: Resource
) -> Resource:
    return {
        "resourceType": "Observation",
        "id": f"{at.stem}-{number}",
        "meta": {"source": source(AMBULANCE)},
        "status": "final",
        "category": kind,
        "code": code,
        "subject": ref("Patient", at.patient),
        "encounter": ref("Encounter", at.encounter),
        "effectiveDateTime": instant(when),
        "issued": instant(later(when, minutes=2)),
        "performer": [org(AMBULANCE)],
    }


def _measures(vitals: Vitals) -> Iterator[tuple[Resource, Resource]]:
    taken = {
        "respiration": vitals.respiration,
        "spo2": vitals.spo2,
        "pulse": vitals.pulse,
        "temperature": vitals.temperature,
    }
    for name, value in taken.items():
        if value is None:
            continue
        snomed, loinc, words, unit = _MEASURES[name]
        code = coding(LOINC, loinc, words) if vitals.loinc else coding(SNOMED, snomed, words)
        yield concept(words, code), {"valueQuantity": quantity(value, unit)}
    if vitals.systolic is not None:
        yield _pressure(vitals)
    if vitals.acvpu:
        answer = concept("", coding(SNOMED, *_ACVPU[vitals.acvpu]))
        code = coding(SNOMED, "1104441000000107", "ACVPU (Alert, Confusion, Voice, Pain, ...)")
        yield concept("ACVPU", code), {"valueCodeableConcept": answer}
    if vitals.oxygen is not None:
        finding = coding(SNOMED, *(_OXYGEN if vitals.oxygen else _AIR))
        answer = {"valueCodeableConcept": concept("", finding)}
        yield concept("Air or oxygen", finding), answer


def _pressure(vitals: Vitals) -> tuple[Resource, Resource]:
    systems = (
        (LOINC, "8480-6", "8462-4") if vitals.loinc else (SNOMED, "72313002", "1091811000000102")
    )
    system, upper, lower = systems
    parts = [
        {
            "code": concept("", coding(system, upper, "Systolic blood pressure")),
            "valueQuantity": quantity(vitals.systolic or 0, "mmHg", "mm[Hg]"),
        }
    ]
    if vitals.diastolic is not None:
        parts.append(
            {
                "code": concept("", coding(system, lower, "Diastolic blood pressure")),
                "valueQuantity": quantity(vitals.diastolic, "mmHg", "mm[Hg]"),
            }
        )
    panel = coding(LOINC, "85354-9") if vitals.loinc else coding(SNOMED, "75367002")
    return concept("Blood pressure", panel), {"component": parts}


def _others(vitals: Vitals) -> Iterator[tuple[Resource, Resource]]:
    if vitals.glucose is not None:
        code = coding(LOINC, "14743-9", "Glucose [Moles/volume] in Capillary blood by Glucometer")
        yield (
            concept("Capillary blood glucose", code),
            {"valueQuantity": quantity(vitals.glucose, "mmol/L")},
        )
    if vitals.pain is not None:
        yield concept("Pain score (0 to 10)"), {"valueInteger": vitals.pain}
    if vitals.coma is not None:
        code = coding(LOINC, "9269-2", "Glasgow coma score total")
        yield concept("Glasgow Coma Scale", code), {"valueInteger": vitals.coma}


def _score(vitals: Vitals, derived_from: list[Resource]) -> tuple[Resource, Resource]:
    scored = early_warning.points(vitals)
    whole = vitals.written_total
    whole = early_warning.total(vitals) if whole is None else whole
    content: Resource = {
        "meta": {
            "profile": [f"{UK_CORE}UKCore-Observation-EarlyWarningTotalScore"],
            "source": source(AMBULANCE),
        },
        "component": [
            {
                "code": concept("", coding(SNOMED, *early_warning.CODES[name])),
                "valueQuantity": quantity(value, "score", "{ScoreOf}"),
            }
            for name, value in scored.items()
        ],
        "derivedFrom": derived_from,
    }
    if whole is not None:
        content["valueQuantity"] = quantity(whole, "score", "{ScoreOf}")
    return concept("NEWS2 total score", coding(SNOMED, *early_warning.TOTAL)), content


def findings(
    at: Attended, sets: tuple[Vitals, ...], said: tuple[tuple[str, str], ...] = ()
) -> Iterator[Resource]:
    """The Observations of so many sets of readings, and what else the crew saw.

    `said` are findings in words: (what was looked at, what was found).
    """
    number = 0
    for vitals in sets:
        when = later(at.arrived, minutes=-vitals.minutes)
        raw: list[Resource] = []
        for code, value in _measures(vitals):
            number += 1
            made = _observation(at, number, when, _VITAL_SIGNS, code) | value
            raw.append(ref("Observation", made["id"]))
            yield made
        for code, value in _others(vitals):
            number += 1
            yield _observation(at, number, when, _EXAM, code) | value
        if vitals.scored and raw:
            number += 1
            code, value = _score(vitals, raw)
            made = _observation(at, number, when, _SURVEY, code) | value
            if vitals.note:
                made["note"] = [{"text": vitals.note}]
            yield made
    for looked_at, found in said:
        number += 1
        when = later(at.arrived, minutes=-20)
        yield _observation(at, number, when, _EXAM, concept(looked_at)) | {"valueString": found}


def score_only(at: Attended, vitals: Vitals) -> Resource:
    """The NEWS2 alone, without the readings it comes from: all that an old arrival keeps."""
    code, value = _score(vitals, [])
    when = later(at.arrived, minutes=-vitals.minutes)
    made = _observation(at, 1, when, _SURVEY, code) | value
    del made["derivedFrom"]
    return made
