"""Which bite first: the ranking, the weights behind it, and what changes when they do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import streamlit as st

from clinical.moments import LONDON
from clinical.person import Caller
from clinical.ranking import HARDEST, MIDDLING, MOST_WEIGHT, Term, Weights, ranking, swings
from clinical.ranking_numbers import Opportunities, opportunities
from clinical.weeks import Weeks
from fhir_queries.ranking_weights import SavedWeights, past_weights, read_weights, save_weights
from pages.parts.anew import begin_anew, times_begun
from pages.parts.avoided import suppression
from pages.parts.connection import outcome_keeper, shared_record
from pages.parts.guard import guarded_callback, say_what_failed
from pages.parts.style import show
from pages.present import times
from pages.present.escape import html, label
from pages.present.which_bite import (
    SOONER_WORDS,
    TERM_TITLES,
    TERM_WORDS,
    author_html,
    past_html,
    ranking_html,
    services_of,
    swings_html,
)

_PERIODS = {26: "26 weeks", 52: "52 weeks", 104: "104 weeks"}
_FIRST_SHOWN = 8
_SAVED = "bite-saved"
_BITE = "bite"


def show_which_bite(caller: Caller) -> None:
    """The whole screen."""
    show(html("<h1>Which bite first</h1>"))
    say_what_failed()
    show(
        html(
            '<p class="quiet">Where would more room, or an earlier review, repay most? Each '
            "pathway is one need at one service in one part of the day. The order hangs on "
            "weights that you set: it is a help for deciding, and no clinical rule.</p>"
        )
    )
    many = st.segmented_control(
        "Period, to this week",
        list(_PERIODS),
        format_func=_PERIODS.__getitem__,
        default=104,
        required=True,
        key="bite-weeks",
    )
    weeks = Weeks.until(datetime.now(LONDON).date(), int(many or 104))
    with st.spinner("Counting…"):
        kept = outcome_keeper().table(caller)
    found = opportunities(kept.table, kept.as_at, weeks, suppression())
    saved = _saved()
    if kept.error is not None:
        show(
            html(
                '<div class="hv-box warn" role="alert"><p><b>Not up to date.</b> {why}</p></div>',
                why=str(kept.error),
            )
        )
    if not (found.room or found.sooner):
        show(
            html(
                '<div class="hv-box info"><p><b>Too few people to tell anything of them.</b> '
                "Choose more weeks.</p></div>"
            )
        )
        return
    weights = _ask_for_weights(caller, saved, found)
    if weights is None:
        show(html('<div class="hv-box"><p>Give at least one weight more than 0.</p></div>'))
        return
    _show_ranking(found, weights)
    _show_past(saved)


def _ask_for_weights(
    caller: Caller, saved: SavedWeights | None, found: Opportunities
) -> Weights | None:
    """The weights on the screen, saved or not; None where all of them are 0."""
    standing = saved.weights if saved is not None else Weights()
    services = services_of(found.room)
    with st.container(key="bite-weights", border=True):
        show(html("<h2>What counts how much</h2>"))
        with st.container(horizontal=True, key="bite-terms"):
            for term in Term:
                key = _key(term.value)
                st.slider(
                    TERM_TITLES[term],
                    0,
                    MOST_WEIGHT,
                    st.session_state.get(key, standing.terms[term]),
                    key=key,
                    help=TERM_WORDS[term],
                    width=250,
                )
        with st.expander("How much work or cost each takes (1 little, 5 much)"):
            for service in services:
                key = _key(f"effort-{service}")
                work = standing.effort.get(service, MIDDLING)
                st.segmented_control(
                    label(service or SOONER_WORDS),
                    list(range(1, HARDEST + 1)),
                    default=st.session_state.get(key, work),
                    required=True,
                    key=key,
                )
        weights = _on_the_screen(standing, services)
        if weights is None:
            return None
        tried = weights != Weights(standing.terms, _told(standing.effort))
        show(author_html(saved, tried=tried))
        with st.container(horizontal=True, key="bite-buttons"):
            st.button(
                "Save for every manager",
                type="primary",
                key="bite-save",
                disabled=not tried,
                on_click=_save,
                args=(caller, standing, services, saved.version if saved is not None else None),
            )
            st.button(
                "Back to what is saved", key="bite-back", disabled=not tried, on_click=_forget
            )
    return weights


def _key(name: str) -> str:
    """The session key of a weight: another one once what was set has been forgotten."""
    return f"bite-{times_begun(_BITE)}-{name}"


def _on_the_screen(standing: Weights, services: Sequence[str]) -> Weights | None:
    """The weights as they are set now; None where all of them are 0."""
    terms = {term: int(st.session_state[_key(term.value)]) for term in Term}
    said = {each: int(st.session_state[_key(f"effort-{each}")]) for each in services}
    if not any(terms.values()):
        return None
    kept = {name: work for name, work in standing.effort.items() if name not in said}
    return Weights(terms, {**kept, **_told(said)})


def _told(effort: Mapping[str, int]) -> dict[str, int]:
    """What differs from the middle: nothing else needs to be kept."""
    return {name: work for name, work in effort.items() if work != MIDDLING}


def _show_ranking(found: Opportunities, weights: Weights) -> None:
    listed = (*found.room, *found.sooner)
    ranked = ranking(listed, weights)
    show(
        html(
            "<h2>Where work would repay most</h2>"
            '<p class="quiet">{many} pathways, in the whole quarters {first} to {last}. '
            "Numbers have a little noise and are rounded to the nearest 5, so that nobody can be "
            "recognised, and the day is split as finely as there are people for.{withheld}</p>"
            "{order}",
            many=len(ranked),
            first=times.day(found.told_of.first),
            last=times.day(min(found.told_of.last, found.as_at.astimezone(LONDON).date())),
            withheld=" Some are left out: too few people." if found.withheld else "",
            order=ranking_html(ranked[:_FIRST_SHOWN]),
        )
    )
    if len(ranked) > _FIRST_SHOWN:
        with st.expander(f"The other {len(ranked) - _FIRST_SHOWN} pathways"):
            show(ranking_html(ranked[_FIRST_SHOWN:]))
    show(
        html(
            "<h2>If the weights were otherwise</h2>{table}",
            table=swings_html(swings(listed, weights)),
        )
    )


def _show_past(saved: SavedWeights | None) -> None:
    if saved is None:
        return
    with st.expander("Weights saved before", key="bite-past", on_change="rerun") as folded:
        if folded.open:
            show(past_html(past_weights(shared_record(), saved)))


def _saved() -> SavedWeights | None:
    """The weights that stand, read once a visit and after each saving."""
    if _SAVED not in st.session_state:
        st.session_state[_SAVED] = (read_weights(shared_record()), datetime.now(UTC))
    found: SavedWeights | None = st.session_state[_SAVED][0]
    return found


@guarded_callback("saving the weights")
def _save(caller: Caller, standing: Weights, services: Sequence[str], seen: str | None) -> None:
    """Save what is set now, which may be more than was drawn when the button was."""
    weights = _on_the_screen(standing, services)
    if weights is None:
        st.toast("Not saved: give at least one weight more than 0.")
        return
    st.session_state.pop(_SAVED, None)
    save_weights(shared_record(), caller, weights, seen=seen)
    st.toast("Saved for every manager")


def _forget() -> None:
    """What stands in the record is on the screen again."""
    st.session_state.pop(_SAVED, None)
    begin_anew(_BITE)
