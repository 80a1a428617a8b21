"""Beside the record: who has this review, the checklist, and the decision."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import streamlit as st

from clinical.evidence import Indicator
from clinical.idle import idle_for, may_be_idle
from clinical.person import Caller
from clinical.review import Review, ReviewStatus
from clinical.review_steps import Action
from fhir_queries import reviews
from fhir_queries.decisions import unfinished
from fhir_queries.errors import RecordError
from pages.parts.answers import KeptAnswers, kept_answers
from pages.parts.changing import change_review
from pages.parts.checklist_form import show_checklist
from pages.parts.connection import queue_keeper, shared_record
from pages.parts.decided import show_taking_back
from pages.parts.decision import show_decision
from pages.parts.guard import guarded, guarded_callback, say_sorry, say_what_failed
from pages.parts.half_done import show_half_done
from pages.parts.holding import holds
from pages.parts.idle import idle_after
from pages.parts.notes import show_notes, write_note
from pages.parts.opened import Opened, opened_now, put_review
from pages.parts.override import show_override_wanted
from pages.parts.style import show
from pages.parts.telling import show_told, tell
from pages.present.escape import html, join
from pages.present.notes import notes_title
from pages.present.person import name
from pages.present.review import idle_words, review_words

_NOT_ASKED = (ReviewStatus.NONE, ReviewStatus.WITHDRAWN, ReviewStatus.REVERSED)
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
    if not held:
        show_override_wanted(opened, caller)
    show_taking_back(opened, kept, caller)
    if unfinished(review, kept.draft):
        judged = tuple(indicators.values())
        show_half_done(opened, review, kept, judged, caller, held=held)
    elif review.status is ReviewStatus.CLAIMED and not held:
        _show_idle(review, kept)
    _show_form(opened, kept, indicators, caller, held=held)


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
    if held and not kept.draft.completed:
        show_decision(opened, kept, tuple(indicators.values()), caller)


def _show_idle(review: Review, kept: KeptAnswers) -> None:
    """For everybody but the holder: that they have shown no sign for a while, and what comes."""
    idle = idle_for(review, kept.draft.saved_at, datetime.now(UTC))
    words = idle_words(review, idle, idle_after())
    if words:
        show(html('<div class="hv-box warn" role="status"><p>{words}</p></div>', words=words))


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
    idle = review is not None and may_be_idle(review, datetime.now(UTC), idle_after())
    mine = holds(review, caller)
    if review is None or review.status in (*_NOT_ASKED, *_TO_TAKE) or (idle and not mine):
        st.button(
            "I have it",
            key=f"claim|{encounter}",
            type="primary",
            width="stretch",
            disabled=opened.waiting is None,
            on_click=_claim,
            args=(opened, caller),
        )
    elif mine:
        st.button(
            "Give it back",
            key=f"release|{encounter}",
            on_click=_release,
            args=(opened, review, caller),
        )
    elif review.status is ReviewStatus.CLAIMED:
        with st.expander("Take it over", key=f"take-over|{encounter}"):
            st.text_input("Why you take it over", max_chars=200, key=f"take-over-why|{encounter}")
            st.button(
                "Take it over",
                key=f"take-over-go|{encounter}",
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

    standing = ReviewStatus.NONE if waiting.review is None else waiting.review.status
    action = Action.FLAG if standing in _NOT_ASKED else Action.CLAIM
    if standing is ReviewStatus.CLAIMED:
        action = Action.TAKE_OVER
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
    if not reason:
        tell(opened.encounter, "Not taken over. Say why you take it over.", "warn")
        return
    change_review(
        opened,
        caller,
        Action.TAKE_OVER,
        lambda: reviews.take_over(shared_record(), caller, review, reason),
        "You have it now. The one who had it sees that, and why.",
    )


def _show_notes(opened: Opened, review: Review, caller: Caller) -> None:
    def keep(changed: Review) -> None:
        put_review(opened.encounter, changed, datetime.now(UTC))
        queue_keeper().refresh(caller)

    title = f"Between you and the ED. {notes_title(review.notes, caller)}"
    with st.expander(title, key=f"notes|{opened.encounter}"):
        show_notes(review, caller, keep)
        write_note(review, caller, "New note", keep)
