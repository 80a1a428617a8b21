"""The manager's figures in words: each with its denominator, its gaps and its definition."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from clinical.manager_view import ManagerView
from clinical.outcome_filters import Group
from clinical.suppression import ShownCount
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
    "waiting": "Waited in an ambulance",
    "not-reviewed": "No review asked for",
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
