"""The decision on one review: made, undone within the set time, or reversed later.

Each is written whole or not at all, and once however often it is sent (see
``fhir_queries.decision_writing``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from clinical.checklist import Checklist, Draft
from clinical.evidence import Indicator
from clinical.moments import LONDON
from clinical.person import Caller
from clinical.review import Decision, Outcome, Review, ReviewStatus
from fhir_queries.checklist import response_of
from fhir_queries.decision_allowed import must_be_allowed, must_name_its_service
from fhir_queries.decision_parts import Parts
from fhir_queries.decision_resources import (
    NO_WORDS,
    begun_decision,
    completed_response,
    decided_task,
    referral,
    revoked,
)
from fhir_queries.decision_standing import Standing
from fhir_queries.decision_writing import settle
from fhir_queries.errors import Conflict
from fhir_queries.holding import must_be_open, must_hold
from fhir_queries.port import Record
from fhir_queries.provenance import provenance
from fhir_queries.reading.fields import objects, text
from fhir_queries.referral_words import referral_words
from fhir_queries.sent_before import as_sent_before
from fhir_queries.services import read_services
from fhir_queries.undoing import reverse, undo
from fhir_queries.writes import Write

__all__ = ["begun", "close_handed_over", "decide", "reverse", "undo", "unfinished"]

_DECIDED = (
    ReviewStatus.REDIRECTED,
    ReviewStatus.NOT_REDIRECTED,
    ReviewStatus.HANDED_OVER,
    ReviewStatus.REVERSED,
)
_TAKEN = ("in-progress", "triaged", "onleave")
"""Encounter.status of somebody whom the emergency department has taken over."""
_NOT_KNOWN = (
    "The shared record stopped answering while the decision was sent: whether it holds it is not "
    "known. Your answers are kept. Send it again: it can't be recorded twice."
)


def decide(
    record: Record,
    caller: Caller,
    decision: Decision,
    checklist: Checklist,
    draft: Draft,
    *,
    indicators: Sequence[Indicator] = (),
    identity: Sequence[str] = (),
) -> Review:
    """The review as it stands once the decision is in the record.

    A redirect is refused while the checklist's rules forbid it, or where its answers name another
    service. ``indicators`` and ``identity`` are those of
    ``clinical.checklist_rules.can_redirect``; the override of red flags is the one that a second
    clinician has put on the review themselves. If the emergency department has
    taken the patient over meanwhile, that is what is recorded: the review that comes back then
    has the outcome HANDED_OVER_FIRST whatever was decided, and the draft stays a draft.

    The same decision sent twice is one. Raises Conflict where ``caller`` doesn't hold the review
    or it has been decided (the sentence says by whom), Refused where the rules or the record
    forbid it, RecordUnavailable where it isn't known whether it arrived; the draft is then as it
    was.
    """
    must_name_its_service(decision)

    def plan(standing: Standing) -> Sequence[Write] | None:
        nonlocal decision
        now = standing.review
        decision = _as_things_are(record, decision, standing)
        _must_not_be_decided_otherwise(caller, decision, standing)
        decision = as_sent_before(record, decision, standing)
        if now.status not in _DECIDED:
            must_be_allowed(
                decision, checklist, draft, now, indicators=indicators, identity=identity
            )
        parts = _parts(caller, decision, checklist, draft, standing)
        return None if _complete(decision, standing, parts) else parts.writes()

    return settle(record, decision.review, plan, _NOT_KNOWN)


def close_handed_over(record: Record, caller: Caller, asked: Review) -> Review:
    """The review, recorded as "handed over first" where the patient no longer waits; else as it
    stands. The draft of its checklist is kept.
    """
    now = datetime.now(UTC)
    first = Decision(asked, Outcome.HANDED_OVER_FIRST, "", "", None, caller.user, caller.name, now)

    def plan(standing: Standing) -> Sequence[Write] | None:
        waits = text(standing.encounter.get("status")) in record.profile.wait.statuses
        if waits or standing.review.status in (*_DECIDED, ReviewStatus.WITHDRAWN):
            return None
        must_be_open(standing.review)
        decided = replace(first, reason_text=_why_no_longer(standing))
        decided = as_sent_before(record, decided, standing)
        return _parts(caller, decided, None, None, standing).writes()

    return settle(record, asked, plan, _NOT_KNOWN)


def unfinished(review_now: Review, draft: Draft) -> bool:
    """Whether a decision was begun and not finished: its checklist is completed, the Task not.

    It isn't decided then. Deciding again finishes it; ``fhir_queries.undoing.undo`` leaves it open.
    """
    return draft.completed and review_now.status in (ReviewStatus.CLAIMED, ReviewStatus.REQUESTED)


def begun(record: Record, asked: Review) -> Decision | None:
    """The decision that was begun and not finished, as whoever began it chose it; None where
    there is none, or the record doesn't say what it was to be.

    Raises RecordError where the record doesn't answer.
    """
    response = response_of(record, asked.task)
    if response is None or response.get("status") != "completed":
        return None
    found = begun_decision(response, asked)
    if found is None or found.service is None:
        return found
    named = found.service.id
    services = [each for each in read_services(record) if each.id == named]
    return replace(found, service=services[0]) if services else found


def _as_things_are(record: Record, decision: Decision, standing: Standing) -> Decision:
    """The decision, or "handed over first" where the emergency department was faster."""
    status = text(standing.encounter.get("status"))
    decided = standing.review.status in _DECIDED
    if decided or status in record.profile.wait.statuses:
        return decision
    return Decision(
        decision.review,
        Outcome.HANDED_OVER_FIRST,
        "",
        _why_no_longer(standing),
        None,
        decision.by_user,
        decision.by_name,
        decision.decided_at,
    )


def _why_no_longer(standing: Standing) -> str:
    history = objects(standing.encounter.get("statusHistory"))
    been = {text(standing.encounter.get("status")), *(text(each.get("status")) for each in history)}
    if been & {*_TAKEN}:
        return "Handed over to the emergency department while the checklist was open"
    return "No longer waiting when the checklist was open; the record names no handover"


def _must_not_be_decided_otherwise(caller: Caller, decision: Decision, standing: Standing) -> None:
    now = standing.review
    if now.status in _DECIDED or now.status is ReviewStatus.WITHDRAWN:
        if _same(decision, now):
            return
        name = now.owner.name if now.owner is not None else "somebody else"
        words = now.outcome.value.replace("-", " ") if now.outcome is not None else "withdrawn"
        at = ""
        if now.decided_at is not None and now.decided_at.exact:
            at = f" at {now.decided_at.earliest.astimezone(LONDON):%H:%M}"
        raise Conflict(
            "decided already",
            sentence=f"This review has been decided already: {words}, by {name}{at}. "
            "Nothing was changed.",
        )
    if decision.outcome is Outcome.HANDED_OVER_FIRST:
        must_be_open(now)
        return
    if now.status is ReviewStatus.DEFERRED and _same(decision, now):
        return
    must_hold(now, caller)


def _same(decision: Decision, now: Review) -> bool:
    if now.outcome is not decision.outcome:
        return False
    if now.owner is not None and now.owner.user != decision.by_user:
        return False
    service = decision.service
    return service is None or now.outcome_service in (service.id, service.name)


def _parts(
    caller: Caller,
    decision: Decision,
    checklist: Checklist | None,
    draft: Draft | None,
    standing: Standing,
) -> Parts:
    parts = Parts()
    parts.response = standing.response
    ends = decision.outcome not in (Outcome.DEFERRED, Outcome.HANDED_OVER_FIRST)
    if ends and checklist is not None and draft is not None:
        parts.response = completed_response(standing.response, decision, checklist, draft, caller)
        parts.response_changes = parts.response != standing.response
    if decision.outcome is Outcome.REDIRECTED:
        parts.referral = referral(
            standing.referral,
            standing.encounter,
            decision,
            parts.response_name(),
            caller,
            words=referral_words(checklist, draft.answers) if checklist and draft else NO_WORDS,
        )
        parts.referral_changes = parts.referral != standing.referral
    elif standing.referral is not None and standing.referral.get("status") == "active":
        parts.referral = revoked(standing.referral, decision)
        parts.referral_changes = True
    parts.task = decided_task(
        standing.task,
        decision,
        caller,
        response=parts.response_name(),
        referral_name=parts.referral_name(),
    )
    parts.provenance = provenance(
        caller,
        decision.outcome.value,
        decision.decided_at,
        [f"Task/{parts.task['id']}", parts.response_name(), parts.referral_name()],
        override=standing.review.override if decision.outcome is Outcome.REDIRECTED else None,
    )
    return parts


def _complete(decision: Decision, standing: Standing, parts: Parts) -> bool:
    """Whether this very decision stands there already, with all its parts."""
    now = standing.review
    if now.status is ReviewStatus.DEFERRED:
        return _same(decision, now)
    if now.status not in _DECIDED or not _same(decision, now):
        return False
    if decision.outcome is Outcome.HANDED_OVER_FIRST:
        return True
    response = standing.response
    if response is None or response.get("status") != "completed":
        return False
    if decision.outcome is not Outcome.REDIRECTED:
        return True
    return standing.referral is not None and parts.referral is not None
