"""Control charts on the manager's page: icons for each measure, one chart drawn, its table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from pages.parts.charts import ChartColours, chart_colours, show_chart
from pages.parts.guard import guarded
from pages.parts.style import show
from pages.present import times
from pages.present.escape import html
from pages.present.spc import Drawn, in_words, notes_html, point_words, points_html, summary_html

COLOURS_LIGHT = {
    "common": "#425563",
    "improvement": "#005eb8",
    "concern": "#b35900",
    "change": "#330072",
    "not-final": "#425563",
}
COLOURS_DARK = {
    "common": "#c8d0d5",
    "improvement": "#41b6e6",
    "concern": "#ffb866",
    "change": "#c3a6ff",
    "not-final": "#c8d0d5",
}
_SAID = {
    "common": "common cause",
    "improvement": "improving",
    "concern": "concerning",
    "change": "changed",
    "not-final": "not final",
}

_WEEKS_BY_DAY = 30
"""Up to so many weeks an axis names days, beyond it months."""


def show_charts(charts: Sequence[Drawn]) -> None:
    """The summary of all, and one of them drawn."""
    if not charts:
        show(html("<p>Too few weeks, or too few people, for a control chart.</p>"))
        return
    show(summary_html(charts))
    st.fragment(_show_one, key="avoided-chart")(charts)


@guarded("control chart")
def _show_one(charts: Sequence[Drawn]) -> None:
    by_title = {each.measure.title: each for each in charts}
    chosen = st.selectbox("Chart of", list(by_title), key="avoided-chart-of", width=420)
    drawn = by_title[chosen or charts[0].measure.title]
    dark = st.context.theme.type == "dark"
    picture = spc_chart(drawn, chart_colours(), COLOURS_DARK if dark else COLOURS_LIGHT)
    show_chart(picture, in_words(drawn), f"spc|{drawn.measure.name}")
    show(notes_html(drawn))
    with st.expander("The same as a table", key="avoided-chart-table", on_change="rerun") as place:
        if place.open:
            show(points_html(drawn))


def spc_chart(drawn: Drawn, colours: ChartColours, marks: dict[str, str]) -> Any:
    """The chart: line, mean, limits, the target, and each point by what a rule says of it."""
    import altair as alt  # noqa: PLC0415 - half a second that only a chart needs
    import pandas as pd  # noqa: PLC0415

    share = drawn.measure.proportion
    rows = pd.DataFrame(
        [
            {
                "at": datetime(
                    each.first.year, each.first.month, each.first.day, tzinfo=UTC
                ).timestamp()
                * 1000,
                "from": times.day(each.first),
                "value": each.value,
                "lower": max(each.lower, 0.0),
                "upper": each.upper,
                "mean": drawn.chart.mean,
                "kind": each.colour,
                "says": point_words(each) or _SAID[each.colour],
                "of": f"{each.yes} of {each.of}" if share else f"{each.yes}",
            }
            for each in drawn.points
        ]
    )
    form = ".0%" if share else "d"
    days = "%d %b" if len(drawn.points) * drawn.weeks <= _WEEKS_BY_DAY else "%b %Y"
    x = alt.X("at:T", title=None, axis=alt.Axis(format=days, labelOverlap=True, grid=False))
    y = alt.Y(
        "value:Q",
        title=None,
        axis=alt.Axis(format=form, tickMinStep=0.1 if share else 1),
        scale=alt.Scale(zero=not share, nice=True),
    )
    base = alt.Chart(rows).encode(x=x)
    dashed: dict[str, Any] = {"strokeDash": [6, 4], "color": colours.ink, "opacity": 0.8}
    layers = [
        base.mark_line(**dashed, interpolate="step-after").encode(y=alt.Y("lower:Q", title=None)),
        base.mark_line(**dashed, interpolate="step-after").encode(y=alt.Y("upper:Q", title=None)),
        base.mark_line(color=colours.ink, strokeWidth=1.5).encode(y=alt.Y("mean:Q", title=None)),
    ]
    if drawn.measure.target is not None:
        target = pd.DataFrame({"target": [drawn.measure.target]})
        layers.append(
            alt.Chart(target)
            .mark_rule(color=colours.partial, strokeWidth=2, strokeDash=[2, 3])
            .encode(y=alt.Y("target:Q", title=None))
        )
    layers.append(base.mark_line(color=marks["common"], strokeWidth=1, opacity=0.7).encode(y=y))
    kinds = list(marks)
    layers.append(
        base.mark_point(size=70, filled=True, opacity=1).encode(
            y=y,
            color=alt.Color(
                "kind:N",
                legend=None,
                scale=alt.Scale(domain=kinds, range=[marks[kind] for kind in kinds]),
            ),
            shape=alt.Shape(
                "kind:N",
                legend=None,
                scale=alt.Scale(
                    domain=kinds,
                    range=["circle", "triangle-up", "square", "diamond", "circle"],
                ),
            ),
            fillOpacity=alt.condition(alt.datum.kind == "not-final", alt.value(0), alt.value(1)),
            stroke=alt.Color(
                "kind:N",
                legend=None,
                scale=alt.Scale(domain=kinds, range=[marks[kind] for kind in kinds]),
            ),
            tooltip=[
                alt.Tooltip("from:N", title="From"),
                alt.Tooltip("value:Q", title="Value", format=form),
                alt.Tooltip("of:N", title="People"),
                alt.Tooltip("says:N", title="Rule"),
            ],
        )
    )
    return alt.layer(*layers).properties(height=300, width="container")


def picture_of(drawn: Drawn) -> bytes:
    """The chart as a PNG, on white, with its title; made here, with nothing fetched."""
    import vl_convert  # noqa: PLC0415 - only who takes a file away needs it

    ink = ChartColours("#005eb8", "#00856f", "#ae2573", "#330072", "#007f3b", "#8a1538", "#212b32")
    chart = (
        spc_chart(drawn, ink, COLOURS_LIGHT)
        .properties(width=900, height=360, title=drawn.measure.title, background="white")
        .configure_view(stroke=None)
    )
    png: bytes = vl_convert.vegalite_to_png(chart.to_dict(), scale=2, allowed_base_urls=[])
    return png
