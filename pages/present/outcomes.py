"""The manager's figures in words: each with its denominator, its gaps and its definition."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from clinical.outcome_counts import Count, OutcomeCounts, suppressed
from clinical.outcome_spans import Spans
from pages.present import times
from pages.present.escape import html, join

HEADLINES: tuple[str, ...] = (
    "decided",
    "redirected",
    "attendance-avoided-24h",
    "admission-avoided-72h",
)
DECISIONS: tuple[str, ...] = (
    "accepted",
    "not-suitable",
    "patient-declined",
    "no-capacity",
    "deferred",
    "handed-over-first",
)
_TITLES: Mapping[str, str] = {
    "flagged": "Reviews asked for",
    "decided": "Decisions",
    "accepted": "Redirects decided",
    "redirected": "Redirected and left",
    "redirect-reversed": "Redirects reversed",
    "not-suitable": "Not suitable",
    "patient-declined": "Patient declined",
    "no-capacity": "No community capacity",
    "deferred": "Put off",
    "handed-over-first": "Handed over first",
    "withdrawn": "Withdrawn",
    "attendance-avoided": "Attendances avoided within",
    "admission-avoided": "Admissions avoided within (potential)",
    "reattendance": "Back at an ED within",
    "admission": "Admitted as an emergency within",
    "death": "Died within",
    "community-response": "Seen at home within",
    "ambulance-time-lost": "Ambulance time lost",
    "flag-to-claim": "From asked to taken",
    "claim-to-decision": "From taken to decided",
    "decision-to-departure": "From decision to departure",
}
_WINDOW = re.compile(r"^(?P<kind>.+)-(?P<number>\d+)(?P<unit>h|d|min)$")
_UNITS = {"h": "hours", "d": "days", "min": "minutes"}
_FEW = "fewer than 5"


@dataclass(frozen=True, slots=True)
class Figure:
    """One count as it is shown."""

    title: str
    value: str
    of: str
    share: str
    pending: str
    unknown: str
    definition: str
    proportion: float | None
    """For a bar; None where there is nothing to draw or it would give a small number away."""


def title_of(name: str) -> str:
    """A named count or span as the screen calls it, its window in words."""
    if name in _TITLES:
        return _TITLES[name]
    found = _WINDOW.match(name)
    if found is None or found["kind"] not in _TITLES:
        return name.replace("-", " ").capitalize()
    window = f"{found['number']} {_UNITS[found['unit']]}"
    title = _TITLES[found["kind"]]
    if title.endswith("(potential)"):
        return f"{title.removesuffix(' (potential)')} {window} (potential)"
    return f"{title} {window}"


def figure(count: Count, definition: str, *, one_group: bool) -> Figure:
    """One count. ``one_group``: of a part of the people, where small numbers are suppressed."""
    no = count.known - count.yes
    hidden = one_group and (suppressed(count.yes) or suppressed(no))
    proportion = None if hidden else count.proportion
    return Figure(
        title_of(count.name),
        _shown(count.yes, one_group),
        f"of {_shown(count.known, one_group)} with an answer",
        "" if proportion is None else f"{proportion:.0%}",
        _shown(count.pending, one_group),
        _shown(count.unknown, one_group),
        definition,
        proportion,
    )


def figure_html(shown: Figure) -> Markup:
    """One count as a card: value, denominator, pending and unknown, definition."""
    bar = Markup()
    if shown.proportion is not None:
        bar = html(
            '<div class="hv-bar" aria-hidden="true"><span style="width:{width}%"></span></div>',
            width=round(shown.proportion * 100),
        )
    return html(
        '<div class="hv-figure"><h3>{title}</h3><p><span class="value">{value}</span> {of}'
        "{share}</p>{bar}<p>Pending <b>{pending}</b> · Unknown <b>{unknown}</b></p>"
        '<p class="quiet">{definition}</p></div>',
        title=shown.title,
        value=shown.value,
        of=shown.of,
        share=html(" · <b>{share}</b>", share=shown.share) if shown.share else "",
        bar=bar,
        pending=shown.pending,
        unknown=shown.unknown,
        definition=shown.definition,
    )


def figures_html(counts: OutcomeCounts, names: Sequence[str], *, one_group: bool) -> Markup:
    """These counts beside each other; names that are not counted here are left out."""
    return html(
        '<div class="hv-figures">{figures}</div>',
        figures=join(
            figure_html(
                figure(counts.counts[name], counts.definitions.get(name, ""), one_group=one_group)
            )
            for name in names
            if name in counts.counts
        ),
    )


def followed_up(counts: OutcomeCounts) -> tuple[str, ...]:
    """The counts of what became of those redirected, in their own order."""
    return tuple(
        name
        for name in counts.counts
        if name not in HEADLINES and name not in DECISIONS and _WINDOW.match(name)
    )


def spans_html(counts: OutcomeCounts, *, one_group: bool) -> Markup:
    """How long each step took, as a table."""
    rows = join(_span_row(spans, counts.definitions, one_group) for spans in counts.spans.values())
    return html(
        '<div class="scroll"><table><thead><tr><th>Step</th><th class="number">Median</th>'
        '<th class="number">9 of 10 within</th><th class="number">Of</th>'
        "<th>What it means</th></tr></thead><tbody>{rows}</tbody></table></div>",
        rows=rows,
    )


def breakdown_html(what: str, groups: Mapping[str, OutcomeCounts]) -> Markup:
    """The same few counts by group, small numbers suppressed so that no total gives them away."""
    names = [*groups]
    columns = {
        column: suppress([groups[name].counts[column].yes for name in names])
        for column in ("decided", "redirected", "admission-avoided-72h")
    }
    heads = join(html('<th class="number">{t}</th>', t=title_of(each)) for each in columns)
    rows = join(
        html(
            "<tr><th>{name}</th>{cells}</tr>",
            name=name or "not recorded",
            cells=join(
                html('<td class="number">{value}</td>', value=values[place])
                for values in columns.values()
            ),
        )
        for place, name in enumerate(names)
    )
    return html(
        '<div class="scroll"><table><thead><tr><th>{what}</th>{heads}</tr></thead>'
        "<tbody>{rows}</tbody></table></div>",
        what=what,
        heads=heads,
        rows=rows,
    )


def suppress(values: Sequence[int]) -> tuple[str, ...]:
    """A column of counts with those below 5 (but not none) suppressed.

    Where only one would be, the next smallest is suppressed too: the column's total would give it
    away.
    """
    hidden = {place for place, value in enumerate(values) if suppressed(value)}
    others = [place for place, value in enumerate(values) if place not in hidden and value]
    second = None
    if len(hidden) == 1 and others:
        second = min(others, key=lambda place: values[place])
    return tuple(
        _FEW if place in hidden else "suppressed" if place == second else f"{value}"
        for place, value in enumerate(values)
    )


def _span_row(spans: Spans, definitions: Mapping[str, str], one_group: bool) -> Markup:
    few = one_group and suppressed(len(spans.minutes))
    middle, most = spans.median, spans.at_quantile(0.9)
    return html(
        '<tr><th>{title}</th><td class="number">{median}</td><td class="number">{most}</td>'
        '<td class="number">{known} of {of}<br>pending {pending}, unknown {unknown}</td>'
        "<td>{means}</td></tr>",
        title=title_of(spans.name),
        median=_minutes(None if few else middle),
        most=_minutes(None if few else most),
        known=_shown(len(spans.minutes), one_group),
        of=_shown(spans.of, one_group),
        pending=_shown(spans.pending, one_group),
        unknown=_shown(spans.unknown, one_group),
        means=definitions.get(spans.name, ""),
    )


def _minutes(minutes: float | None) -> str:
    if minutes is None:
        return "not known"
    return times.span_of_minutes(minutes)


def _shown(value: int, one_group: bool) -> str:
    return _FEW if one_group and suppressed(value) else f"{value:,}"
