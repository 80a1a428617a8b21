"""What was deleted, by the history of a type; and a record that keeps none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from fhir_queries import deletions
from fhir_queries.deadline import Call
from fhir_queries.deletions import deleted_since
from fhir_queries.errors import BadRecord, NotPermitted, RecordError, RecordUnavailable
from fhir_queries.record import SharedRecord
from fhir_queries.server import RecordServer, Reply
from tests.fhir_queries.questions.conftest import connect, serve
from tests.fhir_queries.questions.shapes import somebody


@pytest.fixture(scope="module")
def own() -> Iterator[SharedRecord]:
    """A record of its own."""
    for base in serve("--empty"):
        yield from connect(base)


def delete(record: SharedRecord, reference: str) -> None:
    """Delete a resource, as another program would."""
    assert record.server.exchange(Call(10), "DELETE", reference).ok


def test_what_was_deleted_is_told_and_what_came_back_is_not(
    own: SharedRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deletions, "_PAGE", 2)
    began = datetime.now(UTC) - timedelta(seconds=5)
    made = [str(own.create(somebody(f"p{n}"))["id"]) for n in range(7)]
    for each in made[:5]:
        delete(own, f"Patient/{each}")
    again = own.server.exchange(
        Call(10), "PUT", f"Patient/{made[0]}", body=orjson.dumps(somebody(made[0]))
    )
    assert again.ok
    assert own.deleted_since("Patient", began) == set(made[1:5])
    assert own.deleted_since("Encounter", began) == frozenset()
    assert own.deleted_since("Patient", datetime.now(UTC) + timedelta(hours=1)) == frozenset()


def answering(status: int, body: Any = None) -> Any:
    """A server that answers every request alike."""

    def exchange(_call: Call, method: str, url: str) -> Reply:
        assert method == "GET"
        assert "_since=" in url
        return Reply(status, {}, orjson.dumps(body or {}))

    settings = SimpleNamespace(deadline_seconds=10, most_pages=5)
    profile = SimpleNamespace(searches=SimpleNamespace(page_links="as-sent"))
    base = "https://record.example/fhir/"
    return SimpleNamespace(
        exchange=exchange,
        settings=settings,
        profile=profile,
        base_uri=base,
        origin=("https", "record.example", 443),
    )


@pytest.mark.parametrize("status", [400, 404, 405, 501])
def test_a_record_without_a_history_says_nothing_of_deletions(status: int) -> None:
    server: RecordServer = answering(status)
    assert deleted_since(server, "Task", datetime.now(UTC)) is None


@pytest.mark.parametrize(
    ("status", "error"), [(403, NotPermitted), (503, RecordUnavailable), (500, RecordError)]
)
def test_a_record_that_fails_is_not_taken_for_one_without_deletions(
    status: int, error: type[Exception]
) -> None:
    server: RecordServer = answering(status)
    with pytest.raises(error):
        deleted_since(server, "Task", datetime.now(UTC))


def test_pages_of_a_history_that_go_round_in_a_circle_are_an_error() -> None:
    page = "https://record.example/fhir/Task/_history?_since=x&page=2"
    circle = {"resourceType": "Bundle", "link": [{"relation": "next", "url": page}]}
    server: RecordServer = answering(200, circle)
    with pytest.raises(BadRecord):
        deleted_since(server, "Task", datetime.now(UTC))


def test_entries_that_are_not_what_they_should_be_are_passed_over() -> None:
    entries = [
        None,
        {},
        {"request": {"method": "DELETE", "url": "Patient/p1"}},
        {"request": {"method": "DELETE", "url": "Task/t1"}},
        {"request": {"method": "DELETE"}, "fullUrl": "https://record.example/fhir/Task/t2"},
        {"request": {"method": "PUT", "url": "Task/t3"}},
    ]
    server: RecordServer = answering(200, {"resourceType": "Bundle", "entry": entries})
    assert deleted_since(server, "Task", datetime.now(UTC)) == {"t1", "t2"}
