"""For which weeks and whom the manager's page counts: kept in the address, naming no patient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import streamlit as st

from clinical.moments import LONDON
from clinical.outcome_filters import CaseFilter, Group
from clinical.outcome_table import OutcomeTable
from clinical.suppression import Suppression
from clinical.suppression_parts import MOST_GROUPS
from clinical.weeks import Weeks
from pages.parts.style import show
from pages.present.escape import html, label
from pages.present.outcomes import GROUP_TITLES

_PERIODS = {
    "4": "4 weeks",
    "13": "13 weeks",
    "26": "26 weeks",
    "52": "52 weeks",
    "104": "104 weeks",
    "": "Choose weeks",
}
_FIRST = "13"
_WORDS = {1: "one", 2: "two", 3: "three"}
_PERIOD, _FROM, _TO = "weeks", "from", "to"


def ask_for_weeks() -> Weeks | None:
    """The weeks to count; None while somebody is still choosing them."""
    today = datetime.now(LONDON).date()
    wanted = "" if _FROM in st.query_params else st.query_params.get(_PERIOD, _FIRST)
    wanted = st.session_state.get("avoided-weeks", wanted)
    chosen = st.segmented_control(
        "Period, to this week",
        list(_PERIODS),
        default=[wanted if wanted in _PERIODS else _FIRST],
        format_func=_PERIODS.__getitem__,
        required=True,
        key="avoided-weeks",
        persist_state="session",
    )
    if chosen:
        _into_address({_PERIOD: chosen if chosen != _FIRST else "", _FROM: "", _TO: ""})
        return Weeks.until(today, int(chosen))
    before = Weeks.until(today, int(_FIRST))
    first, last = _day(_FROM) or before.first, _day(_TO) or today
    days = st.date_input(
        "First and last day: whole weeks from Monday to Sunday are counted",
        value=(min(first, last, today), min(max(first, last), today)),
        min_value=date(2000, 1, 1),
        max_value=today,
        format="DD/MM/YYYY",
        key="avoided-days",
        width=420,
    )
    if not isinstance(days, tuple) or len(days) != 2:
        return None
    weeks = Weeks.around(*days)
    _into_address(
        {_PERIOD: "", _FROM: weeks.first.isoformat(), _TO: min(weeks.last, today).isoformat()}
    )
    return weeks


def ask_for_whom(table: OutcomeTable, suppression: Suppression) -> CaseFilter:
    """Who is counted, by the groups that have enough people to be told of: one name each of as
    many groups as may be asked for at once.
    """
    listed = {group: suppression.listed(table, group) for group in Group}
    chosen = _chosen(listed)
    asked = [group for group, name in chosen.items() if name]
    said = ", ".join(GROUP_TITLES[group].split(" (")[0] for group in asked) or "everybody"
    folded = st.expander(label(f"Who is counted: {said}"), key="avoided-whom")
    with folded:
        show(
            html(
                '<p class="quiet">Up to {most} at once: from more, somebody could be recognised. '
                "Whoever is narrowed to is told of by whole quarters.</p>",
                most=_WORDS[MOST_GROUPS],
            )
        )
        with st.container(horizontal=True, key="avoided-groups"):
            for group, name in chosen.items():
                with st.container(width=300):
                    st.selectbox(
                        GROUP_TITLES[group],
                        listed[group],
                        None if name is None else listed[group].index(name),
                        format_func=lambda name: label(name[:1].upper() + name[1:]),
                        key=_key(group),
                        placeholder="All",
                        disabled=group not in asked and len(asked) >= MOST_GROUPS,
                        persist_state="session",
                        on_change=_groups_into_address,
                    )
    return CaseFilter({group: frozenset([name]) for group, name in chosen.items() if name})


def _chosen(listed: Mapping[Group, Sequence[str]]) -> Mapping[Group, str | None]:
    """What is chosen, at first by the address; as far as it may be, and nothing else.

    What stands is not put again: a list that somebody has opened would close under their hand.
    """
    chosen: dict[Group, str | None] = {}
    for group in Group:
        key = _key(group)
        wanted = st.session_state.get(key, st.query_params.get(group.value))
        may_be = wanted in listed[group] and sum(map(bool, chosen.values())) < MOST_GROUPS
        chosen[group] = wanted if may_be else None
        if key in st.session_state and st.session_state[key] != chosen[group]:
            st.session_state[key] = chosen[group]
    return chosen


def _key(group: Group) -> str:
    return f"avoided-{group.value}"


def _groups_into_address() -> None:
    _into_address({group.value: st.session_state.get(_key(group)) or "" for group in Group})


def _into_address(wanted: dict[str, str]) -> None:
    for name, value in wanted.items():
        if not value:
            st.query_params.pop(name, None)
        elif st.query_params.get(name) != value:
            st.query_params[name] = value


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(st.query_params.get(name, ""))
    except ValueError:
        return None
