"""The resources that one decision consists of, made from what stands in the record."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from datetime import timedelta

from clinical.checklist import Checklist, Draft
from clinical.codes import Coding
from clinical.moments import utc_text
from clinical.person import Caller
from clinical.review import CommunityService, Decision, Outcome, Review
from fhir_queries.asking import Resource
from fhir_queries.checklist import new_response
from fhir_queries.reading.codes import LOCAL
from fhir_queries.reading.fields import extensions, id_of, mapping, moment, objects, text
from fhir_queries.reading.overrides import OVERRIDE_REQUEST_URL
from fhir_queries.reading.responses import draft_of, put_answers
from fhir_queries.reading.review_notes import actor
from fhir_queries.reading.reviews import OUTCOME_SYSTEM, OUTPUT_SYSTEM
from fhir_queries.referral_words import ReferralWords
from fhir_queries.review_task import not_before, reference_to

NO_WORDS = ReferralWords()
REFERRAL_IDENTIFIER = f"{LOCAL}/Id/redirect-referral"
REASON_SYSTEM = "https://fhir.nhs.uk/CodeSystem/dos-rejected-reasons-bars"
DECISION_URL = f"{LOCAL}/StructureDefinition/decision"
"""On a completed checklist, what it was completed for: ``outcome``, ``service``, ``reason-code``,
``reason`` and ``at``. Where the Task doesn't say so too, that decision was begun and not done."""

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

_OUTCOMES = {outcome.value: outcome for outcome in Outcome}
TASK_STATUS = {
    Outcome.REDIRECTED: "completed",
    Outcome.NOT_SUITABLE: "rejected",
    Outcome.PATIENT_DECLINED: "rejected",
    Outcome.NO_CAPACITY: "rejected",
    Outcome.DEFERRED: "on-hold",
    Outcome.HANDED_OVER_FIRST: "cancelled",
    Outcome.REDIRECT_REVERSED: "completed",
}


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
    elif standing.get("status") == "completed" and _holds(standing, draft, decision):
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
    put_extension(response, DECISION_URL, _what_for(decision))
    return response


def begun_decision(response: Resource, review: Review) -> Decision | None:
    """The decision that a completed checklist was completed for, None where it names none.

    Its service has no more than its id and name.
    """
    for each in extensions(response, DECISION_URL):
        inner = {text(part.get("url")): part for part in objects(each.get("extension"))}
        outcome = _OUTCOMES.get(text(inner.get("outcome", {}).get("valueCode")))
        at = moment(inner.get("at", {}).get("valueInstant"))
        by = actor(response.get("author"))
        if outcome is None or at is None or by is None:
            continue
        service = mapping(inner.get("service", {}).get("valueReference"))
        identity = id_of(service, "HealthcareService")
        name = text(service.get("display")) or identity
        return Decision(
            review,
            outcome,
            text(inner.get("reason-code", {}).get("valueCode")),
            text(inner.get("reason", {}).get("valueString")),
            CommunityService(identity, name, "", True, "", None) if identity else None,
            by.user,
            by.name,
            at.earliest,
        )
    return None


def put_extension(resource: Resource, url: str, inner: Sequence[Resource]) -> None:
    """Have a resource carry one extension of this kind; with nothing inside, none."""
    others = [each for each in objects(resource.get("extension")) if each.get("url") != url]
    if inner:
        others.append({"url": url, "extension": list(inner)})
    resource["extension"] = others
    if not others:
        del resource["extension"]


def _what_for(decision: Decision) -> list[Resource]:
    inner: list[Resource] = [{"url": "outcome", "valueCode": decision.outcome.value}]
    if decision.service is not None:
        service = _service_reference(decision.service)
        inner.append({"url": "service", "valueReference": service})
    if decision.reason_code:
        inner.append({"url": "reason-code", "valueCode": decision.reason_code})
    if decision.reason_text:
        inner.append({"url": "reason", "valueString": decision.reason_text})
    inner.append({"url": "at", "valueInstant": utc_text(decision.decided_at)})
    return inner


def _service_reference(service: CommunityService) -> Resource:
    return {"reference": f"HealthcareService/{service.id}", "display": service.name}


def _holds(standing: Resource, draft: Draft, decision: Decision) -> bool:
    begun = begun_decision(standing, decision.review)
    if begun is None or (begun.outcome, begun.reason_code, begun.reason_text) != (
        decision.outcome,
        decision.reason_code,
        decision.reason_text,
    ):
        return False
    if (begun.service and begun.service.id) != (decision.service and decision.service.id):
        return False
    held = {answer.link_id: answer.values for answer in draft_of(standing, None).answers}
    return all(held.get(answer.link_id) == answer.values for answer in draft.answers)


def referral(
    standing: Resource | None,
    encounter: Resource,
    decision: Decision,
    response: str,
    caller: Caller,
    *,
    words: ReferralWords = NO_WORDS,
) -> Resource:
    """The ServiceRequest to the accepting service: one that stands there, or a new one."""
    service = decision.service
    if service is None:
        raise ValueError("a redirect needs its service")
    performer = _service_reference(service)
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
    notes = [*words.notes, *([decision.reason_text] if decision.reason_text else ())]
    if notes:
        request["note"] = [{"time": utc_text(start), "text": each} for each in notes]
    if words.instruction:
        request["patientInstruction"] = words.instruction
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
    put_extension(task, OVERRIDE_REQUEST_URL, ())
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
