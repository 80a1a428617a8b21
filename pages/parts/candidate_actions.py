"""What a coordinator can do about one review: buttons only, as the list refreshes around them."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from clinical.person import Caller
from clinical.review import Review, ReviewStatus
from clinical.review_steps import Action, why_not
from fhir_queries import decisions, review_notes, reviews
from fhir_queries.errors import Refused
from fhir_queries.reviews import ReviewRow
from pages.parts.connection import queue_keeper, shared_record
from pages.parts.guard import guarded_callback

OPENED = "candidate-opened"
"""The wait whose row is open."""
WRITING = "candidate-writing"
"""The wait that a note is being written about."""
_CHOOSING = "candidate-choosing"
_WITHDRAWALS = ("No longer needed", "Flagged the wrong patient", "Handed over to the ED")
_FAILURES = (
    "The service can't come",
    "The patient got worse",
    "Home turned out not to be safe",
    "Patient or family no longer agree",
    "Another reason: see the notes",
)
_ASKABLE = (ReviewStatus.REQUESTED, ReviewStatus.CLAIMED, ReviewStatus.DEFERRED)
Change = Callable[[Caller, ReviewRow, str], Review]


def show_actions(row: ReviewRow, caller: Caller, *, disabled: bool) -> None:
    """The buttons of an open row; once one needs a reason, the reasons in their place."""
    encounter = row.review.encounter
    choosing = st.session_state.get(_CHOOSING)
    if choosing == ("withdraw", encounter):
        _show_reasons(row, caller, "withdraw", _WITHDRAWALS, disabled=disabled)
        return
    if choosing == ("hand-back", encounter):
        _show_reasons(row, caller, "hand-back", _FAILURES, disabled=disabled)
        return
    with st.container(horizontal=True, key=f"actions-{encounter}", gap="small"):
        if row.review.status in _ASKABLE:
            _button("Ask again", f"ask-again-{encounter}", _ask_again, caller, row, off=disabled)
        if row.review.status is ReviewStatus.REVERSED and row.still_waiting:
            _button(
                "Ask for a new review", f"flag-anew-{encounter}", _flag_anew, caller, row,
                off=disabled,
            )  # fmt: skip
        if not why_not(caller, Action.WITHDRAW, row.review):
            _button(
                "Withdraw the review", f"withdraw-{encounter}", _choose, "withdraw", encounter,
                off=disabled,
            )  # fmt: skip
        if row.still_waiting is not False and not why_not(caller, Action.REVERSE, row.review):
            _button(
                "Hand back: the redirect failed", f"hand-back-{encounter}", _choose, "hand-back",
                encounter, off=disabled,
            )  # fmt: skip
        _button("Write a note", f"write-{encounter}", _write, encounter, off=disabled)


def _button(words: str, key: str, done: Callable[..., None], *args: object, off: bool) -> None:
    st.button(words, key=key, on_click=done, args=args, disabled=off)


def _show_reasons(
    row: ReviewRow, caller: Caller, what: str, reasons: tuple[str, ...], *, disabled: bool
) -> None:
    encounter = row.review.encounter
    change = _withdraw if what == "withdraw" else _hand_back
    with st.container(horizontal=True, key=f"reasons-{encounter}", gap="small"):
        for number, reason in enumerate(reasons):
            _button(
                reason, f"{what}-{encounter}-{number}", change, caller, row, reason, off=disabled
            )
        _button("Leave it as it is", f"keep-{encounter}", _choose, "", "", off=False)


def _choose(what: str, encounter: str) -> None:
    st.session_state[_CHOOSING] = (what, encounter)


def _write(encounter: str) -> None:
    st.session_state[WRITING] = encounter


@guarded_callback("asking again")
def _ask_again(caller: Caller, row: ReviewRow) -> None:
    try:
        review_notes.ask_again(shared_record(), caller, row.review)
    finally:
        queue_keeper().refresh(caller)


@guarded_callback("asking anew")
def _flag_anew(caller: Caller, row: ReviewRow) -> None:
    waiting = {each.encounter: each for each in queue_keeper().view(caller).list.waiting}
    patient = waiting.get(row.review.encounter)
    if patient is None:
        raise Refused("no longer waiting", sentence="The record says they no longer wait here.")
    try:
        reviews.flag(shared_record(), caller, patient, row.review.reason, row.review.pathway)
    finally:
        queue_keeper().refresh(caller)


@guarded_callback("withdrawing")
def _withdraw(caller: Caller, row: ReviewRow, reason: str) -> None:
    if not _was_chosen("withdraw", row):
        return
    try:
        reviews.withdraw(shared_record(), caller, row.review, reason)
    finally:
        queue_keeper().refresh(caller)


@guarded_callback("handing back")
def _hand_back(caller: Caller, row: ReviewRow, reason: str) -> None:
    if not _was_chosen("hand-back", row):
        return
    try:
        decisions.reverse(shared_record(), caller, row.review, reason)
    finally:
        queue_keeper().refresh(caller)


def _was_chosen(what: str, row: ReviewRow) -> bool:
    """Whether this row asked for the reason; asked once, since the list moves under a finger."""
    chosen: object = st.session_state.pop(_CHOOSING, None)
    return chosen == (what, row.review.encounter)
