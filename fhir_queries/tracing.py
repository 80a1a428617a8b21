"""How did this review come to its decision? Told from the record alone.

Every answer with its words, value, evidence, author, time and the version of the Questionnaire;
who asked, claimed, took over, decided and undid, and when; the override; who looked. From the
versions that the record keeps of the Task, the QuestionnaireResponse and the ServiceRequest, the
Provenances, and the AuditEvents of the wait. What can't be told is said (``gaps``), never guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from clinical.checklist import Override
from clinical.evidence import Evidence
from clinical.moments import utc_text
from clinical.person import Caller
from clinical.review import Review
from fhir_queries.asking import Answer, Resource, Search
from fhir_queries.audit import WHAT_SYSTEM, must_see_people, opened_record
from fhir_queries.checklist import CHECKLIST_IDENTIFIER
from fhir_queries.decision_resources import REFERRAL_IDENTIFIER
from fhir_queries.errors import BadRecord
from fhir_queries.port import Record, page_of
from fhir_queries.reading.fields import code_of, mapping, objects, target, text, words
from fhir_queries.reading.overrides import override_of
from fhir_queries.reading.review_notes import actor
from fhir_queries.reading.reviews import is_review, review
from fhir_queries.taking_back import EARLIER_CHECKLIST, EARLIER_REFERRAL
from fhir_queries.task_steps import Step, steps_of
from fhir_queries.traced_answers import (
    RecordWithHistory,
    TracedResponse,
    traced_response,
    version_of,
    versions_of,
)


@dataclass(frozen=True, slots=True)
class TracedReferral:
    """One ServiceRequest of the review as it stands, and the states it went through."""

    reference: str
    version: str
    status: str
    to: str
    authored: str
    within: tuple[str, str]
    """From and until when the first contact is asked for; empty where it isn't said."""
    reason: str
    notes: tuple[str, ...]
    statuses: tuple[tuple[str, str], ...]
    """(status, when it came to be), oldest first."""


@dataclass(frozen=True, slots=True)
class Signed:
    """One Provenance: who did what to which versions."""

    activity: str
    at: str
    agents: tuple[tuple[str, str], ...]
    """(part played, name)."""
    targets: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Looked:
    """One AuditEvent of the wait."""

    at: str
    what: str
    by: str
    refused: bool


@dataclass(frozen=True, slots=True)
class Trace:
    """Everything that the record tells of one review."""

    as_at: datetime
    review: Review
    steps: tuple[Step, ...]
    responses: tuple[TracedResponse, ...]
    override: Override | None
    referrals: tuple[TracedReferral, ...]
    signed: tuple[Signed, ...]
    looked: tuple[Looked, ...]
    gaps: tuple[str, ...]
    """What can't be traced, in sentences."""


def read_trace(record: RecordWithHistory, caller: Caller, task_id: str) -> Trace:
    """The trace of the review ``task_id``, audited like any look at its patient.

    Raises NotFound where the record holds no such Task, BadRecord where it is no review,
    NotPermitted for a role that sees counts only, RecordUnavailable where the record is silent.
    """
    must_see_people(record, caller)
    task = record.fetch(f"Task/{task_id}")
    if not is_review(task):
        raise BadRecord("a Task that is no review", sentence="This Task is no redirect review.")
    now = review(task)
    gaps: list[str] = []
    audit = opened_record(caller, now.patient, now.encounter)
    answers = record.ask(
        _searches(record, now), audit=audit if record.profile.writing.audit else None
    ).by_name
    versions = versions_of(record, task, gaps)
    responses = [
        traced_response(record, each, gaps) for each in _found(answers["checklists"], gaps)
    ]
    if not responses and now.response:
        gaps.append("The checklist that the review names could not be found.")
    referrals = [_referral(record, each, gaps) for each in _found(answers["referrals"], gaps)]
    signed = [_signed(each) for each in _found(answers["provenances"], gaps)]
    if now.outcome is not None and not signed:
        gaps.append("No Provenance names this review: who decided is told by the Task alone.")
    looked = [_looked(each) for each in _found(answers["audit"], gaps)]
    steps = steps_of(versions)
    gaps += [f"{each.what}: by whom isn't recorded." for each in steps if not each.by]
    return Trace(
        datetime.now(UTC),
        now,
        steps,
        tuple(responses),
        _override(versions),
        tuple(referrals),
        tuple(sorted(signed, key=lambda each: each.at)),
        tuple(sorted(looked, key=lambda each: each.at)),
        tuple(dict.fromkeys(gaps)),
    )


def _searches(record: Record, now: Review) -> list[Search]:
    page = page_of(record.profile)

    def named(*systems: str) -> tuple[tuple[str, str], ...]:
        return (("identifier", ",".join(f"{system}|{now.task}" for system in systems)), *page)

    return [
        Search(
            "checklists", "QuestionnaireResponse", named(CHECKLIST_IDENTIFIER, EARLIER_CHECKLIST)
        ),
        Search("referrals", "ServiceRequest", named(REFERRAL_IDENTIFIER, EARLIER_REFERRAL)),
        Search("provenances", "Provenance", (("target", f"Task/{now.task}"), *page)),
        Search("audit", "AuditEvent", (("entity", f"Encounter/{now.encounter}"), *page)),
    ]


_CALLED = {
    "checklists": "The checklist",
    "referrals": "The referral",
    "provenances": "The Provenances",
    "audit": "Who looked",
}


def _found(answer: Answer, gaps: list[str]) -> Sequence[Resource]:
    if answer.error is not None:
        gaps.append(f"{_CALLED[answer.name]} can't be told: {answer.error}")
    elif not answer.complete or answer.set_aside:
        gaps.append(f"{_CALLED[answer.name]} can't be told whole.")
    return answer.matches


def _override(versions: Sequence[Resource]) -> Override | None:
    """The override that stands, or the one that stood when the decision was made."""
    given = [found for each in versions if (found := override_of(each)) is not None]
    return given[-1] if given else None


def _referral(record: RecordWithHistory, standing: Resource, gaps: list[str]) -> TracedReferral:
    versions = versions_of(record, standing, gaps)
    statuses: list[tuple[str, str]] = []
    for each in versions:
        status = text(each.get("status"))
        if not statuses or statuses[-1][0] != status:
            statuses.append((status, text(mapping(each.get("meta")).get("lastUpdated"))))
    performer = mapping(standing.get("performer"))
    period = mapping(standing.get("occurrencePeriod"))
    return TracedReferral(
        f"ServiceRequest/{standing['id']}",
        version_of(standing),
        text(standing.get("status")),
        text(performer.get("display")) or target(performer),
        text(standing.get("authoredOn")),
        (text(period.get("start")), text(period.get("end"))),
        words(standing.get("reasonCode")),
        tuple(text(each.get("text")) for each in objects(standing.get("note"))),
        tuple(statuses),
    )


def _signed(found: Resource) -> Signed:
    agents = []
    for each in objects(found.get("agent")):
        who = actor(each.get("who"))
        part = code_of(each.get("type")) or "agent"
        agents.append((part, who.name if who is not None else "not recorded"))
    return Signed(
        code_of(found.get("activity")),
        text(found.get("recorded")),
        tuple(agents),
        tuple(target(each) for each in objects(found.get("target"))),
        words(found.get("reason")),
    )


def _looked(event: Resource) -> Looked:
    what = [
        text(each.get("code"))
        for each in objects(event.get("subtype"))
        if each.get("system") == WHAT_SYSTEM
    ]
    people = [
        found.name
        for each in objects(event.get("agent"))
        if each.get("requestor") is True and (found := actor(each.get("who"))) is not None
    ]
    return Looked(
        text(event.get("recorded")),
        what[0] if what else text(event.get("action")),
        people[0] if people else "",
        event.get("outcome") not in ("0", None),
    )


def as_json(value: Any) -> Any:
    """A dataclass of this module as JSON: its own names, moments as they were recorded."""
    if isinstance(value, Evidence):
        return {
            "value": value.value,
            "when": value.when.text if value.when is not None else None,
            "source": value.source,
            "reference": value.reference,
            "version": value.version,
        }
    if isinstance(value, datetime):
        return utc_text(value)
    if isinstance(value, tuple):
        return [as_json(each) for each in value]
    if hasattr(value, "__slots__"):
        return {name: as_json(getattr(value, name)) for name in value.__slots__}
    return value
