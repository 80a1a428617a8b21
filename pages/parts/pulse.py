"""The patient screen's pulse: a fragment without inputs that ticks, saves, and tells what changed.

It sends again what the record could not take, and notices when somebody else takes the review,
when the ED takes the patient, and when the record comes back. Only then is the whole screen run
again; a half-typed word stays where it is.
"""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from clinical.person import Caller
from clinical.review import Outcome, Review, ReviewStatus
from fhir_queries import decisions
from fhir_queries.errors import RecordError
from fhir_queries.queue_keeper import QueueView
from pages.parts.answers import save_everything, unsaved_count
from pages.parts.connection import queue_keeper, shared_record
from pages.parts.decision import was_held_up
from pages.parts.guard import guarded
from pages.parts.holding import holds
from pages.parts.idle import let_go_of_idle
from pages.parts.logged import Line, say
from pages.parts.opened import Opened, opened_now, person_on_queue, put_review
from pages.parts.queue import is_stale, refresh_every
from pages.parts.style import show
from pages.parts.telling import tell
from pages.present import times
from pages.present.asat import watch_html
from pages.present.escape import html
from pages.present.review import OUTCOMES


def show_pulse(opened: Opened, caller: Caller) -> None:
    """Show the pulse of this patient's screen."""
    fragment = st.fragment(_beat, run_every=refresh_every(), key=f"pulse|{opened.encounter}")
    fragment(opened, caller)


@guarded("patient pulse")
def _beat(opened: Opened, caller: Caller) -> None:
    before = unsaved_count()
    save_everything(caller)
    view = queue_keeper().view(caller)
    now = datetime.now(UTC)
    let_go_of_idle(caller, (each.review for each in view.list.waiting))
    if _taken_by_the_department(opened, view, caller, now):
        st.rerun()
    _show_state(opened, view, now)
    signs = _signs(opened, view, now)
    key = f"pulse-signs|{opened.encounter}"
    changed = key in st.session_state and st.session_state[key] != signs
    changed = changed or _shows_something_older(opened, view)
    # The record may have failed and come back between two ticks, with a tap in the middle
    changed = changed or (not is_stale(view, now) and was_held_up(opened.encounter))
    st.session_state[key] = signs
    if changed or unsaved_count() < before:
        on_queue = person_on_queue(view, opened.encounter)
        if on_queue is not None and on_queue.review is not None:
            put_review(opened.encounter, on_queue.review, view.list.as_at)
        st.rerun()


def _taken_by_the_department(
    opened: Opened, view: QueueView, caller: Caller, now: datetime
) -> bool:
    """Whether this caller's open review came too late, which is recorded and told at once.

    The answers stay in the draft; nothing can be decided any more.
    """
    review = opened_now(opened).review
    gone = person_on_queue(view, opened.encounter) is None and view.list.complete
    if review is None or not holds(review, caller) or not gone or is_stale(view, now):
        return False
    try:
        closed = decisions.close_handed_over(shared_record(), caller, review)
    except RecordError as fault:
        say(Line.RECORD_FAILED, where="patient pulse", error=type(fault).__name__)
        return False
    if closed.status is not ReviewStatus.HANDED_OVER:
        return False
    put_review(opened.encounter, closed, now)
    queue_keeper().refresh(caller)
    tell(
        opened.encounter,
        f"{closed.outcome_reason}. Recorded: {OUTCOMES[Outcome.HANDED_OVER_FIRST]}. No redirect "
        "can be recorded; the answers are kept.",
        "warn",
    )
    return True


def _show_state(opened: Opened, view: QueueView, now: datetime) -> None:
    read_at = opened.record.as_at
    show(
        html(
            '<p class="hv-asat"><span>Record read at <b>{clock}</b> · {ago}</span></p>{watch}',
            clock=times.clock(read_at, seconds=True),
            ago=times.ago(read_at, now),
            watch=watch_html(refresh_every(), "What you answer now is not saved until it is back."),
        )
    )
    if is_stale(view, now):
        show(
            html(
                '<div class="hv-box stop" role="alert"><p><b>The shared record does not answer.</b>'
                " {why} Answers stay on this tablet and are sent when it is back; a decision has "
                "to wait until then.</p></div>",
                why=view.error or "",
            )
        )
    elif person_on_queue(view, opened.encounter) is None:
        show(
            html(
                '<div class="hv-box warn" role="alert"><p><b>No longer waiting.</b> The record '
                "says this patient no longer waits in an ambulance: they were handed over or left. "
                "The checklist is kept.</p></div>"
            )
        )


def _shows_something_older(opened: Opened, view: QueueView) -> bool:
    """Whether the screen shows a review that the queue has newer, and otherwise: what a tap found
    may have changed back before the next tick.
    """
    shown, on_queue = opened_now(opened), person_on_queue(view, opened.encounter)
    if shown.waiting is None or on_queue is None or on_queue.review is None:
        return False
    newer = view.list.as_at > shown.review_as_at
    return newer and _signs_of(on_queue.review) != _signs_of(shown.review)


def _signs(opened: Opened, view: QueueView, now: datetime) -> tuple[object, ...]:
    """What a person has to be told of when it changes."""
    on_queue = person_on_queue(view, opened.encounter)
    review = on_queue.review if on_queue else None
    return is_stale(view, now), on_queue is not None, *_signs_of(review)


def _signs_of(review: Review | None) -> tuple[object, ...]:
    status = ReviewStatus.NONE if review is None else review.status
    owner = "" if review is None or review.owner is None else review.owner.user
    notes = 0 if review is None else len(review.notes)
    override = None if review is None else (review.override_asked, review.override)
    return status, owner, override, notes
