"""Scripts that listen to the page and show nothing: the one place that puts them on a screen."""

from __future__ import annotations

import functools
from typing import Any

import streamlit as st


def listen(name: str, script: str, key: str, *, once: bool = False) -> None:
    """Have ``script`` (a module of JavaScript, always the same for a ``name``) run on this screen.

    With ``once`` its function ``begin`` is called once in a browser tab, whichever screens it
    shows; the page's own element then says so: ``data-NAME``. ``key`` is its own on the screen.
    ``base.css`` takes the box of every such key off the page.
    """
    _component(name, script, once)(key=f"listener-{key}", height=1)


_ONCE = """
export default function () {
  const page = document.documentElement;
  if (page.dataset.NAME) return;
  page.dataset.NAME = "yes";
  begin();
}
"""


@functools.cache
def _component(name: str, script: str, once: bool) -> Any:
    """The component, told to Streamlit once."""
    whole = script + _ONCE.replace("NAME", name) if once else script
    return st.components.v2.component(f"handover_viewer_{name}", html="<i></i>", js=whole)
