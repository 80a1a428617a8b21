"""Whatever happens to a review, in whatever order and however often: it stays on the diagram.

Against the real record, with two clinicians and a coordinator who do anything at any time, two of
them at once or one between another's reading and writing, on records that fail at any step, with
and without transactions. Every write is watched on its way: none may overwrite what it hasn't read.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from clinical.checklist import Draft
from clinical.person import Caller
from clinical.review import CommunityService, Decision, Outcome, Review, ReviewStatus
from clinical.review_steps import TRANSITIONS, Action
from clinical.waiting import WaitingPatient
from fhir_queries import overrides, reviews
from fhir_queries.checklist import read_draft
from fhir_queries.decisions import close_handed_over, decide, unfinished
from fhir_queries.errors import BadRecord, Conflict, RecordError, RecordUnavailable
from fhir_queries.reading.reviews import review as review_of
from fhir_queries.record import SharedRecord
from fhir_queries.undoing import reverse, undo, undo_begun
from tests.fhir_queries.questions.cases import CHECKLIST, found, parts_of
from tests.fhir_queries.questions.faulty import Faulty, Interrupted, WithoutTransactions
from tests.fhir_queries.questions.filling import fill_in
from tests.fhir_queries.questions.watched import watch

_CHOSEN = (
    Outcome.REDIRECTED,
    Outcome.NOT_SUITABLE,
    Outcome.PATIENT_DECLINED,
    Outcome.NO_CAPACITY,
    Outcome.DEFERRED,
)
_OUT_OF_TURN = ("decide", "claim", "take over")
_CONTESTED = ("claim", "decide", "release", "reverse", "take over", "undo", "withdraw")
_S = ReviewStatus
_STEPS: dict[str, frozenset[Action]] = {
    "flag": frozenset({Action.FLAG}),
    "claim": frozenset({Action.CLAIM, Action.TAKE_OVER}),
    "release": frozenset({Action.RELEASE}),
    "let go": frozenset({Action.RELEASE_IDLE}),
    "take over": frozenset({Action.TAKE_OVER, Action.CLAIM}),
    "withdraw": frozenset({Action.WITHDRAW}),
    "decide": frozenset({Action.DECIDE, Action.HAND_OVER}),
    "close": frozenset({Action.HAND_OVER}),
    "undo": frozenset({Action.UNDO}),
    "reverse": frozenset({Action.REVERSE}),
    "override": frozenset(),
}
"""What each event may do to a review, in the diagram's words."""


class Ward(RuleBasedStateMachine):
    """One patient, and everybody who may do something about their review."""

    def __init__(
        self,
        record: SharedRecord,
        patient: WaitingPatient,
        people: tuple[Caller, Caller, Caller],
        service: CommunityService,
        start: ReviewStatus,
    ) -> None:
        super().__init__()
        self.start = start
        self.record = record
        self.first, self.second, self.coordinator = people
        self.service = service
        self.template = patient
        self.patient = patient
        self.quick = Faulty(record, RecordUnavailable("never"), at=1_000_000)

    @initialize()
    def somebody_waits(self) -> None:
        """A wait of this run's own, and its review where it starts."""
        encounter = self.record.fetch(f"Encounter/{self.template.encounter}")
        made = {key: value for key, value in encounter.items() if key not in ("id", "meta")}
        created = self.record.create(made)
        self.patient = replace(self.template, encounter=str(created["id"]))
        if self.start is not ReviewStatus.NONE:
            self.act("flag", self.coordinator, Outcome.DEFERRED, self.record)()
        for event, outcome in WAYS[self.start]:
            self.act(event, self.first, outcome, self.record)()
        assert self.status() is self.start

    def standing(self) -> Review | None:
        """The review as the record holds it, None before it was flagged."""
        tasks = found(self.record, "Task", ("encounter", f"Encounter/{self.patient.encounter}"))
        assert len(tasks) <= 1
        return reviews.read_review(self.record, str(tasks[0]["id"])) if tasks else None

    def status(self) -> ReviewStatus:
        """How it stands."""
        now = self.standing()
        return ReviewStatus.NONE if now is None else now.status

    def does(self, event: str, by: Caller, outcome: Outcome, on: Any) -> None:
        """Somebody does something; afterwards the review stands where the diagram lets it."""
        act = self.act(event, by, outcome, on)
        review = self.standing()
        before = self.status()
        with suppress(RecordError):
            act()
        self.stands_after(before, _STEPS[event], 1)
        holder = None if review is None or review.owner is None else review.owner.user
        if event == "decide" and (before is not ReviewStatus.CLAIMED or holder != by.user):
            assert self.status() in (before, ReviewStatus.HANDED_OVER), "decided by a bystander"

    def stands_after(self, before: ReviewStatus, actions: frozenset[Action], steps: int) -> None:
        """It is where it was, or where so many of these steps may lead."""
        reached = {before}
        for _ in range(steps):
            reached |= {
                after
                for each in reached
                for action in actions
                for after in TRANSITIONS[each].get(action, ())
            }
        assert self.status() in reached, (before, actions, self.status())

    def draft(self, review: Review, by: Caller) -> Draft:
        """The checklist, answered by its holder as for a clear-cut case."""
        draft = read_draft(self.record, review, CHECKLIST)
        mine = review.owner is not None and review.owner.user == by.user
        if draft.completed or review.status is not ReviewStatus.CLAIMED or not mine:
            return draft
        return fill_in(self.record, by, review, CHECKLIST)

    def act(self, event: str, by: Caller, outcome: Outcome, on: Any) -> Callable[[], object]:
        """What somebody does, on this record."""
        review = self.standing()
        if event == "flag":
            return lambda: reviews.flag(on, by, self.patient, "Please look")
        if review is None:
            return lambda: None
        if event == "decide":
            wanted = self.decision(review, by, outcome)
            draft = self.draft(review, by)
            return lambda: decide(on, by, wanted, CHECKLIST, draft)
        flags = {"a-long-lie": "On the floor"}
        acts: dict[str, Callable[[], object]] = {
            "claim": lambda: reviews.claim(on, by, review),
            "release": lambda: reviews.release(on, by, review),
            "let go": lambda: reviews.release_idle(on, by, review),
            "take over": lambda: reviews.take_over(on, by, review, "Shift change"),
            "withdraw": lambda: reviews.withdraw(on, by, review, "Not needed"),
            "close": lambda: close_handed_over(on, by, review),
            "undo": lambda: undo(on, by, review, "Mistake"),
            "reverse": lambda: reverse(on, by, review, "Worse"),
            "override": lambda: overrides.ask_for_override(on, by, review, flags),
        }
        return acts[event]

    def decision(self, review: Review, by: Caller, outcome: Outcome) -> Decision:
        """What is decided, now."""
        needs_service = outcome in (Outcome.REDIRECTED, Outcome.NO_CAPACITY)
        return Decision(
            review,
            outcome,
            "23" if outcome is Outcome.NOT_SUITABLE else "",
            "As found",
            self.service if needs_service else None,
            by.user,
            by.name,
            datetime.now(UTC),
        )

    def person(self, number: int) -> Caller:
        """One of them."""
        return (self.first, self.second, self.coordinator)[number]

    @rule(
        event=st.sampled_from(sorted(_STEPS)),
        who=st.integers(0, 2),
        outcome=st.sampled_from(_CHOSEN),
    )
    def somebody_does(self, event: str, who: int, outcome: Outcome) -> None:
        """One thing, on a record that works."""
        self.does(event, self.person(who), outcome, self.record)

    @rule(who=st.integers(0, 1), outcome=st.sampled_from(_CHOSEN))
    def somebody_takes_it_and_decides(self, who: int, outcome: Outcome) -> None:
        """The usual way, so that it is gone often."""
        for event in ("flag", "claim", "decide"):
            self.does(event, self.person(who), outcome, self.record)

    @rule(
        who=st.integers(0, 2), outcome=st.sampled_from(_CHOSEN), event=st.sampled_from(_OUT_OF_TURN)
    )
    def somebody_is_out_of_turn(self, who: int, outcome: Outcome, event: str) -> None:
        """What needs a review in hand, or one that is open, by somebody who didn't look."""
        self.does(event, self.person(who), outcome, self.record)

    @rule(who=st.integers(0, 1), event=st.sampled_from(("undo", "reverse", "close")))
    def somebody_redirects_and_takes_it_back(self, who: int, event: str) -> None:
        """There, and the way back."""
        self.somebody_takes_it_and_decides(who, Outcome.REDIRECTED)
        self.does(event, self.person(who), Outcome.DEFERRED, self.record)

    @rule(who=st.integers(0, 1), at=st.integers(5, 8), event=st.sampled_from(sorted(_STEPS)))
    def somebody_half_decides(self, who: int, at: int, event: str) -> None:
        """A redirect that the record takes a part of, and then something else happens."""
        for usual in ("flag", "claim"):
            self.does(usual, self.person(who), Outcome.REDIRECTED, self.record)
        gone = RecordUnavailable("gone")
        failing = WithoutTransactions(self.record, gone, at=at, after=False, declared=True)
        failing.lasts = 100
        self.does("decide", self.person(who), Outcome.REDIRECTED, failing)
        self.what_stands_is_whole()
        self.does(event, self.person(who), Outcome.NOT_SUITABLE, self.record)

    @rule(
        event=st.sampled_from(sorted(_STEPS)),
        who=st.integers(0, 1),
        outcome=st.sampled_from(_CHOSEN),
        at=st.integers(1, 9),
        after=st.booleans(),
        as_one=st.booleans(),
        conflict=st.sampled_from((RecordUnavailable("gone"), Conflict("412"), BadRecord("half"))),
    )
    def the_record_fails(
        self,
        event: str,
        who: int,
        outcome: Outcome,
        *,
        at: int,
        after: bool,
        as_one: bool,
        conflict: RecordError,
    ) -> None:
        """One thing, on a record that fails from some step on, before or after it was done."""
        failing: Faulty
        if as_one:
            failing = Faulty(self.record, conflict, at=at, after=after)
        else:
            failing = WithoutTransactions(self.record, conflict, at=at, after=after, declared=True)
        failing.lasts = 100
        self.does(event, self.person(who), outcome, failing)

    @rule(
        events=st.tuples(st.sampled_from(sorted(_STEPS)), st.sampled_from(sorted(_STEPS))),
        who=st.tuples(st.integers(0, 2), st.integers(0, 2)),
        outcome=st.sampled_from(_CHOSEN),
    )
    def two_at_once(self, events: tuple[str, str], who: tuple[int, int], outcome: Outcome) -> None:
        """Two things in the same instant."""
        before = self.status()
        acts = [
            self.act(event, self.person(one), outcome, self.record)
            for event, one in zip(events, who, strict=True)
        ]
        with ThreadPoolExecutor(2) as at_once:
            for done in [at_once.submit(act) for act in acts]:
                error = done.exception()
                assert error is None or isinstance(error, RecordError)
        self.stands_after(before, _STEPS[events[0]] | _STEPS[events[1]], 2)

    @rule(
        events=st.tuples(st.sampled_from(sorted(_STEPS)), st.sampled_from(sorted(_STEPS))),
        who=st.tuples(st.integers(0, 2), st.integers(0, 2)),
        outcome=st.sampled_from(_CHOSEN),
        held=st.booleans(),
    )
    def somebody_is_faster(
        self, events: tuple[str, str], who: tuple[int, int], outcome: Outcome, *, held: bool
    ) -> None:
        """One has read how it stands, and before they write another has written."""
        if held:
            for usual in ("flag", "claim"):
                self.does(usual, self.person(who[0]), outcome, self.record)
        before = self.status()
        quicker = self.act(events[1], self.person(who[1]), outcome, self.record)

        def between() -> None:
            with suppress(RecordError):
                quicker()

        writing = ("update", "transact", "create")
        slow = Interrupted(self.record, writing, between)
        act = self.act(events[0], self.person(who[0]), outcome, slow)
        with suppress(RecordError):
            act()
        self.stands_after(before, _STEPS[events[0]] | _STEPS[events[1]], 2)

    @rule()
    def the_holder_falls_asleep(self) -> None:
        """Nothing has been heard of the holder for half an hour."""
        review = self.standing()
        if review is None or review.status is not ReviewStatus.CLAIMED:
            return
        then = (datetime.now(UTC) - timedelta(minutes=30)).isoformat()
        task = self.record.fetch(f"Task/{review.task}")
        task["executionPeriod"]["start"] = task["authoredOn"] = then
        for note in task.get("note", ()):
            note["time"] = then
        self.record.update(task, version=task["meta"]["versionId"])

    @rule(status=st.sampled_from(("arrived", "in-progress", "finished")))
    def the_encounter_moves(self, status: str) -> None:
        """The emergency department takes them, they leave, or it was a mistake."""
        encounter = self.record.fetch(f"Encounter/{self.patient.encounter}")
        self.record.update(encounter | {"status": status}, version=encounter["meta"]["versionId"])

    @invariant()
    def every_version_follows_the_one_before_it(self) -> None:
        """Each version that the record keeps is one step on from the last, and drops no word."""
        review = self.standing()
        if review is None:
            return
        versions = self.record.history_of(f"Task/{review.task}")[::-1]
        for older, newer in pairwise(versions):
            before, now = review_of(older), review_of(newer)
            steps = TRANSITIONS[before.status].values()
            reached = {before.status}.union(*steps)
            assert now.status in reached, (before.status, now.status)
            said = [note.text for note in before.notes]
            assert [note.text for note in now.notes][: len(said)] == said, "a note was lost"
            both_held = {before.status, now.status} == {ReviewStatus.CLAIMED}
            if both_held and before.owner is not None and now.owner is not None:
                told = len(now.notes) > len(before.notes)
                assert told or before.owner.user == now.owner.user, "taken without a word"

    @invariant()
    def what_stands_is_whole(self) -> None:
        """A decision has all its parts, and no referral is live without one."""
        review = self.standing()
        if review is None:
            return
        assert review.status is not ReviewStatus.UNKNOWN
        draft = read_draft(self.record, review, CHECKLIST)
        parts = parts_of(self.record, review)
        live = [each for each in parts["referrals"] if each["status"] == "active"]
        assert len(live) <= 1
        assert len(parts["responses"]) <= 1
        if unfinished(review, draft) or undo_begun(review, draft):
            return
        if review.status is ReviewStatus.REDIRECTED:
            assert [each["id"] for each in live] == [review.referral]
            assert draft.completed
        else:
            assert not live, (review.status, draft.completed)
        holder = review.owner is not None
        assert holder or review.status is not ReviewStatus.CLAIMED


WAYS: dict[ReviewStatus, tuple[tuple[str, Outcome], ...]] = {
    ReviewStatus.NONE: (),
    ReviewStatus.REQUESTED: (("flag", Outcome.DEFERRED),),
    ReviewStatus.CLAIMED: (("claim", Outcome.DEFERRED),),
    ReviewStatus.DEFERRED: (("claim", Outcome.DEFERRED), ("decide", Outcome.DEFERRED)),
    ReviewStatus.REDIRECTED: (("claim", Outcome.DEFERRED), ("decide", Outcome.REDIRECTED)),
    ReviewStatus.REVERSED: (
        ("claim", Outcome.DEFERRED),
        ("decide", Outcome.REDIRECTED),
        ("reverse", Outcome.REDIRECTED),
    ),
    ReviewStatus.NOT_REDIRECTED: (("claim", Outcome.DEFERRED), ("decide", Outcome.NO_CAPACITY)),
    ReviewStatus.WITHDRAWN: (("withdraw", Outcome.DEFERRED),),
}
"""By which events, after a flag, a review comes to each state that events alone lead to."""


@pytest.mark.parametrize("start", WAYS)
def test_no_sequence_of_events_leaves_the_diagram(
    monkeypatch: pytest.MonkeyPatch,
    ward: SharedRecord,
    clinician: Caller,
    colleague: Caller,
    coordinator: Caller,
    next_patient: Callable[[], WaitingPatient],
    services: tuple[CommunityService, ...],
    *,
    start: ReviewStatus,
) -> None:
    patient = next_patient()
    people = (clinician, colleague, coordinator)
    watched = watch(monkeypatch)
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        lambda: Ward(ward, patient, people, services[0], start),
        settings=settings(
            max_examples=6,
            stateful_step_count=12,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert {"PUT Task", "PUT QuestionnaireResponse"} <= set(watched.sent)


@pytest.mark.parametrize("start", [_S.REQUESTED, _S.CLAIMED, _S.REDIRECTED])
@pytest.mark.parametrize("slower", _CONTESTED)
def test_whoever_read_before_another_wrote_overwrites_nothing(
    monkeypatch: pytest.MonkeyPatch,
    ward: SharedRecord,
    clinician: Caller,
    colleague: Caller,
    coordinator: Caller,
    next_patient: Callable[[], WaitingPatient],
    services: tuple[CommunityService, ...],
    *,
    start: ReviewStatus,
    slower: str,
) -> None:
    """Every pair of events of the two, the second between the first one's reading and writing."""
    watch(monkeypatch)
    patient = next_patient()
    people = (clinician, colleague, coordinator)
    for quicker in _CONTESTED:
        run = Ward(ward, patient, people, services[0], start)
        run.somebody_waits()
        run.somebody_is_faster((slower, quicker), (0, 1), Outcome.NOT_SUITABLE, held=False)
        run.every_version_follows_the_one_before_it()
        run.what_stands_is_whole()
