"""Vital signs and results over time: small pictures at once, a whole chart when asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import streamlit as st
from markupsafe import Markup

from clinical.measured import Measured
from clinical.record import SectionState
from clinical.trends import Trend, result_trends, vital_trends
from clinical.waiting import WaitingPatient
from fhir_queries.reading.codes import NEWS2_TOTAL, VITAL_SIGNS
from pages.parts.charts import ChartColours, chart_colours, show_chart
from pages.parts.guard import guarded
from pages.parts.opened import Opened
from pages.parts.style import show
from pages.present import times
from pages.present.escape import clean, html, label
from pages.present.partial_view import unseen_html
from pages.present.section import value_words
from pages.present.timeline import wall_clock
from pages.present.trends import results_html, trend_in_words, vitals_html

_NAMES_BY_CODE = {**VITAL_SIGNS, NEWS2_TOTAL: "news2"}
_THIS_EPISODE, _ALL = "This episode", "With earlier values"


def trends_of(opened: Opened, waiting: WaitingPatient) -> tuple[Trend, ...]:
    """The vital signs of this wait over time, beside what was measured before it."""
    return vital_trends(waiting, opened.record, _NAMES_BY_CODE)


def vitals_markup(trends: Sequence[Trend], now: datetime) -> Markup:
    """The vital signs with their small pictures, or that none was recorded."""
    if not any(each.now for each in trends):
        return html("<p>No vital sign is recorded for this wait.</p>")
    return vitals_html(trends, now)


def show_vital_chart(opened: Opened, trends: Sequence[Trend]) -> None:
    """A control to have one vital sign drawn large; nothing is drawn before it is chosen."""
    drawable = [each for each in trends if each.drawable]
    if drawable:
        fragment = st.fragment(_show_vital_chart, key=f"vital-chart|{opened.encounter}")
        fragment(opened.encounter, drawable)


@guarded("chart of a vital sign")
def _show_vital_chart(encounter: str, trends: Sequence[Trend]) -> None:
    by_name = {each.name: each for each in trends}
    chosen = st.pills("Chart of", list(by_name), key=f"vital-chosen|{encounter}")
    trend = by_name.get(chosen or "")
    if trend is None:
        return
    reach = _THIS_EPISODE
    if trend.before:
        reach = (
            st.segmented_control(
                "Reach",
                [_THIS_EPISODE, _ALL],
                default=_THIS_EPISODE,
                required=True,
                key=f"vital-reach|{encounter}",
            )
            or _THIS_EPISODE
        )
    values = (*trend.before, *trend.now) if reach == _ALL else trend.now
    now = datetime.now(UTC)
    chart = trend_chart(trend, values, chart_colours(), reach == _ALL)
    show_chart(chart, trend_in_words(trend, now), f"vital|{encounter}|{chosen}|{reach}")


def show_results(opened: Opened) -> None:
    """Results over time, drawn only when opened. A section that isn't there says so."""
    fragment = st.fragment(_show_results, key=f"results-over-time|{opened.encounter}")
    fragment(opened)


@guarded("results over time")
def _show_results(opened: Opened) -> None:
    section = opened.record.sections.get("results")
    if section is None or section.state is not SectionState.LOADED:
        return
    trends = result_trends(section.entries)
    if not trends:
        return
    count = "1 test" if len(trends) == 1 else f"{len(trends)} tests"
    with st.expander(
        label(f"Results over time: {count}"),
        key=f"results-over-time-{opened.encounter}",
        on_change="rerun",
    ) as place:
        if place.open:
            partly = () if section.complete and not section.set_aside else (section,)
            show(unseen_html((), partly, "in these trends"))
            show(results_html(trends, datetime.now(UTC)))


def trend_chart(
    trend: Trend, values: Sequence[Measured], colours: ChartColours, with_days: bool
) -> Any:
    """One thing over time in one unit, with its normal range and what is usual.

    ``with_days``: whether the values lie days apart, so that the axis has to say which.
    """
    import altair as alt  # noqa: PLC0415 - half a second that only an opened chart needs
    import pandas as pd  # noqa: PLC0415

    rows = pd.DataFrame(
        [
            {
                "at": wall_clock(each.at.earliest).replace(tzinfo=UTC).timestamp() * 1000,
                "value": float(each.number),
                "words": clean(value_words(each.words)),
                "when": times.moment(each.at),
                "source": clean(each.entry.source) or "source not recorded",
                "read": "doubtful" if each.doubted else "plain",
            }
            for each in values
            if each.number is not None
        ]
    )
    x = alt.X(
        "at:T",
        title=None,
        scale=alt.Scale(type="utc", padding=12),
        axis=alt.Axis(format="%d %b %Y" if with_days else "%H:%M", labelOverlap=True, tickCount=5),
    )
    y = alt.Y(
        "value:Q", title=trend.unit or None, scale=alt.Scale(zero=False, nice=True, padding=12)
    )
    tooltip = [
        alt.Tooltip("words:N", title="Value"),
        alt.Tooltip("when:N", title="When"),
        alt.Tooltip("source:N", title="From"),
        alt.Tooltip("read:N", title="Reading"),
    ]
    layers = []
    if trend.normal is not None:
        low, high = trend.normal.low, trend.normal.high
        ends = {"low": [None if low is None else float(low)]}
        band = alt.Chart(pd.DataFrame({**ends, "high": [None if high is None else float(high)]}))
        layers.append(_band(alt, band, colours, low is not None, high is not None))
    if trend.usual is not None:
        middle = pd.DataFrame({"middle": [float(trend.usual.middle)]})
        layers.append(
            alt.Chart(middle)
            .mark_rule(strokeDash=[5, 4], color=colours.span, strokeWidth=2)
            .encode(y="middle:Q", tooltip=[alt.Tooltip("middle:Q", title="Usual (median)")])
        )
    base = alt.Chart(rows).encode(x=x, y=y)
    zoom = alt.selection_interval(
        bind="scales", encodings=["x"], zoom="wheel![event.ctrlKey]", name="zoom"
    )
    layers.append(base.mark_line(color=colours.line, strokeWidth=2))
    layers.append(
        base.mark_point(size=110, color=colours.line, filled=True)
        .encode(
            shape=alt.Shape(
                "read:N",
                legend=None,
                scale=alt.Scale(domain=["plain", "doubtful"], range=["circle", "triangle-up"]),
            ),
            tooltip=tooltip,
        )
        .add_params(zoom)
    )
    return alt.layer(*layers).properties(height=220, width="container")


def _band(alt: Any, chart: Any, colours: ChartColours, low: bool, high: bool) -> Any:
    """The normal range, open where it has no end: then it reaches to the edge of the chart."""
    mark = chart.mark_rect(color=colours.good, opacity=0.15)
    if low and high:
        return mark.encode(y="low:Q", y2="high:Q")
    if low:
        return mark.encode(y="low:Q", y2=alt.value(0))
    return mark.encode(y="high:Q", y2=alt.value("height"))
