"""A review of one wait: asked for, held by one clinician at a time, withdrawn, talked about.

Every change is the Task's newest version changed and put back with ``If-Match``. Where somebody
else was faster it is fetched and decided again from what is there, at most three times.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from clinical.moments import LONDON, Moment, utc_text
from clinical.person import Caller, Person
from clinical.review import Actor, Review, ReviewStatus
from clinical.waiting import EmergencyDepartment, Place, WaitingPatient
from fhir_queries.asking import Resource, Search
from fhir_queries.audit import must_see_people, opened_queue
from fhir_queries.errors import Conflict
from fhir_queries.port import Record, page_of
from fhir_queries.reading.fields import mapping, text
from fhir_queries.reading.reviews import (
    OUTCOME_SYSTEM,
    REVIEW_CODE,
    REVIEW_IDENTIFIER,
    TASK_CODE_SYSTEM,
    WITHDRAWN,
    encounter_of,
    is_review,
    review,
)
from fhir_queries.reading.sections import UNREADABLE
from fhir_queries.reading.waits import department, place, waiting_since
from fhir_queries.review_task import append_note, change_task, not_before, reference_to
from fhir_queries.waiting import person_of

_ENDED = "This review has ended: {words}. Nothing was changed."
_STATUS_WORDS = {
    ReviewStatus.NONE: "not asked for",
    ReviewStatus.REQUESTED: "asked for, nobody has it",
    ReviewStatus.CLAIMED: "somebody has it",
    ReviewStatus.DEFERRED: "deferred",
    ReviewStatus.REDIRECTED: "redirected",
    ReviewStatus.REVERSED: "redirected, and the redirect reversed",
    ReviewStatus.NOT_REDIRECTED: "not redirected",
    ReviewStatus.HANDED_OVER: "handed over to the emergency department first",
    ReviewStatus.WITHDRAWN: "withdrawn",
    ReviewStatus.UNKNOWN: "in a state that this program does not know",
}


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One review with whom and where it is about, for the coordinator's list."""

    review: Review
    person: Person
    department: EmergencyDepartment
    place: Place
    waiting_since: Moment | None
    encounter_status: str
    """``Encounter.status``, empty where the Encounter didn't come."""
    still_waiting: bool | None
    """Whether the wait is still one; None where the Encounter didn't come. A patient redirected
    and still waiting is "redirected, still here"."""


def flag(
    record: Record, caller: Caller, patient: WaitingPatient, reason: str, pathway: str = ""
) -> Review:
    """The review of this wait: asked for now, or the one that was there already.

    However often it is pressed, and by however many people, there is one. A review that was
    withdrawn or deferred is asked for again; one that somebody holds or has decided stays as it is.
    """
    now = datetime.now(UTC)
    task: Resource = {
        "resourceType": "Task",
        "identifier": [{"system": REVIEW_IDENTIFIER, "value": patient.encounter}],
        "status": "requested",
        "intent": "proposal",
        "code": {"coding": [{"system": TASK_CODE_SYSTEM, "code": REVIEW_CODE}]},
        "focus": {"reference": f"Encounter/{patient.encounter}"},
        "for": {"reference": f"Patient/{patient.person.patient}"},
        "encounter": {"reference": f"Encounter/{patient.encounter}"},
        "authoredOn": utc_text(now),
        "lastModified": utc_text(now),
        "requester": reference_to(caller),
        "reasonCode": {"text": reason},
    }
    if pathway:
        task["description"] = pathway
    held = record.create(task, if_none_exist=f"identifier={REVIEW_IDENTIFIER}|{patient.encounter}")
    if review(held).status not in (ReviewStatus.WITHDRAWN, ReviewStatus.DEFERRED):
        return review(held)

    def ask_again(standing: Resource) -> Resource | None:
        if review(standing).status not in (ReviewStatus.WITHDRAWN, ReviewStatus.DEFERRED):
            return None
        for gone in ("owner", "businessStatus", "statusReason", "executionPeriod", "restriction"):
            standing.pop(gone, None)
        for name in ("status", "authoredOn", "requester", "reasonCode", "description"):
            if name in task:
                standing[name] = task[name]
        return standing

    return change_task(record, text(held.get("id")), ask_again)


def claim(record: Record, caller: Caller, asked: Review) -> Review:
    """The review, held by ``caller`` from now on.

    Raises Conflict where somebody else has it; its sentence says who and since when.
    """

    def take(standing: Resource) -> Resource | None:
        now = review(standing)
        if now.status is ReviewStatus.CLAIMED:
            if now.owner is not None and now.owner.user == caller.user:
                return None
            raise Conflict("claimed by somebody else", sentence=_held_by(now))
        _must_be_open(now)
        standing["status"] = "in-progress"
        standing["owner"] = reference_to(caller)
        standing["executionPeriod"] = {"start": utc_text(datetime.now(UTC))}
        for gone in ("businessStatus", "statusReason"):
            standing.pop(gone, None)
        return standing

    return change_task(record, asked.task, take)


def release(record: Record, caller: Caller, held: Review) -> Review:
    """The review, held by nobody and still asked for. One that ``caller`` doesn't hold stays.

    Raises Conflict where somebody else holds it by now.
    """

    def give_back(standing: Resource) -> Resource | None:
        now = review(standing)
        if now.status is not ReviewStatus.CLAIMED:
            return None
        _must_hold(now, caller)
        standing["status"] = "requested"
        standing.pop("owner", None)
        standing.pop("executionPeriod", None)
        return standing

    return change_task(record, held.task, give_back)


def take_over(record: Record, caller: Caller, held: Review, reason: str) -> Review:
    """The review, held by ``caller`` instead of whoever had it; ``reason`` becomes a note.

    Raises Conflict where it has ended, or by now is held by a third person.
    """
    seen = held.owner.user if held.owner is not None else ""

    def take(standing: Resource) -> Resource | None:
        now = review(standing)
        if now.owner is not None and now.owner.user == caller.user:
            return None
        _must_be_open(now)
        if now.owner is not None and now.owner.user != seen:
            raise Conflict("claimed by a third person", sentence=_held_by(now))
        before = now.owner.name if now.owner is not None else "nobody"
        standing["status"] = "in-progress"
        standing["owner"] = reference_to(caller)
        standing["executionPeriod"] = {"start": utc_text(datetime.now(UTC))}
        append_note(standing, caller, f"Taken over from {before}: {reason}")
        return standing

    return change_task(record, held.task, take)


def withdraw(record: Record, caller: Caller, asked: Review, reason: str) -> Review:
    """The review, withdrawn with its reason. Raises Conflict where a clinician already has it."""

    def cancel(standing: Resource) -> Resource | None:
        now = review(standing)
        if now.status is ReviewStatus.WITHDRAWN:
            return None
        if now.status is ReviewStatus.CLAIMED and not _is(now.owner, caller):
            raise Conflict("claimed meanwhile", sentence=_held_by(now))
        _must_be_open(now)
        standing["status"] = "cancelled"
        standing["businessStatus"] = {"coding": [{"system": OUTCOME_SYSTEM, "code": WITHDRAWN}]}
        standing["statusReason"] = {"text": reason}
        _end(standing)
        append_note(standing, caller, f"Withdrawn: {reason}")
        return standing

    return change_task(record, asked.task, cancel)


def add_note(record: Record, caller: Caller, about: Review, words: str) -> Review:
    """The review with one note more. Whoever holds it, both sides may write."""

    def write(standing: Resource) -> Resource | None:
        append_note(standing, caller, words)
        return standing

    return change_task(record, about.task, write)


def read_review(record: Record, task: str) -> Review:
    """The review as it stands now. Raises NotFound where there is none."""
    return review(record.fetch(f"Task/{task}"))


def read_reviews(record: Record, caller: Caller, since: datetime) -> tuple[ReviewRow, ...]:
    """Every review asked for since then, newest first, with its person and department; audited.

    One that can't be read is left out of the rows, never in place of the others. Raises
    RecordError where the record doesn't answer, NotPermitted for a role that sees counts only.
    """
    must_see_people(record, caller)
    search = Search(
        "reviews",
        "Task",
        (
            ("code", f"{TASK_CODE_SYSTEM}|{REVIEW_CODE}"),
            ("authored-on", f"ge{utc_text(since)}"),
            ("_include", "Task:patient"),
            ("_include", "Task:encounter"),
            ("_include:iterate", "Encounter:service-provider"),
            ("_include:iterate", "Encounter:location"),
            *page_of(record.profile),
        ),
    )
    audit = opened_queue(caller) if record.profile.writing.audit else None
    answer = record.ask([search], audit=audit).by_name["reviews"]
    if answer.error is not None:
        raise answer.error
    rows: list[ReviewRow] = []
    for task in answer.matches:
        try:
            if is_review(task) and task.get("status") != "entered-in-error":
                rows.append(_row(record, task, answer.included))
        except UNREADABLE:
            continue
    rows.sort(key=lambda row: _asked_at(row.review), reverse=True)
    return tuple(rows)


def _asked_at(asked: Review) -> float:
    return 0.0 if asked.requested_at is None else asked.requested_at.earliest.timestamp()


def _row(record: Record, task: Resource, included: Any) -> ReviewRow:
    rules = record.profile.wait
    encounter = included.get(f"Encounter/{encounter_of(task)}") or {}
    holder = person_of({"subject": task.get("for") or encounter.get("subject")}, included)
    status = text(encounter.get("status"))
    return ReviewRow(
        review(task),
        holder,
        department(encounter, included),
        place(encounter, rules, included),
        waiting_since(encounter, rules),
        status,
        status in rules.statuses if status else None,
    )


def _must_be_open(now: Review) -> None:
    if now.status not in (ReviewStatus.REQUESTED, ReviewStatus.CLAIMED, ReviewStatus.DEFERRED):
        words = _STATUS_WORDS[now.status]
        raise Conflict("the review has ended", sentence=_ENDED.format(words=words))


def _must_hold(now: Review, caller: Caller) -> None:
    if not _is(now.owner, caller):
        raise Conflict("held by somebody else", sentence=_held_by(now))


def _is(owner: Actor | None, caller: Caller) -> bool:
    return owner is not None and owner.user == caller.user


def _held_by(now: Review) -> str:
    name = now.owner.name if now.owner is not None else "Somebody else"
    if now.claimed_at is None or not now.claimed_at.exact:
        return f"{name} has this one."
    since = now.claimed_at.earliest.astimezone(LONDON)
    return f"{name} has this one, since {since:%H:%M}."


def _end(task: Resource) -> None:
    period = dict(mapping(task.get("executionPeriod")))
    ends = not_before(datetime.now(UTC), period.get("start"), task.get("authoredOn"))
    period["end"] = utc_text(ends)
    task["executionPeriod"] = period
