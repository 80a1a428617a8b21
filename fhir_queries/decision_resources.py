"""The resources that one decision consists of, made from what stands in the record."""

from __future__ import annotations

import copy
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from clinical.checklist import Checklist, Draft, Override
from clinical.codes import Coding
from clinical.moments import utc_text
from clinical.person import Caller
from clinical.review import Decision, Outcome
from fhir_queries.asking import Resource
from fhir_queries.audit import ODS
from fhir_queries.checklist import CHECKLIST_IDENTIFIER, new_response
from fhir_queries.reading.codes import LOCAL
from fhir_queries.reading.fields import mapping, objects, text
from fhir_queries.reading.responses import draft_of, put_answers
from fhir_queries.reading.reviews import OUTCOME_SYSTEM, OUTPUT_SYSTEM
from fhir_queries.review_task import not_before, reference_to
from fhir_queries.writes import Write

REFERRAL_IDENTIFIER = f"{LOCAL}/Id/redirect-referral"
REASON_SYSTEM = "https://fhir.nhs.uk/CodeSystem/dos-rejected-reasons-bars"
OVERRIDE_URL = f"{LOCAL}/StructureDefinition/override"
_PARTICIPANT = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"

DECLINE_REASONS: tuple[Coding, ...] = (
    Coding(REASON_SYSTEM, "23", "Not clinically appropriate"),
    Coding(REASON_SYSTEM, "40", "Not eligible for the service"),
    Coding(REASON_SYSTEM, "22", "No capacity"),
    Coding(REASON_SYSTEM, "24", "Declined by the patient"),
    Coding(REASON_SYSTEM, "26", "Patient's choice"),
    Coding(REASON_SYSTEM, "27", "Could not be reached"),
    Coding(REASON_SYSTEM, "21", "No transport"),
    Coding(REASON_SYSTEM, "41", "Wants a home visit"),
    Coding(REASON_SYSTEM, "42", "Too far away"),
    Coding(REASON_SYSTEM, "99", "Other"),
)
"""Reasons against a redirect: the Directory of Services' rejection reasons of BaRS."""

TASK_STATUS = {
    Outcome.REDIRECTED: "completed",
    Outcome.NOT_SUITABLE: "rejected",
    Outcome.PATIENT_DECLINED: "rejected",
    Outcome.NO_CAPACITY: "rejected",
    Outcome.DEFERRED: "on-hold",
    Outcome.HANDED_OVER_FIRST: "cancelled",
}


def _new_name() -> str:
    return f"urn:uuid:{uuid.uuid4()}"


@dataclass(slots=True)
class Parts:
    """The resources of one decision, and how each is to be written."""

    task: Resource = field(default_factory=dict)
    response: Resource | None = None
    response_changes: bool = False
    referral: Resource | None = None
    referral_changes: bool = False
    provenance: Resource | None = None
    new_response_name: str = field(default_factory=_new_name)
    """What other parts call the checklist where it is new."""
    new_referral_name: str = field(default_factory=_new_name)

    def response_name(self) -> str:
        """How other parts refer to the checklist; empty where there is none."""
        return _name(self.response, self.new_response_name)

    def referral_name(self) -> str:
        """How other parts refer to the referral; empty where there is none or it is revoked."""
        if self.referral is None or self.referral.get("status") == "revoked":
            return ""
        return _name(self.referral, self.new_referral_name)

    def write_response(self) -> Write | None:
        """The checklist's entry, None where it stays as it is."""
        if self.response is None or not self.response_changes:
            return None
        identifier = text(mapping(self.response.get("identifier")).get("value"))
        return _write(self.response, f"{CHECKLIST_IDENTIFIER}|{identifier}", self.new_response_name)

    def write_referral(self) -> Write | None:
        """The referral's entry, None where it stays as it is."""
        if self.referral is None or not self.referral_changes:
            return None
        identifier = text(mapping(self.referral.get("identifier")).get("value"))
        return _write(self.referral, f"{REFERRAL_IDENTIFIER}|{identifier}", self.new_referral_name)

    def write_provenance(self) -> Write | None:
        """Who decided what: found again by its Task and time, so that it is written once."""
        if self.provenance is None:
            return None
        condition = f"target=Task/{self.task['id']}&recorded={self.provenance['recorded']}"
        return Write("POST", self.provenance, "Provenance", if_none_exist=condition)

    def write_task(self) -> Write:
        """The Task's entry, which alone says that it is decided."""
        version = text(mapping(self.task.get("meta")).get("versionId"))
        return Write("PUT", self.task, f"Task/{self.task['id']}", if_match=version)


def _name(resource: Resource | None, new: str) -> str:
    if resource is None:
        return ""
    identity = text(resource.get("id"))
    return f"{resource['resourceType']}/{identity}" if identity else new


def _write(resource: Resource, identifier: str, full_url: str) -> Write:
    kind = str(resource["resourceType"])
    if identity := text(resource.get("id")):
        version = text(mapping(resource.get("meta")).get("versionId"))
        return Write("PUT", resource, f"{kind}/{identity}", if_match=version)
    condition = f"identifier={identifier}"
    return Write("POST", resource, kind, if_none_exist=condition, full_url=full_url)


def completed_response(
    standing: Resource | None,
    decision: Decision,
    checklist: Checklist,
    draft: Draft,
    caller: Caller,
) -> Resource:
    """The checklist, completed: with the answers of ``draft``, and what else stands there."""
    if standing is None:
        response = new_response(decision.review, checklist, caller)
    elif standing.get("status") == "completed" and _holds(standing, draft):
        return standing
    else:
        response = copy.deepcopy(standing)
    held = {answer.link_id: answer for answer in draft_of(response, None).answers}
    differing = [
        answer
        for answer in draft.answers
        if answer.link_id not in held or held[answer.link_id].values != answer.values
    ]
    put_answers(response, checklist, differing, caller.user_system)
    response["status"] = "completed"
    response["author"] = reference_to(caller)
    response["authored"] = utc_text(decision.decided_at)
    return response


def _holds(standing: Resource, draft: Draft) -> bool:
    held = {answer.link_id: answer.values for answer in draft_of(standing, None).answers}
    return all(held.get(answer.link_id) == answer.values for answer in draft.answers)


def referral(
    standing: Resource | None,
    encounter: Resource,
    decision: Decision,
    response: str,
    caller: Caller,
) -> Resource:
    """The ServiceRequest to the accepting service: one that stands there, or a new one."""
    service = decision.service
    if service is None:
        raise ValueError("a redirect needs its service")
    performer = {"reference": f"HealthcareService/{service.id}", "display": service.name}
    if standing is not None and standing.get("status") == "active":
        named = [text(each.get("reference")) for each in objects(standing.get("performer"))]
        if named == [performer["reference"]]:
            return standing
    start = decision.decided_at
    request: Resource = {
        "resourceType": "ServiceRequest",
        "identifier": [{"system": REFERRAL_IDENTIFIER, "value": decision.review.task}],
        "status": "active",
        "intent": "order",
        "priority": "urgent",
        "code": {
            "coding": [{"system": f"{LOCAL}/CodeSystem/referral", "code": "redirect"}],
            "text": "Care in the community, redirected from the ambulance queue",
        },
        "subject": {"reference": f"Patient/{decision.review.patient}"},
        "encounter": {"reference": f"Encounter/{decision.review.encounter}"},
        "authoredOn": utc_text(start),
        "requester": reference_to(caller),
        "performer": [performer],
    }
    if service.response_minutes is not None:
        end = start + timedelta(minutes=service.response_minutes)
        request["occurrencePeriod"] = {"start": utc_text(start), "end": utc_text(end)}
    if encounter.get("reasonCode"):
        request["reasonCode"] = encounter["reasonCode"]
    if response:
        request["supportingInfo"] = [{"reference": response}]
    if decision.reason_text:
        request["note"] = [{"time": utc_text(start), "text": decision.reason_text}]
    if standing is not None:
        request["id"], request["meta"] = standing["id"], standing.get("meta", {})
    return request


def revoked(standing: Resource, decision: Decision) -> Resource:
    """A referral of this review that no longer holds, revoked; it is never deleted."""
    changed = copy.deepcopy(standing)
    changed["status"] = "revoked"
    why = f"Revoked: {decision.outcome.value.replace('-', ' ')}. {decision.reason_text}".strip()
    notes = list(objects(changed.get("note")))
    changed["note"] = [*notes, {"time": utc_text(decision.decided_at), "text": why}]
    return changed


def decided_task(
    standing: Resource,
    decision: Decision,
    caller: Caller,
    *,
    response: str,
    referral_name: str,
    override: Override | None,
) -> Resource:
    """The Task with the decision in it."""
    task = copy.deepcopy(standing)
    task["status"] = TASK_STATUS[decision.outcome]
    task["businessStatus"] = {
        "coding": [{"system": OUTCOME_SYSTEM, "code": decision.outcome.value}],
        "text": decision.outcome.value.replace("-", " ").capitalize(),
    }
    task.pop("statusReason", None)
    if decision.reason_code or decision.reason_text:
        task["statusReason"] = _reason(decision)
    if decision.outcome is not Outcome.HANDED_OVER_FIRST or "owner" not in task:
        task["owner"] = reference_to(caller)
    period = dict(mapping(task.get("executionPeriod")))
    period.setdefault("start", utc_text(decision.decided_at))
    ends = utc_text(not_before(decision.decided_at, period["start"], task.get("authoredOn")))
    period["end"] = ends
    task["executionPeriod"] = period
    task["lastModified"] = ends
    task.pop("restriction", None)
    if decision.review_again_at is not None:
        task["restriction"] = {"period": {"start": utc_text(decision.review_again_at)}}
    outputs = [
        _output("checklist", response, ""),
        _output("referral", referral_name, ""),
    ]
    if decision.service is not None:
        named = f"HealthcareService/{decision.service.id}"
        outputs.append(_output("service", named, decision.service.name))
    task["output"] = [output for output in outputs if output]
    if not task["output"]:
        del task["output"]
    if override is not None:
        others = [e for e in objects(task.get("extension")) if e.get("url") != OVERRIDE_URL]
        task["extension"] = [*others, _override(override, caller)]
    return task


def _reason(decision: Decision) -> Resource:
    reason: Resource = {}
    if decision.reason_code:
        found = next((each for each in DECLINE_REASONS if each.code == decision.reason_code), None)
        made: Resource = {"system": REASON_SYSTEM, "code": decision.reason_code}
        if found is not None:
            made["display"] = found.display
        reason["coding"] = [made]
    if decision.reason_text:
        reason["text"] = decision.reason_text
    return reason


def _output(code: str, reference: str, display: str) -> Resource:
    if not reference:
        return {}
    value: Resource = {"reference": reference}
    if display:
        value["display"] = display
    return {"type": {"coding": [{"system": OUTPUT_SYSTEM, "code": code}]}, "valueReference": value}


def _override(override: Override, caller: Caller) -> Resource:
    inner: list[Resource] = [
        {"url": "by", "valueReference": _second(override, caller)},
        {"url": "reason", "valueString": override.reason},
        *({"url": "red-flag", "valueString": each} for each in override.red_flags),
    ]
    if override.at is not None:
        inner.append({"url": "at", "valueInstant": utc_text(override.at)})
    return {"url": OVERRIDE_URL, "extension": inner}


def _second(override: Override, caller: Caller) -> Resource:
    return {
        "identifier": {"system": caller.user_system, "value": override.by_user},
        "display": override.by_name,
    }


def provenance(
    decision: Decision, parts: Parts, caller: Caller, override: Override | None
) -> Resource:
    """Who decided, when, on what: it names every resource of the decision."""
    named = [f"Task/{parts.task['id']}", parts.response_name(), parts.referral_name()]
    agent: dict[str, Any] = {
        "type": {"coding": [{"system": _PARTICIPANT, "code": "author"}]},
        "who": reference_to(caller),
    }
    if caller.organisation:
        agent["onBehalfOf"] = {
            "identifier": {"system": ODS, "value": caller.organisation},
            "display": caller.organisation_name or caller.organisation,
        }
    agents = [agent]
    if override is not None:
        agents.append(
            {
                "type": {"coding": [{"system": _PARTICIPANT, "code": "verifier"}]},
                "who": _second(override, caller),
            }
        )
    return {
        "resourceType": "Provenance",
        "target": [{"reference": each} for each in named if each],
        "occurredDateTime": utc_text(decision.decided_at),
        "recorded": utc_text(decision.decided_at),
        "activity": {"coding": [{"system": OUTCOME_SYSTEM, "code": decision.outcome.value}]},
        "agent": agents,
    }
