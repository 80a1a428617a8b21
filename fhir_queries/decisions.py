"""The decision on one review: written whole or not at all, and once however often it is sent.

Where the record takes transactions it is one; where it doesn't, the parts go in an order in which
the Task, which alone says that it is decided, is last: what is half done is then never shown as
done, and deciding again finishes it. Before each try everything is read again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from clinical.checklist import Checklist, Draft, Override
from clinical.checklist_rules import can_redirect
from clinical.evidence import Indicator
from clinical.moments import LONDON
from clinical.person import Caller
from clinical.review import Decision, Outcome, Review, ReviewStatus
from fhir_queries.asking import Resource, Search
from fhir_queries.checklist import CHECKLIST_IDENTIFIER
from fhir_queries.decision_resources import (
    REFERRAL_IDENTIFIER,
    Parts,
    completed_response,
    decided_task,
    provenance,
    referral,
    revoked,
)
from fhir_queries.errors import BadRecord, Conflict, RecordError, RecordUnavailable, Refused
from fhir_queries.port import Record
from fhir_queries.reading.fields import text
from fhir_queries.reading.reviews import review
from fhir_queries.review_task import AT_MOST
from fhir_queries.writes import Write

_NO_TRANSACTION = (404, 405, 501)
_DECIDED = (ReviewStatus.REDIRECTED, ReviewStatus.NOT_REDIRECTED, ReviewStatus.HANDED_OVER)
_NOT_KNOWN = (
    "The shared record stopped answering while the decision was sent: whether it holds it is not "
    "known. Your answers are kept. Send it again: it can't be recorded twice."
)


@dataclass(frozen=True, slots=True)
class _Standing:
    """All that one decision is about, as the record holds it before a try."""

    task: Resource
    encounter: Resource
    response: Resource | None
    referral: Resource | None

    @property
    def review(self) -> Review:
        return review(self.task)


def decide(
    record: Record,
    caller: Caller,
    decision: Decision,
    checklist: Checklist,
    draft: Draft,
    *,
    override: Override | None = None,
    indicators: Sequence[Indicator] = (),
    identity: Sequence[str] = (),
) -> Review:
    """The review as it stands once the decision is in the record.

    A redirect is refused while the checklist's rules forbid it: ``override``, ``indicators`` and
    ``identity`` are those of ``clinical.checklist_rules.can_redirect``. If the emergency
    department has taken the patient over meanwhile, that is what is recorded: the review that
    comes back then has the outcome HANDED_OVER_FIRST whatever was decided, and the draft stays a
    draft.

    The same decision sent twice is one. Raises Conflict where somebody else has decided or holds
    the review (the sentence says who), Refused where the rules or the record forbid it,
    RecordUnavailable where it isn't known whether it arrived; the draft is then as it was.
    """
    _must_be_allowed(
        decision, checklist, draft, override=override, indicators=indicators, identity=identity
    )
    as_one = record.profile.writing.transaction
    failed: RecordError = Conflict("the review changed under every try")
    for _ in range(AT_MOST):
        try:
            standing = _read(record, decision.review)
        except RecordUnavailable as unavailable:
            if isinstance(failed, RecordUnavailable):
                raise RecordUnavailable(failed.detail, sentence=_NOT_KNOWN) from unavailable
            raise
        decision = _as_things_are(record, decision, standing)
        _must_not_be_decided_otherwise(decision, standing.review)
        parts = _parts(caller, decision, checklist, draft, standing=standing, override=override)
        if _complete(decision, standing, parts):
            return standing.review
        try:
            written = _write_as_one(record, parts) if as_one else _write_in_order(record, parts)
        except (Conflict, RecordUnavailable, BadRecord) as error:
            failed = error
            continue
        except Refused as error:
            if as_one and error.status in _NO_TRANSACTION:
                as_one, failed = False, error
                continue
            raise
        return review(written)
    if isinstance(failed, RecordUnavailable):
        raise RecordUnavailable(failed.detail, sentence=_NOT_KNOWN)
    raise failed


def unfinished(review_now: Review, draft: Draft) -> bool:
    """Whether a decision was begun and not finished: its checklist is completed, the Task not.

    It isn't decided then. Deciding again finishes it.
    """
    return draft.completed and review_now.status in (ReviewStatus.CLAIMED, ReviewStatus.REQUESTED)


def _must_be_allowed(
    decision: Decision,
    checklist: Checklist,
    draft: Draft,
    *,
    override: Override | None,
    indicators: Sequence[Indicator],
    identity: Sequence[str],
) -> None:
    if decision.outcome is not Outcome.REDIRECTED:
        if decision.outcome is Outcome.NO_CAPACITY and decision.service is None:
            raise Refused("no service", sentence="Say which service had no room.")
        return
    if decision.service is None:
        raise Refused("no service", sentence="A redirect needs the service that takes them.")
    blockers = can_redirect(
        checklist,
        draft.answers,
        indicators,
        override,
        by_user=decision.by_user,
        identity=identity,
    )
    if blockers:
        raise Refused(
            "the checklist forbids a redirect",
            sentence="A redirect can't be recorded. " + " ".join(blockers),
        )


def _read(record: Record, asked: Review) -> _Standing:
    task = record.fetch(f"Task/{asked.task}")
    now = review(task)
    answers = record.ask(
        [
            Search("encounter", "Encounter", (("_id", now.encounter or asked.encounter),)),
            Search(
                "response",
                "QuestionnaireResponse",
                (("identifier", f"{CHECKLIST_IDENTIFIER}|{asked.task}"),),
            ),
            Search(
                "referral",
                "ServiceRequest",
                (("identifier", f"{REFERRAL_IDENTIFIER}|{asked.task}"),),
            ),
        ]
    ).by_name
    for answer in answers.values():
        if answer.error is not None:
            raise answer.error
    encounters = answers["encounter"].matches
    if not encounters:
        raise BadRecord("the Encounter of a review is not there")
    found = {name: _standing_of(answers[name].matches) for name in ("response", "referral")}
    exact = {
        name: record.fetch(f"{each['resourceType']}/{each['id']}") if each is not None else None
        for name, each in found.items()
    }
    return _Standing(task, encounters[0], exact["response"], exact["referral"])


def _standing_of(matches: Sequence[Resource]) -> Resource | None:
    """The one that stands; one entered in error only where there is no other.

    A conditional create would find that one too, so it is the one to write anew.
    """
    return min(matches, key=lambda each: each.get("status") == "entered-in-error", default=None)


def _as_things_are(record: Record, decision: Decision, standing: _Standing) -> Decision:
    """The decision, or "handed over first" where the emergency department was faster."""
    status = text(standing.encounter.get("status"))
    decided = standing.review.status in _DECIDED
    if decided or status in record.profile.wait.statuses:
        return decision
    return Decision(
        decision.review,
        Outcome.HANDED_OVER_FIRST,
        "",
        "Handed over to the emergency department while the checklist was open",
        None,
        decision.by_user,
        decision.by_name,
        decision.decided_at,
    )


def _must_not_be_decided_otherwise(decision: Decision, now: Review) -> None:
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
    if (
        now.status is ReviewStatus.CLAIMED
        and now.owner is not None
        and now.owner.user != decision.by_user
        and decision.outcome is not Outcome.HANDED_OVER_FIRST
    ):
        raise Conflict("held by somebody else", sentence=f"{now.owner.name} has this one now.")


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
    checklist: Checklist,
    draft: Draft,
    *,
    standing: _Standing,
    override: Override | None,
) -> Parts:
    parts = Parts()
    ends = decision.outcome not in (Outcome.DEFERRED, Outcome.HANDED_OVER_FIRST)
    parts.response = standing.response
    if ends:
        parts.response = completed_response(standing.response, decision, checklist, draft, caller)
        parts.response_changes = parts.response != standing.response
    if decision.outcome is Outcome.REDIRECTED:
        parts.referral = referral(
            standing.referral, standing.encounter, decision, parts.response_name(), caller
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
        override=override,
    )
    parts.provenance = provenance(decision, parts, caller, override)
    return parts


def _complete(decision: Decision, standing: _Standing, parts: Parts) -> bool:
    """Whether this very decision stands there already, with all its parts."""
    now = standing.review
    if now.status is ReviewStatus.DEFERRED:
        return decision.outcome is Outcome.DEFERRED and standing.task.get(
            "lastModified"
        ) == parts.task.get("lastModified")
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


def _write_as_one(record: Record, parts: Parts) -> Resource:
    entries = [parts.write_response(), parts.write_referral(), parts.write_provenance()]
    writes: list[Write] = [entry for entry in entries if entry is not None]
    writes.append(parts.write_task())
    stored = record.transact(writes)
    return next(each for each in stored if each.get("resourceType") == "Task")


def _write_in_order(record: Record, parts: Parts) -> Resource:
    """The checklist, the referral, the provenance, and last the Task that says it is decided."""
    names: dict[str, str] = {}
    for entry in (parts.write_response(), parts.write_referral(), parts.write_provenance()):
        if entry is None:
            continue
        resource = with_names(entry.resource, names)
        if entry.method == "PUT":
            stored = record.update(resource, version=entry.if_match)
        else:
            stored = record.create(resource, if_none_exist=entry.if_none_exist or None)
        if entry.full_url:
            names[entry.full_url] = f"{stored['resourceType']}/{stored['id']}"
    task = parts.write_task()
    return record.update(with_names(task.resource, names), version=task.if_match)


def with_names(resource: Resource, names: dict[str, str]) -> Resource:
    """A copy of ``resource`` in which each ``urn:uuid:`` reference is the id it was given."""

    def named(value: object) -> object:
        if isinstance(value, dict):
            return {
                key: names.get(inner, inner) if key == "reference" else named(inner)
                for key, inner in value.items()
            }
        if isinstance(value, list):
            return [named(each) for each in value]
        return value

    return {key: named(value) for key, value in resource.items()}
