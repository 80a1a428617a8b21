"""NEWS2 on the screens: the score, what it means, how old it is, which way it goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from clinical.news2 import ConcernLevel, News2Reading, concern
from pages.present import times
from pages.present.escape import html


@dataclass(frozen=True, slots=True)
class News2Words:
    """A NEWS2 in words. ``level`` is the style sheet's name of the concern."""

    score: str
    level: str
    response: str
    taken: str
    trend: str
    cautions: tuple[str, ...]


def news2_words(
    reading: News2Reading | None, before: News2Reading | None, now: datetime
) -> News2Words:
    """The words of the newest reading, with the way it went since the one before it."""
    worry = concern(reading)
    level = worry.level
    if level is ConcernLevel.NOT_KNOWN and worry.at_least is None:
        return News2Words("not recorded", "not-known", worry.response, "", "", worry.caution)
    return News2Words(
        worry.words,
        level.value.replace(" ", "-"),
        worry.response,
        _taken(reading, now),
        _trend(reading, before),
        worry.caution,
    )


def news2_html(words: News2Words) -> Markup:
    """The score as a tag with how old it is and its trend beside it."""
    after = " · ".join(part for part in (words.trend, words.taken) if part)
    return html(
        '<span class="hv-news {level}">NEWS2 {score}</span> <span class="quiet">{after}</span>',
        level=words.level,
        score=words.score,
        after=after,
    )


def _taken(reading: News2Reading | None, now: datetime) -> str:
    if reading is None or reading.taken_at is None:
        return "time not recorded"
    when = reading.taken_at
    return times.ago(when.earliest, now) if when.exact else times.moment(when)


def _trend(reading: News2Reading | None, before: News2Reading | None) -> str:
    if reading is None or before is None or reading.score is None or before.score is None:
        return ""
    if reading.score == before.score:
        return f"unchanged from {before.score}"
    return f"{'up' if reading.score > before.score else 'down'} from {before.score}"
