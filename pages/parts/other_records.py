"""Other records of this person: what they say differently, and those that only may be theirs.

A record that isn't certainly the same person's is never mixed with this one's. It can be looked at
by itself, below a heading that says so, and that is audited like any opening.
"""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from clinical.person import Caller, Person
from clinical.record import PatientRecord
from fhir_queries.errors import RecordError
from fhir_queries.history import read_other_record
from pages.parts.connection import shared_record
from pages.parts.glass import reason_in_force
from pages.parts.guard import say_sorry
from pages.parts.opened import Opened
from pages.parts.sections import show_sections_of
from pages.parts.style import show
from pages.present import person as persons
from pages.present.escape import html, label
from pages.present.same_person import relation, same_person_html

_OPEN = "other-record-open"
"""The other record that stands open in this session: (wait, reason for which it was, record)."""


def show_other_records(opened: Opened, caller: Caller) -> None:
    """What other records there are of this person, and a button for each that isn't shown yet."""
    record = opened.record
    if not record.other_records:
        return
    now = datetime.now(UTC)
    show(same_person_html(record, now))
    for other in record.other_records:
        if other.patient not in record.merged:
            _offer(opened, other, caller, now)


def _offer(opened: Opened, other: Person, caller: Caller, now: datetime) -> None:
    keeper = opened.record.keeper_of(other.patient)
    found = _standing(opened, other)
    key = f"{opened.encounter}|{other.patient}"
    if found is None:
        who = f"{persons.name(other)}, born {persons.born(other, now)}"
        if st.button(label(f"Also look at the record of {keeper}: {who}"), key=f"also|{key}"):
            found = _read(opened, other, caller)
            if found is not None:
                st.rerun()
        return
    st.button(label(f"Close the record of {keeper}"), key=f"close-other|{key}", on_click=_close)
    with st.container(key="other-record", border=True):
        show(
            html(
                '<h2>{name}</h2><div class="hv-box warn"><p><b>Another record, of {keeper}: {how}.'
                "</b> Born {born} · NHS No. {number}. Nothing of it counts for the indicators or "
                "the decision.</p></div>",
                name=persons.name(other),
                keeper=keeper,
                how=relation(opened.record.person, other),
                born=persons.born(other, now),
                number=persons.nhs_number(other),
            )
        )
        show_sections_of(opened, found, caller, key, closed=True)


def _standing(opened: Opened, other: Person) -> PatientRecord | None:
    kept = st.session_state.get(_OPEN)
    if not isinstance(kept, tuple):
        return None
    encounter, reason, record = kept
    same = encounter == opened.encounter and reason == reason_in_force(opened.encounter)
    return record if same and record.person.patient == other.patient else None


def _read(opened: Opened, other: Person, caller: Caller) -> PatientRecord | None:
    reason = reason_in_force(opened.encounter)
    try:
        found = read_other_record(
            shared_record(), caller, opened.encounter, other, break_glass=reason
        )
    except RecordError as fault:
        say_sorry(str(fault))
        return None
    st.session_state[_OPEN] = (opened.encounter, reason, found)
    return found


def _close() -> None:
    st.session_state.pop(_OPEN, None)
