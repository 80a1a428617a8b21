"""Widgets that are begun anew, because what they show has changed otherwise than by them.

Nothing is put into a widget that stands: what it is to show is its default in every run, and where
that has changed, its key is another from then on. Streamlit 1.67 sends a value that was put only
with the run that put it: where the browser gets that run together with the next, as after a moment
without network, the widget stays empty, and its emptiness comes back with the next tap as if what
it held had been taken back.
"""

from __future__ import annotations

from collections import Counter

import streamlit as st

_TIMES = "begun-anew"


def begin_anew(what: str) -> None:
    """Have the widgets of ``what`` drawn as others from now on, with nothing of their state."""
    _all_times()[what] += 1


def times_begun(what: str) -> int:
    """How often they were begun anew in this session: a part of their keys."""
    return _all_times()[what]


def _all_times() -> Counter[str]:
    times: Counter[str] = st.session_state.setdefault(_TIMES, Counter())
    return times
