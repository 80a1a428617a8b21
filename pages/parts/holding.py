"""Whether the person on this tablet has a review."""

from __future__ import annotations

from clinical.person import Caller
from clinical.review import Review, ReviewStatus


def holds(review: Review | None, caller: Caller) -> bool:
    """Whether this caller has the review now."""
    return (
        review is not None
        and review.status is ReviewStatus.CLAIMED
        and review.owner is not None
        and review.owner.user == caller.user
    )
