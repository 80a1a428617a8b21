"""The sections of the shared record: each a fragment of its own, so that one tap redraws one.

A section that is closed is only its heading: what is in it is put together when it is opened.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st

from clinical.person import Caller, Confidentiality
from clinical.record import Entry, PatientRecord, RecordSection, SectionState
from clinical.section_groups import grouped
from fhir_queries.errors import RecordError
from fhir_queries.history import read_source
from fhir_queries.indicator_file import indicator_settings
from pages.parts.connection import record_settings, shared_record
from pages.parts.documents import may_open, show_document
from pages.parts.glass import reason_in_force
from pages.parts.guard import guarded, say_sorry
from pages.parts.opened import Opened, has_closed, read_again
from pages.parts.style import show
from pages.present import times
from pages.present.escape import clean, html, join, label
from pages.present.section import entry_html, section_words, state_html
from pages.present.section_summary import marks_of, summary_html

_A_PAGE = 20
_OPEN_FIRST = frozenset({"alerts", "problems", "medicines", "allergies"})


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a section stands: on whose screen, in which record, under which widget keys."""

    opened: Opened
    record: PatientRecord
    key: str


def show_sections(opened: Opened, caller: Caller) -> None:
    """Every section in the order of the screen. Those that failed can't be overlooked."""
    with st.container(key="sections"):
        show(html("<h2>Shared record</h2>"))
        show_sections_of(opened, opened.record, caller, opened.encounter)


def show_sections_of(
    opened: Opened, record: PatientRecord, caller: Caller, key: str, *, closed: bool = False
) -> None:
    """The sections of a record on this patient's screen; ``key`` tells it from others there.

    With ``closed``, all of them closed at first.
    """
    place = _Place(opened, record, key)
    _say_what_is_missing(tuple(record.sections.values()))
    for name, section in record.sections.items():
        fragment = st.fragment(_show_section, key=f"section|{key}|{name}")
        fragment(place, section, caller, unfolded=not closed and _opens_first(section))


def _opens_first(section: RecordSection) -> bool:
    told = section.state not in (SectionState.LOADED, SectionState.NOT_HELD)
    return told or (section.state is SectionState.LOADED and section.name in _OPEN_FIRST)


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
def _show_section(place: _Place, section: RecordSection, caller: Caller, *, unfolded: bool) -> None:
    if has_closed(place.opened):
        st.rerun()
    words = section_words(section)
    expander = st.expander(
        label(words.heading),
        expanded=unfolded,
        key=f"section-{place.key}-{section.name}",
        on_change="rerun",
    )
    if not expander.open:
        return
    with expander:
        show(state_html(words))
        key = f"{place.key}|{section.name}"
        if words.may_retry and st.button("Try to load it again", key=f"retry|{key}"):
            read_again()
            st.rerun()
        if section.entries:
            _show_entries(place, section, caller, key)


def _show_entries(place: _Place, section: RecordSection, caller: Caller, key: str) -> None:
    settings = indicator_settings(record_settings().indicators)
    now = datetime.now(UTC)
    show(summary_html(section, now, settings))
    shown_key = f"shown|{key}"
    most = int(st.session_state.get(shown_key, _A_PAGE))
    listed: list[Entry] = []
    drawn = []
    for group in grouped(section, now, settings.high_risk_medicines):
        entries = group.entries[: max(most - len(listed), 0)]
        if group.title:
            words = f"{group.title}: {len(group.entries)}"
            drawn.append(html('<h3 class="hv-group">{words}</h3>', words=words))
        for entry in entries:
            marks = marks_of(entry, settings.high_risk_medicines)
            drawn.append(entry_html(entry, origin=place.record.origin_of(entry), marks=marks))
            if may_open(entry):
                show(join(drawn))
                drawn = []
                patient = entry.record or place.record.person.patient
                show_document(entry, place.opened, patient, caller, key)
        listed += entries
    if drawn:
        show(join(drawn))
    if left := len(section.entries) - len(listed):
        st.button(
            f"Show {min(left, _A_PAGE)} more of {left}",
            key=f"more|{key}",
            on_click=_show_more,
            args=(shown_key, most + _A_PAGE),
        )
    _show_source(tuple(listed), place, caller, key)


def _show_more(key: str, count: int) -> None:
    st.session_state[key] = count


def _show_source(entries: tuple[Entry, ...], place: _Place, caller: Caller, key: str) -> None:
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
    person = place.record.person
    try:
        resource = read_source(
            shared_record(),
            caller,
            entries[chosen].reference,
            patient_id=entries[chosen].record or person.patient,
            break_glass=reason_in_force(place.opened.encounter),
            restricted=person.confidentiality is not Confidentiality.NORMAL,
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
