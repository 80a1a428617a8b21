"""Cards of the queue, drawn once a second for everybody who sees the same reading of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from clinical.answers_due import AnswerTimes
from clinical.bands import WaitingThresholds
from clinical.person import Caller
from clinical.waiting import WaitingPatient
from fhir_queries.queue_keeper import QueueView
from pages.present.arrivals import Mark
from pages.present.escape import line
from pages.present.waiting import card, card_html

_CARDS = "cards"


@dataclass(frozen=True, slots=True)
class SiteTimes:
    """The times that this site sets, looked up once for all cards."""

    thresholds: WaitingThresholds
    answers: AnswerTimes


@dataclass(frozen=True, slots=True)
class DrawnCard:
    """One card: its markup, and what a browser is sent of it and of the button that opens it."""

    encounter: str
    markup: Markup
    sent: bytes
    """JSON: the encounter's id, the markup, the words of the button."""


def drawn_card(
    waiting: WaitingPatient,
    view: QueueView,
    caller: Caller,
    now: datetime,
    site: SiteTimes,
    *,
    mark: Mark = Mark.NONE,
) -> DrawnCard:
    """The card as it is in this second, from whoever drew it first.

    A card without a review says the same to everybody; one with a review says "you" to some.
    """
    second = now.replace(microsecond=0)
    kept = view.drawn.get(_CARDS)
    if not isinstance(kept, _Cards) or kept.second != second:
        kept = view.drawn[_CARDS] = _Cards(second)
    asking = "" if waiting.review is None else caller.user
    key = (waiting.encounter, asking, mark)
    if key not in kept.of:
        indicators = view.indicators.get(waiting.encounter)
        shown = card(
            waiting, indicators, caller.user, second, site.thresholds, answers=site.answers
        )
        markup = card_html(shown, mark)
        sent = json.dumps((waiting.encounter, markup, line(f"Open {shown.name}"))).encode()
        kept.of[key] = DrawnCard(waiting.encounter, markup, sent)
    return kept.of[key]


class _Cards:
    """The cards of one second."""

    __slots__ = ("of", "second")

    def __init__(self, second: datetime) -> None:
        self.second = second
        self.of: dict[tuple[str, str, Mark], DrawnCard] = {}
