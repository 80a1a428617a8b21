"""How charts look on the screens, in either scheme. Nothing of a chart is fetched from anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import streamlit as st

_LOADED = "browser-draws-charts"


@dataclass(frozen=True, slots=True)
class ChartColours:
    """Colours of the NHS palette that stand out on a card in one of the two schemes."""

    line: str
    standing: str
    partial: str
    span: str
    good: str
    now: str
    ink: str


_LIGHT = ChartColours("#005eb8", "#00856f", "#ae2573", "#330072", "#007f3b", "#8a1538", "#212b32")
_DARK = ChartColours("#41b6e6", "#78d9c8", "#ff9db8", "#c3a6ff", "#78d99f", "#ffb866", "#f0f4f5")


def chart_colours() -> ChartColours:
    """The colours of the scheme that this browser shows."""
    return _DARK if st.context.theme.type == "dark" else _LIGHT


@contextmanager
def load_what_draws() -> Iterator[None]:
    """Have the browser load what draws charts and lists while something else keeps it waiting,
    once in a session. Nothing of it is seen.
    """
    if st.session_state.get(_LOADED):
        yield
        return
    place = st.empty()
    with place.container(key="nothing-drawn"):
        # Values of its own would have Streamlit load pandas first, which the caller waited for
        st.vega_lite_chart({"data": {"sequence": {"start": 0, "stop": 1}}, "mark": "point"})
        st.selectbox("Nothing", (), key="nothing-chosen")
    yield
    place.empty()
    st.session_state[_LOADED] = True


def show_chart(chart: Any, words: str, key: str) -> None:
    """Draw a chart with ``words`` as what it says to a screen reader.

    Its single marks say nothing there: they would be hundreds, and a list has them in order.
    """
    colours = chart_colours()
    styled = (
        chart.properties(background="transparent")
        .configure_mark(aria=False)
        .configure_axis(labelColor=colours.ink, titleColor=colours.ink, labelFontSize=13)
        .configure_view(stroke=None)
    )
    with st.container(key=f"hv-chart-{key}"):
        st.altair_chart(styled, width="stretch", alt=words, key=key)
