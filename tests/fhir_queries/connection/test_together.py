"""Many people at once on one connection: nobody gets another's answer, and no socket is left."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

import pytest

from fhir_queries.asking import Search
from fhir_queries.errors import RecordUnavailable
from tests.faults.connecting import connected
from tests.faults.fault_server import Asked, Sent, batch_of, bundle, http, serving

pytestmark = pytest.mark.alone
THREADS, CALLS = 32, 200


def echo(asked: Asked) -> Sent:
    """Whoever is asked for, under the id that they were asked by."""
    if asked.method == "POST":
        return batch_of(asked, lambda one: (200, _of(one)))
    return http(200, _of(asked))


def _of(asked: Asked) -> dict[str, object]:
    who = dict(asked.params)["_id"]
    return bundle({"resourceType": asked.path, "id": who, "status": who})


def test_32_threads_of_200_calls_get_each_their_own_answer_and_leave_no_socket() -> None:
    with serving(echo) as server:
        with connected(server.base, deadline_seconds=60.0, read_seconds=30.0) as record:

            def ask_for_oneself(thread: int) -> int:
                own = 0
                for call in range(CALLS):
                    who = f"{thread}-{call}"
                    searches = [
                        Search(name, kind, (("_id", who),))
                        for name, kind in (("wait", "Encounter"), ("person", "Patient"))
                    ][: 1 + call % 2]
                    answers = record.ask(searches).by_name
                    own += all(one.matches[0]["id"] == who for one in answers.values())
                return own

            with ThreadPoolExecutor(THREADS) as pool:
                own = list(pool.map(ask_for_oneself, range(THREADS)))
            assert own == [CALLS] * THREADS
            assert len(server.asked) == THREADS * CALLS
            assert server.listener.most_open <= record.settings.pool_size
        assert server.open_after(2.0) == 0


def test_connections_are_kept_and_used_again() -> None:
    with serving(echo) as server, connected(server.base) as record:
        for _ in range(20):
            record.ask([Search("wait", "Encounter", (("_id", "e"),))])
        assert server.listener.most_open == 1


@pytest.mark.parametrize(
    "answer",
    [
        Sent([b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"], close=True),
        Sent([b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", 0.3]),
        http(200, b"[" + b" " * (2 << 20) + b"]"),
        http(503, b"x" * 100_000),
    ],
    ids=["cut short", "silent", "too large", "refused at length"],
)
def test_an_answer_that_goes_wrong_leaves_no_socket(answer: Sent) -> None:
    settings = {"most_mib": 1, "read_seconds": 0.1, "deadline_seconds": 0.5}
    with serving(lambda _: answer) as server:
        with connected(server.base, **settings) as record:
            for _ in range(5):
                with pytest.raises(Exception, match="shared record"):
                    record.ask([Search("wait", "Encounter", ())])
            assert server.open_after(2.0) <= 1
        assert server.open_after(2.0) == 0


def test_more_people_than_connections_wait_their_turn_inside_their_deadline() -> None:
    release = threading.Event()

    def slow(asked: Asked) -> Sent:
        release.wait(5)
        return echo(asked)

    settings = {"pool_size": 2, "deadline_seconds": 0.6, "read_seconds": 5.0}
    with serving(slow) as server, connected(server.base, **settings) as record:

        def ask(who: int) -> float:
            began = perf_counter()
            with pytest.raises(RecordUnavailable):
                record.ask([Search("wait", "Encounter", (("_id", str(who)),))])
            return perf_counter() - began

        with ThreadPoolExecutor(6) as pool:
            waited = list(pool.map(ask, range(6)))
        release.set()
        assert max(waited) < 1.5


def test_a_person_who_signed_in_asks_with_their_own_token_on_the_same_connections() -> None:
    with serving(echo) as server, connected(server.base, record_token="of-the-program") as record:
        search = [Search("wait", "Encounter", (("_id", "e"),))]
        record.ask(search)
        record.on_behalf_of(lambda: "of-somebody").ask(search)
        record.ask(search)
        tokens = [one.headers["authorization"] for one in server.asked]
        assert tokens == ["Bearer of-the-program", "Bearer of-somebody", "Bearer of-the-program"]
        assert server.listener.most_open == 1


def test_each_question_has_a_request_id_of_its_own() -> None:
    with serving(echo) as server, connected(server.base) as record:
        for _ in range(2):
            record.ask([Search("wait", "Encounter", (("_id", "e"),))])
        ids = [one.headers["x-request-id"] for one in server.asked]
        assert len(set(ids)) == 2
        assert all(len(one) == 32 for one in ids)
