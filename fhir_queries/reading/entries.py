"""One resource as one entry, and the section of the screen that it belongs to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from clinical.record import Entry
from fhir_queries.reading import care, medicines, observations, papers, problems, visits
from fhir_queries.reading.codes import (
    CLINICAL_FRAILTY_LEVELS,
    CLINICAL_FRAILTY_SCORES,
    CPR,
    NEWS2_POINTS,
    NEWS2_TOTAL,
    PLAN_DOCUMENTS,
    VITAL_SIGNS,
)
from fhir_queries.reading.fields import NO_DESCRIPTION, Included, narrative, text

Reader = Callable[[dict[str, Any], Included], Entry]

READERS: Mapping[str, Reader] = MappingProxyType(
    {
        "AllergyIntolerance": problems.allergy,
        "Appointment": visits.appointment,
        "CarePlan": care.plan,
        "CareTeam": care.team,
        "Composition": papers.document,
        "Condition": problems.condition,
        "Consent": problems.consent,
        "DiagnosticReport": observations.report,
        "DocumentReference": papers.document,
        "Encounter": visits.encounter,
        "EpisodeOfCare": visits.episode,
        "Flag": problems.alert,
        "Goal": care.plan,
        "Immunization": problems.immunisation,
        "List": papers.list_of_entries,
        "MedicationAdministration": medicines.medicine,
        "MedicationDispense": medicines.medicine,
        "MedicationRequest": medicines.medicine,
        "MedicationStatement": medicines.medicine,
        "Observation": observations.observation,
        "Procedure": problems.procedure,
        "QuestionnaireResponse": papers.answered_form,
        "RelatedPerson": care.related_person,
        "ServiceRequest": care.referral,
    }
)

_SECTION_OF_TYPE = MappingProxyType(
    {
        "AllergyIntolerance": "allergies",
        "Appointment": "contacts",
        "CarePlan": "care-plans",
        "CareTeam": "social",
        "ClinicalImpression": "assessments",
        "Composition": "documents",
        "Condition": "problems",
        "Consent": "alerts",
        "DetectedIssue": "alerts",
        "DeviceUseStatement": "procedures",
        "DiagnosticReport": "results",
        "DocumentManifest": "documents",
        "DocumentReference": "documents",
        "EpisodeOfCare": "contacts",
        "Flag": "alerts",
        "Goal": "care-plans",
        "ImagingStudy": "results",
        "Immunization": "immunisations",
        "ImmunizationEvaluation": "immunisations",
        "ImmunizationRecommendation": "immunisations",
        "Media": "documents",
        "MedicationAdministration": "medicines",
        "MedicationDispense": "medicines",
        "MedicationRequest": "medicines",
        "MedicationStatement": "medicines",
        "Procedure": "procedures",
        "QuestionnaireResponse": "assessments",
        "RelatedPerson": "social",
        "RiskAssessment": "assessments",
        "ServiceRequest": "results",
        "Specimen": "results",
    }
)

_OBSERVED = MappingProxyType(
    {
        "vital-signs": "observations",
        "laboratory": "results",
        "imaging": "results",
        "social-history": "social",
        "survey": "assessments",
        "activity": "function",
        "functional-status": "function",
        "exam": "observations",
        "procedure": "results",
        "therapy": "assessments",
    }
)
_PLAINLY_OBSERVED = {
    name: _OBSERVED[name] for name in ("laboratory", "vital-signs", "imaging", "social-history")
}
"""Categories that need no look at the words."""
_SECTION_OF_OBSERVATION = {
    **dict.fromkeys(CLINICAL_FRAILTY_LEVELS, "frailty"),
    **dict.fromkeys(CLINICAL_FRAILTY_SCORES, "frailty"),
    **dict.fromkeys(CPR, "alerts"),
    **dict.fromkeys(NEWS2_POINTS, "observations"),
    **dict.fromkeys(VITAL_SIGNS, "observations"),
    NEWS2_TOTAL: "observations",
}
_FUNCTION = (
    "mobil",
    "walk",
    "barthel",
    "continen",
    "transfer",
    "activities of daily living",
    "cognit",
    "washing",
    "dressing",
    "memory",
    "functional",
)
_SOCIAL = (
    "lives alone",
    "living alone",
    "carer",
    "housing",
    "key safe",
    "smok",
    "alcohol",
    "occupation",
    "care package",
    "social",
    "accommodation",
    "stair",
)
_ORDERS_OF_TESTS = frozenset(
    {"108252007", "363679005", "laboratory", "imaging", "LAB", "RAD", "laboratory procedure"}
)


def entry(kind: str, resource: dict[str, Any], included: Included) -> Entry:
    """The entry of one resource of this type, whatever type it is.

    Where only a narrative says what it is, the narrative's text is the first line of its detail.
    """
    read = READERS.get(kind, papers.anything)(resource, included)
    if read.title is NO_DESCRIPTION and (told := narrative(resource)):
        return replace(read, detail=(told, *read.detail))
    return read


def section_of(read: Entry, wait: str) -> str:  # noqa: PLR0911 - one return a section
    """The one section that an entry belongs to. ``wait`` is the id of the current Encounter:
    it is shown as the wait that it is, never counted among earlier attendances."""
    kind = read.kind
    if kind == "Observation":
        return _section_of_observation(read)
    if kind == "Encounter":
        if read.id == wait:
            return "other"
        return "attendances" if read.category in visits.HOSPITAL_CLASSES else "contacts"
    if kind == "ServiceRequest" and read.category not in _ORDERS_OF_TESTS:
        return "referrals"
    for code in read.codes:
        if code.code in PLAN_DOCUMENTS and kind in ("DocumentReference", "Composition"):
            return "care-plans"
        if kind == "List" and code.code in papers.LISTED and read.asserts_absence:
            return papers.LISTED[code.code]
        if code.code in CPR and kind in ("Condition", "Procedure"):
            return "alerts"
    return _SECTION_OF_TYPE.get(kind, "other")


def _section_of_observation(read: Entry) -> str:
    for code in read.codes:
        if (named := _SECTION_OF_OBSERVATION.get(code.code)) is not None:
            return named
    category = read.category
    if (named := _PLAINLY_OBSERVED.get(category)) is not None:
        return named
    title = read.title.lower()
    if "frail" in title:
        return "frailty"
    if any(said in title for said in _FUNCTION):
        return "function"
    if any(said in title for said in _SOCIAL):
        return "social"
    return _OBSERVED.get(category, "results")


def subject_of(resource: dict[str, Any]) -> Any:
    """The Reference by which a resource names its patient, or None where it has none."""
    for name in ("subject", "patient", "for", "beneficiary"):
        found = resource.get(name)
        if found is not None:
            return found
    return None


def kind_of(resource: dict[str, Any]) -> str:
    """The resource's type, or empty where it says none."""
    return text(resource.get("resourceType"))
