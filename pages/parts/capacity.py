"""The board of the community services: places, open or closed, and a number to tap."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from clinical.capacity import ServiceCapacity
from clinical.person import Caller
from clinical.review_steps import Action, may
from fhir_queries.capacity import set_capacity
from fhir_queries.errors import RecordError
from pages.parts.connection import record_settings, shared_record
from pages.parts.guard import guarded, guarded_callback, say_what_failed
from pages.parts.places import places_now
from pages.parts.queue import refresh_every
from pages.parts.site_times import places_old_after
from pages.parts.style import show
from pages.present.asat import as_at_html, stale_html, watch_html
from pages.present.capacity import board_order, service_html
from pages.present.escape import html, label

_CHANGING = "capacity-changing"
_LAST = "capacity-last"
_NUMBERS = (0, 1, 2, 3, 4, 5, 6, 8, 10)


def show_services(caller: Caller) -> None:
    """The whole screen, for whoever is not a coordinator."""
    show(html("<h1>Community services</h1>"))
    show_board(caller)
    with st.expander("What the board says"):
        show(html("<p>{rule}</p>", rule=_rule()))


def show_board(caller: Caller) -> None:
    """The board as a live part of a screen: no inputs, only buttons."""
    live = st.fragment(_show_board, run_every=refresh_every(), key="capacity-board")
    live(caller)


@guarded("capacity board")
def _show_board(caller: Caller) -> None:
    say_what_failed()
    now = datetime.now(UTC)
    try:
        as_at, services = st.session_state[_LAST] = places_now()
        stale = False
    except RecordError as fault:
        if _LAST not in st.session_state:
            raise
        as_at, services = st.session_state[_LAST]
        stale = True
        show(stale_html(as_at, now, str(fault)))
    listed = [each for each in services if each.service.active]
    watch = watch_html(refresh_every(), "The places below no longer refresh.")
    show(
        html("{as_at}{watch}", as_at=as_at_html(as_at, now, f"{len(listed)} services"), watch=watch)
    )
    if not listed:
        show(
            html('<div class="hv-box"><p>The record lists no service that takes people.</p></div>')
        )
    with st.container(key="stale-board" if stale else "live-board"), st.container(key="board"):
        for each in board_order(listed, now, places_old_after()):
            with st.container(key=f"service-{each.service.id}"):
                _show_service(each, caller, now, disabled=stale)


def _show_service(
    capacity: ServiceCapacity, caller: Caller, now: datetime, *, disabled: bool
) -> None:
    service = capacity.service
    changing = st.session_state.get(_CHANGING) == service.id
    with st.container(horizontal=True, key=f"service-line-{service.id}", gap="small"):
        show(service_html(capacity, now, places_old_after()))
        if may(caller, Action.SET_CAPACITY):
            st.button(
                label(service.name),
                key=f"{'keep' if changing else 'change'}-places-{service.id}",
                disabled=disabled,
                on_click=_change,
                args=("" if changing else service.id,),
            )
    if not changing:
        return
    show(html('<p class="hv-ask">How many can {name} take now?</p>', name=service.name))
    with st.container(horizontal=True, key=f"numbers-{service.id}", gap="small"):
        for number in (*_NUMBERS, None):
            words = "Not known" if number is None else "Full" if number == 0 else str(number)
            st.button(
                words,
                key=f"places-{service.id}-{'unknown' if number is None else number}",
                disabled=disabled,
                on_click=_set,
                args=(caller, capacity, number),
            )


def _change(service: str) -> None:
    st.session_state[_CHANGING] = service


@guarded_callback("setting places")
def _set(caller: Caller, seen: ServiceCapacity, free: int | None) -> None:
    if st.session_state.get(_CHANGING) != seen.service.id:
        return
    st.session_state[_CHANGING] = ""
    try:
        set_capacity(shared_record(), caller, seen.service, free, seen=seen.version)
    finally:
        places_now.clear()


def _rule() -> str:
    minutes = record_settings().capacity_minutes
    return (
        "Places are what a person at the service, a clinician or a coordinator last said, or what "
        "the service's own diary in the record shows, whichever is newer. A number older than "
        f"{minutes} minutes is greyed: ask the service. Not known is never none. Open or closed "
        "goes by the hours that the service has in the record. None of it stops a decision."
    )
