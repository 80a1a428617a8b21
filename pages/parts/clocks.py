"""The clocks of who waits, counted on in the browser, socket or none.

A timer and not an animation of the style sheet: Chromium draws a page anew sixty times a second for
as long as such an animation lasts, a sixth of a processor for a queue that nobody touches, and so
much of a tablet's battery.
"""

from __future__ import annotations

from pages.parts.listening import listen

_JS = """
const began = new WeakMap();

function numberOf(clock, name) {
  return Number(clock.style.getPropertyValue(name));
}

function count() {
  const now = Date.now();
  for (const clock of document.getElementsByClassName("hv-clock")) {
    const drawn = numberOf(clock, "--hv-from"), shown = numberOf(clock, "--hv-minutes");
    if (!began.has(clock)) {
      began.set(clock, now - (drawn * 60 + numberOf(clock, "--hv-seconds")) * 1000);
    }
    const minutes = Math.max(drawn, Math.floor((now - began.get(clock)) / 60000));
    if (minutes === shown) continue;
    clock.style.setProperty("--hv-minutes", minutes);
    clock.classList.toggle("hours", minutes >= 60);
    clock.setAttribute("aria-label", `waiting ${minutes} minutes`);
  }
}

function begin() {
  setInterval(count, 1000);
  document.addEventListener("visibilitychange", count);
}
"""


def count_the_clocks() -> None:
    """Count from now on, whichever screens are shown in this browser tab."""
    listen("clocks", _JS, "clocks", once=True)
