"""Asking for a review from the queue, in two taps: on the card, and on the reason."""

from __future__ import annotations

import streamlit as st

from clinical.person import Caller
from clinical.waiting import WaitingPatient
from fhir_queries import reviews
from fhir_queries.errors import RecordError
from pages.parts.connection import queue_keeper, shared_record
from pages.parts.guard import guarded_callback, say_sorry
from pages.present.escape import label
from pages.present.filters import Standing, standing
from pages.present.person import name
from pages.present.reasons import FLAG_REASONS, flag_reason

_CHOOSING = "flag-choosing"
_FAULTS = "flag-faults"


def show_flagging(waiting: WaitingPatient, caller: Caller, *, disabled: bool) -> None:
    """The coordinator's button on one card; once tapped, the reasons in its place."""
    encounter = waiting.encounter
    fault = st.session_state.get(_FAULTS, {}).get(encounter)
    if fault:
        say_sorry(fault)
    if standing(waiting) is not Standing.NOT_FLAGGED:
        return
    if st.session_state.get(_CHOOSING) != encounter:
        st.button(
            label(f"Ask for a review of {name(waiting.person)}"),
            key=f"flag-{encounter}",
            type="primary",
            width="stretch",
            disabled=disabled,
            on_click=_choose,
            args=(encounter,),
        )
        return
    with st.container(horizontal=True, key=f"reasons-{encounter}", gap="small"):
        for reason in FLAG_REASONS:
            st.button(
                label(reason.words),
                key=f"flag-{encounter}-{reason.id}",
                disabled=disabled,
                on_click=_flag,
                args=(caller, waiting, reason.id),
            )
        st.button("Don't ask", key=f"unflag-{encounter}", on_click=_choose, args=("",))


def _choose(encounter: str) -> None:
    st.session_state[_CHOOSING] = encounter
    st.session_state.pop(_FAULTS, None)


@guarded_callback("flagging")
def _flag(caller: Caller, waiting: WaitingPatient, reason_id: str) -> None:
    reason = flag_reason(reason_id)
    if reason is None or st.session_state.get(_CHOOSING) != waiting.encounter:
        return
    try:
        reviews.flag(shared_record(), caller, waiting, reason.words, reason.pathway)
    except RecordError as fault:
        st.session_state[_FAULTS] = {waiting.encounter: str(fault)}
        return
    queue_keeper().refresh(caller)
    st.session_state[_CHOOSING] = ""
