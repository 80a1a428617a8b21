"""The decision: chosen, checked, confirmed by the patient's name, and recorded once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import streamlit as st

from clinical.checklist_rules import can_redirect, service_chosen, service_line
from clinical.evidence import Indicator
from clinical.identity import identity_stops
from clinical.person import Caller
from clinical.review import CommunityService, Decision, Outcome, Review
from fhir_queries import decisions
from fhir_queries.decision_resources import DECLINE_REASONS
from fhir_queries.errors import Conflict, NotKnown, RecordError
from pages.parts import opening
from pages.parts.answers import KeptAnswers, checklist, doubt, forget_answers, save
from pages.parts.changing import look_again
from pages.parts.connection import queue_keeper, shared_record
from pages.parts.guard import guarded_callback, say_sorry
from pages.parts.opened import Opened, put_review
from pages.parts.override import show_override
from pages.parts.queue import is_stale
from pages.parts.service_line import service_answered, services_now
from pages.parts.site_times import places_old_after
from pages.parts.style import show
from pages.parts.telling import tell
from pages.present.decision import (
    CHOICE_WORDS,
    CHOICES,
    NEEDS_CODE,
    NEEDS_SERVICE,
    Proposal,
    confirmation_html,
    still_missing,
    why_not_html,
)
from pages.present.escape import clean, html, label
from pages.present.person import name
from pages.present.review import OUTCOMES
from pages.present.service_choice import choice_words

_AGAIN = {15: "in 15 min", 30: "in 30 min", 60: "in 1 h"}
_LONGEST = 500
_HELD_UP = "held-up"
_CONFIRMING = "confirming"
_WHAT_STANDS = "what stands"


def show_decision(
    opened: Opened, kept: KeptAnswers, indicators: Sequence[Indicator], caller: Caller
) -> None:
    """The decision area of one patient, for whoever holds the review."""
    encounter = opened.encounter
    show(html('<h2 id="decision">Decision</h2>'))
    outcome = st.pills(
        "What do you decide?",
        CHOICES,
        format_func=CHOICE_WORDS.__getitem__,
        key=_key(encounter, "outcome"),
        on_change=_back,
        args=(encounter,),
    )
    if outcome is None:
        show(html('<p class="quiet">Choose one to go on.</p>'))
        return
    proposal = _ask_the_rest(encounter, outcome, kept)
    if outcome is Outcome.REDIRECTED:
        show_override(opened, kept, indicators, caller)
    blocked = _why_not(opened, kept, indicators, caller, proposal)
    pressed = _take_what_stands(encounter, proposal, blocked=bool(blocked))
    confirming = st.session_state.get(_key(encounter, _CONFIRMING)) == proposal
    if blocked:
        show(why_not_html(blocked, pressed=pressed))
    if not confirming or blocked:
        st.button(
            "Check and confirm",
            key=_key(encounter, "check"),
            type="primary",
            width="stretch",
            # Not for what is missing: words are on their way until their box is left, and a button
            # that waits for them loses the very tap that sends them
            disabled=st.session_state[_key(encounter, _HELD_UP)],
            on_click=_check,
            args=(encounter,),
        )
        return
    show(confirmation_html(proposal, opened.record.person, datetime.now(UTC)))
    with st.container(horizontal=True, key=f"rests-{encounter}"):
        st.button(
            label(f"Record it for {name(opened.record.person)}"),
            key=_key(encounter, "record"),
            type="primary",
            on_click=_record,
            args=(opened, kept, caller, proposal),
            kwargs={"indicators": tuple(indicators)},
        )
        st.button("Go back", key=_key(encounter, "back"), on_click=_back, args=(encounter,))


def was_held_up(encounter: str) -> bool:
    """Whether the decision was last shown as one that has to wait for the record. Told once."""
    return bool(st.session_state.pop(_key(encounter, _HELD_UP), False))


def _key(encounter: str, part: str) -> str:
    return f"decision|{encounter}|{part}"


def _ask_the_rest(encounter: str, outcome: Outcome, kept: KeptAnswers) -> Proposal:
    service = _ask_for_service(encounter, outcome, kept) if outcome in NEEDS_SERVICE else None
    reason = None
    if outcome in NEEDS_CODE:
        reason = st.selectbox(
            "Reason",
            DECLINE_REASONS,
            index=None,
            format_func=lambda each: label(each.display),
            key=_key(encounter, "reason"),
            placeholder="Choose a reason",
            on_change=_back,
            args=(encounter,),
        )
    minutes = None
    if outcome is Outcome.DEFERRED:
        minutes = st.pills(
            "Look again",
            list(_AGAIN),
            format_func=_AGAIN.__getitem__,
            key=_key(encounter, "again"),
            on_change=_back,
            args=(encounter,),
        )
    words = "Anything the service has to know" if outcome is Outcome.REDIRECTED else "In words"
    text = st.text_area(
        words,
        max_chars=_LONGEST,
        height=90,
        key=_key(encounter, "text"),
        on_change=_back,
        args=(encounter,),
    )
    return Proposal(
        encounter,
        outcome,
        service,
        "" if reason is None else reason.code,
        "" if reason is None else reason.display,
        clean(text or "").strip(),
        None if minutes is None else timedelta(minutes=minutes),
    )


def _ask_for_service(
    encounter: str, outcome: Outcome, kept: KeptAnswers
) -> CommunityService | None:
    line = service_line(checklist()) if outcome is Outcome.REDIRECTED else None
    if line is not None:
        return service_answered(line, service_chosen(checklist(), kept.answers))
    try:
        services = {each.service.id: each for each in services_now()}
    except RecordError as fault:
        say_sorry(f"{fault} The services can't be listed.")
        return None
    if not services:
        say_sorry("The record lists no community service that takes redirects.")
        return None
    chosen = st.radio(
        "Which service takes them?" if outcome is Outcome.REDIRECTED else "Which had no room?",
        list(services),
        index=None,
        format_func=lambda each: label(services[each].service.name),
        captions=[
            label(choice_words(each, datetime.now(UTC), places_old_after()))
            for each in services.values()
        ],
        key=_key(encounter, "service"),
        on_change=_back,
        args=(encounter,),
    )
    return None if chosen is None else services[chosen].service


def _why_not(
    opened: Opened,
    kept: KeptAnswers,
    indicators: Sequence[Indicator],
    caller: Caller,
    proposal: Proposal,
) -> tuple[str, ...]:
    """Everything that stands against recording it now, in sentences."""
    why = []
    stale = is_stale(queue_keeper().view(caller), datetime.now(UTC))
    st.session_state[_key(opened.encounter, _HELD_UP)] = stale
    if stale:
        why.append("The shared record does not answer; a decision has to wait until it does.")
    if kept.unsaved:
        why.append("Not every answer is saved yet.")
    why += still_missing(proposal)
    if proposal.outcome is Outcome.REDIRECTED:
        why += can_redirect(
            checklist(),
            kept.answers,
            indicators,
            None if opened.review is None else opened.review.override,
            by_user=caller.user,
            identity=identity_stops(opened.record.person, opened.record.other_records),
        )
    return tuple(why)


def _check(encounter: str) -> None:
    if opening.is_active(encounter):
        st.session_state[_key(encounter, _CONFIRMING)] = _WHAT_STANDS


def _take_what_stands(encounter: str, proposal: Proposal, *, blocked: bool) -> bool:
    """Whether a press asked for a last look in this run. It is at what stands in it: what was drawn
    before may lack the last words typed. Where something stands against it, there is none.
    """
    if st.session_state.get(_key(encounter, _CONFIRMING)) != _WHAT_STANDS:
        return False
    if blocked:
        _back(encounter)
    else:
        st.session_state[_key(encounter, _CONFIRMING)] = proposal
    return True


def _back(encounter: str) -> None:
    st.session_state.pop(_key(encounter, _CONFIRMING), None)


def _was_changed(kept: KeptAnswers, proposal: Proposal) -> bool:
    """Whether the last look was at something else: what was typed or chosen after it arrives in
    one run with the press.
    """
    if st.session_state.get(_key(proposal.encounter, _CONFIRMING)) != proposal:
        return True
    if proposal.outcome is not Outcome.REDIRECTED or service_line(checklist()) is None:
        return False
    chosen = service_chosen(checklist(), kept.answers)
    looked_at = None if proposal.service is None else proposal.service.id
    return (None if chosen is None else chosen.service) != looked_at


@guarded_callback("decision")
def _record(
    opened: Opened,
    kept: KeptAnswers,
    caller: Caller,
    proposal: Proposal,
    *,
    indicators: Sequence[Indicator],
) -> None:
    """Write the decision about the patient on the screen, and say what came of it."""
    encounter = opened.encounter
    review = opened.review
    if not (opening.is_active(encounter) and proposal.encounter == encounter and review):
        return
    if _was_changed(kept, proposal):
        _back(encounter)
        words = "Not recorded: it was changed after it was checked. Check it again."
        tell(encounter, words, "warn")
        return
    save(caller, encounter)
    if kept.unsaved:
        tell(encounter, f"Not recorded: not every answer is saved yet. {kept.fault}", "stop")
        return
    try:
        decided = decisions.decide(
            shared_record(),
            caller,
            _decision(review, proposal, caller),
            checklist(),
            kept.draft,
            indicators=indicators,
            identity=identity_stops(opened.record.person, opened.record.other_records),
        )
    except RecordError as fault:
        _back(encounter)
        tell(encounter, not_recorded_words(fault), "stop")
        doubt(encounter)
        if isinstance(fault, Conflict | NotKnown):
            look_again(encounter, review)
        return
    _back(encounter)
    put_review(encounter, decided, datetime.now(UTC))
    queue_keeper().refresh(caller)
    forget_answers(encounter)
    _tell_decided(opened, proposal, decided)


def _decision(review: Review, proposal: Proposal, caller: Caller) -> Decision:
    now = datetime.now(UTC)
    return Decision(
        review,
        proposal.outcome,
        proposal.reason_code,
        proposal.reason_text,
        proposal.service,
        caller.user,
        caller.name,
        now,
        None if proposal.review_again is None else now + proposal.review_again,
    )


def not_recorded_words(fault: RecordError) -> str:
    """What is said of a decision that wasn't recorded, or of which that isn't known."""
    return str(fault) if isinstance(fault, NotKnown) else f"Not recorded. {fault}"


def _tell_decided(opened: Opened, proposal: Proposal, decided: Review) -> None:
    who = name(opened.record.person)
    if decided.outcome is not proposal.outcome and decided.outcome is not None:
        tell(
            opened.encounter,
            f"The emergency department took {who} over while the checklist was open, so this is "
            f"recorded: {OUTCOMES[decided.outcome]}. The answers are kept.",
            "warn",
        )
        return
    tell(opened.encounter, f"Recorded for {who}: {OUTCOMES[proposal.outcome]}.")
