"""The place of somebody who works by keyboard, kept when what had the focus goes away.

Streamlit takes a button away in the run that it asks for ("I have it"), and the browser then goes
on from anywhere: from the middle of the checklist, past its red flags. Where a key was the last
thing used, the focus moves to what stood right before. A finger or a mouse never comes here.
"""

from __future__ import annotations

import functools
from typing import Any

import streamlit as st

_JS = """
let last = null, before = [], byKeyboard = false;

function come(event) {
  last = event.target;
  before = [];
  for (let at = last; at && !at.matches('[data-testid="stMain"]'); at = at.parentElement) {
    for (let to = at.previousElementSibling; to; to = to.previousElementSibling) before.push(to);
  }
}

function look() {
  if (!byKeyboard || !last || last.isConnected || document.activeElement !== document.body) return;
  const place = before.find((each) => each.isConnected && each.offsetHeight > 0);
  last = null;
  if (!place) return;
  place.tabIndex = -1;
  place.addEventListener("blur", () => place.removeAttribute("tabindex"), { once: true });
  place.focus({ preventScroll: true });
}

export default function () {
  const page = document.documentElement;
  if (page.dataset.keepsFocus) return;
  page.dataset.keepsFocus = "yes";
  document.addEventListener("keydown", (key) => { if (key.isTrusted) byKeyboard = true; }, true);
  document.addEventListener("pointerdown", () => { byKeyboard = false; }, true);
  document.addEventListener("focusin", come, true);
  if (document.activeElement !== document.body) come({ target: document.activeElement });
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
}
"""


def keep_focus(screen: str) -> None:
    """Keep the place while this screen (a name that is its own) is shown."""
    _keeper()(key=f"keep-focus|{screen}", height=1)


@functools.cache
def _keeper() -> Any:
    """The component, told to Streamlit once."""
    return st.components.v2.component("handover_viewer_keep_focus", html="<i></i>", js=_JS)
