"""Who are you? Only on a record of made-up people: choose one of them to be."""

from __future__ import annotations

import streamlit as st

from pages.parts import who
from pages.parts.connection import record_settings
from pages.parts.guard import guard, say_sorry
from pages.parts.style import show
from pages.present.escape import html, label


def show_people() -> None:
    """One card for each made-up person."""
    show(
        html(
            "<h1>Who are you?</h1>"
            "<p>This record holds made-up people only. Choose one of these to see the app as "
            "they do. In service this screen is the hospital's sign-in.</p>"
        )
    )
    with st.container(key="queue"):
        for identity, person in who.DEMONSTRATION.items():
            with st.container(key=f"card-{identity}"):
                show(
                    html(
                        '<h2>{job}</h2><p><b>{name}</b>, {organisation}</p><p class="quiet">{does}'
                        "</p>",
                        name=person.caller.name,
                        job=person.job,
                        organisation=person.caller.organisation_name,
                        does=person.does,
                    )
                )
                st.button(
                    label(f"Go on as {person.caller.name}"),
                    key=f"be-{identity}",
                    type="primary",
                    width="stretch",
                    on_click=who.choose,
                    args=(identity,),
                )


with guard("demonstration"):
    if record_settings().demonstration:
        show_people()
    else:
        say_sorry(
            "Sign-in is not set up for this record, so nobody can be let in. For a record of "
            "made-up people set HANDOVER_DEMONSTRATION=true."
        )
