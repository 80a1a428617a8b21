"""The one place where the screens' style sheet is put on a page."""

from __future__ import annotations

import base64
import functools
from pathlib import Path

import streamlit as st
from markupsafe import Markup

from pages.present.shapes import shapes_css

_SHEETS = Path(__file__).with_name("sheets")
_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
    '<rect width="32" height="32" rx="4" fill="#005eb8"/>'
    '<path d="M13 6h6v7h7v6h-7v7h-6v-7H6v-6h7z" fill="#fff"/></svg>'
)
TITLE = "Ambulance handover"


def set_the_page(title: str) -> None:
    """Name the page (never after a patient) and put the style sheet on it."""
    st.set_page_config(
        page_title=f"{title} - {TITLE}",
        page_icon=f"data:image/svg+xml;base64,{base64.b64encode(_ICON.encode()).decode()}",
        layout="wide",
        initial_sidebar_state="collapsed",
    )
    st.html(_Finished(_sheet()))


@functools.cache
def _sheet() -> str:
    """Every style sheet, the one that the others build on first."""
    base = _SHEETS / "base.css"
    others = sorted(each for each in _SHEETS.glob("*.css") if each != base)
    read = [each.read_text(encoding="utf-8") for each in (base, *others)]
    return f"<style>{' '.join((*read, shapes_css()))}</style>"


def show(markup: Markup) -> None:
    """Put finished markup on the page. Only markup: text has to go through ``present.escape``."""
    st.html(_Finished(f'<div class="hv">{markup}</div>'))


class _Finished:
    """Markup that Streamlit takes as it is: it looks for the indent of every line of a string, one
    part in twenty of what a hundred tablets cost that come back at once.
    """

    __slots__ = ("_markup",)

    def __init__(self, markup: str) -> None:
        self._markup = markup

    def _repr_html_(self) -> str:
        return self._markup
