"""The sections of the shared record: each a fragment of its own, so that one tap redraws one."""

from __future__ import annotations

import json

import streamlit as st

from clinical.person import Caller
from clinical.record import Entry, RecordSection, SectionState
from fhir_queries.errors import RecordError
from fhir_queries.history import read_source
from pages.parts.connection import shared_record
from pages.parts.guard import guarded, say_sorry
from pages.parts.opened import Opened, read_again
from pages.parts.style import show
from pages.present import times
from pages.present.escape import clean, html, join, label
from pages.present.section import entry_html, newest_first, section_words, state_html

_A_PAGE = 20
_OPEN_FIRST = frozenset({"alerts", "problems", "medicines", "allergies"})


def show_sections(opened: Opened, caller: Caller) -> None:
    """Every section in the order of the screen. Those that failed can't be overlooked."""
    record = opened.record
    with st.container(key="sections"):
        show(html("<h2>Shared record</h2>"))
        _say_what_is_missing(tuple(record.sections.values()))
        for name, section in record.sections.items():
            unfolded = section.state is not SectionState.LOADED or name in _OPEN_FIRST
            words = section_words(section)
            with st.expander(
                label(words.heading),
                expanded=unfolded and section.state is not SectionState.NOT_HELD,
                key=f"section-{opened.encounter}-{name}",
            ):
                fragment = st.fragment(_show_section, key=f"section|{opened.encounter}|{name}")
                fragment(opened, section, caller)


def _say_what_is_missing(sections: tuple[RecordSection, ...]) -> None:
    failed = [section_words(each).title for each in sections if each.state is SectionState.FAILED]
    if failed:
        show(
            html(
                '<div class="hv-box stop" role="alert"><p><b>Not all of the record is here.</b> '
                "Could not be loaded: {names}.</p></div>",
                names=", ".join(failed),
            )
        )


@guarded("record section")
def _show_section(opened: Opened, section: RecordSection, caller: Caller) -> None:
    words = section_words(section)
    show(state_html(words))
    key = f"{opened.encounter}|{section.name}"
    if words.may_retry and st.button("Try to load it again", key=f"retry|{key}"):
        read_again()
        st.rerun()
    entries = newest_first(section.entries)
    if not entries:
        return
    shown_key = f"shown|{key}"
    shown = st.session_state.get(shown_key, _A_PAGE)
    show(join(entry_html(entry) for entry in entries[:shown]))
    if shown < len(entries):
        left = len(entries) - shown
        st.button(
            f"Show {min(left, _A_PAGE)} more of {left}",
            key=f"more|{key}",
            on_click=_show_more,
            args=(shown_key, shown + _A_PAGE),
        )
    _show_source(entries[:shown], opened, caller, key)


def _show_more(key: str, count: int) -> None:
    st.session_state[key] = count


def _show_source(entries: tuple[Entry, ...], opened: Opened, caller: Caller, key: str) -> None:
    """The resource behind one entry, fetched when asked for: the one place that shows raw JSON."""
    wanted_key = f"source|{key}"
    if not st.session_state.get(f"{wanted_key}|open"):
        st.button(
            "Show the source of an entry",
            key=f"{wanted_key}|button",
            type="tertiary",
            on_click=_open_source,
            args=(f"{wanted_key}|open",),
        )
        return
    chosen = st.selectbox(
        "Source of",
        range(len(entries)),
        index=None,
        format_func=lambda number: label(_named(entries[number])),
        key=wanted_key,
        placeholder="Choose an entry",
    )
    if chosen is None:
        return
    try:
        resource = read_source(
            shared_record(),
            caller,
            entries[chosen].reference,
            patient_id=opened.record.person.patient,
        )
    except RecordError as fault:
        say_sorry(str(fault))
        return
    text = json.dumps(resource, indent=2, ensure_ascii=False, default=str)
    st.code(clean(text), language="json", wrap_lines=True)


def _open_source(key: str) -> None:
    st.session_state[key] = True


def _named(entry: Entry) -> str:
    return f"{entry.title}, {times.moment(entry.when)}"
