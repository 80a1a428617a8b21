"""Notes between the two sides: read, told as read, and written without losing a half-typed one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import streamlit as st

from clinical.answers_due import unread
from clinical.person import Caller
from clinical.review import Review
from fhir_queries.errors import RecordError
from fhir_queries.review_notes import LONGEST_NOTE, add_note, mark_read
from pages.parts.anew import begin_anew, times_begun
from pages.parts.connection import shared_record
from pages.parts.guard import guarded_callback, say_sorry
from pages.parts.style import show
from pages.present.notes import notes_html

_DRAFTS = "note-drafts"
_FAULTS = "note-faults"
Changed = Callable[[Review], None]
"""What to do with the review as it stands after a note was written or read."""


def show_notes(review: Review, caller: Caller, changed: Changed) -> None:
    """Every note of this review, and a button to say that the new ones are read. No inputs."""
    show(notes_html(review.notes, caller, datetime.now(UTC)))
    if unread(review.notes, caller):
        st.button(
            "I have read the new notes",
            key=f"notes-read|{review.encounter}",
            on_click=_mark_read,
            args=(review, caller, changed),
        )


def write_note(review: Review, caller: Caller, about: str, changed: Changed) -> None:
    """A box for a note on this review; what is typed stays until it is sent.

    It is kept under the encounter, whatever else is shown or refreshed in between.
    """
    encounter = review.encounter
    key = _key(encounter)
    fault = st.session_state.get(_FAULTS, {}).get(encounter)
    if fault:
        say_sorry(fault)
    st.text_input(
        about,
        st.session_state.get(key, _drafts().get(encounter, "")),
        max_chars=LONGEST_NOTE,
        key=key,
        live=True,
        on_change=_keep,
        args=(encounter,),
    )
    st.button(
        "Add the note",
        key=f"note-go|{encounter}",
        type="primary",
        on_click=_add,
        args=(review, caller, changed),
    )


def _key(encounter: str) -> str:
    """The session key of the box: another, empty one once a note was sent."""
    return f"note|{encounter}|{times_begun(f'note|{encounter}')}"


def _drafts() -> dict[str, str]:
    drafts: dict[str, str] = st.session_state.setdefault(_DRAFTS, {})
    return drafts


def _keep(encounter: str) -> None:
    st.session_state.get(_FAULTS, {}).pop(encounter, None)
    _drafts()[encounter] = str(st.session_state.get(_key(encounter)) or "")


@guarded_callback("note")
def _add(review: Review, caller: Caller, changed: Changed) -> None:
    encounter = review.encounter
    faults: dict[str, str] = st.session_state.setdefault(_FAULTS, {})
    said = str(st.session_state.get(_key(encounter)) or "")
    if not said.strip():
        faults[encounter] = "Not sent. Write the note first."
        return
    try:
        noted = add_note(shared_record(), caller, review, said)
    except RecordError as fault:
        faults[encounter] = f"Not sent. {fault} What you typed is still here."
        return
    faults.pop(encounter, None)
    _drafts().pop(encounter, None)
    begin_anew(f"note|{encounter}")
    changed(noted)


@guarded_callback("notes read")
def _mark_read(review: Review, caller: Caller, changed: Changed) -> None:
    changed(mark_read(shared_record(), caller, review))
