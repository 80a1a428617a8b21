"""Who holds a review's Task: taken, given back, and said to whoever comes second."""

from __future__ import annotations

from datetime import UTC, datetime

from clinical.moments import LONDON, utc_text
from clinical.person import Caller
from clinical.review import Actor, Review, ReviewStatus
from fhir_queries.asking import Resource
from fhir_queries.errors import Conflict
from fhir_queries.reading.fields import objects
from fhir_queries.reading.overrides import OVERRIDE_REQUEST_URL, OVERRIDE_URL
from fhir_queries.review_task import reference_to

OPEN = (ReviewStatus.REQUESTED, ReviewStatus.CLAIMED, ReviewStatus.DEFERRED)

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


def is_callers(owner: Actor | None, caller: Caller) -> bool:
    """Whether somebody named in the record is this caller."""
    return owner is not None and bool(owner.user) and owner.user == caller.user


def holds(now: Review, caller: Caller) -> bool:
    """Whether ``caller`` has the review."""
    return now.status is ReviewStatus.CLAIMED and is_callers(now.owner, caller)


def stands_as(now: Review) -> str:
    """How a review stands, in the words of a sentence."""
    return _STATUS_WORDS[now.status]


def must_be_open(now: Review) -> None:
    """Raises Conflict, with how it ended, where a review has ended."""
    if now.status not in OPEN:
        raise Conflict("the review has ended", sentence=_ENDED.format(words=stands_as(now)))


def must_hold(now: Review, caller: Caller) -> None:
    """Raises Conflict, with how it stands, where ``caller`` doesn't hold the review."""
    must_be_open(now)
    if now.status is not ReviewStatus.CLAIMED:
        raise Conflict(
            "nobody holds the review",
            sentence="Nobody has this review: take it first. Nothing was changed.",
        )
    if not is_callers(now.owner, caller):
        raise Conflict("held by somebody else", sentence=held_by(now))


def held_by(now: Review) -> str:
    """Who has a review, and since when, in a sentence."""
    name = now.owner.name if now.owner is not None else "Somebody else"
    if now.claimed_at is None or not now.claimed_at.exact:
        return f"{name} has this one."
    since = now.claimed_at.earliest.astimezone(LONDON)
    return f"{name} has this one, since {since:%H:%M}."


def hold(task: Resource, caller: Caller) -> None:
    """Have ``caller`` hold a Task from now on."""
    task["status"] = "in-progress"
    task["owner"] = reference_to(caller)
    task["executionPeriod"] = {"start": utc_text(datetime.now(UTC))}
    for gone in ("businessStatus", "statusReason", "restriction"):
        task.pop(gone, None)
    drop_overrides(task)


def give_back(task: Resource) -> None:
    """Have nobody hold a Task: it is asked for, as before it was taken."""
    task["status"] = "requested"
    task.pop("owner", None)
    task.pop("executionPeriod", None)
    drop_overrides(task)


def drop_overrides(task: Resource) -> None:
    """Take an override, given or asked for, off a Task: it was for whoever held it then."""
    ours = (OVERRIDE_URL, OVERRIDE_REQUEST_URL)
    kept = [each for each in objects(task.get("extension")) if each.get("url") not in ours]
    task["extension"] = kept
    if not kept:
        del task["extension"]
