"""Somebody waiting, as a card of the queue: words, shape and colour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup

from clinical.answers_due import AnswerTimes, answer_due
from clinical.bands import (
    NATIONAL_THRESHOLDS,
    BandMeaning,
    WaitingThresholds,
    band_for,
    meanings,
)
from clinical.evidence import Indicator, Judgement
from clinical.indicators import red_flags_met, summary
from clinical.waiting import PlaceKind, WaitingBand, WaitingPatient, waited
from pages.present import person as persons
from pages.present import times
from pages.present.answers_due import due_words
from pages.present.arrivals import Mark
from pages.present.escape import html, join
from pages.present.news2 import News2Words, news2_html, news2_words
from pages.present.review import ReviewWords, review_words
from pages.present.shapes import shape

_PLACES: Mapping[PlaceKind, str] = {
    PlaceKind.VEHICLE: "In the vehicle",
    PlaceKind.BAY: "In a bay",
    PlaceKind.CORRIDOR: "In the corridor",
    PlaceKind.OTHER: "",
    PlaceKind.NOT_RECORDED: "Place not recorded",
}


@dataclass(frozen=True, slots=True)
class Card:
    """What one card of the queue says."""

    encounter: str
    name: str
    who: str
    """Age and gender."""
    reason: str
    place: str
    band: WaitingBand
    band_words: str
    wait: timedelta | None
    since: str
    news2: News2Words
    indicators: str
    red_flags: tuple[str, ...]
    plan: str
    community: str
    cautions: tuple[str, ...]
    review: ReviewWords
    due: str = ""
    """That an answer is due, or empty."""


def card(
    waiting: WaitingPatient,
    indicators: tuple[Indicator, ...] | None,
    asking: str,
    now: datetime,
    thresholds: WaitingThresholds = NATIONAL_THRESHOLDS,
    *,
    answers: AnswerTimes | None = None,
) -> Card:
    """The card of one wait. ``indicators`` None: they could not be worked out."""
    wait = waited(waiting, now)
    band = band_for(wait, thresholds)
    return Card(
        waiting.encounter,
        persons.name(waiting.person),
        f"{persons.age(waiting.person, now)} · {persons.gender(waiting.person)}",
        waiting.reason or "Reason for the call not recorded",
        place_words(waiting),
        band,
        meanings(thresholds)[band].words,
        wait,
        _since(waiting, now),
        news2_words(waiting.news2, waiting.news2_before, now),
        indicator_summary(indicators),
        tuple(each.words for each in red_flags_met(indicators or ())),
        plan_on_file(indicators),
        known_to_community(indicators),
        _cautions(waiting, now),
        review_words(waiting.review, asking, now),
        _due(waiting, now, answers),
    )


def _due(waiting: WaitingPatient, now: datetime, answers: AnswerTimes | None) -> str:
    if waiting.review is None or answers is None:
        return ""
    return due_words(answer_due(waiting.review, now, answers), now)


def place_words(waiting: WaitingPatient) -> str:
    """Where exactly they wait: kind, name, call sign, and which ED."""
    kind = _PLACES[waiting.place.kind]
    words = "" if waiting.place.words.lower() in kind.lower() else waiting.place.words
    sign = waiting.place.call_sign
    sign = f"call sign {sign}" if sign and sign not in words else ""
    return " · ".join(part for part in (kind, words, sign, waiting.department.name) if part)


def indicator_summary(indicators: tuple[Indicator, ...] | None) -> str:
    """``6 met · 1 not · 3 unknown``, as ``clinical.indicators.summary`` counts them."""
    if indicators is None:
        return "not worked out"
    met, not_met, unknown = summary(indicators)
    return f"{met} met · {not_met} not · {unknown} unknown"


def plan_on_file(indicators: tuple[Indicator, ...] | None) -> str:
    """A few words where a plan (ReSPECT, CPR decision, advance plan) is on file; never scored."""
    return "Plan on file" if _met(indicators, "plan-on-file") else ""


def known_to_community(indicators: tuple[Indicator, ...] | None) -> str:
    """A few words where a community team knows them already."""
    return "Known to a community team" if _met(indicators, "known-to-community") else ""


def _met(indicators: tuple[Indicator, ...] | None, wanted: str) -> bool:
    return any(each.name == wanted and each.judgement is Judgement.MET for each in indicators or ())


def wait_html(wait: timedelta | None, band: WaitingBand, words: str) -> Markup:
    """The wait as a clock that counts on in the browser, in its band's shape and colour."""
    if wait is None:
        clock = html("<span>Wait not known</span>")
        said = Markup()
    else:
        minutes, rest = divmod(wait, timedelta(minutes=1))
        clock = html(
            '<span class="hv-clock {hours}" style="--hv-from:{minutes};--hv-seconds:{rest}" '
            'role="img" aria-label="waiting {minutes} minutes"></span>',
            hours="hours" if minutes >= 60 else "",
            minutes=minutes,
            rest=rest.seconds,
        )
        said = html("<span>· {words}</span>", words=words)
    return html(
        '<span class="hv-band {band}">{shape}{clock}{said}</span>',
        band=band.value,
        shape=shape(band.value),
        clock=clock,
        said=said,
    )


def card_html(shown: Card, mark: Mark = Mark.NONE) -> Markup:
    """A card of the queue. ``mark`` says what is new of it since the last look."""
    tags = [_tag("new", mark.value)] if mark.value else []
    tags += [_tag("stop", each) for each in shown.cautions]
    if shown.red_flags:
        flags = len(shown.red_flags)
        tags.append(_tag("stop", "1 red flag" if flags == 1 else f"{flags} red flags"))
    if shown.plan:
        tags.append(_tag("plan", shown.plan))
    if shown.community:
        tags.append(_tag("known", shown.community))
    if shown.review.asked:
        tags.append(_tag(shown.review.kind, shown.review.status))
    tags += [_tag("stop", each) for each in (shown.due, shown.review.asked_again) if each]
    lines = [each for each in (shown.review.asked, shown.review.held, shown.review.decided) if each]
    return html(
        '<article class="hv-card" aria-label="{name}">'
        '<div class="hv-card-top">{wait}<span class="quiet">{since}</span></div>'
        '<h2 class="hv-name-line">{name}</h2><p>{who}</p><p class="hv-reason">{reason}</p>'
        '<p>{news2}</p><p>Indicators: <b>{indicators}</b></p><p class="quiet">{place}</p>'
        '<div class="hv-card-tags">{tags}</div>{lines}</article>',
        name=shown.name,
        who=shown.who,
        since=shown.since,
        wait=wait_html(shown.wait, shown.band, shown.band_words),
        reason=shown.reason,
        news2=news2_html(shown.news2),
        indicators=shown.indicators,
        place=shown.place,
        tags=join(tags),
        lines=join(html("<p>{line}</p>", line=line) for line in lines),
    )


def bands_html(thresholds: WaitingThresholds = NATIONAL_THRESHOLDS) -> Markup:
    """What each band means, with its shape, for the explanation on the page."""
    return html(
        "<ul>{rows}</ul>",
        rows=join(_band_row(band, meaning) for band, meaning in meanings(thresholds).items()),
    )


def _band_row(band: WaitingBand, meaning: BandMeaning) -> Markup:
    unverified = "" if meaning.verified else " Not checked against its source."
    return html(
        '<li><span class="hv-band {band}">{shape}{words}</span> {means}</li>',
        band=band.value,
        shape=shape(band.value),
        words=meaning.words,
        means=f"{meaning.means}{unverified}",
    )


def _since(waiting: WaitingPatient, now: datetime) -> str:
    since = waiting.waiting_since
    if since is None:
        return "arrival not recorded"
    when = times.clock_of_today(since.earliest, now) if since.exact else times.moment(since)
    return f"since {when}"


def _cautions(waiting: WaitingPatient, now: datetime) -> tuple[str, ...]:
    said = [*persons.cautions(waiting.person, now)]
    if waiting.set_aside:
        entries = "entry" if waiting.set_aside == 1 else "entries"
        said.append(f"{waiting.set_aside} {entries} could not be read")
    return tuple(said)


def _tag(kind: str, words: str) -> Markup:
    return html('<span class="hv-tag {kind}">{words}</span>', kind=kind, words=words)


def band_of(wait: timedelta | None, thresholds: WaitingThresholds) -> tuple[WaitingBand, str]:
    """The band of a wait, and its words."""
    band = band_for(wait, thresholds)
    return band, meanings(thresholds)[band].words
