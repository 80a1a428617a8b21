"""The patient whose screen is open: read once, kept for this session, read again on request."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import streamlit as st

from clinical.person import Caller, Person
from clinical.record import PatientRecord
from clinical.review import Review
from clinical.waiting import WaitingPatient
from fhir_queries import history, reviews
from fhir_queries.errors import RecordError
from fhir_queries.queue_keeper import QueueView
from pages.parts import opening
from pages.parts.connection import handles, shared_record
from pages.parts.glass import reason_in_force
from pages.parts.logged import Line, say

_OPENED = "opened"
_LOOK_BACK = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Opened:
    """One patient as this session last read them."""

    encounter: str
    waiting: WaitingPatient | None
    """None where the Encounter could not be read as a wait."""
    record: PatientRecord
    review_as_at: datetime
    """When the review in ``waiting`` stood so."""
    fault: str = ""
    """Why the newest attempt to read again failed; what is here is then older."""
    glass: str = ""
    """The reason for which a restricted record was opened, empty where none was."""

    @property
    def review(self) -> Review | None:
        """The review of this wait, None where nobody asked for one."""
        return None if self.waiting is None else self.waiting.review


def find_encounter(caller: Caller, view: QueueView) -> str | None:
    """Whom the address means: somebody on the queue, or else of a review of the last two days."""
    handle = opening.handle_in_address()
    if not handle:
        return None
    kept = st.session_state.get(_OPENED)
    known = [each.encounter for each in view.list.waiting]
    if isinstance(kept, Opened):
        known.append(kept.encounter)
    found = handles().find(handle, known)
    if found is None:
        rows = reviews.read_reviews(shared_record(), caller, datetime.now(UTC) - _LOOK_BACK)
        found = handles().find(handle, [row.review.encounter for row in rows])
    if found is None:
        say(Line.HANDLE_UNKNOWN)
    return found


def read_opened(caller: Caller, encounter: str, person: Person | None) -> Opened:
    """The patient of this wait, from this session's memory or from the record.

    Raises RecordError where the record doesn't answer and this session has not read them yet.
    """
    kept = st.session_state.get(_OPENED)
    if isinstance(kept, Opened) and kept.encounter == encounter:
        still_so = kept.glass == reason_in_force(encounter)
        if not _asked_to_read_again() and still_so:
            return kept
    return _read(caller, encounter, person, kept if isinstance(kept, Opened) else None)


def read_again() -> None:
    """Have the record read again at the next run."""
    st.session_state["read-again"] = True


def has_closed(opened: Opened) -> bool:
    """Whether this was read through broken glass that has mended since: not to be shown."""
    return opened.glass != "" and opened.glass != reason_in_force(opened.encounter)


def put_review(encounter: str, review: Review, as_at: datetime) -> None:
    """What a write gave back, or the queue said, stands from now on, unless newer is known."""
    kept = st.session_state.get(_OPENED)
    if not isinstance(kept, Opened) or kept.encounter != encounter or kept.waiting is None:
        return
    if as_at < kept.review_as_at:
        return
    waiting = replace(kept.waiting, review=review)
    st.session_state[_OPENED] = replace(kept, waiting=waiting, review_as_at=as_at)


def opened_now(opened: Opened) -> Opened:
    """The same patient with the newest review that this session knows of."""
    kept = st.session_state.get(_OPENED)
    if isinstance(kept, Opened) and kept.encounter == opened.encounter:
        return kept
    return opened


def person_on_queue(view: QueueView, encounter: str) -> WaitingPatient | None:
    """The wait as the queue has it now, None where it is no longer on it."""
    return next((each for each in view.list.waiting if each.encounter == encounter), None)


def _asked_to_read_again() -> bool:
    return bool(st.session_state.pop("read-again", False))


def _read(caller: Caller, encounter: str, person: Person | None, kept: Opened | None) -> Opened:
    reason = reason_in_force(encounter)
    try:
        waiting, record = history.read_history(
            shared_record(), caller, encounter, known=person, break_glass=reason
        )
        found = Opened(encounter, waiting, record, record.as_at, glass=reason)
    except RecordError as fault:
        if kept is None or kept.encounter != encounter or kept.glass != reason:
            raise
        found = replace(kept, fault=str(fault))
    st.session_state[_OPENED] = found
    return found
