"""The manager's screen: a period, its counts, and what each means. No patient is named."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import streamlit as st

from clinical.moments import LONDON
from clinical.outcome_counts import count_outcomes
from clinical.outcomes import RedirectCase
from clinical.person import Caller
from fhir_queries.errors import BadRecord
from fhir_queries.outcomes import CasesRead, read_cases
from pages.parts.connection import shared_record
from pages.parts.style import show
from pages.present import times
from pages.present.escape import html, label
from pages.present.outcomes import (
    DECISIONS,
    HEADLINES,
    breakdown_html,
    figures_html,
    followed_up,
    spans_html,
)

_PERIODS = {7: "Last 7 days", 28: "Last 28 days", 90: "Last 90 days", 0: "Choose dates"}
_ALL = ""
_KEPT = "outcomes-kept"
_AGAIN = "outcomes-again"


def show_avoided(caller: Caller) -> None:
    """The whole screen."""
    show(html("<h1>Avoided admissions</h1>"))
    period = _ask_for_period()
    if period is None:
        show(html('<div class="hv-box"><p>Choose the first and the last day.</p></div>'))
        return
    first, last = period
    with st.spinner("Counting…"):
        found = _cases(caller, first, last)
    with st.container(horizontal=True, vertical_alignment="bottom", key="avoided-choices"):
        site = _ask_for_site(found.cases)
        st.button("Count again", key="count-again", on_click=_count_again)
    cases = [case for case in found.cases if site in (_ALL, case.site)]
    counts = count_outcomes(cases, found.as_at)
    one_group = site != _ALL
    show(
        html(
            '<p class="hv-asat"><b>{cases} from {first} to {last}</b> '
            "<span>As at <b>{day} {clock}</b></span></p>{few}",
            cases="1 review" if counts.cases == 1 else f"{counts.cases:,} reviews",
            first=times.day(first),
            last=times.day(last),
            day=times.day(found.as_at),
            clock=times.clock(found.as_at, seconds=True),
            few=html('<p class="quiet">Numbers from 1 to 4 are not shown for one ED.</p>')
            if one_group
            else "",
        )
    )
    show(figures_html(counts, HEADLINES, one_group=one_group))
    show(html("<h2>What was decided</h2>"))
    show(figures_html(counts, DECISIONS, one_group=one_group))
    show(html("<h2>What became of those redirected: gain and harm</h2>"))
    show(figures_html(counts, followed_up(counts), one_group=one_group))
    show(html("<h2>How long it took</h2>"))
    show(spans_html(counts, one_group=one_group))
    if not one_group:
        _show_breakdowns(found)


def _show_breakdowns(found: CasesRead) -> None:
    show(html("<h2>By ED and by service</h2>"))
    show(
        html('<p class="quiet">Numbers from 1 to 4, and what would give them away, are not shown.')
    )
    for what, key in (("ED", "site"), ("Community service", "service")):
        groups: dict[str, list[RedirectCase]] = {}
        for case in found.cases:
            groups.setdefault(getattr(case, key), []).append(case)
        if key == "service":
            groups.pop("", None)
        if groups:
            counted = {name: count_outcomes(groups[name], found.as_at) for name in sorted(groups)}
            show(breakdown_html(what, counted))


def _ask_for_period() -> tuple[date, date] | None:
    today = datetime.now(LONDON).date()
    days = st.segmented_control(
        "Period",
        list(_PERIODS),
        format_func=_PERIODS.__getitem__,
        default=28,
        required=True,
        key="period",
    )
    if days:
        return today - timedelta(days=int(days) - 1), today
    chosen = st.date_input(
        "First and last day",
        value=(today - timedelta(days=27), today),
        min_value=date(2000, 1, 1),
        max_value=today,
        format="DD/MM/YYYY",
        key="period-days",
    )
    if not isinstance(chosen, tuple) or len(chosen) != 2:
        return None
    return chosen[0], chosen[1]


def _cases(caller: Caller, first: date, last: date) -> CasesRead:
    """The cases of the period, read once for this session until it is asked to read again.

    Raises BadRecord where not all of them could be read: a count of some would look like all.
    """
    again = st.session_state.pop(_AGAIN, False)
    key = (caller.user, first, last)
    kept = st.session_state.get(_KEPT)
    if kept is None or kept[0] != key or again:
        found = read_cases(shared_record(), caller, _midnight(first), _midnight(last, after=1))
        if not found.complete or found.set_aside:
            raise BadRecord(
                "not every review of the period was read",
                sentence="Not every review of this period could be read, so no counts are given.",
            )
        kept = (key, found)
        st.session_state[_KEPT] = kept
    read: CasesRead = kept[1]
    return read


def _count_again() -> None:
    st.session_state[_AGAIN] = True


def _midnight(day: date, *, after: int = 0) -> datetime:
    """The instant at which a day begins in London."""
    begins = datetime.combine(day + timedelta(days=after), time(), tzinfo=LONDON)
    return begins.astimezone(UTC)


def _ask_for_site(cases: tuple[RedirectCase, ...]) -> str:
    sites = sorted({case.site for case in cases if case.site})
    chosen = st.selectbox(
        "Emergency department",
        [_ALL, *sites],
        format_func=lambda each: label(each) if each else "Every ED",
        key="outcomes-site",
        width=420,
    )
    return chosen or _ALL
