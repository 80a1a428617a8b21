"""Filling in a checklist as a clinician does, line by line."""

from __future__ import annotations

from clinical.checklist import (
    AnswerValue,
    Checklist,
    Draft,
    Item,
    ItemAnswer,
    ItemKind,
    ServiceChosen,
)
from clinical.checklist_rules import open_items, service_line
from clinical.codes import Coding
from clinical.person import Caller
from clinical.prefill import Proposal
from clinical.review import CommunityService, Review
from fhir_queries.checklist import read_draft, save_answers
from fhir_queries.port import Record


def option(item: Item, code: str) -> Coding:
    """The answer of this code."""
    return next(each for each in item.options if isinstance(each, Coding) and each.code == code)


def clear_cut(item: Item) -> AnswerValue:
    """What is answered for somebody who plainly can be cared for at home."""
    if item.kind in (ItemKind.STRING, ItemKind.TEXT):
        return "Said by the nurse in charge"
    if item.kind is ItemKind.SERVICE:
        return ServiceChosen("service-carers", "Carer Crisis and Urgent Equipment")
    codes = [each.code for each in item.options if isinstance(each, Coding)]
    wanted = "no" if item.red_flag else "yes"
    return option(item, wanted if wanted in codes else codes[0])


def fill_in(
    record: Record,
    caller: Caller,
    review: Review,
    checklist: Checklist,
    but: dict[str, str] | None = None,
) -> Draft:
    """A draft with every required line answered; ``but`` gives other answers by link id."""
    draft = read_draft(record, review, checklist)
    while still_open := open_items(checklist, draft.answers):
        answers = []
        for item in still_open:
            value = clear_cut(item)
            if but and item.link_id in but:
                value = option(item, but[item.link_id])
            answers.append(ItemAnswer(item.link_id, (value,)))
        draft = save_answers(record, caller, review, draft, answers, checklist=checklist)
    return draft


def choose_service(
    record: Record,
    caller: Caller,
    review: Review,
    checklist: Checklist,
    service: CommunityService,
) -> Draft:
    """The draft as it stands, with this service answered in place of the one before."""
    draft = read_draft(record, review, checklist)
    line = service_line(checklist)
    assert line is not None
    chosen = ItemAnswer(line.link_id, (ServiceChosen(service.id, service.name),))
    return save_answers(record, caller, review, draft, [chosen], checklist=checklist)


def confirmed(proposal: Proposal) -> ItemAnswer:
    """The answer of somebody who taps "Use this"."""
    return ItemAnswer(proposal.link_id, proposal.values, evidence=proposal.evidence)
