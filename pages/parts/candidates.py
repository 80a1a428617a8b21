"""The coordinator's screen: every review in its group, live, and the services' places beside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import streamlit as st

from clinical.person import Caller
from clinical.review import Review
from fhir_queries import reviews
from fhir_queries.errors import RecordError
from fhir_queries.reviews import ReviewRow
from pages.parts.asking import show_asking
from pages.parts.candidate_actions import OPENED, WRITING, show_actions
from pages.parts.capacity import show_board
from pages.parts.connection import shared_record
from pages.parts.guard import guarded, say_what_failed
from pages.parts.notes import show_notes, write_note
from pages.parts.places import places_now
from pages.parts.queue import refresh_every, thresholds
from pages.parts.site_times import answer_times
from pages.parts.style import show
from pages.present.asat import as_at_html, stale_html, watch_html
from pages.present.candidates import (
    Candidate,
    Group,
    candidate,
    candidate_html,
    counts_html,
    details_html,
    group_html,
    grouped,
)
from pages.present.escape import html, join, label
from pages.present.person import name

_LOOK_BACK = timedelta(hours=24)
_LAST = "candidates-last"
_WROTE = "candidates-composer"


def show_candidates(caller: Caller) -> None:
    """The whole screen."""
    show(html("<h1>Redirect candidates</h1>"))
    show_asking(caller)
    with st.container(key="coordinator-desk"):
        with st.container(key="reviews-side"):
            live = st.fragment(_show_reviews, run_every=refresh_every(), key="reviews-list")
            live(caller)
        with st.container(key="capacity-side"):
            show(html("<h2>Community services</h2>"))
            show_board(caller)
    composer = st.fragment(_show_composer, key="note-composer")
    composer(caller)


@guarded("reviews list")
def _show_reviews(caller: Caller) -> None:
    say_what_failed()
    _follow_the_composer()
    now = datetime.now(UTC)
    try:
        rows = reviews.read_reviews(shared_record(), caller, now - _LOOK_BACK)
        st.session_state[_LAST] = (now, rows)
    except RecordError as fault:
        kept = st.session_state.get(_LAST)
        if kept is None:
            raise
        as_at, rows = kept
        show(stale_html(as_at, now, str(fault)))
    as_at = st.session_state[_LAST][0]
    stale = as_at != now
    by_encounter = {row.review.encounter: row for row in rows}
    groups = grouped(_candidates(rows, caller, now))
    count = "1 review" if len(rows) == 1 else f"{len(rows)} reviews"
    watch = watch_html(refresh_every(), "The reviews below no longer refresh.")
    asked = as_at_html(as_at, now, f"{count} in the last 24 hours")
    show(join([counts_html(groups), asked, watch]))
    with st.container(key="stale-reviews" if stale else "live-reviews"):
        for group, shown in groups.items():
            _show_group(group, shown, by_encounter, caller, disabled=stale)


def _show_group(
    group: Group,
    shown: tuple[Candidate, ...],
    rows: dict[str, ReviewRow],
    caller: Caller,
    *,
    disabled: bool,
) -> None:
    with st.container(key=f"group-{group.value}"):
        show(group_html(group, len(shown)))
        for each in shown:
            with st.container(key=f"card-{each.encounter}"):
                _show_row(each, rows[each.encounter], caller, disabled=disabled)


def _show_row(shown: Candidate, row: ReviewRow, caller: Caller, *, disabled: bool) -> None:
    encounter = shown.encounter
    opened = st.session_state.get(OPENED) == encounter
    with st.container(horizontal=True, key=f"line-{encounter}", gap="small"):
        show(candidate_html(shown, thresholds()))
        st.button(
            label(shown.name),
            key=f"{'less' if opened else 'more'}-{encounter}",
            on_click=_open,
            args=("" if opened else encounter,),
        )
    if not opened:
        return
    show(details_html(shown))
    show_notes(row.review, caller, _changed)
    show_actions(row, caller, disabled=disabled)


def _candidates(rows: tuple[ReviewRow, ...], caller: Caller, now: datetime) -> list[Candidate]:
    promised = _promised()
    answers = answer_times()
    return [
        candidate(
            row.review,
            row.person,
            row.department,
            wait=_wait(row, now),
            waits=row.still_waiting,
            caller=caller,
            now=now,
            answers=answers,
            promised_minutes=promised.get(row.review.outcome_service),
        )
        for row in rows
    ]


def _promised() -> dict[str, int | None]:
    """The response time that each service promises, by name and by id; empty where unread."""
    try:
        _, services = places_now()
    except RecordError:
        return {}
    return {
        named: each.service.response_minutes
        for each in services
        for named in (each.service.id, each.service.name)
    }


def _wait(row: ReviewRow, now: datetime) -> timedelta | None:
    since = row.waiting_since
    if since is None or not since.exact:
        return None
    return max(now - since.earliest, timedelta())


def _open(encounter: str) -> None:
    st.session_state[OPENED] = encounter


def _changed(_review: Review) -> None:
    """The list is read again as it is shown: nothing else is to be done."""


@guarded("note composer")
def _show_composer(caller: Caller) -> None:
    """A box at the foot of the screen, outside the live list: a refresh takes no word away."""
    _follow_the_composer()
    encounter = st.session_state.get(WRITING, "")
    rows = st.session_state.get(_LAST, (None, ()))[1]
    row = next((each for each in rows if each.review.encounter == encounter), None)
    if row is None:
        return
    with st.container(key="composer"):
        about = label(f"Note to the clinician about {name(row.person)}")
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            write_note(row.review, caller, about, _sent)
            # The same words before and after the first letter: longer ones would push the button
            # beside them from under a finger, and come under it themselves
            st.button(
                "Close, and keep what is typed", key=f"note-close|{encounter}", on_click=_close
            )


def _follow_the_composer() -> None:
    """Run the whole screen once where a tap opened or closed the box: it is another fragment's."""
    wanted = st.session_state.get(WRITING, "")
    if st.session_state.get(_WROTE, "") != wanted:
        st.session_state[_WROTE] = wanted
        st.rerun()


def _sent(review: Review) -> None:
    st.session_state[OPENED] = review.encounter
    _close()


def _close() -> None:
    st.session_state[WRITING] = ""
