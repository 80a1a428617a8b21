"""One review from the flag to the decision, as the two sides of the ward walk through it."""

from __future__ import annotations

from datetime import UTC, datetime

from clinical.checklist import (
    AnswerValue,
    Checklist,
    Draft,
    Item,
    ItemAnswer,
    ItemKind,
    ServiceChosen,
)
from clinical.checklist_rules import open_items, says_no, says_yes
from clinical.person import Caller
from clinical.review import CommunityService, Decision, Outcome, Review
from clinical.waiting import WaitingPatient
from fhir_queries.checklist import load_checklist, read_draft, save_answers
from fhir_queries.decisions import decide
from fhir_queries.record import SharedRecord
from fhir_queries.reviews import claim, flag
from fhir_queries.services import read_services
from tests.servers.records import HERON, ORCHARD

WHY = "Fall at home, observations steady, lives with her daughter"


def answers_for_a_redirect(checklist: Checklist, service: CommunityService) -> list[ItemAnswer]:
    """Answers with which nothing speaks against a redirect there: no red flags, and agreed."""
    given: list[ItemAnswer] = []
    while left := open_items(checklist, given):
        given += [ItemAnswer(item.link_id, (_answer(item, service),)) for item in left]
    return given


def _answer(item: Item, service: CommunityService) -> AnswerValue:
    if item.kind in (ItemKind.CHOICE, ItemKind.OPEN_CHOICE):
        wanted = says_no if item.red_flag else says_yes
        return next((each for each in item.options if wanted(each)), item.options[0])
    if item.kind is ItemKind.BOOLEAN:
        return not item.red_flag
    if item.kind is ItemKind.SERVICE:
        return ServiceChosen(service.id, service.name)
    return "As agreed with the crew"


def flagged_and_held(record: SharedRecord, wait: WaitingPatient, holder: Caller = HERON) -> Review:
    """A review asked for by the coordinator and held by a clinician."""
    return claim(record, holder, flag(record, ORCHARD, wait, WHY))


def filled_in(
    record: SharedRecord, held: Review, caller: Caller = HERON
) -> tuple[Checklist, Draft]:
    """Its checklist, answered in two sittings."""
    checklist = load_checklist()
    answers = answers_for_a_redirect(checklist, first_service(record))
    half = len(answers) // 2
    draft = read_draft(record, held, checklist)
    draft = save_answers(record, caller, held, draft, answers[:half], checklist=checklist)
    draft = save_answers(record, caller, held, draft, answers[half:], checklist=checklist)
    return checklist, draft


def decision_of(
    review: Review,
    outcome: Outcome,
    service: CommunityService | None = None,
    caller: Caller = HERON,
) -> Decision:
    """What a clinician decided just now."""
    declined = outcome not in (Outcome.REDIRECTED, Outcome.DEFERRED)
    return Decision(
        review,
        outcome,
        "23" if declined else "",
        "Not clinically appropriate" if declined else "",
        service,
        caller.user,
        caller.name,
        datetime.now(UTC),
    )


def first_service(record: SharedRecord) -> CommunityService:
    """An active community service of this record."""
    return next(each for each in read_services(record) if each.active)


def redirected(record: SharedRecord, wait: WaitingPatient) -> tuple[Review, Decision]:
    """A wait walked through to a redirect: the review as it stands, and the decision sent."""
    held = flagged_and_held(record, wait)
    checklist, draft = filled_in(record, held)
    decision = decision_of(held, Outcome.REDIRECTED, first_service(record))
    return decide(record, HERON, decision, checklist, draft), decision
