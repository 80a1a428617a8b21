"""How a screen comes to be about one patient, and stays about them."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import (
    RerunData,
    ScriptRequests,
    ScriptRequestType,
)

from pages.parts import who
from pages.parts.connection import handles

PARAMETER = "of"
_OPENING = "opening"
_ACTIVE = "active-encounter"
_PAGE = "page-on-screen"


def want(encounter: str) -> None:
    """A tap on a patient's button: remembered, since a callback can't turn the page itself."""
    st.session_state[_OPENING] = encounter


def turn_the_page() -> None:
    """Go to the patient whose button was tapped, if one was."""
    encounter = st.session_state.pop(_OPENING, None)
    if encounter is None:
        return
    st.switch_page(
        "pages/patient.py",
        query_params={**who.address(), PARAMETER: handles().of(encounter)},
    )


def settle(page: str) -> None:
    """At the end of a run that came from another page: take a late tick of that page back.

    A list that refreshes by itself may have sent its tick just before its page went. Streamlit
    would run that right after the new page, for a fragment that is gone, and the browser would
    then throw away what the new page drew. Running the whole page once more replaces it.
    """
    before = st.session_state.get(_PAGE)
    st.session_state[_PAGE] = page
    context = get_script_run_ctx()
    if before in (None, page) or context is None or context.script_requests is None:
        return
    if tick_waits(context.script_requests):
        st.rerun()


def tick_waits(requests: ScriptRequests) -> bool:
    """Whether a fragment asked to be run while the script runs."""
    waiting: RerunData = requests._rerun_data
    running = requests._state is not ScriptRequestType.RERUN
    return not running and bool(waiting.fragment_id_queue)


def handle_in_address() -> str:
    """The handle that the address carries, empty where it carries none."""
    return st.query_params.get(PARAMETER, "")


def keep_in_address(encounter: str) -> None:
    """Make the address name this patient, so that a reload comes back to them."""
    handle = handles().of(encounter)
    if st.query_params.get(PARAMETER) != handle:
        st.query_params[PARAMETER] = handle


def make_active(encounter: str) -> None:
    """From now on this session writes about this wait and no other."""
    st.session_state[_ACTIVE] = encounter


def is_active(encounter: str) -> bool:
    """Whether ``encounter`` is the wait whose screen is open: asked before every write."""
    return bool(st.session_state.get(_ACTIVE) == encounter)
