"""A long answer is sent in the pauses of its typing, as short ones are by Streamlit's ``live``.

Streamlit 1.67 sends a text area when the finger leaves it, or on Ctrl+Enter; it has no ``live``
for one. So a pause is answered with that very key: the words go, the caret stays where it is.
"""

from __future__ import annotations

from pages.parts.listening import listen

_JS = """
const PAUSE = 700;
const waiting = new WeakMap();

function send(area) {
  const key = { key: "Enter", code: "Enter", keyCode: 13, ctrlKey: true, bubbles: true };
  if (area.isConnected) area.dispatchEvent(new KeyboardEvent("keydown", key));
}

function typed(event) {
  const area = event.target;
  if (!(area instanceof HTMLTextAreaElement) || !area.closest('[class*="-answer-"]')) return;
  clearTimeout(waiting.get(area));
  if (!event.isComposing) waiting.set(area, setTimeout(send, PAUSE, area));
}

function begin() {
  document.addEventListener("input", typed, true);
  document.addEventListener("compositionend", typed, true);
}
"""


def send_in_pauses(key: str) -> None:
    """Have every long answer on this screen sent while it is typed."""
    listen("pauses", _JS, key, once=True)
