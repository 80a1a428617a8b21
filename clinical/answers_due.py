"""Which reviews need an answer now, and for how long they have needed it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from clinical.moments import Moment
from clinical.person import Caller
from clinical.review import Note, Review, ReviewStatus


class Due(Enum):
    """Why an answer is due, the most pressing first."""

    REVERSED = "reversed"
    """A redirect was reversed: the patient is back, and nobody has decided anew."""
    NOT_DECIDED = "not-decided"
    """Somebody has it, and for longer than the set time."""
    NOT_CLAIMED = "not-claimed"
    """Asked for, and nobody has it after the set time."""
    LOOK_AGAIN = "look-again"
    """It was put off until a time that has come."""


@dataclass(frozen=True, slots=True)
class AnswerTimes:
    """How long an answer may take at this site."""

    to_claim: timedelta = timedelta(minutes=15)
    to_decide: timedelta = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class AnswerDue:
    """That an answer is due."""

    why: Due
    since: datetime | None
    """Since when somebody waits for it, in UTC; None where the record doesn't say."""


def answer_due(
    review: Review, now: datetime, times: AnswerTimes = AnswerTimes()
) -> AnswerDue | None:
    """Whether an answer is due; None while there is none to give, or time for it yet.

    One whose time isn't recorded as an instant is due: it may have been asked for at any time.
    """
    match review.status:
        case ReviewStatus.REVERSED:
            return AnswerDue(Due.REVERSED, _instant(review.reversed_at or review.decided_at))
        case ReviewStatus.REQUESTED:
            return _after(Due.NOT_CLAIMED, review.requested_at, times.to_claim, now)
        case ReviewStatus.CLAIMED:
            return _after(Due.NOT_DECIDED, review.claimed_at, times.to_decide, now)
        case ReviewStatus.DEFERRED:
            return _after(Due.LOOK_AGAIN, review.review_again_at, timedelta(), now)
        case _:
            return None


def times_asked(review: Review) -> int:
    """How often this review was asked for: the flag, and each time since that somebody asked."""
    return 1 + len(_asks(review))


def last_asked(review: Review) -> datetime | None:
    """When it was last asked for, in UTC; None where the record doesn't say."""
    asks = [when for note in _asks(review) if (when := _instant(note.at)) is not None]
    return max(asks, default=_instant(review.requested_at))


def unread(notes: Sequence[Note], caller: Caller) -> tuple[Note, ...]:
    """The notes from the other side that nobody of the caller's side has said to have read.

    One that doesn't say which side it is from counts as the other's, unless it is their own.
    """
    side = caller.role.value
    return tuple(
        note
        for note in notes
        if note.side != side
        and not (note.by_user and note.by_user == caller.user)
        and all(each.side != side for each in note.read_by)
    )


def _asks(review: Review) -> list[Note]:
    flagged = _instant(review.requested_at)
    return [
        note
        for note in review.notes
        if note.asks_again
        and (flagged is None or (when := _instant(note.at)) is None or when >= flagged)
    ]


def _after(why: Due, start: Moment | None, allowed: timedelta, now: datetime) -> AnswerDue | None:
    since = _instant(start)
    if since is None:
        return AnswerDue(why, None)
    return AnswerDue(why, since) if now.astimezone(UTC) - since >= allowed else None


def _instant(moment: Moment | None) -> datetime | None:
    return moment.earliest.astimezone(UTC) if moment is not None and moment.exact else None
