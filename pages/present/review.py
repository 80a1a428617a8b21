"""A review in words: who asked, who has it, what was decided, when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from clinical.moments import Moment
from clinical.review import Actor, Note, Outcome, OverrideRequest, Review, ReviewStatus
from pages.present import times
from pages.present.answers_due import asked_words

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
    asked_again: str = ""
    """How often it was asked for, where more than once."""


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
    if review.pathway:
        asked = f"{asked}. Suggested: {review.pathway}"
    held = ""
    if review.owner is not None and review.status is ReviewStatus.CLAIMED:
        holder = who(review.owner, asking)
        has = "You have it" if holder == "you" else f"With {holder}"
        held = f"{has}{_when(review.claimed_at, now)}"
        if review.override_asked is not None:
            held = f"{held}. A second clinician is asked for"
    elif review.status is ReviewStatus.DEFERRED:
        held = _again(review, now)
    return ReviewWords(
        _status(review, now),
        "asked" if is_due(review, now) else _KINDS.get(review.status, "plain"),
        asked,
        held,
        _decided(review, asking, now),
        asked_words(review, now),
    )


def override_asked_words(asked: OverrideRequest, asking: str, now: datetime) -> str:
    """That a second clinician is asked for, by whom and since when."""
    by = who(asked.by, asking)
    ask = "You ask" if by == "you" else f"{by} asks"
    return f"{ask} for a second clinician's word{_when(asked.at, now)}."


def idle_words(review: Review, idle: timedelta | None, after: timedelta) -> str:
    """That the holder shows no sign, once that is half of what is allowed; else empty."""
    if idle is None or idle < after / 2:
        return ""
    said = f"No answer from {who(review.owner)} for {times.span(idle)}."
    if idle >= after:
        return f"{said} Anybody may take it."
    return f"{said} After {times.span(after)} anybody may take it."


def note_words(note: Note, now: datetime) -> str:
    """One note with who wrote it and when."""
    return f"{note.text} ({note.by or 'author not recorded'}{_when(note.at, now)})"


def is_due(review: Review, now: datetime) -> bool:
    """Whether a review that was put off is to be looked at again by now."""
    again = review.review_again_at
    if review.status is not ReviewStatus.DEFERRED or again is None:
        return False
    return again.earliest <= now


def _again(review: Review, now: datetime) -> str:
    again = review.review_again_at
    if again is None or not again.exact:
        return ""
    clock = times.clock_of_today(again.earliest, now)
    if is_due(review, now):
        return f"To be looked at again since {clock} ({times.ago(again.earliest, now)})"
    return f"To be looked at again at {clock}"


def _status(review: Review, now: datetime) -> str:
    if is_due(review, now):
        return "Look again now"
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
    if review.status is ReviewStatus.REVERSED:
        return f"{what}{_when(review.reversed_at, now)}"
    if review.status is ReviewStatus.HANDED_OVER:
        return f"{review.outcome_reason or what}{_when(review.decided_at, now)}"
    by = "" if review.owner is None else f", by {who(review.owner, asking)}"
    return f"{what}{by}{_when(review.decided_at, now)}"


def _when(when: Moment | None, now: datetime) -> str:
    if when is None:
        return ""
    if not when.exact:
        return f", {times.moment(when)}"
    return f", {times.clock_of_today(when.earliest, now)} ({times.ago(when.earliest, now)})"
