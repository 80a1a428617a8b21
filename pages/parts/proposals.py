"""What the record proposes to this patient's checklist: read once for whoever has the form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import streamlit as st

from clinical.checklist import Checklist, Item
from clinical.evidence import Indicator
from clinical.person import Caller
from clinical.prefill import Proposal, proposals
from fhir_queries.errors import RecordError
from fhir_queries.prefill import read_proposals
from pages.parts import answers as kept_answers
from pages.parts import opening
from pages.parts.answers import KeptAnswers
from pages.parts.connection import shared_record
from pages.parts.guard import guarded_callback
from pages.parts.style import show
from pages.present.answers import answer_words
from pages.present.escape import label
from pages.present.proposals import confirmed_html, proposal_html

_READ = "read-proposals"
_TRY_AGAIN = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class _Kept:
    task: str
    basis: frozenset[tuple[str, str]]
    """The indicators that were gone by, each with its judgement."""
    at: datetime
    found: Mapping[str, Proposal]
    failed: bool


def proposals_for(
    kept: KeptAnswers, checklist: Checklist, indicators: Mapping[str, Indicator], caller: Caller
) -> Mapping[str, Proposal]:
    """By link id, what the record says; kept for the session, and for this review alone.

    Where the record doesn't answer, what needs it is left out and asked for again after a while.
    """
    basis = frozenset((name, each.judgement.value) for name, each in indicators.items())
    held = st.session_state.get(_READ)
    now = datetime.now(UTC)
    if (
        isinstance(held, _Kept)
        and (held.task, held.basis) == (kept.review.task, basis)
        and (not held.failed or now - held.at < _TRY_AGAIN)
    ):
        return held.found
    try:
        found = read_proposals(shared_record(), caller, kept.review, checklist, indicators)
        failed = False
    except RecordError:
        found, failed = proposals(checklist, indicators, {}), True
    st.session_state[_READ] = _Kept(kept.review.task, basis, now, found, failed)
    return found


def show_proposal(
    kept: KeptAnswers, item: Item, proposal: Proposal, caller: Caller, *, disabled: bool
) -> None:
    """What the record says under one line, with a button of its own where it proposes an answer."""
    given = next((each for each in kept.answers if each.link_id == item.link_id), None)
    if given is not None and given.values:
        if given.evidence:
            show(confirmed_html(given, f"Encounter/{kept.review.encounter}"))
        return
    show(proposal_html(proposal, f"Encounter/{kept.review.encounter}"))
    if proposal.values and not disabled:
        st.button(
            label(f"Use this: {answer_words(proposal.values)}"[:120]),
            key=f"use|{kept.review.encounter}|{item.link_id}|this",
            on_click=_use,
            args=(kept.review.encounter, proposal, caller),
        )


@guarded_callback("proposal confirmed")
def _use(encounter: str, proposal: Proposal, caller: Caller) -> None:
    """The clinician's answer: the record's words, with the evidence that they saw."""
    if opening.is_active(encounter):
        kept_answers.answer(caller, encounter, proposal.link_id, proposal.values, proposal.evidence)
        kept_answers.show_again(encounter, proposal.link_id)
