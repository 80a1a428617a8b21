"""Control charts in words, icons and a table: what Altair draws, said for everybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from clinical.manager_view import ManagerView, ShownPart
from clinical.spc import (
    BASELINE_POINTS,
    ENOUGH_POINTS,
    Assurance,
    Better,
    Chart,
    Rule,
    Variation,
    p_chart,
    xmr_chart,
)
from pages.present import times
from pages.present.escape import html, join
from pages.present.outcomes import title_of
from pages.present.spc_icons import VARIATION_WORDS, icon_html


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing that is charted."""

    name: str
    proportion: bool
    """A p chart of yes among those with an answer; otherwise an XmR chart of how many."""
    better: Better
    target: float | None = None

    @property
    def title(self) -> str:
        """What the chart is of."""
        return f"{title_of(self.name)}, share" if self.proportion else title_of(self.name)


MEASURES: tuple[Measure, ...] = (
    Measure("redirected", proportion=False, better=Better.HIGH),
    Measure("decided", proportion=False, better=Better.NEITHER),
    Measure("admission-avoided-72h", proportion=True, better=Better.HIGH),
    Measure("reattendance-7d", proportion=True, better=Better.LOW),
    Measure("no-capacity", proportion=True, better=Better.LOW),
    Measure("community-response-2h", proportion=True, better=Better.HIGH, target=0.7),
)
"""The target of the last is the national standard for a two-hour urgent community response: 70%."""


@dataclass(frozen=True, slots=True)
class Point:
    """One point as it is drawn."""

    first: date
    value: float
    final: bool
    """Whether its people's windows are over; one that isn't is no part of the limits or rules."""
    lower: float
    upper: float
    rules: frozenset[Rule]
    colour: str
    """"common", "improvement", "concern", "change" or "not-final"."""
    yes: int
    of: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart ready to be drawn and said."""

    measure: Measure
    weeks: int
    """In one point."""
    points: tuple[Point, ...]
    chart: Chart
    exact: bool

    @property
    def variation(self) -> Variation:
        """What the newest final point says."""
        return self.chart.variation(self.measure.better)

    @property
    def assurance(self) -> Assurance:
        """Whether the target will be met while nothing changes."""
        return self.chart.assurance(self.measure.target, self.measure.better)


def drawn(view: ManagerView, measure: Measure) -> Drawn | None:
    """The chart of a measure in a view; None where there are too few points or people for one."""
    parts = [each for each in view.series(measure.name) if each.whole and _tells(each, measure)]
    final = [each for each in parts if not each.count.pending]
    if len(final) < 2:
        return None
    baseline = min(len(final), BASELINE_POINTS)
    if measure.proportion:
        chart = p_chart(
            [min(each.count.yes or 0, each.count.known or 0) for each in final],
            [each.count.known or 0 for each in final],
            baseline,
        )
    else:
        chart = xmr_chart([float(each.count.yes or 0) for each in final], baseline)
    places = {each.first: place for place, each in enumerate(final)}
    points = tuple(_point(each, places.get(each.first), chart, measure) for each in parts)
    return Drawn(measure, parts[0].weeks, points, chart, view.exact)


def _tells(part: ShownPart, measure: Measure) -> bool:
    count = part.count
    if count.yes is None or count.known is None:
        return False
    return not measure.proportion or count.known >= max(count.enough, 1)


def _point(part: ShownPart, place: int | None, chart: Chart, measure: Measure) -> Point:
    count = part.count
    yes, of = count.yes or 0, count.known or 0
    value = min(yes / of, 1.0) if measure.proportion else float(yes)
    if place is None:
        return Point(part.first, value, False, chart.lower[-1], chart.upper[-1], frozenset(),
                     "not-final", yes, of)  # fmt: skip
    rules = chart.signals[place]
    return Point(
        part.first,
        value,
        True,
        chart.lower[place],
        chart.upper[place],
        rules,
        _colour(chart.rising[place], measure.better) if rules else "common",
        yes,
        of,
    )


def _colour(rising: bool, better: Better) -> str:
    if better is Better.NEITHER:
        return "change"
    return "improvement" if rising is (better is Better.HIGH) else "concern"


def summary_html(charts: Sequence[Drawn]) -> Markup:
    """Every measure with its icons: what has changed, and whether a target will be met."""
    rows = join(
        html(
            '<tr><th scope="row">{title}</th><td class="number">{latest}</td>'
            "<td>{variation}</td><td>{assurance}</td></tr>",
            title=each.measure.title,
            latest=value_words(each, _newest(each).value),
            variation=icon_html(each.variation),
            assurance=icon_html(each.assurance),
        )
        for each in charts
    )
    return html(
        '<div class="scroll" tabindex="0" role="region" aria-label="What has changed"><table>'
        '<thead><tr><th scope="col">Measure</th><th scope="col" class="number">Newest</th>'
        '<th scope="col">Variation</th><th scope="col">Target</th></tr></thead>'
        "<tbody>{rows}</tbody></table></div>",
        rows=rows,
    )


def in_words(each: Drawn) -> str:
    """What the chart shows, for a screen reader and as its caption."""
    newest = _newest(each)
    step = "week" if each.weeks == 1 else f"{each.weeks} weeks"
    marked = sum(bool(point.rules) for point in each.points)
    return (
        f"{each.measure.title}, by {step}: {len(each.points)} points, the newest final one "
        f"{value_words(each, newest.value)} ({times.day(newest.first)}). Mean "
        f"{value_words(each, each.chart.mean)}, limits there {value_words(each, newest.lower)} to "
        f"{value_words(each, newest.upper)}. {VARIATION_WORDS[each.variation]}; "
        f"{marked} points marked by a rule."
    )


def notes_html(each: Drawn) -> Markup:
    """On what the limits rest, and what isn't final."""
    first = [point for point in each.points if point.final][: each.chart.baseline]
    notes = [
        f"Mean and limits are worked out on {each.chart.baseline} points, from "
        f"{times.day(first[0].first)} to {times.day(first[-1].first)}."
    ]
    if each.chart.provisional:
        notes.append(f"Provisional: fewer than {ENOUGH_POINTS} points.")
    waiting = sum(not point.final for point in each.points)
    if waiting:
        notes.append(
            f"{waiting} hollow points aren't final (somebody's time isn't over): no part of the "
            "mean, the limits or the rules."
        )
    if not each.exact:
        notes.append("Drawn from rounded numbers, by four weeks: small changes don't show.")
    return html('<p class="quiet">{notes}</p>', notes=" ".join(notes))


def points_html(each: Drawn) -> Markup:
    """The chart as a table."""
    rows = join(
        html(
            '<tr><th scope="row">{first}</th><td class="number">{value}</td>'
            '<td class="number">{lower}</td><td class="number">{upper}</td><td>{said}</td></tr>',
            first=times.day(point.first),
            value=value_words(each, point.value),
            lower=value_words(each, point.lower),
            upper=value_words(each, point.upper),
            said=point_words(point),
        )
        for point in reversed(each.points)
    )
    return html(
        '<div class="scroll" tabindex="0" role="region" aria-label="The chart as a table"><table>'
        '<thead><tr><th scope="col">From</th><th scope="col" class="number">Value</th>'
        '<th scope="col" class="number">Lower limit</th><th scope="col" class="number">Upper limit'
        '</th><th scope="col">Rule</th></tr></thead><tbody>{rows}</tbody></table></div>',
        rows=rows,
    )


def point_words(point: Point) -> str:
    """What is said of one point."""
    if not point.final:
        return "not final"
    return "; ".join(rule.value for rule in Rule if rule in point.rules)


def value_words(each: Drawn, value: float) -> str:
    """``62%``, or a number with at most one decimal; a limit below nought is nought."""
    if each.measure.proportion:
        return f"{value:.0%}"
    return f"{max(value, 0.0):.1f}".removesuffix(".0")


def _newest(each: Drawn) -> Point:
    return [point for point in each.points if point.final][-1]
