"""A Task as the review that it is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from clinical.checklist import Override
from clinical.moments import Moment
from clinical.review import Outcome, OverrideRequest, Review, ReviewStatus
from fhir_queries.reading.codes import LOCAL
from fhir_queries.reading.fields import (
    concept,
    id_of,
    mapping,
    moment,
    objects,
    text,
    words,
)
from fhir_queries.reading.overrides import override_of, override_request_of
from fhir_queries.reading.review_notes import actor, notes

TASK_CODE_SYSTEM = f"{LOCAL}/CodeSystem/task-code"
REVIEW_CODE = "redirect-review"
REVIEW_IDENTIFIER = f"{LOCAL}/Id/redirect-review"
OUTCOME_SYSTEM = f"{LOCAL}/CodeSystem/review-outcome"
OUTPUT_SYSTEM = f"{LOCAL}/CodeSystem/task-output"
WITHDRAWN = "withdrawn"
REVERSED_URL = f"{LOCAL}/StructureDefinition/redirect-reversed"

_OUTCOMES = {outcome.value: outcome for outcome in Outcome}
_STATUSES = {
    "draft": ReviewStatus.REQUESTED,
    "requested": ReviewStatus.REQUESTED,
    "received": ReviewStatus.REQUESTED,
    "accepted": ReviewStatus.CLAIMED,
    "ready": ReviewStatus.REQUESTED,
    "in-progress": ReviewStatus.CLAIMED,
    "on-hold": ReviewStatus.DEFERRED,
}
_BY_OUTCOME = {
    Outcome.REDIRECTED.value: ReviewStatus.REDIRECTED,
    Outcome.NOT_SUITABLE.value: ReviewStatus.NOT_REDIRECTED,
    Outcome.PATIENT_DECLINED.value: ReviewStatus.NOT_REDIRECTED,
    Outcome.NO_CAPACITY.value: ReviewStatus.NOT_REDIRECTED,
    Outcome.DEFERRED.value: ReviewStatus.DEFERRED,
    Outcome.HANDED_OVER_FIRST.value: ReviewStatus.HANDED_OVER,
    Outcome.REDIRECT_REVERSED.value: ReviewStatus.REVERSED,
    WITHDRAWN: ReviewStatus.WITHDRAWN,
}
_ENDED = frozenset({"completed", "rejected", "cancelled", "failed"})


def is_review(task: dict[str, Any]) -> bool:
    """Whether a Task is a review of a wait: by its code, or by its identifier."""
    for code in concept(task.get("code"))[1]:
        if code.code == REVIEW_CODE:
            return True
    for identifier in objects(task.get("identifier")):
        if identifier.get("system") == REVIEW_IDENTIFIER:
            return True
    return False


def encounter_of(task: dict[str, Any]) -> str:
    """The id of the wait that a review is about: its encounter, else its focus."""
    return (
        id_of(task.get("encounter"), "Encounter")
        or id_of(task.get("focus"), "Encounter")
        or next(
            (
                text(each.get("value"))
                for each in objects(task.get("identifier"))
                if each.get("system") == REVIEW_IDENTIFIER
            ),
            "",
        )
    )


def review(task: dict[str, Any]) -> Review:
    """The review of a Task."""
    status = text(task.get("status"))
    business = outcome_code(task)
    period = mapping(task.get("executionPeriod"))
    response, referral, service = _outputs(task) if "output" in task else ("", "", "")
    return Review(
        text(task.get("id")),
        text(mapping(task.get("meta")).get("versionId")),
        encounter_of(task),
        id_of(task.get("for"), "Patient"),
        _status(status, business),
        status,
        actor(task.get("requester")),
        moment(task.get("authoredOn")),
        words(task.get("reasonCode")),
        actor(task.get("owner")) if status != "requested" else None,
        moment(period.get("start")),
        _OUTCOMES.get(business),
        words(task.get("statusReason")),
        service,
        moment(period.get("end")),
        notes(task) if "note" in task else (),
        response,
        referral,
        moment(task.get("lastModified")),
        moment(mapping(mapping(task.get("restriction")).get("period")).get("start")),
        *(_extended(task) if "extension" in task else (None, None, None)),
        text(task.get("description")),
    )


def _extended(
    task: dict[str, Any],
) -> tuple[Moment | None, Override | None, OverrideRequest | None]:
    return _reversed_at(task), override_of(task), override_request_of(task)


def outcome_code(task: dict[str, Any]) -> str:
    """The outcome's code in ``Task.businessStatus``, or empty."""
    for code in concept(task.get("businessStatus"))[1]:
        if code.system == OUTCOME_SYSTEM:
            return code.code
    return ""


def _status(status: str, business: str) -> ReviewStatus:
    if status in _STATUSES:
        return _STATUSES[status]
    if status not in _ENDED:
        return ReviewStatus.UNKNOWN
    if status == "cancelled" and not business:
        return ReviewStatus.WITHDRAWN
    return _BY_OUTCOME.get(business, ReviewStatus.UNKNOWN)


def _reversed_at(task: dict[str, Any]) -> Moment | None:
    found = [
        inner.get("valueInstant")
        for each in objects(task.get("extension"))
        if each.get("url") == REVERSED_URL
        for inner in objects(each.get("extension"))
        if inner.get("url") == "at"
    ]
    return moment(found[-1]) if found else None


def _outputs(task: dict[str, Any]) -> tuple[str, str, str]:
    response = referral = service = ""
    for output in objects(task.get("output")):
        reference = output.get("valueReference")
        response = response or id_of(reference, "QuestionnaireResponse")
        referral = referral or id_of(reference, "ServiceRequest")
        if identity := id_of(reference, "HealthcareService"):
            service = service or text(mapping(reference).get("display")) or identity
    return response, referral, service


def newest_review(tasks: Iterable[dict[str, Any]]) -> Review | None:
    """The review of a wait, where several Tasks are about it: the one that was changed last,
    but one that somebody holds or has asked for before one that has ended."""
    found = [each for each in tasks if is_review(each) and each.get("status") != "entered-in-error"]
    if not found:
        return None
    return review(found[0] if len(found) == 1 else max(found, key=_standing))


def _standing(task: dict[str, Any]) -> tuple[bool, str]:
    changed = (
        text(mapping(task.get("meta")).get("lastUpdated"))
        or text(task.get("lastModified"))
        or text(task.get("authoredOn"))
    )
    return text(task.get("status")) not in _ENDED, changed
