"""The place of somebody who works by keyboard, kept when what had the focus goes away.

Streamlit takes a button away in the run that it asks for ("I have it"), draws a whole screen anew,
or turns the page; the browser then goes on from anywhere: from the middle of the checklist, past
its red flags. Where a key was the last thing used, the focus goes back to the same control as soon
as it is there again. Until then, and where it never is, it goes to what stood right before; on
another page to its heading. Who tabs out of the page is let go. A finger or a mouse never comes
here.
"""

from __future__ import annotations

from pages.parts.listening import listen

_JS = """
const PATIENCE = 3000;
let kept = null, byKeyboard = false, placing = false;

function isUsable(element) {
  return element.isConnected && !element.disabled && element.getClientRects().length > 0;
}

function keyOf(element) {
  return element.closest('[class*="st-key-"]')?.className.match(/st-key-\\S+/)[0] ?? "";
}

function nameOf(element) {
  const isOption = element.matches('[type="radio"], [type="checkbox"]');
  const attributes = ["aria-label", "type", "name", ...(isOption ? ["value"] : [])];
  const said = attributes.map((each) => element.getAttribute(each) ?? "");
  return [...said, element.tagName === "TEXTAREA" ? "" : element.textContent].join("|");
}

function come(event) {
  if (placing) return;
  const element = event.target, before = [];
  for (let at = element; at && !at.matches('[data-testid="stMain"]'); at = at.parentElement) {
    for (let to = at.previousElementSibling; to; to = to.previousElementSibling) before.push(to);
  }
  kept = { element, before, key: keyOf(element), name: nameOf(element), title: document.title };
}

function leave() {
  const left = kept;
  setTimeout(() => {
    if (left !== kept || !left || document.activeElement !== document.body) return;
    if (!left.lost && isUsable(left.element)) kept = null;
    else look();
  });
}

function theSame() {
  if (isUsable(kept.element)) return kept.element;
  const alike = [...document.getElementsByTagName(kept.element.tagName)].filter(
    (each) => keyOf(each) === kept.key && nameOf(each) === kept.name && isUsable(each));
  return alike.length === 1 ? alike[0] : null;
}

function theNearest() {
  return kept.before.find((each) =>
    isUsable(each) && each.offsetHeight > 1 && !each.matches('[class*="st-key-listener"]'));
}

function look() {
  if (!byKeyboard || !kept) return;
  const active = document.activeElement;
  if (active !== document.body && active !== kept.place) return;
  if (!kept.lost) {
    if (isUsable(kept.element)) return;
    kept.lost = performance.now();
  }
  if (active === kept.place && performance.now() - kept.lost > PATIENCE) return;
  const same = theSame(), turned = document.title !== kept.title;
  const place = turned ? document.querySelector('[data-testid="stMain"] h1') : theNearest();
  if (same) same.focus();
  else if (place && place !== active && (turned || active === document.body)) standIn(place);
}

function standIn(place) {
  if (place.tabIndex < 0) {
    place.tabIndex = -1;
    place.addEventListener("blur", () => place.removeAttribute("tabindex"), { once: true });
  }
  kept.place = place;
  placing = true;
  place.focus({ preventScroll: !place.matches("h1") });
  placing = false;
}

function begin() {
  document.addEventListener("keydown", (key) => { if (key.isTrusted) byKeyboard = true; }, true);
  document.addEventListener("pointerdown", () => { byKeyboard = false; }, true);
  document.addEventListener("focusin", come, true);
  document.addEventListener("focusout", leave, true);
  if (document.activeElement !== document.body) come({ target: document.activeElement });
  new MutationObserver(look).observe(
    document.body, { childList: true, subtree: true, attributeFilter: ["disabled"] });
}
"""


def keep_focus() -> None:
    """Keep the place from now on, whichever screens are shown in this browser tab."""
    listen("keep_focus", _JS, "keep-focus", once=True)
