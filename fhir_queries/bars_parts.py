"""The resources of a BaRS-shaped message: what of each goes to another organisation."""

from __future__ import annotations

import copy
from collections.abc import Sequence

from clinical.person import Confidentiality
from fhir_queries.asking import Resource
from fhir_queries.reading.fields import mapping, objects, text

_BARS = "https://fhir.nhs.uk"
REQUEST_PROFILE = f"{_BARS}/StructureDefinition/BARSServiceRequest-request-validation"
CATEGORIES = f"{_BARS}/CodeSystem/message-category-servicerequest"
USE_CASES = f"{_BARS}/CodeSystem/usecases-categories-bars"
COMMUNITY = "a4t3"
"""999 to community services. Lower case, as the code system has it (the guide prints capitals)."""
FLAGS = f"{_BARS}/CodeSystem/flag-categories-bars"
SCENE_SAFETY_CODES = f"{_BARS}/CodeSystem/scene-safety-codes-bars"
"""UNVERIFIED: the address is made like those of the other BaRS code systems."""

_PERSON = (
    "identifier",
    "active",
    "name",
    "gender",
    "birthDate",
    "deceasedBoolean",
    "deceasedDateTime",
    "communication",
)
_REACHED = ("telecom", "address", "contact", "generalPractitioner")
"""Left out of a restricted record: an address, or what leads to one."""
_BORN = ("birthDate", "deceasedBoolean", "deceasedDateTime")
"""Left out of a very restricted record as well."""
_SENT_WITH_PERSON = (
    "Extension-UKCore-EthnicCategory",
    "patient-interpreterRequired",
)


def kept_whole(resource: Resource) -> Resource:
    """A resource as it stands, without what only this record's own server goes by."""
    part = copy.deepcopy(resource)
    part.pop("id", None)
    part.pop("text", None)
    meta = {
        name: value
        for name, value in mapping(part.pop("meta", None)).items()
        if name in ("profile", "security")
    }
    return {"resourceType": part.pop("resourceType"), **({"meta": meta} if meta else {}), **part}


def request_part(request: Resource, others: Sequence[Resource]) -> Resource:
    """The ServiceRequest: active, or revoked for one that no longer holds."""
    part = kept_whole(request)
    part["meta"] = {"profile": [REQUEST_PROFILE]}
    part["status"] = "active" if request.get("status") == "active" else "revoked"
    part["category"] = [
        {"coding": [{"system": CATEGORIES, "code": "validation"}]},
        {"coding": [{"system": USE_CASES, "code": COMMUNITY}]},
    ]
    told = [text(each.get("reference")) for each in objects(part.get("supportingInfo"))]
    further = [
        {"reference": name}
        for each in others
        if (name := f"{each['resourceType']}/{each['id']}") not in told
    ]
    supporting = [*objects(part.get("supportingInfo")), *further]
    if supporting:
        part["supportingInfo"] = supporting
    return part


def patient_part(patient: Resource, confidentiality: Confidentiality) -> Resource:
    """The person: no address, nor what leads to one, of a restricted record."""
    names = list(_PERSON)
    if confidentiality is Confidentiality.NORMAL:
        names += _REACHED
    if confidentiality is Confidentiality.VERY_RESTRICTED:
        names = [name for name in names if name not in _BORN]
    whole = kept_whole(patient)
    part: Resource = {"resourceType": "Patient"}
    if "meta" in whole:
        part["meta"] = whole["meta"]
    kept = [
        each
        for each in objects(whole.get("extension"))
        if text(each.get("url")).endswith(_SENT_WITH_PERSON)
    ]
    if kept and confidentiality is Confidentiality.NORMAL:
        part["extension"] = kept
    for name in names:
        if name in whole:
            part[name] = whole[name]
    return part


def encounter_part(encounter: Resource) -> Resource:
    """The sender's Encounter, triaged.

    Its ``statusHistory`` stays here: in an ambulance's message "arrived" is the moment the call
    connected, and here it is the arrival at the emergency department. Where the patient waits now
    is no part of it either.
    """
    whole = kept_whole(encounter)
    part: Resource = {"resourceType": "Encounter"}
    for name in ("meta", "identifier"):
        if name in whole:
            part[name] = whole[name]
    part["status"] = "triaged"
    for name in ("class", "subject", "episodeOfCare", "period", "reasonCode", "serviceProvider"):
        if name in whole:
            part[name] = whole[name]
    return part


def scene_safety(others: Sequence[Resource], subject: str) -> Resource | None:
    """A Flag that says that the safety of the scene isn't known, where no Flag speaks of it.

    The checklist asks whether home is safe for the patient, which is another question: nothing
    here ever says that a scene is safe.
    """
    for each in others:
        codes = [
            text(coding.get("code"))
            for category in objects(each.get("category"))
            for coding in objects(category.get("coding"))
            if coding.get("system") == FLAGS
        ]
        if each.get("resourceType") == "Flag" and "SS" in codes:
            return None
    return {
        "resourceType": "Flag",
        "status": "active",
        "category": [{"coding": [{"system": FLAGS, "code": "SS"}]}],
        "code": {
            "coding": [{"system": SCENE_SAFETY_CODES, "code": "UNK"}],
            "text": "Scene safety not known",
        },
        "subject": {"reference": subject},
    }
