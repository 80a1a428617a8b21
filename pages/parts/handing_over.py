"""Handing a file to the browser without leaving it anywhere: docs/adr/0003 says why."""

from __future__ import annotations

import base64
import functools
from typing import Any

import streamlit as st

_HTML = "<a></a>"
_CSS = """
a {
  display: flex; align-items: center; justify-content: center; box-sizing: border-box;
  width: 100%; min-height: 44px; padding: .25rem 1rem;
  border-radius: 4px; background: #005eb8; color: #fff; font: 700 1rem Arial, sans-serif;
  text-decoration: none;
}
a:hover { background: #003087; }
a:focus-visible { outline: 4px solid #ffeb3b; box-shadow: 0 0 0 6px #212b32; }
"""
_JS = """
export default function ({ data, parentElement }) {
  const link = parentElement.querySelector("a");
  const bytes = Uint8Array.from(atob(data.contents), (each) => each.charCodeAt(0));
  const address = URL.createObjectURL(new Blob([bytes], { type: data.kind }));
  link.href = address;
  link.download = data.name;
  link.textContent = data.label;
  return () => URL.revokeObjectURL(address);
}
"""


def hand_over(contents: bytes, *, name: str, kind: str, label: str, key: str) -> None:
    """A link that saves ``contents``, already in this browser, as the file ``name``.

    ``kind`` is its media type. Neither ``name`` nor ``label`` may say who it is about: the one
    goes into folders, and both are seen over a shoulder.
    """
    encoded = base64.b64encode(contents).decode("ascii")
    _link()(data={"contents": encoded, "name": name, "kind": kind, "label": label}, key=key)


@functools.cache
def _link() -> Any:
    """The component, told to Streamlit once. What it shows is set as text, never as markup."""
    return st.components.v2.component(
        "handover_viewer_file_link", html=_HTML, css=_CSS, js=_JS, isolate_styles=True
    )
