"""Writing to the review of the patient on the screen, and telling what came of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from clinical.person import Caller
from clinical.review import Review
from clinical.review_steps import Action, why_not
from fhir_queries import reviews
from fhir_queries.errors import Conflict, NotKnown, RecordError
from pages.parts import opening
from pages.parts.answers import doubt
from pages.parts.connection import queue_keeper, shared_record
from pages.parts.opened import Opened, put_review
from pages.parts.telling import tell


def change_review(
    opened: Opened, caller: Caller, action: Action, change: Callable[[], Review], done: str
) -> bool:
    """Write to the review of the patient on the screen, and tell what came of it; whether it was
    written.
    """
    if not opening.is_active(opened.encounter):
        return False
    forbidden = why_not(caller, action, opened.review)
    if forbidden:
        tell(opened.encounter, forbidden, "stop")
        return False
    try:
        review = change()
    except RecordError as fault:
        tell(opened.encounter, str(fault), "stop")
        doubt(opened.encounter)
        if isinstance(fault, Conflict | NotKnown):
            look_again(opened.encounter, opened.review)
        return False
    put_review(opened.encounter, review, datetime.now(UTC))
    queue_keeper().refresh(caller)
    tell(opened.encounter, done)
    return True


def look_again(encounter: str, review: Review | None) -> None:
    """After a conflict: what stands in the record, so that the screen says who and what."""
    if review is None:
        return
    try:
        fresh = reviews.read_review(shared_record(), review.task)
    except RecordError:
        return
    put_review(encounter, fresh, datetime.now(UTC))
