"""A review of one wait: asked for, held by one clinician at a time, withdrawn, talked about.

Every change is the Task's newest version changed and put back with ``If-Match``. Where somebody
else was faster it is fetched and decided again from what is there, at most three times.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from clinical.idle import idle_for, may_be_idle
from clinical.moments import Moment, utc_text
from clinical.person import Caller, Person
from clinical.review import Review, ReviewStatus
from clinical.waiting import EmergencyDepartment, Place, WaitingPatient
from fhir_queries.asking import Resource, Search
from fhir_queries.audit import must_see_people, opened_queue
from fhir_queries.checklist import read_draft
from fhir_queries.errors import Conflict
from fhir_queries.holding import (
    give_back,
    held_by,
    hold,
    holds,
    is_callers,
    must_be_open,
    must_hold,
)
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
from fhir_queries.review_task import (
    append_note,
    change_task,
    create_once,
    not_before,
    reference_to,
)
from fhir_queries.waiting import person_of

_HALF_DONE = (
    "A clinician began to decide this and did not finish. It has to be finished, or the checklist "
    "opened again, before it can be withdrawn."
)
_ASKED_AGAIN = (ReviewStatus.WITHDRAWN, ReviewStatus.DEFERRED, ReviewStatus.REVERSED)


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
    withdrawn or deferred, or a redirect that was reversed, is asked for again; one that somebody
    holds or has decided stays as it is.
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
    held = create_once(record, task, f"identifier={REVIEW_IDENTIFIER}|{patient.encounter}")
    if review(held).status not in _ASKED_AGAIN:
        return review(held)

    def ask_again(standing: Resource) -> Resource | None:
        if review(standing).status not in _ASKED_AGAIN:
            return None
        for gone in ("businessStatus", "statusReason", "restriction", "output", "description"):
            standing.pop(gone, None)
        give_back(standing)
        for name in ("status", "authoredOn", "requester", "reasonCode", "description"):
            if name in task:
                standing[name] = task[name]
        return standing

    return change_task(record, text(held.get("id")), ask_again)


def claim(record: Record, caller: Caller, asked: Review) -> Review:
    """The review, held by ``caller`` from now on.

    One whose holder has done nothing for the set time is taken from them, and a note says so.
    Raises Conflict where somebody else has it; its sentence says who and since when.
    """

    def take(standing: Resource) -> Resource | None:
        now = review(standing)
        if holds(now, caller):
            return None
        if now.status is ReviewStatus.CLAIMED:
            idle = _idle(record, now)
            if idle is None:
                raise Conflict("claimed by somebody else", sentence=held_by(now))
            append_note(standing, caller, _let_go_words(now, idle))
        must_be_open(now)
        hold(standing, caller)
        return standing

    return change_task(record, asked.task, take)


def release(record: Record, caller: Caller, held: Review) -> Review:
    """The review, held by nobody and still asked for. One that nobody holds stays as it is.

    Raises Conflict where somebody else holds it by now.
    """

    def let_go(standing: Resource) -> Resource | None:
        now = review(standing)
        if now.status is not ReviewStatus.CLAIMED:
            return None
        must_hold(now, caller)
        give_back(standing)
        return standing

    return change_task(record, held.task, let_go)


def release_idle(record: Record, caller: Caller, held: Review) -> Review:
    """The review, held by nobody where its holder has done nothing for the set time
    (``idle_minutes``); else as it stands.

    Whoever looks at a list may do this, and however many notice at once it is let go of once: a
    note says from whom. What was answered stays in the draft.
    """

    def let_go(standing: Resource) -> Resource | None:
        now = review(standing)
        idle = _idle(record, now)
        if idle is None:
            return None
        append_note(standing, caller, _let_go_words(now, idle))
        give_back(standing)
        return standing

    return change_task(record, held.task, let_go)


def take_over(record: Record, caller: Caller, held: Review, reason: str) -> Review:
    """The review, held by ``caller`` instead of whoever had it; ``reason`` becomes a note.

    Raises Conflict where it has ended, or by now is held by a third person.
    """
    seen = held.owner.user if held.owner is not None else ""

    def take(standing: Resource) -> Resource | None:
        now = review(standing)
        if holds(now, caller):
            return None
        must_be_open(now)
        holder = now.owner if now.status is ReviewStatus.CLAIMED else None
        if holder is not None and holder.user != seen:
            raise Conflict("claimed by a third person", sentence=held_by(now))
        before = holder.name if holder is not None else "nobody"
        hold(standing, caller)
        append_note(standing, caller, f"Taken over from {before}: {reason}")
        return standing

    return change_task(record, held.task, take)


def withdraw(record: Record, caller: Caller, asked: Review, reason: str) -> Review:
    """The review, withdrawn with its reason.

    Raises Conflict where a clinician already has it, or has begun a decision and not finished it.
    """

    def cancel(standing: Resource) -> Resource | None:
        now = review(standing)
        if now.status is ReviewStatus.WITHDRAWN:
            return None
        if now.status is ReviewStatus.CLAIMED and not is_callers(now.owner, caller):
            raise Conflict("claimed meanwhile", sentence=held_by(now))
        must_be_open(now)
        if read_draft(record, now).completed:
            raise Conflict("a decision is half done", sentence=_HALF_DONE)
        standing["status"] = "cancelled"
        standing["businessStatus"] = {"coding": [{"system": OUTCOME_SYSTEM, "code": WITHDRAWN}]}
        standing["statusReason"] = {"text": reason}
        _end(standing)
        append_note(standing, caller, f"Withdrawn: {reason}")
        return standing

    return change_task(record, asked.task, cancel)


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


def _idle(record: Record, now: Review) -> timedelta | None:
    """How long the holder has done nothing, where that is long enough to let go; else None."""
    after = timedelta(minutes=record.settings.idle_minutes)
    if not may_be_idle(now, datetime.now(UTC), after):
        return None
    answered_at = read_draft(record, now).saved_at
    idle = idle_for(now, answered_at, datetime.now(UTC))
    return idle if idle is not None and idle >= after else None


def _let_go_words(now: Review, idle: timedelta) -> str:
    holder = now.owner.name if now.owner is not None else "Somebody"
    return f"Let go of by itself: {holder} had done nothing for {idle // timedelta(minutes=1)} min"


def _end(task: Resource) -> None:
    period = dict(mapping(task.get("executionPeriod")))
    ends = not_before(datetime.now(UTC), period.get("start"), task.get("authoredOn"))
    period["end"] = utc_text(ends)
    task["executionPeriod"] = period
