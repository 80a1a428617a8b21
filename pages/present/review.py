"""A review in words: who asked, who has it, what was decided, when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from clinical.moments import Moment
from clinical.review import Actor, Note, Outcome, Review, ReviewStatus
from pages.present import times

OUTCOMES: Mapping[Outcome, str] = {
    Outcome.REDIRECTED: "Redirected to community care",
    Outcome.NOT_SUITABLE: "Not suitable for community care",
    Outcome.PATIENT_DECLINED: "Patient declined",
    Outcome.NO_CAPACITY: "No community capacity",
    Outcome.DEFERRED: "Put off: review again",
    Outcome.HANDED_OVER_FIRST: "Handed over to the ED first",
    Outcome.REDIRECT_REVERSED: "Redirect reversed",
}
STATUSES: Mapping[ReviewStatus, str] = {
    ReviewStatus.NONE: "Not flagged",
    ReviewStatus.REQUESTED: "Review asked for",
    ReviewStatus.CLAIMED: "Being reviewed",
    ReviewStatus.DEFERRED: "Put off",
    ReviewStatus.REDIRECTED: "Redirected",
    ReviewStatus.REVERSED: "Redirect reversed",
    ReviewStatus.NOT_REDIRECTED: "Not redirected",
    ReviewStatus.HANDED_OVER: "Handed over first",
    ReviewStatus.WITHDRAWN: "Withdrawn",
    ReviewStatus.UNKNOWN: "Status not understood",
}
_KINDS: Mapping[ReviewStatus, str] = {
    ReviewStatus.REQUESTED: "asked",
    ReviewStatus.CLAIMED: "held",
    ReviewStatus.REDIRECTED: "done",
    ReviewStatus.REVERSED: "stop",
    ReviewStatus.NOT_REDIRECTED: "stop",
    ReviewStatus.UNKNOWN: "stop",
}


@dataclass(frozen=True, slots=True)
class ReviewWords:
    """A review as the screens say it. Empty parts have nothing to say."""

    status: str
    kind: str
    """Which of the style sheet's tags it is."""
    asked: str
    held: str
    decided: str


def who(actor: Actor | None, asking: str = "") -> str:
    """A person's name with their organisation; "you" for the one who is asking."""
    if actor is None:
        return "not recorded"
    if asking and actor.user == asking:
        return "you"
    named = actor.name or actor.user or "not recorded"
    return f"{named}, {actor.organisation}" if actor.organisation else named


def review_words(review: Review | None, asking: str, now: datetime) -> ReviewWords:
    """The words of a review; ``asking`` is the user who looks at it."""
    if review is None:
        return ReviewWords(STATUSES[ReviewStatus.NONE], "plain", "", "", "")
    asked = f"Flagged by {who(review.requested_by, asking)}{_when(review.requested_at, now)}"
    if review.reason:
        asked = f"{asked}: {review.reason}"
    held = ""
    if review.owner is not None and review.status is ReviewStatus.CLAIMED:
        holder = who(review.owner, asking)
        has = "You have it" if holder == "you" else f"With {holder}"
        held = f"{has}{_when(review.claimed_at, now)}"
    return ReviewWords(
        _status(review),
        _KINDS.get(review.status, "plain"),
        asked,
        held,
        _decided(review, asking, now),
    )


def note_words(note: Note, now: datetime) -> str:
    """One note with who wrote it and when."""
    return f"{note.text} ({note.by or 'author not recorded'}{_when(note.at, now)})"


def _status(review: Review) -> str:
    if review.status is ReviewStatus.UNKNOWN:
        return f"{STATUSES[review.status]}: {review.record_status}"
    return STATUSES[review.status]


def _decided(review: Review, asking: str, now: datetime) -> str:
    if review.outcome is None:
        return ""
    what = OUTCOMES[review.outcome]
    if review.outcome_service:
        what = f"{what}: {review.outcome_service}"
    if review.outcome_reason:
        what = f"{what}. {review.outcome_reason}"
    by = "" if review.owner is None else f", by {who(review.owner, asking)}"
    return f"{what}{by}{_when(review.decided_at, now)}"


def _when(when: Moment | None, now: datetime) -> str:
    if when is None:
        return ""
    if not when.exact:
        return f", {times.moment(when)}"
    return f", {times.clock_of_today(when.earliest, now)} ({times.ago(when.earliest, now)})"
