"""A redirect's referral as a message shaped like those of BaRS (Booking and Referral Standard).

No BaRS use case is "from the ambulance queue to the community"; the nearest is a4t3, 999 to
community services, and the message takes its shape: docs/bars-message.md says what comes from
where, and what of it is UNVERIFIED. Nothing is sent from here.

The message holds everything that it refers to, or names it in words; ids are made from the
referral's own, so that the same referral always gives the same message.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clinical.person import Caller
from fhir_queries.asking import Answer, Reading, Resource, Search
from fhir_queries.audit import must_see_people, opened_record
from fhir_queries.bars_parts import (
    encounter_part,
    kept_whole,
    patient_part,
    request_part,
    scene_safety,
)
from fhir_queries.decision_resources import REFERRAL_IDENTIFIER
from fhir_queries.errors import BadRecord
from fhir_queries.port import Record, page_of
from fhir_queries.reading.fields import id_of, mapping, objects, target, text
from fhir_queries.reading.people import confidentiality_of
from fhir_queries.reading.reviews import is_review, review
from fhir_queries.references import local_reference
from fhir_queries.taking_back import EARLIER_REFERRAL

BARS = "https://fhir.nhs.uk"
HEADER_PROFILE = f"{BARS}/StructureDefinition/BARSMessageHeader-servicerequest-request"
EVENTS = f"{BARS}/CodeSystem/message-events-bars"
REASONS = f"{BARS}/CodeSystem/message-reason-bars"
DEFINITION = f"{BARS}/MessageDefinition/bars-message-servicerequest-request-validation"
"""UNVERIFIED: made like that of a referral, which was seen."""

_HISTORY = ("Flag", "CarePlan", "AllergyIntolerance")
"""What of the person's history the accepting team needs at the door; not of a restricted record."""
_ENDED = frozenset({"entered-in-error", "inactive", "revoked", "completed", "cancelled"})


@dataclass(frozen=True, slots=True)
class Gathered:
    """What one message is made of, as the record holds it."""

    request: Resource
    patient: Resource
    encounter: Resource
    service: Resource
    organisations: Sequence[Resource]
    others: Sequence[Resource]
    """Checklist, observations, flags, care plans, allergies."""


def read_message(record: Record, caller: Caller, task_id: str) -> Resource:
    """The message of the redirect of review ``task_id``, audited like any look at its patient.

    Raises BadRecord where there is no referral, or a part of it can't be read: a message with a
    part missing looks just like one that is whole. NotFound, NotPermitted, RecordUnavailable as
    everywhere.
    """
    must_see_people(record, caller)
    task = record.fetch(f"Task/{task_id}")
    if not is_review(task):
        raise BadRecord("a Task that is no review", sentence="This Task is no redirect review.")
    request = _request(record, task_id)
    now = review(task)
    audit = opened_record(caller, now.patient, now.encounter)
    answers = record.ask(
        _searches(record, request), audit=audit if record.profile.writing.audit else None
    ).by_name
    return message(_gathered(request, answers))


def _request(record: Record, task_id: str) -> Resource:
    named = ",".join(f"{system}|{task_id}" for system in (REFERRAL_IDENTIFIER, EARLIER_REFERRAL))
    search = Search(
        "referrals", "ServiceRequest", (("identifier", named), *page_of(record.profile))
    )
    found = _whole(record.ask([search]).by_name["referrals"])
    if not found:
        raise BadRecord(
            "a review without a referral",
            sentence="This review has no referral: only a redirect has one.",
        )
    return max(found, key=lambda each: (each.get("status") == "active", _changed(each)))


def _changed(resource: Resource) -> str:
    return text(mapping(resource.get("meta")).get("lastUpdated")) or text(
        resource.get("authoredOn")
    )


def _searches(record: Record, request: Resource) -> list[Search]:
    patient = id_of(request.get("subject"), "Patient")
    encounter = id_of(request.get("encounter"), "Encounter")
    service = id_of(request.get("performer", [{}])[0], "HealthcareService")
    responses = [
        identity
        for each in objects(request.get("supportingInfo"))
        if (identity := id_of(each, "QuestionnaireResponse"))
    ]
    page = page_of(record.profile)
    searches = [
        Search("Patient", "Patient", (("_id", patient),)),
        Search(
            "Encounter",
            "Encounter",
            (("_id", encounter), ("_include", "Encounter:service-provider")),
        ),
        Search(
            "HealthcareService",
            "HealthcareService",
            (("_id", service), ("_include", "HealthcareService:organization")),
        ),
        Search("Observation", "Observation", (("encounter", f"Encounter/{encounter}"), *page)),
    ]
    if responses:
        found = (("_id", ",".join(responses)), *page)
        searches.append(Search("QuestionnaireResponse", "QuestionnaireResponse", found))
    held = [kind for kind in _HISTORY if kind not in record.profile.history.not_held]
    searches += [Search(kind, kind, (("patient", f"Patient/{patient}"), *page)) for kind in held]
    return searches


def _whole(answer: Answer) -> Sequence[Resource]:
    if answer.reading is Reading.NOT_SUPPORTED:
        return ()
    if answer.error is not None:
        raise answer.error
    if not answer.complete or answer.set_aside:
        raise BadRecord(
            f"not all of {answer.name} could be read",
            sentence="Not all that the message needs could be read, so none was made.",
        )
    return answer.matches


def _gathered(request: Resource, answers: Mapping[str, Answer]) -> Gathered:
    found = {name: _whole(answer) for name, answer in answers.items()}
    for name in ("Patient", "Encounter", "HealthcareService"):
        if not found[name]:
            raise BadRecord(
                f"the {name} of a referral is not there",
                sentence="The record no longer holds all that the referral names.",
            )
    patient = found["Patient"][0]
    included = {
        **answers["Encounter"].included,
        **answers["HealthcareService"].included,
    }
    organisations = {
        name: each for name, each in included.items() if each.get("resourceType") == "Organization"
    }
    kinds = ["QuestionnaireResponse", "Observation"]
    if confidentiality_of(patient).value == "normal":
        kinds += _HISTORY
    others = [
        each
        for kind in kinds
        for each in found.get(kind, ())
        if _stands(each) and _is_of(each, request)
    ]
    return Gathered(
        request,
        patient,
        found["Encounter"][0],
        found["HealthcareService"][0],
        [organisations[name] for name in sorted(organisations)],
        sorted(others, key=lambda each: (str(each["resourceType"]), str(each.get("id")))),
    )


def _stands(resource: Resource) -> bool:
    if resource.get("resourceType") == "QuestionnaireResponse":
        return resource.get("status") != "entered-in-error"
    return resource.get("status") not in _ENDED


def _is_of(resource: Resource, request: Resource) -> bool:
    """Whether it is about the referral's own patient: a server that ignores a filter sends all."""
    subject = resource.get("subject") or resource.get("patient")
    return target(subject) in ("", target(request.get("subject")))


def message(gathered: Gathered) -> Resource:
    """The Bundle: header, referral, patient and wait first, then the rest in a fixed order."""
    cancelled = gathered.request.get("status") != "active"
    key = f"{gathered.request.get('id')}|{'cancel' if cancelled else 'new'}"
    restricted = confidentiality_of(gathered.patient)
    parts = [
        (gathered.request, request_part(gathered.request, gathered.others)),
        (gathered.patient, patient_part(gathered.patient, restricted)),
        (gathered.encounter, encounter_part(gathered.encounter)),
        (gathered.service, kept_whole(gathered.service)),
        *((each, kept_whole(each)) for each in gathered.organisations),
        *((each, kept_whole(each)) for each in gathered.others),
    ]
    flag = scene_safety(gathered.others, target(gathered.request.get("subject")))
    if flag is not None:
        parts.append(({"resourceType": "Flag", "id": "scene-safety"}, flag))
    names = {
        f"{held['resourceType']}/{held['id']}": _urn(key, f"{held['resourceType']}/{held['id']}")
        for held, _ in parts
    }
    header = _header(gathered, names, cancelled=cancelled)
    entries = [_entry(_urn(key, "MessageHeader"), header)]
    entries += [
        _entry(names[f"{held['resourceType']}/{held['id']}"], _resolved(part, names))
        for held, part in parts
    ]
    return {
        "resourceType": "Bundle",
        "identifier": {"system": "urn:ietf:rfc:3986", "value": _urn(key, "Bundle")},
        "type": "message",
        "timestamp": _changed(gathered.request) if cancelled else _authored(gathered.request),
        "entry": entries,
    }


def _authored(request: Resource) -> str:
    return text(request.get("authoredOn")) or _changed(request)


def _urn(key: str, name: str) -> str:
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{REFERRAL_IDENTIFIER}|{key}|{name}')}"


def _entry(full_url: str, resource: Resource) -> Resource:
    identity = full_url.removeprefix("urn:uuid:")
    kind = resource["resourceType"]
    return {"fullUrl": full_url, "resource": {"resourceType": kind, "id": identity, **resource}}


def _header(gathered: Gathered, names: Mapping[str, str], *, cancelled: bool) -> Resource:
    sender = _resolved(mapping(gathered.encounter.get("serviceProvider")), names)
    receiver = _resolved(mapping(gathered.service.get("providedBy")), names)
    destination: Resource = {"endpoint": _address(gathered.service)}
    if receiver:
        destination["receiver"] = receiver
    header: Resource = {
        "resourceType": "MessageHeader",
        "meta": {"profile": [HEADER_PROFILE]},
        "eventCoding": {"system": EVENTS, "code": "servicerequest-request"},
        "destination": [destination],
        "source": {"name": "Ambulance handover viewer", "endpoint": _source(gathered)},
        "reason": {"coding": [{"system": REASONS, "code": "update" if cancelled else "new"}]},
        "focus": [{"reference": names[f"ServiceRequest/{gathered.request['id']}"]}],
        "definition": DEFINITION,
    }
    if sender:
        header["sender"] = sender
    return header


def _address(resource: Resource) -> str:
    """``system|value`` of its first identifier; a local one where it has none."""
    for each in objects(resource.get("identifier")):
        if text(each.get("system")) and text(each.get("value")):
            return f"{each['system']}|{each['value']}"
    kind = str(resource["resourceType"])
    return f"https://handover-viewer.example/fhir/Id/{kind}|{resource['id']}"


def _source(gathered: Gathered) -> str:
    provider = target(gathered.encounter.get("serviceProvider"))
    for each in gathered.organisations:
        if f"Organization/{each['id']}" == provider:
            return _address(each)
    return _address(gathered.encounter)


def _resolved(value: Any, names: Mapping[str, str]) -> Any:
    """``value`` with each reference pointing into the message, or naming in words what it can't."""
    if isinstance(value, list):
        return [_resolved(each, names) for each in value]
    if not isinstance(value, dict):
        return value
    found = {key: _resolved(each, names) for key, each in value.items()}
    written = value.get("reference")
    if not isinstance(written, str) or written.startswith("#"):
        return found
    local = local_reference(written)
    if local in names:
        return {**found, "reference": names[local]}
    del found["reference"]
    if not found.get("identifier") and not found.get("display"):
        kind = local.partition("/")[0] or "Something"
        found["display"] = f"{kind} that the sender's record holds"
    return found
