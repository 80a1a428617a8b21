"""What became of a patient, from their wait and later encounters (docs/record-shapes.md)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from clinical.moments import Moment
from clinical.outcomes import CommunityContact, Departure
from fhir_queries.profile import Codes, RecordProfile
from fhir_queries.reading.codes import CLINICAL_FRAILTY_LEVELS, CLINICAL_FRAILTY_SCORES, LOCAL
from fhir_queries.reading.fields import (
    code_of,
    codings,
    extensions,
    id_of,
    mapping,
    moment,
    number,
    objects,
    text,
    words,
)

CALL_REASON = f"{LOCAL}/CodeSystem/call-reason"
DEPRIVATION = f"{LOCAL}/StructureDefinition/deprivation-decile"

_TAKEN_OVER = frozenset({"in-progress", "triaged", "onleave"})
_ENDED = frozenset({"finished", "cancelled"})
_COUNTED = frozenset({"arrived", "triaged", "in-progress", "onleave", "finished"})
_CONTACT = frozenset({"arrived", "in-progress", "finished"})
_ELECTIVE_SOURCES = "emd"


def departure(
    encounter: dict[str, Any] | None, profile: RecordProfile
) -> tuple[Departure, Moment | None, Moment | None]:
    """How a wait ended; when they left the site; when the department took them over."""
    if encounter is None:
        return Departure.NOT_KNOWN, None, None
    status = text(encounter.get("status"))
    if status in profile.wait.statuses:
        return Departure.STILL_HERE, None, None
    past = objects(encounter.get("statusHistory"))
    over = [each for each in past if text(each.get("status")) in _TAKEN_OVER]
    if status in _TAKEN_OVER or (status in _ENDED and over):
        return Departure.HANDED_OVER, None, _handed_over_at(past, over, profile)
    left = moment(mapping(encounter.get("period")).get("end"))
    if status in _ENDED and left is not None:
        return Departure.LEFT, left, None
    return Departure.NOT_KNOWN, None, None


def _handed_over_at(
    past: Sequence[dict[str, Any]], over: Sequence[dict[str, Any]], profile: RecordProfile
) -> Moment | None:
    """The end of the wait in the status history, else the first start of what followed it."""
    for each in past:
        if text(each.get("status")) in profile.wait.statuses:
            ended = moment(mapping(each.get("period")).get("end"))
            if ended is not None:
                return ended
    starts = [moment(mapping(each.get("period")).get("start")) for each in over]
    known = [start for start in starts if start is not None]
    return min(known, key=lambda start: start.earliest) if known else None


def is_attendance(encounter: dict[str, Any], codes: Codes) -> bool:
    """Whether this is an attendance at an emergency department that counts."""
    return (
        text(encounter.get("status")) in _COUNTED
        and text(mapping(encounter.get("class")).get("code")) in codes.emergency_classes
    )


def is_emergency_admission(encounter: dict[str, Any], codes: Codes) -> bool:
    """Whether this is an emergency admission that counts.

    By its admission method; without one by its source; without either it counts, so that an
    avoided admission is never claimed for want of a code.
    """
    if text(encounter.get("status")) not in _COUNTED:
        return False
    if text(mapping(encounter.get("class")).get("code")) not in codes.admission_classes:
        return False
    hospital = mapping(encounter.get("hospitalization"))
    for method in extensions(hospital, "AdmissionMethod"):
        found = [each.code for each in codings(method.get("valueCodeableConcept"))]
        if found:
            accepted = codes.emergency_admission_codes
            return any(code in accepted if accepted else code[:1] == "2" for code in found)
    source = code_of(hospital.get("admitSource"))
    return not source or source == _ELECTIVE_SOURCES


def contact(encounter: dict[str, Any]) -> CommunityContact | None:
    """The community contact that an Encounter is: a visit, or a call; None where it is neither."""
    kind = text(mapping(encounter.get("class")).get("code"))
    if kind not in ("HH", "VR") or text(encounter.get("status")) not in _CONTACT:
        return None
    return CommunityContact(started(encounter), kind == "HH")


def based_on(encounter: dict[str, Any]) -> frozenset[str]:
    """The ids of the ServiceRequests that an Encounter follows from."""
    return frozenset(id_of(each, "ServiceRequest") for each in objects(encounter.get("basedOn")))


def started(encounter: dict[str, Any]) -> Moment | None:
    """When an Encounter began; None where the record doesn't say."""
    return moment(mapping(encounter.get("period")).get("start"))


def frailty_level(observation: dict[str, Any]) -> int | None:
    """The level of the Clinical Frailty Scale that an Observation gives, 1 to 9, or None."""
    if observation.get("status") in ("entered-in-error", "cancelled"):
        return None
    named = [each.code for each in codings(observation.get("code"))]
    named += [each.code for each in codings(observation.get("valueCodeableConcept"))]
    for code in named:
        if code in CLINICAL_FRAILTY_LEVELS:
            return CLINICAL_FRAILTY_LEVELS[code]
    if CLINICAL_FRAILTY_SCORES.isdisjoint(named):
        return None
    score = number(mapping(observation.get("valueQuantity")).get("value"))
    if score is None:
        score = number(observation.get("valueInteger"))
    if score is None or score != score.to_integral_value() or not 1 <= score <= 9:
        return None
    return int(score)


def reason_group(encounter: dict[str, Any] | None) -> str:
    """The reason for the call: its code of the local system, else its words."""
    reasons = objects((encounter or {}).get("reasonCode"))
    for reason in reasons:
        for each in codings(reason):
            if each.system == CALL_REASON:
                return each.code
    return words(list(reasons)) if reasons else ""


def ethnic_category(patient: dict[str, Any]) -> str:
    """The ethnic category's code; empty where it isn't recorded or isn't stated (Z)."""
    for each in extensions(patient, "EthnicCategory"):
        code = code_of(each.get("valueCodeableConcept"))
        return "" if code == "Z" else code
    return ""


def deprivation_decile(patient: dict[str, Any]) -> int | None:
    """The deprivation decile of the home address, 1 to 10; None where it isn't recorded."""
    for each in extensions(patient, DEPRIVATION):
        found = each.get("valueInteger")
        if type(found) is int and 1 <= found <= 10:
            return found
    return None
