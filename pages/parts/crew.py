"""What the crew found: NEWS2 with what doesn't fit, and their observations on this wait."""

from __future__ import annotations

from datetime import datetime

from markupsafe import Markup

from clinical.news2 import News2Reading
from clinical.waiting import WaitingPatient
from pages.parts.style import show
from pages.present.crew import findings_html
from pages.present.escape import html, join
from pages.present.news2 import News2Words, news2_html, news2_words
from pages.present.waiting import place_words


def show_crew_findings(waiting: WaitingPatient, now: datetime) -> None:
    """The reason for the call, NEWS2, and each finding of the crew, newest first."""
    words = news2_words(waiting.news2, waiting.news2_before, now)
    scored = frozenset(
        each.reference for each in (waiting.news2, waiting.news2_before) if each is not None
    )
    aside = Markup()
    if waiting.set_aside:
        entries = "1 entry" if waiting.set_aside == 1 else f"{waiting.set_aside} entries"
        aside = html(
            '<div class="hv-box warn"><p>{entries} could not be read</p></div>', entries=entries
        )
    show(
        html(
            '<h2>Now</h2><p class="hv-reason">{reason}</p><p class="quiet">{place}</p>'
            "{news2}{aside}<h3>Crew's findings</h3>{findings}",
            reason=waiting.reason or "Reason for the call not recorded",
            place=place_words(waiting),
            news2=_news2(words, waiting.news2),
            aside=aside,
            findings=findings_html(waiting.findings, scored)
            or html("<p>None returned for this wait. That is not the same as none made.</p>"),
        )
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
