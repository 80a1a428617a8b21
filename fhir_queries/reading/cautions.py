"""Why an entry is not to be read plainly."""

from __future__ import annotations

from typing import Any

from fhir_queries.reading.fields import concept, text

IN_ERROR = "entered-in-error"

_REQUEST = frozenset(
    {"draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown"}
)
_EVENT = frozenset(
    {
        "preparation",
        "in-progress",
        "not-done",
        "on-hold",
        "stopped",
        "completed",
        "entered-in-error",
        "unknown",
    }
)
_ENCOUNTER = frozenset(
    {
        "planned",
        "arrived",
        "triaged",
        "in-progress",
        "onleave",
        "finished",
        "cancelled",
        "entered-in-error",
        "unknown",
    }
)
_OBSERVATION = frozenset(
    {
        "registered",
        "preliminary",
        "final",
        "amended",
        "corrected",
        "cancelled",
        "entered-in-error",
        "unknown",
    }
)
_REPORT = _OBSERVATION | {"partial", "appended"}
_MEDICINE = frozenset(
    {
        "active",
        "on-hold",
        "cancelled",
        "completed",
        "entered-in-error",
        "stopped",
        "draft",
        "unknown",
        "intended",
        "not-taken",
        "preparation",
        "in-progress",
        "not-done",
        "declined",
    }
)
_CLINICAL = frozenset(
    {"active", "recurrence", "relapse", "inactive", "remission", "resolved", "entered-in-error", ""}
)
_DOCUMENT = frozenset(
    {"current", "superseded", "preliminary", "final", "amended", "entered-in-error"}
)

KNOWN_STATUSES: dict[str, frozenset[str]] = {
    "AllergyIntolerance": _CLINICAL,
    "CarePlan": _REQUEST,
    "CareTeam": frozenset({"proposed", "active", "suspended", "inactive", "entered-in-error", ""}),
    "Condition": _CLINICAL,
    "Consent": frozenset(
        {"draft", "proposed", "active", "rejected", "inactive", "entered-in-error"}
    ),
    "DiagnosticReport": _REPORT,
    "DocumentReference": _DOCUMENT,
    "Encounter": _ENCOUNTER,
    "EpisodeOfCare": frozenset(
        {
            "planned",
            "waitlist",
            "active",
            "onhold",
            "finished",
            "cancelled",
            "entered-in-error",
        }
    ),
    "Flag": frozenset({"active", "inactive", "entered-in-error"}),
    "Immunization": frozenset({"completed", "entered-in-error", "not-done"}),
    "MedicationAdministration": _MEDICINE,
    "MedicationDispense": _MEDICINE,
    "MedicationRequest": _MEDICINE,
    "MedicationStatement": _MEDICINE,
    "Observation": _OBSERVATION,
    "Procedure": _EVENT,
    "QuestionnaireResponse": frozenset(
        {"in-progress", "completed", "amended", "entered-in-error", "stopped"}
    ),
    "ServiceRequest": _REQUEST,
}
"""The statuses that FHIR R4 knows, of the types where one changes how an entry reads."""

_TOLD = {
    IN_ERROR: "entered in error",
    "not-done": "recorded as not done",
    "not-taken": "recorded as not taken",
    "cancelled": "cancelled",
    "unknown": "its status is recorded as unknown",
    "preliminary": "preliminary",
    "registered": "no result yet",
    "draft": "a draft",
    "superseded": "superseded by a newer document",
    "declined": "declined",
}
_DOUBTED = {
    "refuted": "refuted",
    "unconfirmed": "unconfirmed",
    "provisional": "provisional, not confirmed",
    "differential": "one of several possible diagnoses",
}
PLAIN = frozenset({"active", "final", "completed", "finished", "current", "resolved", "amended"})


def cautions(resource: dict[str, Any], status: str) -> tuple[str, ...]:
    """What to say beside an entry of this status, in words; empty for a plain one."""
    if (
        status in PLAIN
        and "modifierExtension" not in resource
        and "implicitRules" not in resource
        and "doNotPerform" not in resource
        and "verificationStatus" not in resource
    ):
        return ()
    said: list[str] = []
    known = KNOWN_STATUSES.get(text(resource.get("resourceType")))
    if known is not None and status not in known:
        said.append(f"its status is “{status}”" if status else "no status recorded")
    elif status in _TOLD:
        said.append(_TOLD[status])
    if (doubt := _verification(resource)) and doubt in _DOUBTED:
        said.append(_DOUBTED[doubt])
    if resource.get("doNotPerform") is True:
        said.append("an instruction NOT to do this")
    if resource.get("modifierExtension"):
        said.append("carries a modifier that changes its meaning: read its source")
    if text(resource.get("implicitRules")):
        said.append("follows rules of its sender that aren't known here: read its source")
    return tuple(said)


def clinical_status(resource: dict[str, Any]) -> str:
    """The clinical status of a Condition or allergy; ``entered-in-error`` outranks it."""
    if _verification(resource) == IN_ERROR:
        return IN_ERROR
    return _code(resource.get("clinicalStatus"))


def _verification(resource: dict[str, Any]) -> str:
    return _code(resource.get("verificationStatus"))


def _code(value: object) -> str:
    if type(value) is str:
        return value
    found, codes = concept(value)
    return codes[0].code if codes else found
