"""Where they were seen: encounters, episodes of care, appointments."""

from __future__ import annotations

from typing import Any

from clinical.record import Entry
from fhir_queries.reading.cautions import cautions
from fhir_queries.reading.fields import (
    NO_DESCRIPTION,
    Included,
    concepts,
    mapping,
    moment,
    objects,
    text,
    when,
    who,
    words,
)

_CLASS = {
    "EMER": "Emergency department attendance",
    "IMP": "Hospital admission",
    "ACUTE": "Hospital admission",
    "NONAC": "Hospital admission",
    "OBSENC": "Observation stay",
    "SS": "Short stay",
    "AMB": "Clinic or surgery contact",
    "HH": "Home visit",
    "VR": "Telephone or video contact",
    "FLD": "Contact in the field",
}
HOSPITAL_CLASSES = frozenset({"EMER", "IMP", "ACUTE", "NONAC", "OBSENC", "SS"})
"""v3-ActCode classes of ED attendances and admissions."""


def encounter(resource: dict[str, Any], included: Included) -> Entry:
    """One Encounter. ``category`` is the code of its class."""
    class_code = text(mapping(resource.get("class")).get("code"))
    kinds, codes = concepts(resource.get("type"))
    reason, reasons = concepts(resource.get("reasonCode"))
    status = text(resource.get("status"))
    period = mapping(resource.get("period"))
    identity = text(resource.get("id"))
    detail: list[str] = []
    if reason:
        detail.append(f"Reason: {reason}")
    hospital = resource.get("hospitalization")
    if hospital is not None:
        hospital = mapping(hospital)
        if said := words(hospital.get("admitSource")):
            detail.append(f"From: {said}")
        if said := words(hospital.get("dischargeDisposition")):
            detail.append(f"Discharged to: {said}")
    if said := words(resource.get("serviceType")):
        detail.append(f"Service: {said}")
    if said := _places(resource, included):
        detail.append(f"Where: {said}")
    if hospital is not None:
        for each in objects(hospital.get("extension")):
            if text(each.get("url")).endswith("AdmissionMethod") and (
                said := words(each.get("valueCodeableConcept"))
            ):
                detail.append(f"Admission method: {said}")
    return Entry(
        "Encounter",
        identity,
        kinds or _CLASS.get(class_code) or reason or class_code or NO_DESCRIPTION,
        codes + reasons,
        status,
        moment(period.get("start")),
        moment(period.get("end")),
        "",
        None,
        "",
        who(resource.get("serviceProvider"), resource, included)
        or _participants(resource, included),
        class_code,
        tuple(detail),
        (),
        identity,
        cautions(resource, status),
    )


def _places(resource: dict[str, Any], included: Included) -> str:
    places = resource.get("location")
    if places is None:
        return ""
    return ", ".join(
        said for each in objects(places) if (said := who(each.get("location"), resource, included))
    )


def _participants(resource: dict[str, Any], included: Included) -> str:
    for each in objects(resource.get("participant")):
        if said := who(each.get("individual") or each.get("actor"), resource, included):
            return said
    return ""


def episode(resource: dict[str, Any], included: Included) -> Entry:
    """One EpisodeOfCare: somebody is (or was) on a team's caseload."""
    title, codes = concepts(resource.get("type"))
    status = text(resource.get("status"))
    period = mapping(resource.get("period"))
    manager = who(resource.get("careManager"), resource, included)
    source = who(resource.get("managingOrganization"), resource, included)
    return Entry(
        "EpisodeOfCare",
        text(resource.get("id")),
        title or source or "Episode of care",
        codes,
        status,
        moment(period.get("start")),
        moment(period.get("end")),
        "",
        None,
        "",
        source or manager,
        "",
        (f"Care manager: {manager}",) if manager else (),
        (),
        "",
        cautions(resource, status),
    )


def appointment(resource: dict[str, Any], included: Included) -> Entry:
    """One Appointment."""
    title, codes = concepts(resource.get("serviceType"))
    status = text(resource.get("status"))
    reason = words(resource.get("reasonCode"))
    people = [
        said
        for each in objects(resource.get("participant"))
        if not text(mapping(each.get("actor")).get("reference")).startswith("Patient/")
        and (said := who(each.get("actor"), resource, included))
    ]
    return Entry(
        "Appointment",
        text(resource.get("id")),
        title or text(resource.get("description")) or reason or NO_DESCRIPTION,
        codes,
        status,
        when(resource, "start"),
        moment(resource.get("end")),
        "",
        None,
        "",
        ", ".join(people),
        words(resource.get("appointmentType")),
        (f"Reason: {reason}",) if reason else (),
        (),
        "",
        cautions(resource, status),
    )
