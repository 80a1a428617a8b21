"""The answers of this session: sent to the record at each change, kept here until it has them.

Kept for every patient this session has opened, not only for the one on the screen: an answer that
the record could not take while it was down is sent again at every run and every tick of the
timer, whoever is on the screen by then. What is sent always carries its own patient's review.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import streamlit as st

from clinical.checklist import AnswerValue, Checklist, Draft, ItemAnswer
from clinical.evidence import Evidence
from clinical.person import Caller
from clinical.review import Review, ReviewStatus
from fhir_queries import checklist as checklists
from fhir_queries.errors import RecordError, RecordUnavailable
from pages.parts.anew import begin_anew, times_begun
from pages.parts.connection import record_settings, shared_record
from pages.parts.logged import Line, say

_KEPT = "kept-answers"


@dataclass
class KeptAnswers:
    """The answers to one review's checklist, as this session has them."""

    review: Review
    draft: Draft
    unsaved: dict[str, ItemAnswer] = field(default_factory=dict)
    fault: str = ""
    """Why the newest attempt to save failed, in a sentence."""
    refused: bool = False
    """Whether trying again by itself is of no use (decided meanwhile, not permitted)."""
    merged: tuple[str, ...] = ()
    """Lines that somebody else answered meanwhile, by link id, not told yet."""
    doubtful: bool = False
    """Whether the record may hold more of a decision than this session knows: to be read again."""

    @property
    def answers(self) -> tuple[ItemAnswer, ...]:
        """What the record has, with what it doesn't have yet laid over it."""
        held = {each.link_id: each for each in self.draft.answers}
        return tuple({**held, **self.unsaved}.values())


def kept_answers(review: Review) -> KeptAnswers:
    """This session's answers to a review, read from the record the first time.

    Raises RecordError where they have not been read yet and the record doesn't answer.
    """
    store = _store()
    kept = store.get(review.encounter)
    if kept is None or kept.review.task != review.task or _is_of_before(kept, review):
        draft = checklists.read_draft(shared_record(), review, checklist())
        if kept is not None:
            forget_answers(review.encounter)
        kept = store[review.encounter] = KeptAnswers(review, draft)
    kept.review = review
    if kept.doubtful:
        _look_again(kept)
    return kept


def _look_again(kept: KeptAnswers) -> None:
    """Read the draft again, now or as soon as the record answers."""
    try:
        fresh = checklists.read_draft(shared_record(), kept.review, checklist())
    except RecordError as fault:
        say(Line.RECORD_FAILED, where="checklist", error=type(fault).__name__)
        return
    kept.doubtful = False
    _take(kept, fresh)


@st.cache_resource(show_spinner=False)
def checklist() -> Checklist:
    """The site's checklist. Raises WrongSetting where it can't be shown in full."""
    return checklists.site_checklist(record_settings().checklist)


def answer(
    caller: Caller,
    encounter: str,
    link_id: str,
    values: tuple[AnswerValue, ...],
    evidence: tuple[Evidence, ...] = (),
) -> None:
    """Take one answer (no values: taken back) and send it at once.

    ``evidence`` is what it rests on, where it is the record's own that a clinician confirmed.
    """
    kept = _store().get(encounter)
    if kept is None:
        return
    at = datetime.now(UTC)
    kept.unsaved[link_id] = ItemAnswer(link_id, values, caller.user, caller.name, at, evidence)
    kept.refused = False
    save(caller, encounter)


def show_again(encounter: str, link_id: str) -> None:
    """Have the widgets of one line drawn anew, with what is kept for it."""
    begin_anew(_line(encounter, link_id))


def anew(encounter: str, link_id: str) -> str:
    """What sets the widgets of a line apart from those that show what it no longer says."""
    times = (times_begun(_form(encounter)), times_begun(_line(encounter, link_id)))
    return "-".join(map(str, times)) if any(times) else ""


def save(caller: Caller, encounter: str) -> None:
    """Send what one patient's checklist in the record doesn't have yet. Never raises RecordError:
    what can't be sent stays, with the reason."""
    kept = _store().get(encounter)
    if kept is None or not kept.unsaved or kept.refused:
        return
    sent = dict(kept.unsaved)
    try:
        fresh = checklists.save_answers(
            shared_record(),
            caller,
            kept.review,
            kept.draft,
            tuple(sent.values()),
            checklist=checklist(),
        )
    except RecordError as fault:
        kept.fault = str(fault)
        kept.refused = not isinstance(fault, RecordUnavailable)
        return
    for link_id, each in sent.items():
        if kept.unsaved.get(link_id) is each:
            del kept.unsaved[link_id]
    kept.fault = ""
    _take(kept, fresh, mine=sent)


def doubt(encounter: str) -> None:
    """Have a patient's checklist read again: the record may hold more than this session knows."""
    kept = _store().get(encounter)
    if kept is not None:
        kept.doubtful = True


def save_everything(caller: Caller) -> None:
    """Send whatever any patient's checklist in the record doesn't have yet."""
    for encounter in tuple(_store()):
        save(caller, encounter)


def unsaved_count() -> int:
    """How many answers of this session the record doesn't have yet."""
    return sum(len(kept.unsaved) for kept in _store().values())


def forget_answers(encounter: str) -> None:
    """Drop this session's copy of a patient's answers: the record has them, and a decision."""
    if _store().pop(encounter, None) is not None:
        begin_anew(_form(encounter))


def _take(kept: KeptAnswers, fresh: Draft, mine: Iterable[str] = ()) -> None:
    """Take up what the record says now, and note what somebody else answered meanwhile."""
    before = {each.link_id: each.values for each in kept.draft.answers}
    after = {each.link_id: each.values for each in fresh.answers}
    own = {*mine, *kept.unsaved}
    changed = {
        link_id
        for link_id in {*before, *after}
        if link_id not in own and before.get(link_id, ()) != after.get(link_id, ())
    }
    kept.draft = fresh
    kept.merged = (*kept.merged, *sorted(changed - {*kept.merged}))
    for link_id in changed:
        show_again(kept.review.encounter, link_id)


def _is_of_before(kept: KeptAnswers, review: Review) -> bool:
    """Whether the review was decided, or a decision taken back, since its answers were read."""
    if kept.review.version == review.version or kept.unsaved:
        return False
    return kept.draft.completed or review.status is not ReviewStatus.CLAIMED


def _form(encounter: str) -> str:
    return f"answers|{encounter}"


def _line(encounter: str, link_id: str) -> str:
    return f"{_form(encounter)}|{link_id}"


def _store() -> dict[str, KeptAnswers]:
    store: dict[str, KeptAnswers] = st.session_state.setdefault(_KEPT, {})
    return store
