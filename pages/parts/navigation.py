"""The screens as Streamlit's pages, each looked up on disk once and not at every run."""

from __future__ import annotations

import copy
import functools

import streamlit as st


def page_of(path: str, title: str, *, default: bool) -> st.Page:
    """The page at ``path``, a copy of its own: Streamlit marks on it whether it may run.

    Streamlit follows every link on the way to a page's file, each time one is named: a fifth of
    what a whole run costs, while a hundred tablets come back at once.
    """
    return copy.copy(_known(path, title, default))


@functools.cache
def _known(path: str, title: str, default: bool) -> st.Page:
    return st.Page(path, title=title, default=default, visibility="hidden")
