"""One decision, undoing or reversal that something goes wrong with, and what it left behind."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from clinical.checklist import AnswerValue, Draft
from clinical.person import Caller
from clinical.review import CommunityService, Decision, Outcome, Review, ReviewStatus
from clinical.review_steps import status_of
from fhir_queries.asking import Resource
from fhir_queries.checklist import CHECKLIST_IDENTIFIER, read_draft
from fhir_queries.decisions import begun, decide, reverse, undo, unfinished
from fhir_queries.errors import NotKnown, RecordError
from fhir_queries.record import SharedRecord
from fhir_queries.reviews import claim, read_review
from fhir_queries.undoing import reverse_begun, undo_begun
from tests.fhir_queries.questions.cases import CHECKLIST, parts_of

WHAT = (
    Outcome.REDIRECTED,
    Outcome.NOT_SUITABLE,
    Outcome.PATIENT_DECLINED,
    Outcome.NO_CAPACITY,
    Outcome.DEFERRED,
    "undo",
    Outcome.REDIRECT_REVERSED,
)
What = Outcome | str


@dataclass(frozen=True, slots=True)
class Templates:
    """A flagged review and its whole checklist, of which each run gets a copy of its own."""

    task: Resource
    response: Resource
    answers: dict[str, tuple[AnswerValue, ...]]
    services: Sequence[CommunityService]


def answers_of(draft: Draft) -> dict[str, tuple[AnswerValue, ...]]:
    """What is answered, by link id."""
    return {each.link_id: each.values for each in draft.answers}


def _another(resource: Resource) -> Resource:
    return {name: value for name, value in resource.items() if name not in ("id", "meta")}


@dataclass
class Run:
    """One review, and what one person does about it over a door that fails."""

    true: SharedRecord
    """The record without the door: what really stands there."""
    door: SharedRecord
    clinician: Caller
    templates: Templates
    what: What
    dice: random.Random
    review: Review
    draft: Draft
    takes_transactions: bool = True
    reopened: bool = False
    """Whether what was half done was opened again, so that a trace of it is to be found."""

    @classmethod
    def begin(
        cls,
        true: SharedRecord,
        door: SharedRecord,
        clinician: Caller,
        templates: Templates,
        what: What,
        dice: random.Random,
    ) -> Run:
        """A review of its own, held, its checklist filled in; decided already if it is to be taken
        back.
        """
        made = _another(templates.task)
        name = f"{dice.getrandbits(64):x}"
        made["identifier"] = [{**made["identifier"][0], "value": name}]
        task = str(true.create(made)["id"])
        response = _another(templates.response)
        response["identifier"] = {"system": CHECKLIST_IDENTIFIER, "value": task}
        true.create(response)
        review = claim(true, clinician, read_review(true, task))
        draft = read_draft(true, review, CHECKLIST)
        run = cls(true, door, clinician, templates, what, dice, review, draft)
        if not isinstance(what, Outcome) or what is Outcome.REDIRECT_REVERSED:
            wanted = run.decision(Outcome.REDIRECTED)
            run.review = decide(true, clinician, wanted, CHECKLIST, draft)
        return run

    def decision(self, outcome: Outcome) -> Decision:
        """What is decided, now."""
        needs = outcome in (Outcome.REDIRECTED, Outcome.NO_CAPACITY)
        now = datetime.now(UTC)
        return Decision(
            self.review,
            outcome,
            "23" if outcome is Outcome.NOT_SUITABLE else "",
            "As found",
            self.templates.services[0] if needs else None,
            self.clinician.user,
            self.clinician.name,
            now,
        )

    def act(self, record: Any) -> Review:
        """What the person does, as the screen does it for them."""
        if isinstance(self.what, Outcome) and self.what is not Outcome.REDIRECT_REVERSED:
            wanted = self.decision(self.what)
            return decide(record, self.clinician, wanted, CHECKLIST, self.draft)
        take_back = reverse if self.what is Outcome.REDIRECT_REVERSED else undo
        return take_back(record, self.clinician, self.review, "A mistake")

    def send(self) -> RecordError | None:
        """Send it through the door: None where the person is told that it is recorded."""
        try:
            self.act(self.door)
        except RecordError as error:
            return error
        return None

    def stands(self) -> str:
        """``done``, ``none`` or ``half``, as the record says by itself; fails on anything else."""
        now = read_review(self.true, self.review.task)
        draft = read_draft(self.true, now, CHECKLIST)
        if unfinished(now, draft) or undo_begun(now, draft) or reverse_begun(now, draft):
            return "half"
        self._nothing_lost(draft)
        if now.status is self._after():
            self._is_whole(now, draft)
            return "done"
        assert now.status is self._before(), now.status
        self._is_untouched(now, draft)
        return "none"

    def go_on(self) -> str:
        """What the person does about what is half done, or once more where nothing is."""
        stood = self.stands()
        if stood == "done":
            return "done"
        now = read_review(self.true, self.review.task)
        chosen = self.dice.choice(("finish", "open", "send"))
        begun_only = stood == "half" and now.status is ReviewStatus.CLAIMED
        if begun_only and chosen == "open":
            undo(self.true, self.clinician, now, "Begun, and not finished")
            self.reopened = True
            assert self.stands() == "none"
            return "opened again"
        if begun_only and chosen == "finish":
            wanted = begun(self.true, now)
            assert wanted is not None
            decide(self.true, self.clinician, wanted, CHECKLIST, self.draft)
            assert self.stands() == "done"
            return "finished"
        if stood == "none" and chosen != "send":
            return "none"
        self.review = replace(now)
        self.act(self.true)
        assert self.stands() == "done"
        return "sent again"

    def _before(self) -> ReviewStatus:
        return self.review.status

    def _after(self) -> ReviewStatus:
        return status_of(self.what) if isinstance(self.what, Outcome) else ReviewStatus.CLAIMED

    def _nothing_lost(self, draft: Draft) -> None:
        if self.what is Outcome.REDIRECT_REVERSED and not draft.response:
            return  # it is kept under the identifier of what was taken back
        assert answers_of(draft) == self.templates.answers

    def _is_whole(self, now: Review, draft: Draft) -> None:
        """Every part is there, once, and each says the same."""
        parts = parts_of(self.true, self.review)
        task = self.true.fetch(f"Task/{now.task}")
        acts = [each["activity"]["coding"][0]["code"] for each in parts["provenances"]]
        if self.what == "undo":
            assert sorted(acts) == ["redirected", "undone"]
            assert not draft.completed
            assert parts["referrals"] == []
            assert "businessStatus" not in task
            return
        assert isinstance(self.what, Outcome)
        assert now.outcome is self.what
        if self.what is Outcome.REDIRECT_REVERSED:
            assert sorted(acts) == ["redirect-reversed", "redirected"]
            assert parts["referrals"] == []
            assert parts["responses"] == []
            return
        assert acts == [self.what.value]
        assert len(parts["responses"]) == 1
        ends = self.what is not Outcome.DEFERRED
        assert parts["responses"][0]["status"] == ("completed" if ends else "in-progress")
        (signed,) = parts["provenances"]
        assert {"reference": f"Task/{now.task}"} in signed["target"]
        assert signed["recorded"] == task["executionPeriod"]["end"]
        if self.what is not Outcome.REDIRECTED:
            assert parts["referrals"] == []
            return
        (referral,) = parts["referrals"]
        assert referral["status"] == "active"
        assert (now.referral, now.response) == (referral["id"], parts["responses"][0]["id"])
        assert {"reference": f"ServiceRequest/{referral['id']}"} in signed["target"]

    def _is_untouched(self, now: Review, draft: Draft) -> None:
        """Nothing of it is there, and what was there still is."""
        parts = parts_of(self.true, self.review)
        taking_back = self.review.status is ReviewStatus.REDIRECTED
        acts = [each["activity"]["coding"][0]["code"] for each in parts["provenances"]]
        live = [each for each in parts["referrals"] if each["status"] == "active"]
        assert draft.completed == taking_back
        assert len(live) == taking_back
        assert now.owner is not None
        if not self.reopened:
            signed = ["redirected"] if taking_back else []
            if self.what is Outcome.DEFERRED and not self.takes_transactions:
                # It is signed before the Task says so, and nothing else tells of it
                assert acts in (signed, ["deferred"])
            else:
                assert acts == signed


def told(error: RecordError | None) -> str:
    """What the person was told: ``recorded``, ``not known`` or ``not recorded``."""
    if error is None:
        return "recorded"
    return "not known" if isinstance(error, NotKnown) else "not recorded"
