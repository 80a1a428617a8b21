"""The band at the top of every screen: the service, where one may go, and who is asking."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from clinical.person import Caller
from pages.parts import who
from pages.parts.answers import unsaved_count
from pages.parts.style import TITLE
from pages.present.escape import html, label


def show_header(
    caller: Caller | None, places: Sequence[st.Page], here: str, *, demonstration: bool
) -> None:
    """Show the header. ``places`` are the screens that this person may open from it, ``here`` is
    the title of the one that is open.

    On a record of made-up people every screen says so.
    """
    with st.container(key="top", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(html('<p class="hv-name">{title}</p>', title=TITLE), width="content")
        for number, place in enumerate(places):
            with st.container(
                key="here" if place.title == here else f"place-{number}", width="content"
            ):
                st.page_link(place, label=label(place.title), query_params=who.address())
        if demonstration:
            st.html(
                html(
                    '<p class="hv-demo" role="note"><span class="what">Demonstration: </span>'
                    "made-up people</p>"
                ),
                width="content",
            )
        if caller is not None:
            _show_who(caller)


def _show_who(caller: Caller) -> None:
    st.html(
        html(
            '<p class="hv-who"><b>{name}</b>'
            '<span class="organisation"><br>{organisation}</span></p>',
            name=caller.name,
            organisation=caller.organisation_name,
        ),
        width="content",
    )
    waiting = unsaved_count()
    st.button(
        "Change person",
        key="change-person",
        on_click=who.forget,
        disabled=waiting > 0,
        help="Answers that aren't saved yet would be lost" if waiting else None,
    )
