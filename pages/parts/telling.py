"""One sentence on what came of the last action, said where that patient's review is shown."""

from __future__ import annotations

import streamlit as st

from pages.parts.style import show
from pages.present.escape import html

_TOLD = "review-told"


def tell(encounter: str, words: str, kind: str = "good") -> None:
    """Have one sentence said the next time this patient's review is shown."""
    st.session_state[_TOLD] = (encounter, words, kind)


def told_well(encounter: str) -> bool:
    """Whether the last thing told of this patient is that something worked."""
    told = st.session_state.get(_TOLD)
    return told is not None and told[0] == encounter and told[2] == "good"


def show_told(encounter: str) -> None:
    """Say what there is to tell of this patient."""
    told = st.session_state.get(_TOLD)
    if told is None or told[0] != encounter:
        return
    show(
        html(
            '<div class="hv-box {kind}" role="alert"><p>{words}</p></div>',
            kind=told[2],
            words=told[1],
        )
    )


def untell() -> None:
    """Nothing is to be told any more."""
    st.session_state.pop(_TOLD, None)
