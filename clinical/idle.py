"""How long whoever holds a review has done nothing, and when that is long enough to let go of it.

What counts is what the holder did themselves: took the review, answered a line of the checklist,
asked for an override, wrote a note. What others wrote to it says nothing of the holder.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from clinical.moments import Moment
from clinical.review import Review, ReviewStatus


def idle_for(review: Review, answered_at: datetime | None, now: datetime) -> timedelta | None:
    """For how long the holder has done nothing; None where nobody holds it, or since when they do
    isn't recorded as an instant.

    ``answered_at`` is when an answer to its checklist was last saved, None where none was.
    """
    if review.status is not ReviewStatus.CLAIMED or review.owner is None:
        return None
    if review.claimed_at is None or not review.claimed_at.exact:
        return None
    asked = review.override_asked.at if review.override_asked is not None else None
    given = review.override.at if review.override is not None else None
    written = [note.at for note in review.notes if note.by_user == review.owner.user]
    done = [_instant(each) for each in (review.claimed_at, asked, *written)]
    times = [each for each in (*done, answered_at, given) if each is not None]
    return max(now - max(times), timedelta())


def is_idle(review: Review, answered_at: datetime | None, now: datetime, after: timedelta) -> bool:
    """Whether the review may be let go of: its holder has done nothing for ``after``."""
    idle = idle_for(review, answered_at, now)
    return idle is not None and idle >= after


def may_be_idle(review: Review, now: datetime, after: timedelta) -> bool:
    """Whether it is worth asking when the checklist was last answered: all else is long ago."""
    return is_idle(review, None, now, after)


def _instant(moment: Moment | None) -> datetime | None:
    return moment.earliest if moment is not None and moment.exact else None
