"""That an answer is due, in words: why, for how long, and how often it was asked for."""

from __future__ import annotations

from datetime import datetime

from clinical.answers_due import AnswerDue, Due, last_asked, times_asked
from clinical.review import Review
from pages.present import times


def due_words(due: AnswerDue | None, now: datetime) -> str:
    """Why an answer is due and since when; empty where none is."""
    if due is None:
        return ""
    long = times.span(now - due.since) if due.since is not None else ""
    match due.why:
        case Due.REVERSED:
            return f"Back with us: {long}" if long else "Back with us"
        case Due.NOT_CLAIMED:
            return f"Not taken: {long}" if long else "Not taken: since when not known"
        case Due.NOT_DECIDED:
            return f"No answer: {long}" if long else "No answer: since when not known"
        case Due.LOOK_AGAIN:
            return f"Look again: due {long} ago" if long else "Look again: no time was set"


def asked_words(review: Review, now: datetime) -> str:
    """How often it was asked for and when last; empty where only once."""
    count = times_asked(review)
    if count < 2:
        return ""
    last = last_asked(review)
    return (
        f"Asked {count} times" if last is None else f"Asked {count} times, {times.ago(last, now)}"
    )
