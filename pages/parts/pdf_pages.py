"""The pages of an open PDF, to be come to and scrolled by keyboard.

The viewer lets its pages scroll without ever having the focus (WCAG 2.1.1; Chromium alone helps
itself), and marks the focus thinly. It stands in a shadow root, which no style sheet reaches.
"""

from __future__ import annotations

from pages.parts.listening import listen

_JS = """
const MARK = ":focus-visible { outline: 4px solid #ffeb3b; outline-offset: -4px;"
  + " box-shadow: inset 0 0 0 6px #212b32; }";

function mend() {
  for (const viewer of document.querySelectorAll('[data-testid="stBidiComponentIsolated"]')) {
    const pages = viewer.shadowRoot?.querySelector('[data-testid="pdf-content"]');
    if (!pages || pages.hasAttribute("tabindex")) continue;
    pages.tabIndex = 0;
    pages.setAttribute("role", "region");
    pages.setAttribute("aria-label", "Pages of the document");
    viewer.shadowRoot.append(Object.assign(document.createElement("style"), { textContent: MARK }));
  }
}

export default function () {
  const timer = setInterval(mend, 200);
  return () => clearInterval(timer);
}
"""


def let_the_pages_have_the_focus(key: str) -> None:
    """Have it so for every PDF on this screen, while this is shown."""
    listen("pdf_pages", _JS, key)
