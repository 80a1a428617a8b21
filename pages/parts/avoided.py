"""The manager's screen: is it working, for whom, and is it safe? No patient is named."""

from __future__ import annotations

import streamlit as st

from clinical.manager_view import ManagerView
from clinical.outcome_columns import microseconds
from clinical.outcome_filters import CaseFilter, Group
from clinical.outcomes import OutcomeSettings
from clinical.person import Caller
from clinical.suppression import Suppression
from clinical.weeks import Weeks
from fhir_queries.outcome_keeper import KeptOutcomes
from pages.parts.avoided_charts import show_charts
from pages.parts.avoided_files import show_files
from pages.parts.avoided_filters import ask_for_weeks, ask_for_whom
from pages.parts.avoided_way import show_way
from pages.parts.charts import load_what_draws
from pages.parts.connection import handles, outcome_keeper
from pages.parts.guard import guarded
from pages.parts.style import show
from pages.present import times
from pages.present.downloads import quarter_words, rule_words
from pages.present.escape import html, label
from pages.present.outcome_tables import breakdown_html, missed_html, spans_html
from pages.present.outcomes import (
    BREAKDOWN,
    DECISIONS,
    GROUP_TITLES,
    HEADLINES,
    figures_html,
    gain_and_harm_html,
    number,
)
from pages.present.spc import MEASURES, drawn


@st.cache_resource(show_spinner=False)
def suppression() -> Suppression:
    """What may be told of parts, with this installation's secret."""
    return Suppression(handles().of("suppression").encode(), OutcomeSettings().small_number)


def show_avoided(caller: Caller) -> None:
    """The whole screen."""
    show(html("<h1>Avoided admissions</h1>"))
    weeks = ask_for_weeks()
    if weeks is None:
        show(html('<div class="hv-box"><p>Choose the first and the last day.</p></div>'))
        return
    with st.spinner("Counting…"), load_what_draws():
        kept = _kept(caller)
    case_filter = ask_for_whom(kept.table, suppression())
    view = _view(kept, weeks, case_filter)
    _show_head(view, kept)
    if view.too_few:
        show(
            html(
                '<div class="hv-box info"><p><b>Too few people to tell anything of them.</b> '
                "Choose more weeks, or fewer filters.</p></div>"
            )
        )
        return
    with st.container(key="avoided-headlines"):
        show(figures_html(view, HEADLINES))
    show(html("<h2>Gain and harm, of the same people: those redirected</h2>{both}",
              both=gain_and_harm_html(view)))  # fmt: skip
    charts = [each for measure in MEASURES if (each := drawn(view, measure)) is not None]
    show(html("<h2>Has anything changed?</h2>"))
    show_charts(charts)
    not_reviewed = show_way(view, kept, caller)
    show(html("<h2>What was decided instead, and what came too late</h2>"))
    show(figures_html(view, DECISIONS))
    show(html("<h2>How long ambulances waited, and each step took</h2>{spans}",
              spans=spans_html(view)))  # fmt: skip
    show(
        html(
            "<h2>Missed opportunities: no room, by service and hour</h2>"
            '<p class="quiet">The patient could have been redirected and no community service had '
            "room. By the hour of the decision. {quarters}</p>{table}",
            quarters=quarter_words(view),
            table=missed_html(view.missed()),
        )
    )
    _show_breakdown(view)
    show(html("<h2>Take it away</h2>"))
    show_files(view, charts, not_reviewed, caller)


def _show_head(view: ManagerView, kept: KeptOutcomes) -> None:
    people = number(view.people, exact=view.exact)
    with st.container(horizontal=True, vertical_alignment="center", key="avoided-head"):
        show(
            html(
                '<p class="hv-asat"><b>{people} reviews from {first} to {last}</b> '
                "<span>As at <b>{day} {clock}</b></span></p>"
                '<p class="quiet">{rule}</p>{stale}',
                people=people[:1].upper() + people[1:],
                first=times.day(view.weeks.first),
                last=times.day(min(view.weeks.last, view.as_at.date())),
                day=times.day(view.as_at),
                clock=times.clock(view.as_at, seconds=True),
                rule=rule_words(view),
                stale=""
                if kept.error is None
                else html(
                    '<div class="hv-box warn" role="alert"><p><b>Not up to date.</b> {why}</p>'
                    "</div>",
                    why=str(kept.error),
                ),
            )
        )
        st.button("Count again", key="count-again", on_click=_count_again)


def _show_breakdown(view: ManagerView) -> None:
    show(html("<h2>For whom: by group</h2>"))
    st.fragment(_show_group, key="avoided-breakdown")(view)


@guarded("breakdown")
def _show_group(view: ManagerView) -> None:
    group = st.selectbox(
        "Group",
        list(Group),
        format_func=lambda each: label(GROUP_TITLES[each]),
        key="avoided-by",
        width=420,
    )
    group = group or Group.SITE
    rows = view.by(group, BREAKDOWN)
    if not rows:
        show(html("<p>Too few people to split.</p>"))
        return
    show(
        html(
            '{table}<p class="quiet">{quarters} Rounded, so that nobody can be recognised: rows '
            "need not add up. Groups of fewer than {fewest} people in the whole record are not "
            "listed.</p>",
            table=breakdown_html(GROUP_TITLES[group], rows, BREAKDOWN),
            quarters=quarter_words(view),
            fewest=suppression().fewest,
        )
    )


def _view(kept: KeptOutcomes, weeks: Weeks, case_filter: CaseFilter) -> ManagerView:
    """The numbers of one period and filter, worked out once for all managers and redraws."""
    return kept.table.once(
        ("view", weeks, case_filter.key),
        lambda: ManagerView(kept.table, kept.as_at, weeks, case_filter, suppression()),
        microseconds(kept.as_at),
    )


def _kept(caller: Caller) -> KeptOutcomes:
    if st.session_state.pop("outcomes-again", False):
        return outcome_keeper().refresh(caller)
    return outcome_keeper().table(caller)


def _count_again() -> None:
    st.session_state["outcomes-again"] = True
