"""The front door: settings, who is asking, and the screens that this person may see.

``streamlit run handover_app.py`` works; ``python asgi.py`` serves the same faster and hardened.
Without ``HANDOVER_RECORD_URL`` the embedded shared record is started first.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from fhir_queries.checklist import site_checklist
from fhir_queries.declared import WrongSetting
from fhir_queries.indicator_file import indicator_settings
from fhir_queries.settings import RecordSettings
from pages.parts.blank_page import come_back_from_blank
from pages.parts.clocks import count_the_clocks
from pages.parts.connection import record_settings
from pages.parts.guard import guard, say_sorry
from pages.parts.header import show_header
from pages.parts.heard_out import hear_every_run_out
from pages.parts.keep_focus import keep_focus
from pages.parts.navigation import page_of
from pages.parts.opening import settle
from pages.parts.style import set_the_page
from pages.parts.who import come_in, find_caller, places_of


@st.cache_resource(show_spinner=False)
def start_the_embedded_record() -> object:
    """Start the embedded record where no other is named; it ends with this process."""
    settings = RecordSettings.read()
    if settings.record_url:
        return None
    from sandbox.embedded import start_for_app  # noqa: PLC0415

    return start_for_app(Path(settings.state_dir))


def open_the_house() -> None:
    """Find out who is asking, and show the screen they opened."""
    try:
        start_the_embedded_record()
        settings = record_settings()
        indicator_settings(settings.indicators)
        site_checklist(settings.checklist)
    except WrongSetting as wrong:
        set_the_page("Not set up")
        say_sorry(f"The app is not set up: {wrong}")
        return
    come_in()
    caller = find_caller()
    places = places_of(caller)
    pages = [
        page_of(place.path, place.title, default=number == 0) for number, place in enumerate(places)
    ]
    page = st.navigation(pages, position="hidden")
    set_the_page(page.title)
    come_back_from_blank()
    keep_focus()
    count_the_clocks()
    shown = [each for each, place in zip(pages, places, strict=True) if place.in_header]
    show_header(caller, shown if caller else (), page.title, demonstration=settings.demonstration)
    page.run()
    settle(page.url_path)


hear_every_run_out()
with guard("front door"):
    open_the_house()
