"""A review and its decision, in the shapes of docs/record-shapes.md, "Written"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sandbox.people.fhir import (
    HL7,
    LOCAL,
    Resource,
    coding,
    concept,
    instant,
    later,
    period,
    person_ref,
    ref,
)
from sandbox.people.services import service

CHECKLIST = f"{LOCAL}Questionnaire/redirect-to-community|1.0.0"
_ANSWER = f"{LOCAL}CodeSystem/checklist-answer"
_NEED = f"{LOCAL}CodeSystem/urgent-need"
_NEEDS = {
    "falls": ("falls", "Fall, no apparent serious injury"),
    "frailty": ("frailty", "Decompensation of frailty"),
    "reduced-mobility": ("reduced-function", "Reduced function, deconditioning or mobility"),
    "palliative": ("palliative", "Palliative or end-of-life crisis"),
    "equipment": ("equipment", "Urgent equipment"),
    "confusion": ("confusion", "Confusion or delirium"),
    "catheter": ("catheter", "Urgent catheter care"),
    "diabetes": ("diabetes", "Urgent diabetes support"),
    "carer-breakdown": ("carer", "Unpaid carer breakdown"),
}
DECLINES = "https://fhir.nhs.uk/CodeSystem/dos-rejected-reasons-bars"
"""BaRS's list of reasons for a rejection: 22 capacity, 23 not clinically appropriate, ..."""
NO_CAPACITY = ("22", "No capacity at the accepting service")
DECLINE_WORDS = {
    "not-suitable": ("23", "Not clinically appropriate"),
    "patient-declined": ("24", "Patient declined"),
    "no-capacity": NO_CAPACITY,
}
COORDINATORS = (("999000000101", "Sister Marsh Orchard"), ("999000000102", "Dev Kittiwake"),
                ("999000000103", "Nurse Briar Hobby"))  # fmt: skip
CLINICIANS = (("999000000201", "Rowan Heron"), ("999000000202", "Linnet Achebe"),
              ("999000000203", "Tamsin Merlin"), ("999000000204", "Gull Patel"),
              ("999000000205", "Ash Redstart"))  # fmt: skip
_OUTCOME = f"{LOCAL}CodeSystem/review-outcome"
_STATUS = {
    "redirected": "completed",
    "not-suitable": "rejected",
    "patient-declined": "rejected",
    "no-capacity": "rejected",
    "deferred": "on-hold",
    "handed-over-first": "cancelled",
    "withdrawn": "cancelled",
}
_ROOT = {"system": f"{LOCAL}CodeSystem/task-code", "code": "redirect-review"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """One review, from the flag to the decision. `outcome` is empty while there is none."""

    key: str
    encounter: str
    patient: str
    need: str
    words: str
    """Why it was flagged."""
    flagged: datetime
    claimed: datetime | None = None
    decided: datetime | None = None
    outcome: str = ""
    service: str = ""
    referral_status: str = "active"
    requester: tuple[str, str] = COORDINATORS[0]
    owner: tuple[str, str] = CLINICIANS[0]

    @property
    def task(self) -> str:
        """The id of the Task."""
        return f"review-{self.key}"


def _task(review: Reviewed) -> Resource:
    made: Resource = {
        "resourceType": "Task",
        "id": review.task,
        "identifier": [{"system": f"{LOCAL}Id/redirect-review", "value": review.encounter}],
        "status": "in-progress" if review.claimed else "requested",
        "intent": "proposal",
        "code": {"coding": [_ROOT]},
        "focus": ref("Encounter", review.encounter),
        "for": ref("Patient", review.patient),
        "encounter": ref("Encounter", review.encounter),
        "authoredOn": instant(review.flagged),
        "lastModified": instant(review.decided or review.claimed or review.flagged),
        "requester": person_ref(*review.requester),
        "reasonCode": concept(review.words),
    }
    if review.claimed:
        made["owner"] = person_ref(*review.owner)
    if review.claimed or review.decided:
        made["executionPeriod"] = period(review.claimed, review.decided)
    if not review.outcome:
        return made
    made["status"] = _STATUS[review.outcome]
    made["businessStatus"] = concept("", coding(_OUTCOME, review.outcome))
    if review.outcome in DECLINE_WORDS:
        code, words = DECLINE_WORDS[review.outcome]
        made["statusReason"] = concept(words, coding(DECLINES, code, words))
    if output := list(_outputs(review)):
        made["output"] = output
    return made


def _outputs(review: Reviewed) -> Iterator[Resource]:
    def output(code: str, reference: Resource) -> Resource:
        kind = concept("", coding(f"{LOCAL}CodeSystem/task-output", code))
        return {"type": kind, "valueReference": reference}

    if review.claimed:
        yield output("checklist", ref("QuestionnaireResponse", f"checklist-{review.key}"))
    if review.outcome == "redirected":
        yield output("referral", ref("ServiceRequest", f"referral-{review.key}"))
    if review.service:
        name = service(review.service).name
        yield output("service", ref("HealthcareService", review.service, name))


def _answered(review: Reviewed) -> Iterator[Resource]:
    def choice(link: str, yes: bool) -> Resource:
        answer = coding(_ANSWER, "yes", "Yes") if yes else coding(_ANSWER, "no", "No")
        return {"linkId": link, "answer": [{"valueCoding": answer}]}

    redirected = review.outcome == "redirected"
    unsafe = review.outcome == "not-suitable"
    yield {"linkId": "a", "item": [choice("a-life-threat", False), choice("a-sepsis", False)]}
    if review.need in _NEEDS:
        need = {"valueCoding": coding(_NEED, *_NEEDS[review.need])}
        yield {"linkId": "b", "item": [{"linkId": "b-need", "answer": [need]}]}
    yield {"linkId": "d", "item": [choice("d-safe", not unsafe)]}
    yield {
        "linkId": "e",
        "item": [choice("e-consent", review.outcome != "patient-declined")],
    }
    if redirected or review.outcome == "no-capacity":
        yield {"linkId": "f", "item": [choice("f-accepted", redirected)]}


def _checklist(review: Reviewed, claimed: datetime) -> Resource:
    made: Resource = {
        "resourceType": "QuestionnaireResponse",
        "id": f"checklist-{review.key}",
        "identifier": {"system": f"{LOCAL}Id/redirect-checklist", "value": review.task},
        "questionnaire": CHECKLIST,
        "status": "completed" if review.outcome else "in-progress",
        "subject": ref("Patient", review.patient),
        "encounter": ref("Encounter", review.encounter),
        "authored": instant(review.decided or claimed),
        "author": person_ref(*review.owner),
    }
    if review.outcome and _STATUS[review.outcome] != "cancelled":
        made["item"] = list(_answered(review))
    return made


def _referral(review: Reviewed, decided: datetime) -> Resource:
    accepting = service(review.service)
    made: Resource = {
        "resourceType": "ServiceRequest",
        "id": f"referral-{review.key}",
        "identifier": [{"system": f"{LOCAL}Id/redirect-referral", "value": review.task}],
        "status": review.referral_status,
        "intent": "order",
        "priority": "urgent",
        "code": concept(
            "Care in the community, redirected from the ambulance queue",
            coding(f"{LOCAL}CodeSystem/referral", "redirect"),
        ),
        "subject": ref("Patient", review.patient),
        "encounter": ref("Encounter", review.encounter),
        "authoredOn": instant(decided),
        "requester": person_ref(*review.owner),
        "performer": [ref("HealthcareService", accepting.id, accepting.name)],
        "reasonCode": [
            concept(review.words, coding(f"{LOCAL}CodeSystem/call-reason", review.need))
        ],
        "supportingInfo": [ref("QuestionnaireResponse", f"checklist-{review.key}")],
    }
    if accepting.response_minutes is not None:
        made["occurrencePeriod"] = period(
            decided, later(decided, minutes=accepting.response_minutes)
        )
    if review.referral_status == "revoked":
        made["note"] = [{"text": "Taken over by the emergency department before leaving."}]
    return made


def _provenance(review: Reviewed, decided: datetime, target: list[Resource]) -> Resource:
    return {
        "resourceType": "Provenance",
        "id": f"decided-{review.key}",
        "target": target,
        "occurredDateTime": instant(decided),
        "recorded": instant(decided),
        "activity": concept("", coding(_OUTCOME, review.outcome)),
        "agent": [
            {
                "type": concept("", coding(f"{HL7}provenance-participant-type", "author")),
                "who": person_ref(*(review.owner if review.claimed else review.requester)),
            }
        ],
    }


def review_resources(review: Reviewed) -> Iterator[Resource]:
    """The Task; once claimed the checklist; once decided the referral and the Provenance."""
    made = [_task(review)]
    if review.claimed:
        made.append(_checklist(review, review.claimed))
    if review.decided and review.outcome == "redirected":
        made.append(_referral(review, review.decided))
    yield from made
    if review.decided:
        target = [ref(each["resourceType"], each["id"]) for each in made]
        yield _provenance(review, review.decided, target)
