"""The garbage collector rests while an answer is read, and never for longer."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from fhir_queries import collector
from fhir_queries.asking import Answers, Search
from fhir_queries.collector import collected_afterwards, collecting
from fhir_queries.errors import RecordError
from fhir_queries.waiting import read_waiting
from tests.bench.canned_people import searchset, waits
from tests.faults.connecting import connected
from tests.faults.fault_server import Asked, Sent, http, serving


@pytest.fixture(autouse=True)
def switched_on_before_and_after() -> Iterator[None]:
    assert gc.isenabled()
    yield
    assert gc.isenabled()


@collected_afterwards
def is_on() -> bool:
    """Whether the collector runs inside a reading."""
    return gc.isenabled()


class Watched:
    """A record that notes whether the collector runs at the moment when it has its answer."""

    def __init__(self, inner) -> None:
        self.inner, self.profile, self.ran = inner, inner.profile, []

    def ask(self, searches: list[Search], **named: object) -> Answers:
        """What the record answers."""
        answers = self.inner.ask(searches, **named)
        self.ran.append(gc.isenabled())
        return answers


def test_it_rests_while_a_queue_is_read_and_runs_while_the_record_is_waited_for() -> None:
    while_waiting: list[bool] = []
    queue = searchset(waits(3), "Encounter")

    def respond(_: Asked) -> Sent:
        while_waiting.append(gc.isenabled())
        return http(200, queue)

    with serving(respond) as server, connected(server.base) as record:
        watched = Watched(record)
        assert len(read_waiting(watched).waiting) == 3
        assert while_waiting
        assert all(while_waiting)
        assert watched.ran == [False]


def test_it_runs_again_after_a_reading_that_failed() -> None:
    with (
        serving(lambda _: http(500, {"resourceType": "OperationOutcome"})) as server,
        connected(server.base) as record,
        pytest.raises(RecordError),
    ):
        read_waiting(record)
    assert gc.isenabled()


def test_it_runs_while_several_requests_at_a_time_are_waited_for() -> None:
    while_waiting: list[bool] = []

    def respond(asked: Asked) -> Sent:
        while_waiting.append(gc.isenabled())
        if asked.method == "POST":
            return http(405)
        return http(200, searchset([], asked.path))

    @collected_afterwards
    def ask_two(record) -> None:
        record.ask([Search("flags", "Flag", ()), Search("goals", "Goal", ())])
        assert not gc.isenabled()

    with serving(respond) as server, connected(server.base) as record:
        ask_two(record)
    assert len(while_waiting) == 3
    assert all(while_waiting)


def test_the_last_of_several_readings_lets_it_run_again() -> None:
    begun, may_end = Barrier(3), Event()

    @collected_afterwards
    def read(ends_first: bool) -> bool:
        begun.wait(5)
        if not ends_first:
            may_end.wait(5)
        return gc.isenabled()

    with ThreadPoolExecutor(2) as pool:
        first, last = pool.submit(read, True), pool.submit(read, False)
        begun.wait(5)
        assert first.result(5) is False
        assert not gc.isenabled()
        may_end.set()
        assert last.result(5) is False
    assert gc.isenabled()


def test_a_reading_within_a_reading_is_one() -> None:
    @collected_afterwards
    def outer() -> tuple[bool, bool]:
        return is_on(), gc.isenabled()

    assert outer() == (False, False)


def test_many_threads_that_read_and_wait_leave_it_running() -> None:
    @collected_afterwards
    def read(number: int) -> int:
        with collecting():
            pass
        if number % 7 == 0:
            raise ValueError(number)
        return len([{"number": each} for each in range(number)])

    def outcome(number: int) -> int:
        try:
            return read(number)
        except ValueError:
            return 0

    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(outcome, range(800)))
    assert found == [number if number % 7 else 0 for number in range(800)]
    assert gc.isenabled()


def test_a_reading_while_too_much_waits_for_it_does_not_put_it_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert not is_on()
    monkeypatch.setattr(collector, "MOST_UNSEEN", -1)
    assert is_on()


def test_a_reading_that_waited_may_not_put_it_off_again_where_too_much_came_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    @collected_afterwards
    def read() -> tuple[bool, bool]:
        before = gc.isenabled()
        with collecting():
            monkeypatch.setattr(collector, "MOST_UNSEEN", -1)
        return before, gc.isenabled()

    assert read() == (False, True)


def test_where_somebody_else_has_switched_it_off_it_is_left_to_them() -> None:
    gc.disable()
    try:
        assert not is_on()
        assert not gc.isenabled()
    finally:
        gc.enable()
