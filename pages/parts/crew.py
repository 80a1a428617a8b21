"""Now: why they called, NEWS2 with what doesn't fit, vital signs over time, the crew's findings."""

from __future__ import annotations

from datetime import datetime

import streamlit as st
from markupsafe import Markup

from clinical.news2 import News2Reading
from clinical.waiting import WaitingPatient
from pages.parts.opened import Opened
from pages.parts.style import show
from pages.parts.trends import show_vital_chart, trends_of, vitals_markup
from pages.present.crew import crew_html
from pages.present.escape import html, join
from pages.present.news2 import News2Words, news2_html, news2_words
from pages.present.waiting import place_words


def show_now(opened: Opened, waiting: WaitingPatient, now: datetime) -> None:
    """The reason for the call, NEWS2, vital signs over time, and each finding of the crew."""
    words = news2_words(waiting.news2, waiting.news2_before, now)
    trends = trends_of(opened, waiting)
    with st.container(key="now"):
        show(
            html(
                '<h2>Now</h2><p class="hv-reason">{reason}</p><p class="quiet">{place}</p>'
                "{news2}{aside}{vitals}",
                reason=waiting.reason or "Reason for the call not recorded",
                place=place_words(waiting),
                news2=_news2(words, waiting.news2),
                aside=_set_aside(waiting.set_aside),
                vitals=vitals_markup(trends, now),
            )
        )
        show_vital_chart(opened, trends)
        drawn = frozenset(
            each.entry.reference for trend in trends for each in trend.now if not each.doubted
        )
        show(html("<h3>Crew's findings</h3>{all}", all=crew_html(waiting, drawn)))


def _set_aside(count: int) -> Markup:
    if not count:
        return Markup()
    entries = "1 entry" if count == 1 else f"{count} entries"
    return html(
        '<div class="hv-box warn"><p>{entries} could not be read</p></div>', entries=entries
    )


def _news2(words: News2Words, reading: News2Reading | None) -> Markup:
    if reading is None:
        return html(
            "<p>{news2}</p><p>{response}</p>", news2=news2_html(words), response=words.response
        )
    parts = [f"{name} {points}" for name, points in reading.points]
    return html(
        '<p>{news2}</p><p>Asks for: {response}</p><p class="quiet">{parts}</p>{said}',
        news2=news2_html(words),
        response=words.response,
        parts=f"Points: {', '.join(parts)}. SpO2 scale {2 if reading.scale_2 else 1}."
        if parts
        else "",
        said=join(
            html('<div class="hv-box warn"><p>{words}</p></div>', words=each)
            for each in words.cautions
        ),
    )
