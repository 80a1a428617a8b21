"""Asking for a review from the coordinator's screen: who, why, and in one's own words."""

from __future__ import annotations

import streamlit as st

from clinical.person import Caller
from clinical.waiting import WaitingPatient
from fhir_queries import reviews
from fhir_queries.errors import RecordError
from pages.parts.connection import queue_keeper, shared_record
from pages.parts.style import show
from pages.present.escape import html, label
from pages.present.filters import Standing, standing
from pages.present.person import name
from pages.present.reasons import FLAG_REASONS, flag_reason

_TOLD = "asking-told"


def show_asking(caller: Caller) -> None:
    """What came of the last asking, and the folded questions."""
    _show_told()
    with st.expander("Ask for a review", key="ask-folded"):
        _ask_for_review(caller)


def _ask_for_review(caller: Caller) -> None:
    view = queue_keeper().view(caller)
    waiting = {
        each.encounter: each for each in view.list.waiting if standing(each) is Standing.NOT_FLAGGED
    }
    encounter = st.selectbox(
        "Who",
        list(waiting),
        index=None,
        format_func=lambda each: label(_named(waiting[each])),
        key="ask-who",
        placeholder="Choose somebody who waits",
    )
    reason = st.selectbox(
        "Why",
        [each.id for each in FLAG_REASONS],
        index=None,
        format_func=_reason_words,
        key="ask-why",
        placeholder="Choose a reason",
    )
    more = st.text_input("In your own words (no need)", max_chars=200, key="ask-more")
    ready = encounter is not None and reason is not None
    if st.button("Ask for this review", key="ask-go", type="primary", disabled=not ready):
        _send(caller, waiting[str(encounter)], str(reason), more)
        st.rerun()


def _reason_words(identity: str) -> str:
    reason = flag_reason(identity)
    return identity if reason is None else f"{reason.words} ({reason.pathway})"


def _named(waiting: WaitingPatient) -> str:
    return f"{name(waiting.person)}: {waiting.reason}, {waiting.department.name}"


def _send(caller: Caller, waiting: WaitingPatient, reason_id: str, more: str) -> None:
    reason = flag_reason(reason_id)
    if reason is None:
        return
    words = f"{reason.words}. {more.strip()}" if more.strip() else reason.words
    try:
        reviews.flag(shared_record(), caller, waiting, words, reason.pathway)
    except RecordError as fault:
        st.session_state[_TOLD] = (str(fault), "stop")
        return
    queue_keeper().refresh(caller)
    for key in ("ask-who", "ask-why", "ask-more"):
        st.session_state.pop(key, None)
    st.session_state[_TOLD] = (f"Review asked for: {name(waiting.person)}.", "good")


def _show_told() -> None:
    told = st.session_state.pop(_TOLD, None)
    if told is not None:
        words, kind = told
        show(
            html(
                '<div class="hv-box {kind}" role="status"><p>{words}</p></div>',
                kind=kind,
                words=words,
            )
        )
