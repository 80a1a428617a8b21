"""The resources of a decision that is taken back: never deleted, each names why and when.

Undone within the set time, it was recorded in error: the checklist is open again with all its
answers, the referral entered in error. Reversed later, it was right once: the checklist stays
completed, the referral is revoked. Either way what stood before stays as an earlier version, and
the referral, and a reversed redirect's checklist, give up the identifier by which the next
decision would find them.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from datetime import datetime

from clinical.moments import utc_text
from clinical.person import Caller
from clinical.review import Outcome
from fhir_queries.asking import Resource
from fhir_queries.checklist import CHECKLIST_IDENTIFIER
from fhir_queries.decision_resources import (
    DECISION_URL,
    REFERRAL_IDENTIFIER,
    TASK_STATUS,
    put_extension,
)
from fhir_queries.reading.codes import LOCAL
from fhir_queries.reading.fields import extensions, mapping, moment, objects, text
from fhir_queries.reading.reviews import OUTCOME_SYSTEM, REVERSED_URL
from fhir_queries.review_task import append_note, not_before, reference_to

EARLIER_CHECKLIST = f"{LOCAL}/Id/earlier-redirect-checklist"
EARLIER_REFERRAL = f"{LOCAL}/Id/earlier-redirect-referral"
TAKEN_BACK_URL = f"{LOCAL}/StructureDefinition/taken-back"
"""On what was taken back: ``by`` (Reference), ``at`` (instant) and ``reason``."""
UNDONE = "undone"
"""The activity of the Provenance of an undoing, beside the outcomes."""


@dataclass(frozen=True, slots=True)
class TakingBack:
    """Who takes a decision back, when, and why."""

    caller: Caller
    at: datetime
    reason: str


def taken_back_at(resource: Resource | None) -> datetime | None:
    """When a resource was last taken back, None where it never was."""
    found = None
    for each in extensions(resource or {}, TAKEN_BACK_URL):
        for inner in objects(each.get("extension")):
            if text(inner.get("url")) == "at":
                found = moment(inner.get("valueInstant"))
    return found.earliest if found is not None else None


def is_earlier(response: Resource | None) -> bool:
    """Whether a checklist is one of a redirect that was reversed, and no longer the review's."""
    return mapping((response or {}).get("identifier")).get("system") == EARLIER_CHECKLIST


def reopened_response(standing: Resource, taking: TakingBack) -> Resource:
    """The checklist, to be answered again from where it was."""
    response = copy.deepcopy(standing)
    response["status"] = "in-progress"
    put_extension(response, DECISION_URL, ())
    _sign(response, TAKEN_BACK_URL, taking)
    return response


def earlier_response(standing: Resource, taking: TakingBack) -> Resource:
    """The completed checklist of a redirect that was reversed: kept, and no longer the review's."""
    response = copy.deepcopy(standing)
    identifier = dict(mapping(response.get("identifier")))
    if identifier.get("system") == CHECKLIST_IDENTIFIER:
        identifier["system"] = EARLIER_CHECKLIST
    response["identifier"] = identifier
    _sign(response, TAKEN_BACK_URL, taking)
    return response


def earlier_referral(standing: Resource, taking: TakingBack, status: str) -> Resource:
    """The referral, ended with ``status``: entered in error, or revoked."""
    referral = copy.deepcopy(standing)
    referral["status"] = status
    referral["identifier"] = [
        each | {"system": EARLIER_REFERRAL} if each.get("system") == REFERRAL_IDENTIFIER else each
        for each in objects(referral.get("identifier"))
    ]
    notes = list(objects(referral.get("note")))
    words = f"{status.replace('-', ' ').capitalize()}: {taking.reason}"
    referral["note"] = [*notes, {"time": utc_text(taking.at), "text": words}]
    _sign(referral, TAKEN_BACK_URL, taking)
    return referral


def reopened_task(standing: Resource, taking: TakingBack) -> Resource:
    """The Task, held again by whoever had decided."""
    task = copy.deepcopy(standing)
    task["status"] = "in-progress"
    for gone in ("businessStatus", "statusReason", "output", "restriction"):
        task.pop(gone, None)
    period = dict(mapping(task.get("executionPeriod")))
    period.pop("end", None)
    task["executionPeriod"] = period
    task["lastModified"] = utc_text(not_before(taking.at, task.get("authoredOn")))
    append_note(task, taking.caller, f"Decision undone: {taking.reason}")
    return task


def reversed_task(standing: Resource, taking: TakingBack) -> Resource:
    """The Task of a redirect that was reversed: when and what was decided stays."""
    task = copy.deepcopy(standing)
    task["status"] = TASK_STATUS[Outcome.REDIRECT_REVERSED]
    task["businessStatus"] = {
        "coding": [{"system": OUTCOME_SYSTEM, "code": Outcome.REDIRECT_REVERSED.value}],
        "text": "Redirect reversed",
    }
    task["statusReason"] = {"text": taking.reason}
    task["lastModified"] = utc_text(not_before(taking.at, task.get("authoredOn")))
    _sign(task, REVERSED_URL, taking)
    append_note(task, taking.caller, f"Redirect reversed: {taking.reason}")
    return task


def _sign(resource: Resource, url: str, taking: TakingBack) -> None:
    signed = {
        "url": url,
        "extension": [
            {"url": "by", "valueReference": reference_to(taking.caller)},
            {"url": "at", "valueInstant": utc_text(taking.at)},
            {"url": "reason", "valueString": taking.reason},
        ],
    }
    resource["extension"] = [*objects(resource.get("extension")), signed]
