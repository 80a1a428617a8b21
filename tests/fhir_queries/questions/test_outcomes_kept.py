"""The manager's cases, read once and kept: shared, told of, stale and said so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event
from time import sleep

import pytest

from clinical.person import Caller
from clinical.review import CommunityService, Outcome
from fhir_queries.asking import Answer, Answers, Resource, Search
from fhir_queries.decisions import decide
from fhir_queries.errors import BadRecord, NotPermitted, RecordError, RecordUnavailable
from fhir_queries.outcome_keeper import OutcomeKeeper
from fhir_queries.queue_keeper import TOLD_AGAIN_AFTER
from fhir_queries.record import SharedRecord
from tests.fhir_queries.questions.cases import CHECKLIST, Case, decision
from tests.fhir_queries.questions.shapes import Told, answered, somebody
from tests.fhir_queries.questions.test_the_queue_kept import Clock
from tests.fhir_queries.questions.test_what_became_of_them import LEFT, a_review

EVERY = timedelta(seconds=60)
STAMP = {"meta": {"lastUpdated": "2026-11-10T10:30:00.000Z"}}


class Kept(Told):
    """A record with one redirect, which can be asked what was deleted."""

    def __init__(self) -> None:
        reviews = answered("reviews", a_review(**STAMP), included=[LEFT, somebody()])
        super().__init__({"reviews": reviews})
        self.deleted: dict[str, frozenset[str]] | None = {}
        self.asked_deleted: list[str] = []
        self.asked_since: list[datetime] = []
        self.history_error: RecordError | None = None

    def ask(
        self,
        searches: Sequence[Search],
        *,
        audit: Resource | None = None,
        deadline: float | None = None,
    ) -> Answers:
        """As told; a reading of years may take longer than one of the queue."""
        assert deadline is None or deadline > 60
        return super().ask(searches, audit=audit)

    def deleted_since(self, kind: str, since: datetime) -> frozenset[str] | None:
        """As told."""
        self.asked_since.append(since)
        self.asked_deleted.append(kind)
        if self.history_error is not None:
            raise self.history_error
        return None if self.deleted is None else self.deleted.get(kind, frozenset())

    def times(self, name: str) -> int:
        """How often a search was asked."""
        return sum(search.name == name for asked in self.asked for search in asked)


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still until it is moved."""
    return Clock()


@pytest.fixture
def record() -> Kept:
    """A record with one redirect."""
    return Kept()


@pytest.fixture
def keeper(record: Kept, clock: Clock) -> OutcomeKeeper:
    """A keeper of its cases."""
    return OutcomeKeeper(record, every=EVERY, clock=clock)


def test_many_managers_cost_one_reading_and_are_each_told_of(
    record: Kept, keeper: OutcomeKeeper, manager: Caller, clock: Clock
) -> None:
    people = [replace(manager, user=f"9000000{number:05}") for number in range(20)]
    for caller in (*people, *people):
        assert len(keeper.table(caller).table) == 1
    assert record.times("undated") == 1
    assert len(record.audited) == 20
    clock.moves(TOLD_AGAIN_AFTER)
    keeper.table(people[0])
    assert len(record.audited) == 21


def test_the_table_stays_the_same_object_until_something_is_read(
    keeper: OutcomeKeeper, manager: Caller, clock: Clock
) -> None:
    first = keeper.table(manager)
    assert keeper.table(manager).table is first.table
    assert keeper.table(manager).as_at == first.as_at
    clock.moves(EVERY)
    assert keeper.table(manager).table is first.table
    assert keeper.table(manager).as_at > first.as_at


def test_after_an_interval_only_what_changed_is_read(
    record: Kept, keeper: OutcomeKeeper, manager: Caller, clock: Clock
) -> None:
    keeper.table(manager)
    record.asked.clear()
    clock.moves(EVERY)
    assert keeper.table(manager).resources_read == 0
    (changes,) = record.asked
    for search in changes:
        assert ("_lastUpdated", "gt2026-11-10T10:30:00.000Z") in search.params


def test_a_changed_case_is_counted_anew(
    record: Kept, keeper: OutcomeKeeper, manager: Caller, clock: Clock
) -> None:
    assert keeper.table(manager).table.counts(datetime.now().astimezone()).counts["accepted"].yes
    refused = a_review(
        businessStatus={"coding": [{"code": "not-suitable", "system": OUTCOMES}]}, **STAMP
    )
    record.answers["tasks"] = answered("tasks", refused)
    clock.moves(EVERY)
    kept = keeper.table(manager)
    assert kept.table.counts(kept.as_at).counts["not-suitable"].yes == 1
    assert kept.table.counts(kept.as_at).counts["accepted"].yes == 0


OUTCOMES = "https://handover-viewer.example/fhir/CodeSystem/review-outcome"


def test_when_the_record_is_silent_the_last_table_stays_and_says_why(
    record: Kept, keeper: OutcomeKeeper, manager: Caller, clock: Clock
) -> None:
    first = keeper.table(manager)
    record.down = True
    clock.moves(EVERY)
    stale = keeper.table(manager)
    assert stale.table is first.table
    assert stale.as_at == first.as_at
    assert isinstance(stale.error, RecordUnavailable)
    assert stale.age > timedelta()
    with pytest.raises(RecordUnavailable):
        keeper.table(replace(manager, user="900000000099"))
    clock.moves(TOLD_AGAIN_AFTER)
    assert keeper.table(manager).table is first.table
    record.down = False
    clock.moves(EVERY)
    assert keeper.table(manager).error is None


@pytest.mark.parametrize(
    "failing",
    [
        answered("reviews", a_review(), complete=False),
        answered("reviews", a_review(), set_aside=1),
        answered("reviews", a_review(), withheld=True),
    ],
)
def test_some_reviews_only_give_no_counts(
    record: Kept, keeper: OutcomeKeeper, manager: Caller, failing: Answer
) -> None:
    record.answers["reviews"] = failing
    with pytest.raises(BadRecord, match="no counts are given"):
        keeper.table(manager)


@pytest.mark.parametrize("search", ["tasks", "encounters", "patients", "referrals", "frailty"])
def test_changes_that_came_only_in_part_leave_the_table_as_it_was(
    record: Kept, keeper: OutcomeKeeper, manager: Caller, clock: Clock, search: str
) -> None:
    first = keeper.table(manager)
    for failing, error in (
        (answered(search, complete=False), BadRecord),
        (RecordUnavailable("timeout"), RecordUnavailable),
    ):
        record.answers[search] = failing
        clock.moves(EVERY)
        kept = keeper.table(manager)
        assert kept.table is first.table
        assert isinstance(kept.error, error)


def test_once_the_record_refuses_nothing_is_shown_any_more(
    record: Kept, keeper: OutcomeKeeper, manager: Caller, clock: Clock
) -> None:
    keeper.table(manager)
    record.answers["tasks"] = NotPermitted("no")
    clock.moves(EVERY)
    with pytest.raises(NotPermitted):
        keeper.table(manager)


def test_nobody_sees_counts_before_the_record_was_told_of_them(
    record: Kept, keeper: OutcomeKeeper, manager: Caller
) -> None:
    keeper.table(manager)
    other = replace(manager, user="90000000001")
    record.down = True
    with pytest.raises(RecordUnavailable):
        keeper.table(other)
    record.down = False
    keeper.table(other)
    assert len(record.audited) == 2
    assert record.times("undated") == 1


def test_follow_up_that_failed_is_unknown_and_tried_again(
    record: Kept, keeper: OutcomeKeeper, manager: Caller, clock: Clock
) -> None:
    record.answers["encounters-0"] = RecordUnavailable("timeout")
    kept = keeper.table(manager)
    assert kept.table.counts(kept.as_at).counts["admission-avoided-72h"].unknown == 1
    clock.moves(EVERY)
    kept = keeper.table(manager)
    assert kept.table.counts(kept.as_at).counts["admission-avoided-72h"].unknown == 1
    del record.answers["encounters-0"]
    clock.moves(EVERY)
    kept = keeper.table(manager)
    assert kept.table.counts(kept.as_at).counts["admission-avoided-72h"].unknown == 0


def test_a_join_that_failed_is_unknown_and_tried_again(
    record: Kept, keeper: OutcomeKeeper, manager: Caller, clock: Clock
) -> None:
    record.answers["number-0"] = RecordUnavailable("timeout")
    kept = keeper.table(manager)
    assert kept.table.counts(kept.as_at).counts["admission-avoided-72h"].unknown == 1
    del record.answers["number-0"]
    clock.moves(EVERY)
    kept = keeper.table(manager)
    assert kept.table.counts(kept.as_at).counts["admission-avoided-72h"].unknown == 0


def test_deletions_are_looked_for_on_a_slower_clock(
    record: Kept, keeper: OutcomeKeeper, manager: Caller, clock: Clock
) -> None:
    before = keeper.table(manager).deletions_as_at
    assert record.deleted is not None
    record.deleted["Task"] = frozenset({"t1", "of somebody else"})
    clock.moves(EVERY)
    assert len(keeper.table(manager).table) == 1
    assert record.asked_deleted == []
    clock.moves(timedelta(minutes=5))
    kept = keeper.table(manager)
    assert len(kept.table) == 0
    assert kept.deletions_as_at > before


def test_a_history_that_fails_holds_nothing_else_up(
    record: Kept, keeper: OutcomeKeeper, manager: Caller, clock: Clock
) -> None:
    first = keeper.table(manager)
    record.history_error = RecordUnavailable("too slow")
    clock.moves(timedelta(minutes=5))
    later = keeper.table(manager)
    assert later.error is None
    assert later.as_at > first.as_at
    assert later.deletions_as_at == first.deletions_as_at
    record.history_error = None
    clock.moves(timedelta(minutes=5))
    assert keeper.table(manager).deletions_as_at > first.deletions_as_at


def test_deletions_are_looked_for_after_the_newest_that_was_seen_and_settled(
    record: Kept, keeper: OutcomeKeeper, manager: Caller, clock: Clock
) -> None:
    keeper.table(manager)
    clock.moves(timedelta(minutes=5))
    keeper.table(manager)
    assert record.asked_since == [datetime(2026, 11, 10, 10, 30, 0, 1000, tzinfo=UTC)] * 4


def test_without_a_history_deletions_are_known_up_to_the_last_whole_reading(
    record: Kept, keeper: OutcomeKeeper, manager: Caller, clock: Clock
) -> None:
    record.deleted = None
    keeper.table(manager)
    for _ in range(3):
        clock.moves(timedelta(minutes=5))
        kept = keeper.table(manager)
        assert kept.deletions_as_at == kept.whole_as_at
    assert record.asked_deleted == ["Task"]
    clock.moves(timedelta(hours=24))
    anew = keeper.table(manager)
    assert anew.whole_as_at > kept.whole_as_at
    assert anew.deletions_as_at == anew.whole_as_at


def test_a_record_with_no_reviews_has_an_empty_table(
    record: Kept, keeper: OutcomeKeeper, manager: Caller, clock: Clock
) -> None:
    del record.answers["reviews"]
    assert len(keeper.table(manager).table) == 0
    clock.moves(EVERY)
    assert len(keeper.table(manager).table) == 0


def test_changes_of_people_nobody_reviewed_are_not_taken_in(
    record: Kept, keeper: OutcomeKeeper, manager: Caller, clock: Clock
) -> None:
    first = keeper.table(manager)
    stranger = somebody("p77", identifier=[])
    elsewhere = LEFT | {"id": "e77", "subject": {"reference": "Patient/p77"}}
    record.answers["patients"] = answered("patients", stranger)
    record.answers["encounters"] = answered("encounters", elsewhere)
    clock.moves(EVERY)
    assert keeper.table(manager).table is first.table


def test_two_at_a_time_wait_for_one_first_reading(
    record: Kept, keeper: OutcomeKeeper, manager: Caller
) -> None:
    people = [replace(manager, user=f"9000000{number:05}") for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        tables = {id(kept.table) for kept in pool.map(keeper.table, people)}
    assert len(tables) == 1
    assert record.times("undated") == 1


def test_a_first_reading_that_failed_is_the_reason_that_is_given(
    record: Kept, keeper: OutcomeKeeper, manager: Caller, clock: Clock
) -> None:
    record.down = True
    for _ in range(2):
        with pytest.raises(RecordError, match="can't be reached"):
            keeper.table(manager)
        clock.moves(EVERY)
    record.down = False
    assert len(keeper.table(manager).table) == 1


class Overtaken(Kept):
    """Gives nothing of the people of one answer before the next answer is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.older = Event()

    def hear(self, searches: Sequence[Search]) -> None:
        """Wait for the next, where this is of the people of one."""
        names = {each.name for each in searches}
        if "rest" in names:
            self.older.set()
        if any(each.startswith("number-") for each in names):
            assert self.older.wait(10), "the next answer is asked for only afterwards"


def test_older_reviews_are_asked_for_while_the_newer_are_worked_on(manager: Caller) -> None:
    kept = OutcomeKeeper(Overtaken()).table(manager)
    assert len(kept.table) == 1


def test_after_ten_new_decisions_fewer_than_a_hundred_resources_are_read(
    ward: SharedRecord,
    clinician: Caller,
    manager: Caller,
    a_case: Callable[..., Case],
    services: tuple[CommunityService, ...],
) -> None:
    at_once = OutcomeKeeper(ward, overlap=timedelta(seconds=0.2))
    before = at_once.table(manager)
    sleep(0.5)
    at_once.refresh(manager)
    for number in range(10):
        case = a_case()
        outcome = Outcome.REDIRECTED if number % 3 else Outcome.NOT_SUITABLE
        chosen = (
            decision(case, outcome, clinician, service=services[0])
            if number % 3
            else decision(case, outcome, clinician, reason_code="23", reason_text="Needs X-ray")
        )
        decide(ward, clinician, chosen, CHECKLIST, case.draft)
    after = at_once.refresh(manager)
    assert 10 <= after.resources_read < 100
    decided = [kept.table.counts(kept.as_at).counts["decided"].yes for kept in (before, after)]
    assert decided[1] == decided[0] + 10
    assert at_once.rebuild(manager).table == after.table
