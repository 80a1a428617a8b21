"""Whom an empty record is filled with, and what a new shift does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sandbox import exact_json, structure
from sandbox.embedded import start_embedded_record
from sandbox.serve import Serving, seed_store
from sandbox.store import Store
from tests.sandbox.conftest import client_of

NOW = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)


@pytest.fixture
def store() -> Iterator[Store]:
    opened = Store(None)
    yield opened
    opened.close()


def waiting(store: Store) -> dict[str, dict[str, Any]]:
    """The Encounters of all who wait, by id."""
    with store.read() as connection:
        rows = connection.execute("SELECT body FROM resource WHERE type = 'Encounter'").fetchall()
    found = [exact_json.loads(body) for (body,) in rows if body]
    return {each["id"]: each for each in found if each["status"] == "arrived"}


def test_an_empty_record_is_filled_once_with_people_who_are_valid(store: Store) -> None:
    assert seed_store(store, Serving(seed=1), NOW) is True
    with store.read() as connection:
        bodies = [body for (body,) in connection.execute("SELECT body FROM resource")]
    resources = [exact_json.loads(body) for body in bodies]
    assert len(waiting(store)) == 24
    assert {
        each["id"]: structure.faults(each) for each in resources if structure.faults(each)
    } == {}
    assert seed_store(store, Serving(seed=1), NOW) is False
    with store.read() as connection:
        assert connection.execute("SELECT count(*) FROM resource").fetchone()[0] == len(bodies)


def test_how_many_wait_can_be_said(store: Store) -> None:
    seed_store(store, Serving(seed=1, waiting=40), NOW)
    assert len(waiting(store)) == 40


def test_an_empty_record_can_stay_empty(store: Store) -> None:
    assert seed_store(store, Serving(empty=True), NOW) is False
    assert store.is_empty()


def test_a_record_of_others_is_left_alone(store: Store) -> None:
    store.load([{"resourceType": "Patient", "id": "a"}])
    assert seed_store(store, Serving(), NOW + timedelta(days=30)) is False
    assert waiting(store) == {}


def test_within_the_shift_the_same_people_wait(store: Store) -> None:
    seed_store(store, Serving(), NOW)
    before = waiting(store)
    seed_store(store, Serving(), NOW + timedelta(hours=1))
    assert waiting(store) == before


def test_when_all_have_waited_since_a_shift_long_over_others_arrive(store: Store) -> None:
    seed_store(store, Serving(), NOW)
    before = waiting(store)
    later = NOW + timedelta(days=2)
    seed_store(store, Serving(), later)
    after = waiting(store)
    assert len(after) >= 24
    assert not before.keys() & after.keys()


def test_a_record_that_is_served_for_the_first_time_fills_itself(tmp_path: Path) -> None:
    db = tmp_path / "record.sqlite"
    record = start_embedded_record(db)
    try:
        with client_of(record) as client:
            found = client.get("Encounter?status=arrived&class=EMER&_summary=count").json()
            assert found["total"] == 24
    finally:
        record.stop()
