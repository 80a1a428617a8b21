"""One line of time across the record: drawn only when it is opened, with the same as a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import streamlit as st

from clinical.timeline import Timeline, TimelineEvent, timeline_of
from pages.parts.charts import ChartColours, chart_colours, show_chart
from pages.parts.guard import guarded
from pages.parts.opened import Opened
from pages.parts.style import show
from pages.present.origin import OriginOf, of_this_record
from pages.present.timeline import (
    A_PAGE,
    AT_ONE_TIME,
    KINDS,
    OVER_TIME,
    PARTLY_KNOWN,
    SPANS,
    TRACKS,
    WAITING,
    ChartRow,
    chart_lanes,
    chart_rows,
    chart_words,
    legend_html,
    timeline_list_html,
    timeline_notes_html,
    wall_clock,
)

_FIRST_SPAN = "1 year"
_LANE_HEIGHT = 32
_BAR_HEIGHT = 5


def show_timeline(opened: Opened) -> None:
    """The line of time, a fragment of its own."""
    fragment = st.fragment(_show_timeline, key=f"timeline|{opened.encounter}")
    fragment(opened)


@guarded("timeline")
def _show_timeline(opened: Opened) -> None:
    with st.expander(
        "Timeline of everything", key=f"timeline-{opened.encounter}", on_change="rerun"
    ) as place:
        if place.open:
            _draw(opened)


def _draw(opened: Opened) -> None:
    timeline = timeline_of(opened.record, opened.waiting, datetime.now(UTC))
    show(timeline_notes_html(timeline))
    span = st.segmented_control(
        "How far back",
        list(SPANS),
        default=_FIRST_SPAN,
        required=True,
        key=f"timeline-span|{opened.encounter}",
    )
    span = span or _FIRST_SPAN
    length = SPANS[span]
    events = timeline.within(None if length is None else timeline.now - length)
    if events:
        chart = timeline_chart(timeline, events, length, chart_colours(), opened.record.origin_of)
        show_chart(chart, chart_words(events, span), f"chart|{opened.encounter}|{span}")
        show(legend_html())
    shown_key = f"timeline-shown|{opened.encounter}|{span}"
    shown = st.session_state.get(shown_key, A_PAGE)
    show(timeline_list_html(events, shown, opened.record.origin_of))
    if shown < len(events):
        left = len(events) - shown
        st.button(
            f"Show {min(left, A_PAGE)} more of {left}",
            key=f"timeline-more|{opened.encounter}",
            on_click=_show_more,
            args=(shown_key, shown + A_PAGE),
        )


def _show_more(key: str, count: int) -> None:
    st.session_state[key] = count


def timeline_chart(
    timeline: Timeline,
    events: Sequence[TimelineEvent],
    length: timedelta | None,
    colours: ChartColours,
    origin_of: OriginOf = of_this_record,
) -> Any:
    """The chart of these events, its axis London's wall clock over ``length`` up to now.

    What the record says is in the rows and nowhere in the chart's own text: it is data.
    """
    import altair as alt  # noqa: PLC0415 - half a second that only an opened chart needs
    import pandas as pd  # noqa: PLC0415

    rows = pd.DataFrame([_values(each) for each in chart_rows(timeline, events, origin_of)])
    lanes = chart_lanes(events)
    tracks = list(range(TRACKS))
    first, last = _ends(timeline, events, length)
    scale = alt.Scale(type="utc", domain=[_millis(first), _millis(last)], nice=False)
    x = alt.X(
        "start:T",
        title=None,
        scale=scale,
        axis=alt.Axis(labelOverlap=True, grid=True, tickCount=6),
    )
    y = alt.Y(
        "lane:N",
        title=None,
        sort=list(lanes),
        scale=alt.Scale(domain=list(lanes)),
        axis=alt.Axis(labelLimit=140, ticks=False, domain=False, grid=True),
    )
    kind = alt.Color(
        "kind:N",
        title=None,
        scale=alt.Scale(
            domain=list(KINDS),
            range=[colours.line, colours.span, colours.standing, colours.partial, colours.now],
        ),
        legend=None,
    )
    tooltip = [
        alt.Tooltip("what:N", title="What"),
        alt.Tooltip("when:N", title="When"),
        alt.Tooltip("lane:N", title="Section"),
        alt.Tooltip("source:N", title="From"),
    ]
    base = alt.Chart(rows).encode(x=x, y=y, color=kind, tooltip=tooltip)
    drawn = alt.datum.kind
    bars = (
        base.transform_filter((drawn != AT_ONE_TIME) & (drawn != WAITING))
        .mark_bar(height=_BAR_HEIGHT, cornerRadius=2, opacity=0.85, clip=True)
        .encode(x2="end:T", yOffset=alt.YOffset("track:O", scale=alt.Scale(domain=tracks)))
    )
    short = (
        base.transform_filter((drawn == OVER_TIME) | (drawn == PARTLY_KNOWN))
        .mark_point(shape="square", filled=True, size=40, clip=True)
        .encode(yOffset=alt.YOffset("track:O", scale=alt.Scale(domain=tracks)))
    )
    points = base.transform_filter(drawn == AT_ONE_TIME).mark_point(
        filled=True, size=90, opacity=0.75, clip=True
    )
    wait = base.transform_filter(drawn == WAITING).mark_point(
        shape="diamond", filled=True, size=220, clip=True
    )
    until_now = (
        alt.Chart(pd.DataFrame({"now": [_millis(wall_clock(timeline.now))]}))
        .mark_rule(color=colours.now, strokeWidth=2, clip=True)
        .encode(x=alt.X("now:T", scale=scale, title=None), tooltip=alt.value(None))
    )
    zoom = alt.selection_interval(
        bind="scales",
        encodings=["x"],
        zoom="wheel![event.ctrlKey]",
        name="zoom",
    )
    return alt.layer(until_now, bars, short, points.add_params(zoom), wait).properties(
        height=_LANE_HEIGHT * len(lanes), width="container"
    )


def _ends(
    timeline: Timeline, events: Sequence[TimelineEvent], length: timedelta | None
) -> tuple[datetime, datetime]:
    first = min(each.start for each in events) if length is None else timeline.now - length
    air = (timeline.now - first) / 40
    return wall_clock(first - air), wall_clock(timeline.now + air)


def _values(row: ChartRow) -> dict[str, str | float]:
    return {**asdict(row), "start": _millis(row.start), "end": _millis(row.end)}


def _millis(when: datetime) -> float:
    """A wall clock as Vega's axis reads it: as if it were UTC, so that no browser moves it."""
    return when.replace(tzinfo=UTC).timestamp() * 1000
