"""How charts look on the screens, in either scheme. Nothing of a chart is fetched from anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st


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
