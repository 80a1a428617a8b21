"""Many at once: one claims, the others are told; nobody sees a locked database."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from sandbox.embedded import EmbeddedRecord, start_embedded_record
from tests.sandbox.conftest import client_of

pytestmark = pytest.mark.alone


@pytest.fixture(scope="module")
def on_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[EmbeddedRecord, Path]]:
    """An empty record on file, and the file."""
    db = tmp_path_factory.mktemp("record") / "record.sqlite"
    started = start_embedded_record(db, arguments=("--empty",))
    yield started, db
    started.stop()


def task(status: str, owner: int = 0) -> dict[str, object]:
    return {
        "resourceType": "Task",
        "id": "review",
        "status": status,
        "intent": "order",
        "owner": {"display": f"Clinician {owner}"},
    }


@pytest.mark.parametrize("attempt", range(5))
def test_of_many_who_claim_a_review_at_once_one_has_it(
    on_file: tuple[EmbeddedRecord, Path], attempt: int
) -> None:
    with client_of(on_file[0]) as client:
        version = client.put("Task/review", json=task("requested")).headers["etag"]

        def claim(who: int) -> int:
            return client.put(
                "Task/review", json=task("in-progress", who), headers={"If-Match": version}
            ).status_code

        with ThreadPoolExecutor(8) as clinicians:
            answers = sorted(clinicians.map(claim, range(8)))
        assert answers == [200] + [412] * 7


def test_a_conditional_create_sent_by_many_at_once_creates_once(
    on_file: tuple[EmbeddedRecord, Path],
) -> None:
    with client_of(on_file[0]) as client:
        for number in range(5):
            condition = f"identifier=http://example.org/once|{number}"
            body = {
                "resourceType": "Basic",
                "code": {"text": "x"},
                "identifier": [{"system": "http://example.org/once", "value": str(number)}],
            }

            def create(_: int, body: dict[str, object] = body, condition: str = condition) -> int:
                return client.post(
                    "Basic", json=body, headers={"If-None-Exist": condition}
                ).status_code

            with ThreadPoolExecutor(8) as many:
                answers = sorted(many.map(create, range(8)))
            assert answers == [200] * 7 + [201]


def test_readers_and_writers_together_never_see_a_locked_database(
    on_file: tuple[EmbeddedRecord, Path],
) -> None:
    stop = threading.Event()
    seen: list[int] = []

    def write(client: httpx.Client, who: int) -> None:
        number = 0
        while not stop.is_set():
            number += 1
            body = {"resourceType": "Patient", "id": f"w{who}-{number % 10}", "active": True}
            seen.append(client.put(f"Patient/{body['id']}", json=body).status_code)

    def read(client: httpx.Client) -> None:
        while not stop.is_set():
            seen.append(client.get("Patient?active=true&_count=5").status_code)

    with client_of(on_file[0]) as client, ThreadPoolExecutor(10) as many:
        for who in range(6):
            many.submit(write, client, who)
        for _ in range(4):
            many.submit(read, client)
        threading.Event().wait(1.5)
        stop.set()
    assert len(seen) > 100
    assert set(seen) <= {200, 201}


def test_a_file_locked_by_another_program_is_said_after_a_bounded_wait_and_then_recovers(
    on_file: tuple[EmbeddedRecord, Path],
) -> None:
    started, db = on_file
    with client_of(started) as client:
        other = sqlite3.connect(db, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            begun = time.monotonic()
            answer = client.put("Patient/locked", json={"resourceType": "Patient", "id": "locked"})
            assert answer.status_code == 503
            assert int(answer.headers["retry-after"]) > 0
            assert answer.json()["issue"][0]["code"] == "lock-error"
            assert time.monotonic() - begun < 12
            assert client.get("Patient/locked").status_code == 404
        finally:
            other.execute("ROLLBACK")
            other.close()
        again = client.put("Patient/locked", json={"resourceType": "Patient", "id": "locked"})
        assert again.status_code == 201
        assert again.json()["meta"]["versionId"] == "1"


def test_a_search_sees_one_state_while_a_transaction_moves_everything(
    on_file: tuple[EmbeddedRecord, Path],
) -> None:
    """All ten move together, so a search that saw both places saw a half-done transaction."""

    def moved(place: str) -> dict[str, object]:
        entries = [
            {
                "resource": {"resourceType": "Location", "id": f"bed-{n}", "name": place},
                "request": {"method": "PUT", "url": f"Location/bed-{n}"},
            }
            for n in range(10)
        ]
        return {"resourceType": "Bundle", "type": "transaction", "entry": entries}

    with client_of(on_file[0]) as client, ThreadPoolExecutor(2) as two:
        assert client.post("", json=moved("here")).status_code == 200
        stop = threading.Event()

        def move() -> None:
            while not stop.is_set():
                for place in ("there", "here"):
                    client.post("", json=moved(place))

        two.submit(move)
        try:
            for _ in range(100):
                found = client.get("Location?name=here,there&_count=20").json()["entry"]
                assert len({e["resource"]["name"] for e in found}) == 1
                assert len(found) == 10
        finally:
            stop.set()
