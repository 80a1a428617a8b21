"""A write that the record refuses because another version stands: tried three times, then told.

At the wire: 412 is what the specification says, 409 what some servers answer instead.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from clinical.checklist import ItemAnswer
from clinical.person import Caller
from clinical.review import CommunityService, Outcome
from fhir_queries import overrides, reviews
from fhir_queries.asking import Resource
from fhir_queries.capacity import set_capacity
from fhir_queries.checklist import response_of, save_answers
from fhir_queries.decisions import close_handed_over, decide
from fhir_queries.errors import Conflict
from fhir_queries.record import SharedRecord
from fhir_queries.review_notes import add_note, ask_again, mark_read
from fhir_queries.review_task import AT_MOST
from fhir_queries.undoing import reverse, undo
from tests.fhir_queries.questions.cases import CHECKLIST, Case, decision, found, hand_over
from tests.fhir_queries.questions.watched import watch

Act = Callable[[], object]
WRITES = (
    "flag again", "claim", "release", "take over", "withdraw", "draft", "note", "ask again",
    "mark read", "ask for override", "redirect", "no", "defer", "handed over", "undo", "reverse",
    "capacity",
)  # fmt: skip


class Desk:
    """One case, brought to where a write can be made of it."""

    def __init__(
        self,
        record: SharedRecord,
        people: tuple[Caller, Caller, Caller],
        case: Case,
        service: CommunityService,
    ) -> None:
        self.record, self.case, self.service = record, case, service
        self.mine, self.other, self.coordinator = people

    def ready(self, write: str) -> Act:
        """The write, everything before it done."""
        record, me, case = self.record, self.mine, self.case
        review, line = case.review, case.draft.answers[0]
        if write in ("undo", "reverse"):
            review = self._decide(Outcome.REDIRECTED)()
        if write == "claim":
            review = reviews.release(record, me, review)
        if write == "flag again":
            review = reviews.withdraw(record, me, review, "Not needed")
        if write == "mark read":
            review = add_note(record, self.coordinator, review, "Daughter is on her way")
        if write == "capacity":
            set_capacity(record, me, self.service, 2)
        if write == "handed over":
            hand_over(record, case)
        answered = ItemAnswer(line.link_id, line.values)
        flags = {"a-long-lie": "On the floor"}
        acts: dict[str, Act] = {
            "flag again": lambda: reviews.flag(record, self.coordinator, case.patient, "Again"),
            "claim": lambda: reviews.claim(record, me, review),
            "release": lambda: reviews.release(record, me, review),
            "take over": lambda: reviews.take_over(record, self.other, review, "Shift change"),
            "withdraw": lambda: reviews.withdraw(record, me, review, "Not needed"),
            "draft": lambda: save_answers(record, me, review, case.draft, [answered]),
            "note": lambda: add_note(record, me, review, "Key safe at the door"),
            "ask again": lambda: ask_again(record, self.coordinator, review),
            "mark read": lambda: mark_read(record, me, review),
            "ask for override": lambda: overrides.ask_for_override(record, me, review, flags),
            "redirect": self._decide(Outcome.REDIRECTED),
            "no": self._decide(Outcome.NOT_SUITABLE, reason_code="23"),
            "defer": self._decide(Outcome.DEFERRED),
            "handed over": lambda: close_handed_over(record, me, review),
            "undo": lambda: undo(record, me, review, "A mistake"),
            "reverse": lambda: reverse(record, me, review, "Worse"),
            "capacity": lambda: set_capacity(record, me, self.service, 3),
        }
        return acts[write]

    def _decide(self, outcome: Outcome, **more: Any) -> Callable[[], Any]:
        service = self.service if outcome is Outcome.REDIRECTED else None
        wanted = decision(self.case, outcome, self.mine, service=service, **more)
        return lambda: decide(self.record, self.mine, wanted, CHECKLIST, self.case.draft)

    def stands(self) -> list[Resource]:
        """Everything that these writes change, each as its newest version."""
        task = self.record.fetch(f"Task/{self.case.review.task}")
        response = response_of(self.record, self.case.review.task)
        about = ("encounter", f"Encounter/{self.case.patient.encounter}")
        referrals = found(self.record, "ServiceRequest", about)
        signed = found(self.record, "Provenance", ("target", f"Task/{task['id']}"))
        numbers = found(self.record, "Observation", ("code", "places-free"))
        return [task, *([response] if response else []), *referrals, *signed, *numbers]


@pytest.mark.parametrize("status", [412, 409])
@pytest.mark.parametrize("write", WRITES)
def test_refused_once_or_twice_ends_well_and_three_times_is_told_and_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
    ward: SharedRecord,
    clinician: Caller,
    colleague: Caller,
    coordinator: Caller,
    services: tuple[CommunityService, ...],
    a_case: Callable[..., Case],
    *,
    write: str,
    status: int,
) -> None:
    watched = watch(monkeypatch)
    watched.refuse_with = status
    people = (clinician, colleague, coordinator)
    desk = Desk(ward, people, a_case(), services[0])
    act = desk.ready(write)
    before = desk.stands()
    watched.refuse = AT_MOST * 3
    with pytest.raises(Conflict) as told:
        act()
    watched.refuse, tried = 0, AT_MOST * 3 - watched.refuse
    assert tried == AT_MOST
    assert str(told.value).endswith(".")
    assert str(told.value)[0].isupper()
    assert desk.stands() == before
    for refused in range(1, AT_MOST):
        desk = Desk(ward, people, a_case(), services[0])
        act, before = desk.ready(write), desk.stands()
        watched.refuse = refused
        act()
        assert watched.refuse == 0
        assert desk.stands() != before, "told as done, and nothing was written"
