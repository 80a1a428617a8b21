"""One reading of the queue for everybody who may see it; the last good list stays, and says so."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from clinical.evidence import Judgement
from clinical.person import Caller
from clinical.record import SectionState
from fhir_queries.asking import Answers, Resource, Search
from fhir_queries.errors import NotPermitted, RecordUnavailable
from fhir_queries.queue_keeper import EVIDENCE_STANDS_FOR, TOLD_AGAIN_AFTER, QueueKeeper
from fhir_queries.record import SharedRecord
from tests.fhir_queries.questions.shapes import Told, answered, of_patient, somebody, wait


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds

    def moves(self, by: timedelta) -> None:
        """Time goes by."""
        self.seconds += by.total_seconds()


EVERY = timedelta(seconds=15)


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still until it is moved."""
    return Clock()


@pytest.fixture
def record() -> Told:
    """A record with one wait."""
    return Told({"waits": answered("waits", wait(), included=[somebody()])})


@pytest.fixture
def keeper(record: Told, clock: Clock) -> QueueKeeper:
    """A keeper of its queue."""
    return QueueKeeper(record, every=EVERY, clock=clock)


def asked_for(record: Told, name: str) -> int:
    """How often a search was asked."""
    return sum(search.name == name for asked in record.asked for search in asked)


def test_many_views_within_an_interval_are_one_reading(
    record: Told, keeper: QueueKeeper, clinician: Caller, clock: Clock
) -> None:
    for _ in range(50):
        assert len(keeper.view(clinician).list.waiting) == 1
    assert asked_for(record, "waits") == 1
    clock.moves(EVERY)
    for _ in range(50):
        keeper.view(clinician)
    assert asked_for(record, "waits") == 2


def test_many_people_with_one_right_share_a_reading_and_are_each_told_of(
    record: Told, keeper: QueueKeeper, clinician: Caller
) -> None:
    people = [replace(clinician, user=f"9000000{number:05}") for number in range(20)]
    for caller in people:
        keeper.view(caller)
        keeper.view(caller)
    assert asked_for(record, "waits") == 1
    told = [event["agent"][0]["who"]["identifier"]["value"] for event in record.audited]
    assert sorted(told) == [caller.user for caller in people]


def test_whoever_goes_on_looking_is_told_of_again_after_a_while(
    record: Told, keeper: QueueKeeper, clinician: Caller, colleague: Caller, clock: Clock
) -> None:
    keeper.view(clinician)
    keeper.view(colleague)
    clock.moves(TOLD_AGAIN_AFTER)
    keeper.view(clinician)
    keeper.view(colleague)
    assert len(record.audited) == 4


def test_other_roles_have_a_reading_of_their_own(
    record: Told, keeper: QueueKeeper, clinician: Caller, coordinator: Caller
) -> None:
    keeper.view(clinician)
    keeper.view(coordinator)
    assert asked_for(record, "waits") == 2


def test_nobody_sees_the_list_before_the_record_was_told(
    record: Told, keeper: QueueKeeper, clinician: Caller, colleague: Caller
) -> None:
    keeper.view(clinician)
    record.down = True
    view = keeper.view(colleague)
    assert view.list.waiting == ()
    assert isinstance(view.error, RecordUnavailable)
    assert len(keeper.view(clinician).list.waiting) == 1, "whoever saw it goes on seeing it"


def test_when_the_record_stops_answering_the_last_list_stays_with_its_age(
    record: Told, keeper: QueueKeeper, clinician: Caller, clock: Clock
) -> None:
    good = keeper.view(clinician)
    assert good.error is None
    record.down = True
    clock.moves(EVERY)
    stale = keeper.view(clinician)
    assert stale.list is good.list
    assert stale.indicators == good.indicators
    assert stale.age > timedelta()
    assert isinstance(stale.error, RecordUnavailable)
    assert "can't be reached" in str(stale.error)
    record.down = False
    keeper.view(clinician)
    assert keeper.view(clinician).error is not None, "not asked again before the interval is over"
    clock.moves(EVERY)
    assert keeper.view(clinician).error is None


def test_a_silent_record_at_the_start_is_no_empty_queue(
    record: Told, keeper: QueueKeeper, clinician: Caller
) -> None:
    record.down = True
    view = keeper.view(clinician)
    assert isinstance(view.error, RecordUnavailable)
    assert not view.list.complete
    assert view.list.warnings


def test_a_list_that_is_no_longer_permitted_is_gone_at_once(
    record: Told, keeper: QueueKeeper, clinician: Caller, clock: Clock
) -> None:
    keeper.view(clinician)
    record.answers["waits"] = NotPermitted("403")
    clock.moves(EVERY)
    view = keeper.view(clinician)
    assert view.list.waiting == ()
    assert view.evidence == {}
    assert isinstance(view.error, NotPermitted)


def test_a_refresh_reads_at_once(record: Told, keeper: QueueKeeper, clinician: Caller) -> None:
    keeper.view(clinician)
    keeper.refresh(clinician)
    assert asked_for(record, "waits") == 2


def test_evidence_is_read_again_only_when_it_is_old_or_somebody_is_new(
    record: Told, keeper: QueueKeeper, clinician: Caller, clock: Clock
) -> None:
    keeper.view(clinician)
    clock.moves(EVERY)
    keeper.view(clinician)
    assert asked_for(record, "Condition") == 1
    both = [wait(), wait("wait-2", "p2")]
    record.answers["waits"] = answered("waits", *both, included=[somebody(), somebody("p2")])
    clock.moves(EVERY)
    assert set(keeper.view(clinician).evidence) == {"p1", "p2"}
    asked = [dict(s.params)["patient"] for a in record.asked for s in a if s.name == "Condition"]
    assert asked == ["Patient/p1", "Patient/p2"]
    clock.moves(EVIDENCE_STANDS_FOR)
    keeper.view(clinician)
    assert asked_for(record, "Condition") == 3


def test_evidence_that_failed_is_unknown_and_asked_for_again(
    record: Told, keeper: QueueKeeper, clinician: Caller, clock: Clock
) -> None:
    record.answers["Condition"] = RecordUnavailable("timeout")
    view = keeper.view(clinician)
    assert view.evidence["p1"]["problems"].state is SectionState.FAILED
    by_name = {each.name: each for each in view.indicators["wait-1"]}
    assert by_name["urgent-community-need"].judgement is Judgement.UNKNOWN
    record.answers["Condition"] = answered("Condition", of_patient("Condition", code={"text": "x"}))
    clock.moves(EVERY)
    assert keeper.view(clinician).evidence["p1"]["problems"].state is SectionState.LOADED


def test_those_who_left_are_forgotten(
    record: Told, keeper: QueueKeeper, clinician: Caller, clock: Clock
) -> None:
    keeper.view(clinician)
    record.answers["waits"] = answered("waits")
    clock.moves(EVERY)
    view = keeper.view(clinician)
    assert (view.list.waiting, view.evidence, view.indicators) == ((), {}, {})


class Slow(Told):
    """A record that answers only when it is let."""

    def __init__(self, told: Told) -> None:
        super().__init__(told.answers)
        self.let = threading.Event()
        self.let.set()
        self.entered = threading.Event()

    def ask(
        self,
        searches: Sequence[Search],
        *,
        audit: Resource | None = None,
        deadline: float | None = None,
    ) -> Answers:
        """As it was told, once it is let."""
        self.entered.set()
        assert self.let.wait(20)
        return super().ask(searches, audit=audit, deadline=deadline)


def test_while_one_reads_the_others_have_the_last_list_at_once(
    record: Told, clinician: Caller, clock: Clock
) -> None:
    slow = Slow(record)
    keeper = QueueKeeper(slow, every=EVERY, clock=clock)
    keeper.view(clinician)
    clock.moves(EVERY)
    slow.let.clear()
    slow.entered.clear()
    with ThreadPoolExecutor(1) as behind:
        reading = behind.submit(keeper.view, clinician)
        assert slow.entered.wait(20)
        assert len(keeper.view(clinician).list.waiting) == 1
        slow.let.set()
        reading.result(timeout=20)


def test_thirty_two_threads_cost_one_reading(people: SharedRecord, clinician: Caller) -> None:
    read = 0
    lock = threading.Lock()

    class Counting:
        def __getattr__(self, name: str) -> Any:
            return getattr(people, name)

        def ask(self, searches: Sequence[Search], **more: Any) -> Answers:
            nonlocal read
            with lock:
                read += any(search.name == "waits" for search in searches)
            return people.ask(searches, **more)

    record: Any = Counting()
    keeper = QueueKeeper(record, every=timedelta(hours=1))
    with ThreadPoolExecutor(32) as at_once:
        views = list(at_once.map(lambda _: keeper.view(clinician), range(320)))
    assert read == 1
    assert {len(view.list.waiting) for view in views} == {24}
    assert all(len(view.indicators) == 24 for view in views)


def test_a_manager_sees_no_queue(record: Told, keeper: QueueKeeper, manager: Caller) -> None:
    for view in (keeper.view(manager), keeper.refresh(manager)):
        assert view.list.waiting == ()
        assert isinstance(view.error, NotPermitted)
    assert asked_for(record, "waits") == 0
