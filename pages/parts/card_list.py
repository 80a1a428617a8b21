"""Cards that open a patient: one element for all of them, however many wait.

As an element each for its words and its button, two dozen cards were forty-eight messages to every
tablet at every refresh, and most of what a hundred tablets cost that come back at once.

In the browser a card stays the same node for as long as its patient waits, and its button too:
what is drawn anew is only the words that changed, so that nothing is taken from under a finger or
a focus.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

import streamlit as st

from pages.parts import opening
from pages.parts.drawn import DrawnCard

KEY = "queue-cards"
_SHOWN = "cards-shown"
_JS = """
const decoder = new TextDecoder();

function begin(encounter) {
  const card = document.createElement("div");
  card.append(document.createElement("div"), document.createElement("button"));
  card.firstElementChild.className = "hv";
  card.lastElementChild.type = "button";
  card.lastElementChild.name = encounter;
  return card;
}

function say(card, markup, words) {
  const [text, button] = card.children;
  if (card.markup !== markup) text.innerHTML = card.markup = markup;
  if (button.textContent !== words) button.textContent = words;
}

function put(list, card, before) {
  // What is taken out and put in again loses the focus, where the browser can't move it
  if (card.parentNode === list && list.moveBefore) list.moveBefore(card, before);
  else list.insertBefore(card, before);
}

export default function ({ data, parentElement, setTriggerValue }) {
  const list = parentElement.querySelector(".hv-cards");
  list.onclick = ({ target }) => {
    const button = target.closest("button");
    if (button) setTriggerValue("open", button.name);
  };
  const gone = new Map([...list.children].map((card) => [card.lastElementChild.name, card]));
  const cards = JSON.parse(decoder.decode(data)).map(([encounter, markup, words]) => {
    const card = gone.get(encounter) ?? begin(encounter);
    gone.delete(encounter);
    say(card, markup, words);
    return card;
  });
  for (const card of gone.values()) card.remove();
  let next = list.firstElementChild;
  for (const card of cards) {
    if (card === next) next = card.nextElementSibling;
    else put(list, card, next);
  }
}
"""


def show_cards(cards: Iterable[DrawnCard]) -> None:
    """The cards in this order, each with the button that opens its patient."""
    sent = []
    for each in cards:
        _shown().add(each.encounter)
        sent.append(each.sent)
    _component()(key=KEY, data=b"[" + b",".join(sent) + b"]", on_open_change=_open)


@functools.cache
def _component() -> Any:
    """The component, told to Streamlit once."""
    return st.components.v2.component(
        "handover_viewer_cards",
        html='<div class="hv-cards"></div>',
        js=_JS,
        isolate_styles=False,
    )


def _open() -> None:
    """Open whom the browser names, if this session ever showed them to it: somebody who has left
    the list since the tap is told to be gone by their own screen.
    """
    wanted = st.session_state.get(KEY, {}).get("open")
    if isinstance(wanted, str) and wanted in _shown():
        opening.want(wanted)


def _shown() -> set[str]:
    """The encounters that this session's lists have shown."""
    shown: set[str] = st.session_state.setdefault(_SHOWN, set())
    return shown
