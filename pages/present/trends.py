"""Vital signs and results over time, in words and small pictures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from markupsafe import Markup

from clinical.measured import Measured
from clinical.trends import Band, Trend
from pages.present import times
from pages.present.escape import html, join
from pages.present.section import value_words
from pages.present.sparkline import sparkline_html

_MOST_IN_WORDS = 6


def vitals_html(trends: Sequence[Trend], now: datetime) -> Markup:
    """Each vital sign of this episode: its newest value, its way, its normal and usual range."""
    return html(
        '<div class="hv-vitals">{rows}</div><p class="quiet">Shaded: the range that scores no '
        "NEWS2 points. Dashed: this person's usual range and its middle, from earlier values.</p>",
        rows=join(_vital(each, now) for each in trends),
    )


def results_html(trends: Sequence[Trend], now: datetime) -> Markup:
    """Each kind of result: its newest value, its way, its reference range."""
    return html(
        '<div class="hv-vitals">{rows}</div>', rows=join(_result(each, now) for each in trends)
    )


def trend_in_words(trend: Trend, now: datetime) -> str:
    """What the picture of a trend shows, for who doesn't see it."""
    shown = trend.now[-_MOST_IN_WORDS:]
    values = ", ".join(
        f"{value_words(each.words)} {times.clock_of_today(each.at.earliest, now)}"
        if each.at.exact
        else f"{value_words(each.words)} {times.moment(each.at)}"
        for each in shown
    )
    left = len(trend.now) - len(shown)
    before = f"{left} earlier, then " if left else ""
    return f"{trend.name}: {before}{values}. {ranges_in_words(trend)}".strip()


def ranges_in_words(trend: Trend) -> str:
    """The normal range, and what is usual for this person, with of how many and how old."""
    said = []
    if trend.normal is not None:
        which = f" ({trend.normal_words})" if trend.normal_words and not _own(trend) else ""
        said.append(f"Normal {band_words(trend.normal, trend.unit)}{which}")
    elif trend.normal_words:
        said.append(f"Reference range {trend.normal_words}")
    usual = trend.usual
    if usual is not None:
        count = "1 value" if usual.count == 1 else f"{usual.count} values"
        spread = (
            number_words(usual.middle)
            if usual.lowest == usual.highest
            else f"{number_words(usual.middle)} ({number_words(usual.lowest)} to "
            f"{number_words(usual.highest)})"
        )
        first, last = times.day(usual.first.earliest), times.day(usual.last.earliest)
        when = last if first == last else f"{first} to {last}"
        said.append(f"Usual {spread}: {count}, {when}")
    return " · ".join(said)


def band_words(band: Band, unit: str) -> str:
    """A range: ``12 to 20 /min``, ``96 % or more``."""
    low = "" if band.low is None else number_words(band.low)
    high = "" if band.high is None else number_words(band.high)
    if low and high:
        return f"{low} to {high} {unit}".strip()
    return f"{low or high} {unit} or {'more' if low else 'less'}".replace("  ", " ")


def number_words(number: Decimal) -> str:
    """A number without the zeros that say nothing."""
    return f"{number.normalize():f}"


def against_the_range(measured: Measured | None, band: Band | None) -> str:
    """Where a value lies outside its range, in words; empty where it doesn't or none is known."""
    if measured is None or measured.number is None or band is None:
        return ""
    if band.low is not None and measured.number < band.low:
        return "below normal"
    if band.high is not None and measured.number > band.high:
        return "above normal"
    return ""


def _own(trend: Trend) -> bool:
    """Whether the range is the record's own, so that its words are those of the range."""
    return any(letter.isdigit() for letter in trend.normal_words) and "scale" not in (
        trend.normal_words
    )


def _vital(trend: Trend, now: datetime) -> Markup:
    latest = trend.latest
    if latest is None:
        said = "not recorded with a time" if trend.undated else "not measured"
        return html(
            '<div class="hv-vital none"><div><p>{name} <b>{said}</b></p></div></div>',
            name=trend.name,
            said=said,
        )
    return _row(trend, latest, now, ranges_in_words(trend), way_words(trend))


def _result(trend: Trend, now: datetime) -> Markup:
    latest = trend.now[-1]
    more = f"{len(trend.now)} values since {times.day(trend.now[0].at.earliest)}"
    said = " · ".join(part for part in (ranges_in_words(trend), more) if part)
    return _row(trend, latest, now, said if len(trend.now) > 1 else ranges_in_words(trend), "")


def _row(trend: Trend, latest: Measured, now: datetime, said: str, way: str) -> Markup:
    tags = [
        html('<span class="hv-tag outside">{words}</span>', words=words)
        for words in (against_the_range(latest, trend.normal),)
        if words
    ]
    if latest.doubted:
        tags.append(html('<span class="hv-tag stop">doubtful: see below</span>'))
    when = (
        times.clock_of_today(latest.at.earliest, now)
        if latest.at.exact
        else times.moment(latest.at)
    )
    notes = _left_out(trend)
    return html(
        '<div class="hv-vital"><div><p>{name} <b class="value">{value}</b> {tags}</p>'
        '<p class="meta">{meta}</p>{notes}</div>{picture}</div>',
        name=trend.name,
        value=value_words(latest.words),
        tags=join(tags, " "),
        meta=" · ".join(part for part in (when, way, said) if part),
        notes=html('<p class="meta">{notes}</p>', notes=notes) if notes else "",
        picture=sparkline_html(trend, trend_in_words(trend, now)),
    )


def way_words(trend: Trend) -> str:
    """What it was before: ``was 92 /min, 95 /min`` newest first, within this episode."""
    earlier = [value_words(each.words) for each in reversed(trend.now[:-1])]
    if not earlier:
        return ""
    shown = ", ".join(earlier[:3])
    return f"before: {shown}" + (f" and {len(earlier) - 3} more" if len(earlier) > 3 else "")


def _left_out(trend: Trend) -> str:
    said = []
    if trend.other_units:
        said.append(f"{trend.other_units} in another unit, not drawn here")
    if trend.undated:
        said.append(f"{trend.undated} without a time, not drawn")
    return ". ".join(said)
