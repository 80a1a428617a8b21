"""A page that has gone blank is loaded again: whoever held the tablet would see nothing any more.

Where React meets a fault that Streamlit doesn't catch it takes the whole page away, for good. What
was answered is in the record by then, so the tablet comes back where it was.
"""

from __future__ import annotations

from pages.parts.listening import listen

_JS = """
const PATIENCE = 1500;
const AT_MOST_EVERY = 60000;
const LAST = "blank-page-loaded-again";

function begin() {
  const root = document.getElementById("root");
  if (!root) return;
  let waiting = 0;
  const lookIn = (millis) => { waiting = setTimeout(comeBack, millis); };
  const comeBack = async () => {
    waiting = 0;
    if (root.childElementCount) return;
    const rests = AT_MOST_EVERY - (Date.now() - Number(sessionStorage.getItem(LAST)));
    if (rests > 0) return lookIn(rests);
    // Without the server the browser's own page would come, and nothing brings that back
    const answer = await fetch("_stcore/health", { cache: "no-store" }).catch(() => null);
    if (!answer || !answer.ok) return lookIn(PATIENCE);
    sessionStorage.setItem(LAST, Date.now());
    location.reload();
  };
  new MutationObserver(() => {
    if (!root.childElementCount && !waiting) lookIn(PATIENCE);
  }).observe(root, { childList: true });
}
"""


def come_back_from_blank() -> None:
    """Load the page again if it goes blank in this browser tab, once a minute at most."""
    listen("blank_page", _JS, "blank-page", once=True)
