"""A decision that is sent again after the record took a part of it: the same one, not a second."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from clinical.review import Decision, Outcome, ReviewStatus
from fhir_queries.asking import Search
from fhir_queries.decision_resources import begun_decision
from fhir_queries.decision_standing import Standing
from fhir_queries.port import Record
from fhir_queries.provenance import signed
from fhir_queries.reading.fields import mapping, moment

_OPEN = (ReviewStatus.REQUESTED, ReviewStatus.CLAIMED)
_ONLY_SIGNED = (Outcome.DEFERRED, Outcome.HANDED_OVER_FIRST)
"""Outcomes that leave the checklist as it is: before the Task they have their Provenance only."""


def as_sent_before(record: Record, decision: Decision, standing: Standing) -> Decision:
    """The decision, with the time of its first sending where the record holds a part of that.

    By its time a Provenance is found again, so that there is one of it. Raises RecordError where
    the record doesn't answer.
    """
    if standing.review.status not in _OPEN:
        return decision
    response = standing.response
    if response is not None and response.get("status") == "completed":
        begun = begun_decision(response, decision.review)
        if begun is not None and _chose(begun) == _chose(decision):
            return replace(decision, decided_at=begun.decided_at)
        # Somebody else began it, and left no time for the one who finishes it
    elif decision.outcome not in _ONLY_SIGNED:
        return decision
    at = _signed_at(record, decision, standing)
    return decision if at is None else replace(decision, decided_at=at)


def _chose(decision: Decision) -> tuple[object, ...]:
    service = decision.service.id if decision.service is not None else ""
    words = (decision.reason_code, decision.reason_text)
    return decision.outcome, service, words, decision.by_user


def _signed_at(record: Record, decision: Decision, standing: Standing) -> datetime | None:
    """When this was signed by the same person, since they took the review."""
    task = standing.task
    target = (("target", f"Task/{task['id']}"),)
    answer = record.ask([Search("signed", "Provenance", target)]).by_name["signed"]
    if answer.error is not None:
        raise answer.error
    taken = moment(mapping(task.get("executionPeriod")).get("start"))
    for each in answer.matches:
        at = moment(each.get("recorded"))
        if at is None or (taken is not None and at.earliest < taken.earliest):
            continue
        if signed(each, decision.outcome.value, decision.by_user):
            return at.earliest
    return None
