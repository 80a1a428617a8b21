"""The patient's screen: banner always in view, the record, and beside it the review."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import streamlit as st
from markupsafe import Markup

from clinical.evidence import Indicator
from clinical.person import Caller
from clinical.waiting import waited
from fhir_queries.errors import RecordError
from fhir_queries.queue_keeper import QueueView
from pages.parts import opening, who
from pages.parts.answers import save_everything
from pages.parts.break_glass import glass_tags, show_break_glass
from pages.parts.changes import show_changes
from pages.parts.connection import queue_keeper
from pages.parts.crew import show_now
from pages.parts.guard import say_sorry
from pages.parts.judging import indicators_of
from pages.parts.opened import (
    Opened,
    find_encounter,
    person_on_queue,
    read_again,
    read_opened,
)
from pages.parts.other_records import show_other_records
from pages.parts.pulse import show_pulse
from pages.parts.queue import thresholds
from pages.parts.review_area import show_review_area
from pages.parts.search import show_search
from pages.parts.sections import show_sections
from pages.parts.sheet import show_sheet
from pages.parts.style import show
from pages.parts.timeline import show_timeline
from pages.parts.trends import show_results
from pages.present.alerts import alert_tags
from pages.present.escape import html
from pages.present.indicators import indicators_html
from pages.present.person import alerts_html, banner, banner_html
from pages.present.places import place_html, places_html
from pages.present.waiting import band_of, wait_html


def show_patient(caller: Caller) -> None:
    """The whole screen of whoever the address names."""
    save_everything(caller)
    view = queue_keeper().view(caller)
    encounter = find_encounter(caller, view)
    if encounter is None:
        _nobody_chosen()
        return
    opening.make_active(encounter)
    opening.keep_in_address(encounter)
    on_queue = person_on_queue(view, encounter)
    try:
        opened = read_opened(caller, encounter, on_queue.person if on_queue else None)
    except RecordError as fault:
        _not_readable(encounter, view, fault)
        return
    show_pulse(opened, caller)
    _show_banner(opened)
    if opened.fault:
        say_sorry(f"{opened.fault} What is shown is what this tablet read before.")
    indicators = indicators_of(opened)
    with st.container(key="desk"):
        with st.container(key="record-side"):
            _show_record(opened, indicators, caller)
        with st.container(key="review-side"):
            area = st.fragment(show_review_area, key=f"review|{encounter}")
            area(opened, indicators, caller)


def _show_banner(opened: Opened) -> None:
    now = datetime.now(UTC)
    clock: tuple[Markup, ...] = ()
    if opened.waiting is not None:
        wait = waited(opened.waiting, now)
        band, words = band_of(wait, thresholds())
        clock = (wait_html(wait, band, words),)
    tags = (*clock, *glass_tags(opened), *alert_tags(opened.record))
    who_it_is = banner(opened.record.person, now)
    with st.container(key="always"):
        with st.container(key="banner"):
            show(banner_html(who_it_is))
        with st.container(key="alerts"):
            show(alerts_html(who_it_is, tags))


def _show_record(opened: Opened, indicators: Mapping[str, Indicator], caller: Caller) -> None:
    now = datetime.now(UTC)
    show(places_html())
    show_break_glass(opened, caller)
    show_other_records(opened, caller)
    if opened.waiting is None:
        say_sorry("This wait could not be read, so the crew's findings are missing here.")
    else:
        show_now(opened, opened.waiting, now)
    show(place_html("changes"))
    show_changes(opened)
    with st.expander("Indicators, each with its evidence", expanded=True, key="indicators"):
        show(indicators_html(tuple(indicators.values())))
    show(place_html("search"))
    show_search(opened)
    show(place_html("record"))
    show_sections(opened, caller)
    show_results(opened)
    show(place_html("timeline"))
    show_timeline(opened)
    show(place_html("sheet"))
    show_sheet(opened, indicators, caller)


def _nobody_chosen() -> None:
    show(
        html(
            "<h1>Patient</h1><div class='hv-box'><p>Nobody is open here. Either nobody was chosen, "
            "or they no longer wait and nobody asked for their review.</p></div>"
        )
    )
    st.page_link("pages/waiting.py", label="Back to who waits", query_params=who.address())


def _not_readable(encounter: str, view: QueueView, fault: RecordError) -> None:
    """The record doesn't answer: say who this would be, and that nothing is known here."""
    on_queue = person_on_queue(view, encounter)
    if on_queue is not None:
        with st.container(key="always"), st.container(key="banner"):
            show(banner_html(banner(on_queue.person, datetime.now(UTC))))
    say_sorry(f"{fault} Nothing of this patient's record can be shown, which says nothing of it.")
    if st.button("Try again", type="primary", key=f"again-{encounter}"):
        read_again()
        st.rerun()
