"""Beside the record: who has this review, the checklist, and the decision."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import streamlit as st

from clinical.evidence import Indicator
from clinical.person import Caller
from clinical.review import Review, ReviewStatus
from clinical.review_steps import Action, why_not
from fhir_queries import reviews
from fhir_queries.errors import Conflict, RecordError
from pages.parts import opening
from pages.parts.answers import KeptAnswers, kept_answers
from pages.parts.checklist_form import show_checklist
from pages.parts.connection import queue_keeper, shared_record
from pages.parts.decision import show_decision
from pages.parts.guard import guarded, guarded_callback, say_sorry, say_what_failed
from pages.parts.opened import Opened, opened_now, put_review
from pages.parts.style import show
from pages.parts.telling import show_told, tell, told_well, untell
from pages.present.escape import html, join
from pages.present.person import name
from pages.present.review import note_words, review_words

_NOT_ASKED = (ReviewStatus.NONE, ReviewStatus.WITHDRAWN)
_TO_TAKE = (ReviewStatus.REQUESTED, ReviewStatus.DEFERRED)
_OWN_LOOK = "Taken from the queue by a community clinician"


@guarded("review area")
def show_review_area(opened: Opened, indicators: Mapping[str, Indicator], caller: Caller) -> None:
    """The whole right-hand side. A fragment: a tap on an answer runs this and nothing else."""
    say_what_failed()
    opened = opened_now(opened)
    review = opened.review
    show(html('<h2 id="review">Redirect review</h2>'))
    _show_standing(opened, caller)
    show_told(opened.encounter)
    _show_taking(opened, caller)
    if review is None or review.status in _NOT_ASKED:
        return
    _show_notes(opened, review, caller)
    try:
        kept = kept_answers(review)
    except RecordError as fault:
        say_sorry(f"{fault} The checklist can't be shown until it answers.")
        return
    held = holds(review, caller)
    _show_form(opened, kept, indicators, caller, held=held)


def holds(review: Review | None, caller: Caller) -> bool:
    """Whether this caller has the review now."""
    return (
        review is not None
        and review.status is ReviewStatus.CLAIMED
        and review.owner is not None
        and review.owner.user == caller.user
    )


def change_review(
    opened: Opened, caller: Caller, action: Action, change: Callable[[], Review], done: str
) -> None:
    """Write to the review of the patient on the screen, and tell what came of it."""
    if not opening.is_active(opened.encounter):
        return
    forbidden = why_not(caller, action, opened.review)
    if forbidden:
        tell(opened.encounter, forbidden, "stop")
        return
    try:
        review = change()
    except RecordError as fault:
        tell(opened.encounter, str(fault), "stop")
        if isinstance(fault, Conflict):
            _look_again(opened)
        return
    put_review(opened.encounter, review, datetime.now(UTC))
    queue_keeper().refresh(caller)
    tell(opened.encounter, done)


def _show_form(
    opened: Opened,
    kept: KeptAnswers,
    indicators: Mapping[str, Indicator],
    caller: Caller,
    *,
    held: bool,
) -> None:
    if not held and not kept.answers:
        return
    show_checklist(kept, indicators, caller, held=held)
    if held:
        show_decision(opened, kept, tuple(indicators.values()), caller)


def _look_again(opened: Opened) -> None:
    """After a conflict: what stands in the record, so that the screen shows who has it."""
    review = opened.review
    if review is None:
        return
    try:
        fresh = reviews.read_review(shared_record(), review.task)
    except RecordError:
        return
    put_review(opened.encounter, fresh, datetime.now(UTC))


def _show_standing(opened: Opened, caller: Caller) -> None:
    words = review_words(opened.review, caller.user, datetime.now(UTC))
    lines = [each for each in (words.held, words.decided, words.asked) if each]
    show(
        html(
            '<p><span class="hv-tag {kind}">{status}</span></p>{lines}',
            kind=words.kind,
            status=words.status,
            lines=join(html("<p>{line}</p>", line=line) for line in lines),
        )
    )


def _show_taking(opened: Opened, caller: Caller) -> None:
    review, encounter = opened.review, opened.encounter
    if review is None or review.status in (*_NOT_ASKED, *_TO_TAKE):
        st.button(
            "I have it",
            key=f"claim|{encounter}",
            type="primary",
            width="stretch",
            disabled=opened.waiting is None,
            on_click=_claim,
            args=(opened, caller),
        )
    elif holds(review, caller):
        st.button(
            "Give it back",
            key=f"release|{encounter}",
            on_click=_release,
            args=(opened, review, caller),
        )
    elif review.status is ReviewStatus.CLAIMED:
        with st.expander("Take it over", key=f"take-over|{encounter}"):
            reason = st.text_input(
                "Why you take it over", max_chars=200, key=f"take-over-why|{encounter}"
            )
            st.button(
                "Take it over",
                key=f"take-over-go|{encounter}",
                disabled=not reason.strip(),
                on_click=_take_over,
                args=(opened, review, caller),
            )


@guarded_callback("claim")
def _claim(opened: Opened, caller: Caller) -> None:
    waiting = opened.waiting
    if waiting is None:
        return

    def take() -> Review:
        asked = waiting.review
        if asked is None or asked.status in _NOT_ASKED:
            asked = reviews.flag(shared_record(), caller, waiting, _OWN_LOOK)
        return reviews.claim(shared_record(), caller, asked)

    fresh = waiting.review is None or waiting.review.status in _NOT_ASKED
    action = Action.FLAG if fresh else Action.CLAIM
    change_review(opened, caller, action, take, f"You have {name(opened.record.person)}.")


@guarded_callback("release")
def _release(opened: Opened, review: Review, caller: Caller) -> None:
    change_review(
        opened,
        caller,
        Action.RELEASE,
        lambda: reviews.release(shared_record(), caller, review),
        "Given back. Somebody else can take it; the answers so far are kept.",
    )


@guarded_callback("take over")
def _take_over(opened: Opened, review: Review, caller: Caller) -> None:
    reason = str(st.session_state.get(f"take-over-why|{opened.encounter}") or "").strip()
    change_review(
        opened,
        caller,
        Action.TAKE_OVER,
        lambda: reviews.take_over(shared_record(), caller, review, reason),
        "You have it now. The one who had it sees that, and why.",
    )


def _show_notes(opened: Opened, review: Review, caller: Caller) -> None:
    now = datetime.now(UTC)
    count = len(review.notes)
    with st.expander(f"Notes between you and the ED: {count}", key=f"notes|{opened.encounter}"):
        show(join(html("<p>{note}</p>", note=note_words(note, now)) for note in review.notes))
        st.text_input("New note", max_chars=500, key=f"note|{opened.encounter}")
        st.button(
            "Add the note",
            key=f"note-go|{opened.encounter}",
            on_click=_add_note,
            args=(opened, review, caller),
        )


@guarded_callback("note")
def _add_note(opened: Opened, review: Review, caller: Caller) -> None:
    key = f"note|{opened.encounter}"
    words = str(st.session_state.get(key) or "").strip()
    if not words:
        return
    untell()
    change_review(
        opened,
        caller,
        Action.NOTE,
        lambda: reviews.add_note(shared_record(), caller, review, words),
        "Noted.",
    )
    if told_well(opened.encounter):
        st.session_state[key] = ""
