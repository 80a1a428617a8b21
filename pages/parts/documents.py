"""A document opened among the entries of a section: text, PDF or image, never run.

What is opened goes to the tablet over its own connection, inside the page: Streamlit's store of
media would hand it to anybody who has its address (docs/adr/0004).
"""

from __future__ import annotations

import base64
from typing import Any

import streamlit as st

from clinical.documents import OpenedDocument, OpenedFile, ShownAs
from clinical.person import Caller
from clinical.record import Entry
from fhir_queries.documents import OPENABLE, read_document
from fhir_queries.errors import RecordError
from pages.parts.connection import shared_record
from pages.parts.glass import reason_in_force
from pages.parts.guard import say_sorry
from pages.parts.opened import Opened
from pages.parts.pdf_pages import let_the_pages_have_the_focus
from pages.parts.style import show
from pages.present.documents import file_head_html, image_html, source_html, text_html
from pages.present.escape import label

_WANTED = "document-wanted"
"""The place of the document whose button was tapped."""
_OPEN = "document-open"
"""The one document that stands open in this session: (the place it is shown at, what it is)."""


def may_open(entry: Entry) -> bool:
    """Whether an entry is of a kind that has files: the written report's are among its parts."""
    if entry.kind == "DiagnosticReport":
        return any(what.startswith("Written report") for what, _ in entry.parts)
    return entry.kind in OPENABLE


def show_document(entry: Entry, opened: Opened, patient: str, caller: Caller, key: str) -> None:
    """The button that opens an entry's files, and the files where it has been pressed."""
    place = f"{key}|{entry.reference}"
    kept = st.session_state.get(_OPEN)
    document = kept[1] if isinstance(kept, tuple) and kept[0] == place else None
    if document is None and st.session_state.get(_WANTED) == place:
        del st.session_state[_WANTED]
        document = _read(entry, opened, patient, caller)
        if document is not None:
            st.session_state[_OPEN] = (place, document)
    if document is None:
        st.button(
            label(f"Open: {entry.title}"),
            key=f"open-document|{place}",
            on_click=_want,
            args=(place,),
        )
        return
    st.button(
        label(f"Close: {entry.title}"), key=f"close-document|{place}", on_click=close_document
    )
    for number, file in enumerate(document.files):
        _show_file(file, entry.title, f"{place}|{number}")


def _want(place: str) -> None:
    close_document()
    st.session_state[_WANTED] = place


def close_document() -> None:
    """Forget the document that stands open."""
    st.session_state.pop(_OPEN, None)


def _read(entry: Entry, opened: Opened, patient: str, caller: Caller) -> OpenedDocument | None:
    try:
        return read_document(
            shared_record(),
            caller,
            entry.reference,
            patient_id=patient,
            break_glass=reason_in_force(opened.encounter),
        )
    except RecordError as fault:
        say_sorry(str(fault))
        return None


def _show_file(file: OpenedFile, title: str, key: str) -> None:
    show(file_head_html(file))
    named = file.title or title
    match file.shown_as:
        case ShownAs.TEXT:
            show(text_html(file.text))
        case ShownAs.SOURCE:
            show(source_html(file.text))
        case ShownAs.IMAGE:
            show(image_html(named, _data_uri(file)))
        case ShownAs.PDF:
            _show_pdf(file, named, key)
        case ShownAs.NOT_SHOWN:
            pass


def _show_pdf(file: OpenedFile, title: str, key: str) -> None:
    """What ``st.pdf`` shows a PDF with, given the octets in the page: ``st.pdf`` itself would put
    them into the store of media."""
    from streamlit_pdf import pdf_viewer  # noqa: PLC0415 - most screens open no PDF

    viewer: Any = pdf_viewer
    viewer(_data_uri(file), height=640, key=key, alt=title)
    let_the_pages_have_the_focus(f"pdf-pages|{key}")


def _data_uri(file: OpenedFile) -> str:
    return f"data:{file.content_type};base64,{base64.b64encode(file.content).decode()}"
