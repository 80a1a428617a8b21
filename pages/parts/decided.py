"""After the decision: undone by whoever decided while there is time, or a redirect reversed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import streamlit as st

from clinical.person import Caller
from clinical.review import Review, ReviewStatus
from clinical.review_steps import Action, undo_until
from fhir_queries import undoing
from pages.parts.answers import KeptAnswers, forget_answers
from pages.parts.changing import change_review
from pages.parts.connection import record_settings, shared_record
from pages.parts.guard import guarded_callback
from pages.parts.opened import Opened
from pages.parts.style import show
from pages.parts.telling import tell
from pages.present import times
from pages.present.escape import clean, html, label
from pages.present.person import name

_WHY_REVERSED = (
    "The service could not come",
    "The patient got worse",
    "The patient changed their mind",
    "Something else",
)
_FINISHING = "Undoing that was begun before"
_FINISHING_REVERSAL = "Reversal that was begun before"


def show_taking_back(opened: Opened, kept: KeptAnswers, caller: Caller) -> None:
    """What may still be done about the decision on this patient."""
    review = opened.review
    if review is None or review.status not in undoing.UNDOABLE:
        return
    mine = review.owner is not None and review.owner.user == caller.user
    if undoing.undo_begun(review, kept.draft):
        _show_half_undone(opened, review, caller, mine=mine)
        return
    if undoing.reverse_begun(review, kept.draft):
        _show_half_reversed(opened, review, caller)
        return
    until = undo_until(review, timedelta(minutes=record_settings().undo_minutes))
    if mine and until is not None and datetime.now(UTC) < until:
        _show_undo(opened, review, until, caller)
    elif review.status is ReviewStatus.REDIRECTED:
        _show_reverse(opened, review, caller)


def _show_half_undone(opened: Opened, review: Review, caller: Caller, *, mine: bool) -> None:
    show(
        html(
            '<div class="hv-box stop" role="alert"><p><b>An undo was begun and not finished.</b> '
            "The decision still stands. {what}</p></div>",
            what="Finish it." if mine else "Only whoever decided can finish it.",
        )
    )
    if mine:
        st.button(
            "Finish undoing it",
            key=f"undo-finish|{opened.encounter}",
            type="primary",
            on_click=_undo,
            args=(opened, review, caller, _FINISHING),
        )


def _show_half_reversed(opened: Opened, review: Review, caller: Caller) -> None:
    show(
        html(
            '<div class="hv-box stop" role="alert"><p><b>A reversal of this redirect was begun and '
            "not finished.</b> The redirect still stands in the record, and the service may have "
            "been told otherwise. Finish it.</p></div>"
        )
    )
    st.button(
        "Finish reversing it",
        key=_key(opened, "reverse-finish"),
        type="primary",
        on_click=_reverse,
        args=(opened, review, caller, _FINISHING_REVERSAL),
    )


def _show_undo(opened: Opened, review: Review, until: datetime, caller: Caller) -> None:
    with st.expander(f"Undo this decision (until {times.clock(until)})", key=_key(opened, "undo")):
        show(
            html(
                "<p>For a mistake. The checklist opens again with your answers, a referral is "
                "withdrawn, and the record keeps what was decided and that you undid it.</p>"
            )
        )
        st.text_input("Why you undo it", max_chars=200, key=_key(opened, "undo-why"))
        st.button(
            label(f"Undo the decision about {name(opened.record.person)}"),
            key=_key(opened, "undo-go"),
            on_click=_undo,
            args=(opened, review, caller),
        )


def _show_reverse(opened: Opened, review: Review, caller: Caller) -> None:
    with st.expander("The redirect failed", key=_key(opened, "reverse")):
        show(
            html(
                "<p>If the patient has to be seen here after all. The referral is revoked, the "
                "coordinator is told, and it is counted as a redirect reversed.</p>"
            )
        )
        st.radio("Why", _WHY_REVERSED, index=None, key=_key(opened, "reverse-why"))
        st.text_input("In words", max_chars=200, key=_key(opened, "reverse-words"))
        st.button(
            label(f"Reverse the redirect of {name(opened.record.person)}"),
            key=_key(opened, "reverse-go"),
            on_click=_reverse,
            args=(opened, review, caller),
        )


def _key(opened: Opened, part: str) -> str:
    return f"{part}|{opened.encounter}"


@guarded_callback("undo")
def _undo(opened: Opened, review: Review, caller: Caller, reason: str = "") -> None:
    said = reason or clean(str(st.session_state.get(_key(opened, "undo-why")) or "")).strip()
    if not said:
        tell(opened.encounter, "Not undone. Say why you undo it.", "warn")
        return
    done = change_review(
        opened,
        caller,
        Action.UNDO,
        lambda: undoing.undo(shared_record(), caller, review, said),
        "Undone. You have the review again, with your answers.",
    )
    if done:
        forget_answers(opened.encounter)


@guarded_callback("reverse")
def _reverse(opened: Opened, review: Review, caller: Caller, reason: str = "") -> None:
    why = str(st.session_state.get(_key(opened, "reverse-why")) or "")
    more = clean(str(st.session_state.get(_key(opened, "reverse-words")) or "")).strip()
    chosen = "" if why == _WHY_REVERSED[-1] else why
    said = reason or ". ".join(each for each in (chosen, more) if each)
    if not (reason or chosen or (why and more)):
        tell(opened.encounter, "Not reversed. Say why the redirect failed.", "warn")
        return
    done = change_review(
        opened,
        caller,
        Action.REVERSE,
        lambda: undoing.reverse(shared_record(), caller, review, said),
        "The redirect is reversed, and the coordinator sees it first on their list.",
    )
    if done:
        forget_answers(opened.encounter)
