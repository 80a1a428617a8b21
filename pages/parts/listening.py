"""Scripts that listen to the page and show nothing: the one place that puts them on a screen."""

from __future__ import annotations

import functools
from typing import Any

import streamlit as st


def listen(name: str, script: str, key: str) -> None:
    """Have ``script`` (a module of JavaScript, always the same for a ``name``) run on this screen.

    ``key`` is its own on the screen. ``base.css`` takes the box of every such key off the page.
    """
    _component(name, script)(key=f"listener-{key}", height=1)


@functools.cache
def _component(name: str, script: str) -> Any:
    """The component, told to Streamlit once."""
    return st.components.v2.component(f"handover_viewer_{name}", html="<i></i>", js=script)
