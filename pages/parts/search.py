"""Looking for words in the open record. What is typed stays in this session: no address, no log."""

from __future__ import annotations

import streamlit as st

from clinical.search import search_index
from pages.parts.guard import guarded
from pages.parts.opened import Opened
from pages.parts.style import show
from pages.present.search import found_html


def show_search(opened: Opened) -> None:
    """The search box, a fragment of its own: a word typed redraws its results and nothing else."""
    fragment = st.fragment(_show_search, key=f"search|{opened.encounter}")
    fragment(opened)


@guarded("record search")
def _show_search(opened: Opened) -> None:
    typed = st.text_input(
        "Search in this record",
        key=f"search-words|{opened.encounter}",
        type="search",
        placeholder="A medicine, a problem, a place",
        autocomplete="off",
        live=True,
    )
    if typed and typed.strip():
        show(found_html(search_index(opened.record).find(typed), opened.record.origin_of))
