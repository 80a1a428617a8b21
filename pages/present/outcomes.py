"""The manager's figures in words: each with its denominator, its gaps and its definition."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from clinical.manager_view import HOURS_IN_A_BAND, ManagerView, ShownSpan
from clinical.outcome_filters import Group
from clinical.suppression import ShownCount
from pages.present import times
from pages.present.escape import html, join

HEADLINES: tuple[str, ...] = (
    "decided",
    "accepted",
    "redirected",
    "attendance-avoided-24h",
    "admission-avoided-72h",
)
DECISIONS: tuple[str, ...] = (
    "not-suitable",
    "patient-declined",
    "no-capacity",
    "deferred",
    "handed-over-first",
    "withdrawn",
)
BREAKDOWN: tuple[str, ...] = (
    "decided",
    "redirected",
    "admission-avoided-72h",
    "reattendance-7d",
    "no-capacity",
)
GROUP_TITLES: Mapping[Group, str] = {
    Group.SITE: "Emergency department",
    Group.SERVICE: "Community service",
    Group.REASON: "Reason for the call",
    Group.AGE: "Age",
    Group.FRAILTY: "Frailty (Clinical Frailty Scale)",
    Group.DEPRIVATION: "Deprivation (decile, 1 the most deprived)",
    Group.ETHNICITY: "Ethnicity (NHS code)",
}
_TITLES: Mapping[str, str] = {
    "flagged": "Reviews asked for",
    "claimed": "Taken by a clinician",
    "decided": "Decisions",
    "accepted": "Redirects decided",
    "redirected": "Redirected and left",
    "redirect-reversed": "Redirects reversed",
    "not-suitable": "Not suitable",
    "patient-declined": "Patient declined",
    "no-capacity": "No community capacity",
    "deferred": "Put off",
    "handed-over-first": "Came too late: handed over first",
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
    "attended": "Attended an ED after all",
    "admitted": "Admitted after all",
    "pending": "Not known yet",
    "unknown": "The record can't say",
}
_WINDOW = re.compile(r"^(?P<kind>.+)-(?P<number>\d+)(?P<unit>h|d|min)$")
_UNITS = {"h": "hours", "d": "days", "min": "minutes"}
WITHHELD = "too few to split"
VERY_FEW = "very few or none"


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


def number(value: int | None, *, exact: bool) -> str:
    """A number of people as it is shown: as it is, or about so many."""
    if value is None:
        return WITHHELD
    if exact:
        return f"{value:,}"
    return f"about {value:,}" if value else VERY_FEW


def percent(share: float | None) -> str:
    """``61%``; empty where no share may be told."""
    return "" if share is None else f"{share:.0%}"


def figure_html(count: ShownCount, definition: str) -> Markup:
    """One count as a card: value, denominator, what isn't known, and what it means behind "i"."""
    exact = count.exact
    share = count.share
    bar = Markup()
    if share is not None:
        bar = html(
            '<div class="hv-bar" aria-hidden="true"><span style="width:{width}%"></span></div>',
            width=round(share * 100),
        )
    title = title_of(count.name)
    return html(
        '<div class="hv-figure"><h3>{title}</h3><p><span class="value{small}">{value}</span>'
        "<span> of {known} with an answer{share}</span></p>{bar}"
        "<p>Pending <b>{pending}</b> · Unknown <b>{unknown}</b>{complete}</p>{means}</div>",
        title=title,
        value=number(count.yes, exact=exact),
        small="" if exact else " words",
        known=number(count.known, exact=exact),
        share=html(" · <b>{share}</b>", share=percent(share)) if share is not None else "",
        bar=bar,
        pending=number(count.pending, exact=exact),
        unknown=number(count.unknown, exact=exact),
        complete=_completeness(count),
        means=means_html(title, definition),
    )


def _completeness(count: ShownCount) -> Markup:
    complete = count.completeness
    return Markup() if complete is None else html(" · Complete <b>{c}</b>", c=percent(complete))


def means_html(title: str, definition: str) -> Markup:
    """The "i": what a figure means, folded."""
    return html(
        '<details class="hv-means"><summary><span class="i" aria-hidden="true">i</span>'
        'What this means<span class="unseen">: {title}</span></summary><p>{means}</p></details>',
        title=title,
        means=definition,
    )


def figures_html(view: ManagerView, names: Sequence[str]) -> Markup:
    """These counts beside each other; names that are not counted here are left out."""
    return html(
        '<div class="hv-figures">{figures}</div>',
        figures=join(
            figure_html(view.counts[name], view.definitions.get(name, ""))
            for name in names
            if name in view.counts
        ),
    )


def gain_and_harm_html(view: ManagerView) -> Markup:
    """What was gained and what harm came with it, over the same people, side by side."""
    gain: list[str] = []
    harm: list[str] = []
    for name in view.counts:
        found = _WINDOW.match(name)
        if found is not None:
            good = found["kind"].endswith(("avoided", "response"))
            (gain if good else harm).append(name)
    harm.append("redirect-reversed")
    return html(
        '<div class="hv-both"><section><h3>Gain</h3>{gain}</section>'
        "<section><h3>Harm</h3>{harm}</section></div>",
        gain=_lines_html(view, gain),
        harm=_lines_html(view, harm),
    )


def _lines_html(view: ManagerView, names: Sequence[str]) -> Markup:
    rows = join(_line_html(view.counts[name], view.definitions.get(name, "")) for name in names)
    return html('<ul class="hv-lines">{rows}</ul>', rows=rows)


def _line_html(count: ShownCount, definition: str) -> Markup:
    title = title_of(count.name)
    return html(
        '<li><div class="top"><b>{title}</b><span class="value">{value}{share}</span></div>'
        '<p class="quiet">of {known} with an answer · pending {pending} · unknown {unknown}'
        "{complete}</p>{means}</li>",
        title=title,
        value=number(count.yes, exact=count.exact),
        share=f" · {percent(count.share)}" if count.share is not None else "",
        known=number(count.known, exact=count.exact),
        pending=number(count.pending, exact=count.exact),
        unknown=number(count.unknown, exact=count.exact),
        complete=_completeness(count),
        means=means_html(title, definition),
    )


def spans_html(view: ManagerView) -> Markup:
    """How long each step took, as a table, and the hours that ambulances lost."""
    spans = view.spans()
    lost = spans[0]
    hours = "not known" if lost.total_hours is None else f"{lost.total_hours:,.0f} hours"
    rows = join(_span_row(each, view.definitions.get(each.name, "")) for each in spans)
    return html(
        "<p>Ambulance time lost altogether: <b>{about}{hours}</b></p>"
        '<div class="scroll" tabindex="0" role="region" aria-label="How long each step took">'
        '<table><thead><tr><th scope="col">Step</th><th scope="col" class="number">Median</th>'
        '<th scope="col" class="number">9 of 10 within</th><th scope="col" class="number">Known'
        "</th></tr></thead><tbody>{rows}</tbody></table></div>",
        about="" if lost.exact or lost.total_hours is None else "about ",
        hours=hours,
        rows=rows,
    )


def _span_row(spans: ShownSpan, definition: str) -> Markup:
    title = title_of(spans.name)
    known = (
        html(
            "{known}<br>pending {pending}, unknown {unknown}",
            known=f"{spans.known:,}",
            pending=spans.pending,
            unknown=spans.unknown,
        )
        if spans.known is not None
        else "rounded"
    )
    return html(
        '<tr><th scope="row">{title}{means}</th><td class="number">{median}</td>'
        '<td class="number">{most}</td><td class="number">{known}</td></tr>',
        title=title,
        means=means_html(title, definition),
        median=_minutes(spans.median),
        most=_minutes(spans.most),
        known=known,
    )


def breakdown_html(
    title: str, rows: Mapping[str, Mapping[str, ShownCount]], names: Sequence[str]
) -> Markup:
    """The same few counts for each group, as a table of rounded numbers and their shares."""
    heads = join(
        html('<th scope="col" class="number">{t}</th>', t=title_of(each)) for each in names
    )
    lines = join(
        html(
            '<tr><th scope="row">{label}</th>{cells}</tr>',
            label=label[:1].upper() + label[1:],
            cells=join(_cell(row[name], with_share=place > 0) for place, name in enumerate(names)),
        )
        for label, row in rows.items()
    )
    return html(
        '<div class="scroll" tabindex="0" role="region" aria-label="By {aria}"><table><thead><tr>'
        '<th scope="col">{title}</th>{heads}</tr></thead><tbody>{lines}</tbody></table></div>',
        aria=title,
        title=title,
        heads=heads,
        lines=lines,
    )


def _cell(count: ShownCount, *, with_share: bool) -> Markup:
    share = percent(count.share) if with_share else ""
    return html(
        '<td class="number">{value}{share}</td>',
        value=number(count.yes, exact=False),
        share=html("<br><b>{s}</b>", s=share) if share else "",
    )


def missed_html(cells: Mapping[tuple[str, int], int | None]) -> Markup:
    """Would-be redirects refused for want of room, by service and hour, the fullest darkest."""
    services = [*dict.fromkeys(service for service, _ in cells)]
    hours = sorted({hour for _, hour in cells})
    most = max((many or 0 for many in cells.values()), default=0) or 1
    heads = join(
        html('<th scope="col" class="number">{h}</th>', h=band_words(hour)) for hour in hours
    )
    rows = join(
        html(
            '<tr><th scope="row">{service}</th>{cells}</tr>',
            service=service[:1].upper() + service[1:],
            cells=join(_missed_cell(cells[service, hour], most) for hour in hours),
        )
        for service in services
    )
    return html(
        '<div class="scroll" tabindex="0" role="region" aria-label="Missed by service and hour">'
        '<table class="hv-heat"><thead><tr><th scope="col">Community service</th>{heads}</tr>'
        "</thead><tbody>{rows}</tbody></table></div>",
        heads=heads,
        rows=rows,
    )


def band_words(hour: int) -> str:
    """``16:00 to 19:59``."""
    return f"{hour:02}:00 to {hour + HOURS_IN_A_BAND - 1:02}:59"


def _missed_cell(many: int | None, most: int) -> Markup:
    return html(
        '<td class="number heat-{level}">{value}</td>',
        level=0 if not many else 1 + min(3, many * 4 // (most + 1)),
        value="-" if many == 0 else number(many, exact=False),
    )


def _minutes(minutes: float | None) -> str:
    if minutes is None:
        return "not known"
    return times.span_of_minutes(minutes)
