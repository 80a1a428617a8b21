"""A decision taken back: undone within the set time, or a redirect reversed later.

Nothing is deleted. The Task goes last where the record takes no transaction: until then the
review stands as it was decided, and doing the same again finishes what was begun.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from clinical.checklist import Draft
from clinical.person import Caller
from clinical.review import Outcome, Review, ReviewStatus
from clinical.review_steps import undo_until
from fhir_queries.asking import Resource
from fhir_queries.decision_parts import put
from fhir_queries.decision_standing import Standing, acted_on
from fhir_queries.decision_writing import settle
from fhir_queries.errors import Conflict, Refused
from fhir_queries.holding import is_callers, must_hold, stands_as
from fhir_queries.port import Record
from fhir_queries.provenance import provenance, write_provenance
from fhir_queries.reading.fields import text
from fhir_queries.taking_back import (
    UNDONE,
    TakingBack,
    earlier_referral,
    earlier_response,
    is_earlier,
    reopened_response,
    reopened_task,
    reversed_task,
    taken_back_at,
)
from fhir_queries.writes import Write

UNDOABLE = (ReviewStatus.REDIRECTED, ReviewStatus.NOT_REDIRECTED)
_LEFT = ("finished", "cancelled", "entered-in-error", "unknown")
_NOT_KNOWN = (
    "The shared record stopped answering: whether the decision was taken back is not known. Look "
    "again, and do it again if it still stands: it can't be done twice."
)


def undo(record: Record, caller: Caller, decided: Review, reason: str) -> Review:
    """The review, held by ``caller`` again as before they decided, its checklist open with all its
    answers; the referral is entered in error, or revoked where the service has begun to act.

    Undoing what is undone changes nothing. A decision that was begun and not finished is undone
    too, at any time. Raises Refused after the set time (``undo_minutes``), for somebody else's
    decision, or when the patient no longer waits; Conflict where it isn't decided, or has been
    reversed; RecordUnavailable where it isn't known whether it arrived.
    """
    said = _must_say_why(reason)
    started = datetime.now(UTC)

    def plan(standing: Standing) -> Sequence[Write] | None:
        now, response = standing.review, standing.response
        completed = response is not None and response.get("status") == "completed"
        if now.status is ReviewStatus.CLAIMED:
            must_hold(now, caller)
            if not completed:
                return None
        else:
            _must_be_undoable(record, caller, standing, begun=not completed)
        at = started if completed else taken_back_at(response)
        taking = TakingBack(caller, at or started, said)
        writes, before = [], [standing.task]
        if response is not None and completed:
            writes.append(put(reopened_response(response, taking)))
            before.append(response)
        if (sent := _still_sent(standing)) is not None:
            status = "revoked" if acted_on(record, sent) else "entered-in-error"
            writes.append(put(earlier_referral(sent, taking, status)))
            before.append(sent)
        task = reopened_task(standing.task, taking)
        return _signed(writes, standing, taking, UNDONE, before=before, task=task)

    return settle(record, decided, plan, _NOT_KNOWN)


def reverse(record: Record, caller: Caller, redirected: Review, reason: str) -> Review:
    """The review of a redirect that failed: the service couldn't come, or the patient got worse.

    The decision stays as it was made, its referral is revoked, and the outcome becomes "redirect
    reversed", which is never counted as a redirect. While the patient waits they may be flagged
    again, with a new checklist. Reversing what is reversed changes nothing. Raises Conflict where
    there is no redirect to reverse, Refused once the patient has left: what happens then is a
    matter of its own.
    """
    said = _must_say_why(reason)
    started = datetime.now(UTC)

    def plan(standing: Standing) -> Sequence[Write] | None:
        now = standing.review
        if now.status is ReviewStatus.REVERSED:
            return None
        if now.status is not ReviewStatus.REDIRECTED:
            raise Conflict(
                "no redirect to reverse",
                sentence=f"There is no redirect to reverse: {stands_as(now)}. Nothing was changed.",
            )
        if text(standing.encounter.get("status")) in _LEFT:
            raise Refused(
                "the patient has left",
                sentence="The record says that the patient has left, so the redirect can't be "
                "reversed. If they come back, that is a new wait.",
            )
        begun_at = taken_back_at(standing.response) if is_earlier(standing.response) else None
        at = taken_back_at(standing.referral) or begun_at or started
        taking = TakingBack(caller, at, said)
        writes, before = [], [standing.task]
        if standing.response is not None and begun_at != at:
            writes.append(put(earlier_response(standing.response, taking)))
            before.append(standing.response)
        if (sent := _still_sent(standing)) is not None:
            writes.append(put(earlier_referral(sent, taking, "revoked")))
            before.append(sent)
        activity = Outcome.REDIRECT_REVERSED.value
        task = reversed_task(standing.task, taking)
        return _signed(writes, standing, taking, activity, before=before, task=task)

    return settle(record, redirected, plan, _NOT_KNOWN)


def undo_begun(review_now: Review, draft: Draft) -> bool:
    """Whether an undoing was begun and not finished: the checklist is open again, and the review
    still stands as decided. Undoing it again finishes it, at any time.
    """
    return bool(draft.response) and not draft.completed and review_now.status in UNDOABLE


def reverse_begun(review_now: Review, draft: Draft) -> bool:
    """Whether a reversal was begun and not finished: the checklist that the redirect names is no
    longer the review's, and the review still stands as redirected. Reversing it again finishes it.
    """
    redirected = review_now.status is ReviewStatus.REDIRECTED
    return redirected and bool(review_now.response) and not draft.response


def _must_say_why(reason: str) -> str:
    said = reason.strip()
    if not said:
        raise Refused("no reason", sentence="Say why, in a few words. Nothing was changed.")
    return said


def _must_be_undoable(record: Record, caller: Caller, standing: Standing, *, begun: bool) -> None:
    now = standing.review
    if now.status not in UNDOABLE:
        raise Conflict(
            "nothing to undo",
            sentence=f"There is no decision to undo: {stands_as(now)}. Nothing was changed.",
        )
    if not is_callers(now.owner, caller):
        name = now.owner.name if now.owner is not None else "Somebody else"
        raise Refused(
            "somebody else's decision",
            sentence=f"{name} decided this, and only they can undo it. Nothing was changed.",
        )
    if text(standing.encounter.get("status")) not in record.profile.wait.statuses:
        raise Refused(
            "the patient no longer waits",
            sentence="The patient no longer waits here: they were handed over or left. The "
            "decision can't be undone.",
        )
    minutes = record.settings.undo_minutes
    until = undo_until(now, timedelta(minutes=minutes))
    if not begun and (until is None or datetime.now(UTC) > until):
        raise Refused(
            "too late to undo",
            sentence=f"A decision can be undone for {minutes} minutes, and that time is over. A "
            "redirect that failed can be reversed.",
        )


def _still_sent(standing: Standing) -> Resource | None:
    referral = standing.referral
    over = ("revoked", "entered-in-error")
    return None if referral is None or referral.get("status") in over else referral


def _signed(
    writes: list[Write],
    standing: Standing,
    taking: TakingBack,
    activity: str,
    *,
    before: Sequence[Resource],
    task: Resource,
) -> list[Write]:
    """The writes with the Provenance that names everything, and the Task at the end."""
    about = (standing.task, standing.response, standing.referral)
    named = [f"{each['resourceType']}/{each['id']}" for each in about if each is not None]
    made = provenance(taking.caller, activity, taking.at, named, why=taking.reason, revised=before)
    return [*writes, write_provenance(made, str(standing.task["id"])), put(task)]
