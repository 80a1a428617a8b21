"""Filter and order of the queue, outside the list that refreshes, kept in the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from clinical.waiting import WaitingPatient
from pages.present.escape import label
from pages.present.filters import (
    ALL,
    ORDER_WORDS,
    REASON_WORDS,
    STANDING_WORDS,
    Filter,
    Order,
    departments,
)

_ED, _BAND, _REASON, _STATUS, _ORDER = "ed", "band", "reason", "status", "order"


def show_filters(waiting: Sequence[WaitingPatient], band_words: Mapping[str, str]) -> None:
    """The five choices, folded away until somebody wants them; only then are they put together."""
    eds = departments(waiting)
    statuses = {each.value: words for each, words in STANDING_WORDS.items()}
    orders = {each.value: words for each, words in ORDER_WORDS.items()}
    folded = st.expander(
        f"Filter and order: {_in_words(eds)}", key="filters-folded", on_change="rerun"
    )
    if not folded.open:
        return
    with folded, st.container(horizontal=True, key="filters"):
        _choose("Emergency department", _ED, {ALL: "Every ED", **eds})
        _choose("Wait", _BAND, {ALL: "Any wait", **band_words})
        _choose("Reason for the call", _REASON, {ALL: "Any reason", **REASON_WORDS})
        _choose("Review", _STATUS, {ALL: "Any", **statuses})
        _choose("Order", _ORDER, orders)


def chosen_filter() -> Filter:
    """Whom this session wants to see."""
    return Filter(
        department=_chosen(_ED, ALL),
        band=_chosen(_BAND, ALL),
        standing=_chosen(_STATUS, ALL),
        reason=_chosen(_REASON, ALL),
    )


def chosen_order() -> Order:
    """In which order; the longest wait first where the address says something else."""
    try:
        return Order(_chosen(_ORDER, Order.LONGEST.value))
    except ValueError:
        return Order.LONGEST


def _chosen(name: str, default: str) -> str:
    return str(st.session_state.get(f"filter-{name}") or st.query_params.get(name) or default)


def _choose(words: str, name: str, options: Mapping[str, str]) -> None:
    key = f"filter-{name}"
    first = next(iter(options))
    chosen = _chosen(name, first)
    if chosen not in options:
        chosen = first
    st.selectbox(
        words,
        list(options),
        list(options).index(chosen),
        format_func=lambda option: label(options[option]),
        key=key,
        on_change=_into_address,
        args=(name, first),
        persist_state="session",
        width=260,
    )


def _into_address(name: str, default: str) -> None:
    chosen = st.session_state[f"filter-{name}"]
    if chosen == default:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = chosen


def _in_words(eds: Mapping[str, str]) -> str:
    said = [ORDER_WORDS[chosen_order()].lower()]
    wanted = chosen_filter()
    if wanted.department != ALL:
        said.append(label(eds.get(wanted.department, "one ED")))
    if wanted.band != ALL:
        said.append("one band")
    if wanted.reason != ALL:
        said.append(REASON_WORDS.get(wanted.reason, "one reason").lower())
    if wanted.standing != ALL:
        said.append("one review status")
    return ", ".join(said)
