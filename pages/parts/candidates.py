"""The coordinator's screen: ask for a review, withdraw one, and see every answer as it comes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import streamlit as st

from clinical.person import Caller
from clinical.review import ReviewStatus
from clinical.waiting import WaitingPatient
from fhir_queries import reviews
from fhir_queries.errors import RecordError
from fhir_queries.reviews import ReviewRow
from pages.parts.connection import queue_keeper, shared_record
from pages.parts.guard import guarded, guarded_callback, say_what_failed
from pages.parts.queue import refresh_every, thresholds
from pages.parts.style import show
from pages.present.asat import as_at_html, stale_html, watch_html
from pages.present.candidates import candidate, candidate_html, open_first
from pages.present.escape import html, join, label
from pages.present.filters import Standing, standing
from pages.present.person import name
from pages.present.reasons import FLAG_REASONS, flag_reason

_LOOK_BACK = timedelta(hours=24)
_LAST = "candidates-last"
_WITHDRAWING = "withdrawing"
_TOLD = "candidates-told"
_REASONS = ("No longer needed", "Flagged the wrong patient", "Handed over to the ED")


def show_candidates(caller: Caller) -> None:
    """The whole screen."""
    show(html("<h1>Redirect candidates</h1>"))
    _show_told()
    with st.expander("Ask for a review", key="ask-folded"):
        _ask_for_review(caller)
    with st.expander("Write a note to the clinician", key="note-folded"):
        _write_note(caller)
    live = st.fragment(_show_reviews, run_every=refresh_every(), key="reviews-list")
    live(caller)


def _ask_for_review(caller: Caller) -> None:
    view = queue_keeper().view(caller)
    waiting = {
        each.encounter: each for each in view.list.waiting if standing(each) is Standing.NOT_FLAGGED
    }
    encounter = st.selectbox(
        "Who",
        list(waiting),
        index=None,
        format_func=lambda each: label(_named(waiting[each])),
        key="ask-who",
        placeholder="Choose somebody who waits",
    )
    reason = st.selectbox(
        "Why",
        [each.id for each in FLAG_REASONS],
        index=None,
        format_func=_reason_words,
        key="ask-why",
        placeholder="Choose a reason",
    )
    more = st.text_input("In your own words (no need)", max_chars=200, key="ask-more")
    ready = encounter is not None and reason is not None
    if st.button("Ask for this review", key="ask-go", type="primary", disabled=not ready):
        _send(caller, waiting[str(encounter)], str(reason), more)
        st.rerun()


def _write_note(caller: Caller) -> None:
    """A note on one review; outside the live list, so that a refresh takes no word away."""
    rows = {row.review.encounter: row for row in st.session_state.get(_LAST, (None, ()))[1]}
    encounter = st.selectbox(
        "About",
        list(rows),
        index=None,
        format_func=lambda each: label(name(rows[each].person)),
        key="note-about",
        placeholder="Choose a review",
    )
    words = (st.text_input("Note", max_chars=500, key="note-words") or "").strip()
    ready = encounter is not None and bool(words)
    if st.button("Add the note", key="note-go", type="primary", disabled=not ready):
        row = rows[str(encounter)]
        try:
            reviews.add_note(shared_record(), caller, row.review, words)
        except RecordError as fault:
            _tell(str(fault), good=False)
        else:
            st.session_state.pop("note-words", None)
            _tell(f"Noted: {name(row.person)}.", good=True)
        st.rerun()


def _reason_words(identity: str) -> str:
    reason = flag_reason(identity)
    return identity if reason is None else f"{reason.words} ({reason.pathway})"


def _named(waiting: WaitingPatient) -> str:
    return f"{name(waiting.person)}: {waiting.reason}, {waiting.department.name}"


def _send(caller: Caller, waiting: WaitingPatient, reason_id: str, more: str) -> None:
    reason = flag_reason(reason_id)
    if reason is None:
        return
    words = f"{reason.words}. {more.strip()}" if more.strip() else reason.words
    try:
        reviews.flag(shared_record(), caller, waiting, words, reason.pathway)
    except RecordError as fault:
        _tell(str(fault), good=False)
        return
    queue_keeper().refresh(caller)
    for key in ("ask-who", "ask-why", "ask-more"):
        st.session_state.pop(key, None)
    _tell(f"Review asked for: {name(waiting.person)}.", good=True)


@guarded("reviews list")
def _show_reviews(caller: Caller) -> None:
    say_what_failed()
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
    reviews_said = "1 review" if len(rows) == 1 else f"{len(rows)} reviews"
    count = f"{reviews_said} in the last 24 hours"
    watch = watch_html(refresh_every(), "The reviews below no longer refresh.")
    show(join([as_at_html(as_at, now, count), watch]))
    if not rows:
        show(html('<div class="hv-box"><p>No review has been asked for.</p></div>'))
    by_encounter = {row.review.encounter: row for row in rows}
    found = [
        candidate(
            row.review,
            row.person,
            row.department,
            wait=_wait(row, now),
            waits=row.still_waiting,
            asking=caller.user,
            now=now,
        )
        for row in rows
    ]
    stale = as_at != now
    live = "stale-reviews" if stale else "live-reviews"
    with st.container(key=live), st.container(key="reviews"):
        for each in open_first(found):
            with st.container(key=f"card-{each.encounter}"):
                show(candidate_html(each, thresholds()))
                _show_withdrawing(by_encounter[each.encounter], caller, disabled=stale)


def _wait(row: ReviewRow, now: datetime) -> timedelta | None:
    since = row.waiting_since
    if since is None or not since.exact:
        return None
    return max(now - since.earliest, timedelta())


def _show_withdrawing(row: ReviewRow, caller: Caller, *, disabled: bool) -> None:
    if row.review.status is not ReviewStatus.REQUESTED:
        return
    encounter = row.review.encounter
    if st.session_state.get(_WITHDRAWING) != encounter:
        st.button(
            label(f"Withdraw the review of {name(row.person)}"),
            key=f"withdraw-{encounter}",
            disabled=disabled,
            width="stretch",
            on_click=_want_to_withdraw,
            args=(encounter,),
        )
        return
    with st.container(horizontal=True, key=f"reasons-{encounter}"):
        for number, reason in enumerate(_REASONS):
            st.button(
                reason,
                key=f"withdraw-{encounter}-{number}",
                disabled=disabled,
                on_click=_withdraw,
                args=(caller, row, reason),
            )
        st.button("Keep it", key=f"keep-{encounter}", on_click=_want_to_withdraw, args=("",))


def _want_to_withdraw(encounter: str) -> None:
    st.session_state[_WITHDRAWING] = encounter


@guarded_callback("withdrawing")
def _withdraw(caller: Caller, row: ReviewRow, reason: str) -> None:
    if st.session_state.get(_WITHDRAWING) != row.review.encounter:
        return
    st.session_state[_WITHDRAWING] = ""
    try:
        reviews.withdraw(shared_record(), caller, row.review, reason)
    finally:
        queue_keeper().refresh(caller)


def _tell(words: str, *, good: bool) -> None:
    st.session_state[_TOLD] = (words, good)


def _show_told() -> None:
    told = st.session_state.pop(_TOLD, None)
    if told is not None:
        words, good = told
        show(
            html(
                '<div class="hv-box {kind}" role="status"><p>{words}</p></div>',
                kind="good" if good else "stop",
                words=words,
            )
        )
