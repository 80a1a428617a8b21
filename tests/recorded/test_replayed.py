"""The questions, put to answers that a real server gave: as they came, and spoilt."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import responses
import time_machine
from responses.registries import OrderedRegistry

from clinical.record import SectionState
from fhir_queries.errors import BadRecord, RecordError
from fhir_queries.record import SharedRecord
from fhir_queries.settings import RecordSettings
from tests.recorded.record_answers import (
    ANSWERS,
    BASE,
    NOW,
    QUESTIONS,
    SERVER,
    exchanges_of,
    shape_of,
    small_record,
)

Exchanges = list[dict[str, Any]]


@pytest.fixture(autouse=True)
def the_moment_of_the_recording() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


def recorded(name: str) -> Exchanges:
    found = json.loads((ANSWERS / f"{name}.json").read_text())
    assert found["server"] == SERVER
    exchanges: Exchanges = found["exchanges"]
    return exchanges


def replay(name: str, exchanges: Exchanges) -> Any:
    """Put the question to these answers, in their order; another request fails by name."""
    with responses.RequestsMock(registry=OrderedRegistry) as wire:
        for one in exchanges:
            url = f"{BASE}/{one['url']}".rstrip("/")
            wire.add(one["method"], url, json=one["body"], status=one["status"])
        record = SharedRecord.connect(RecordSettings.read({"record_url": BASE}, {}))
        try:
            return QUESTIONS[name](record)
        finally:
            record.close()


def spoilt(name: str, spoil: Callable[[dict[str, Any]], None], kind: str) -> Exchanges:
    """The recorded answers with every resource of one type spoilt."""

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            if value.get("resourceType") == kind:
                spoil(value)
            for each in value.values():
                walk(each)
        elif isinstance(value, list):
            for each in value:
                walk(each)

    exchanges = copy.deepcopy(recorded(name))
    for one in exchanges:
        if one["url"] != "metadata":
            walk(one["body"])
    return exchanges


def test_the_queue_is_read_as_it_was_recorded() -> None:
    found = replay("waiting", recorded("waiting"))
    by_id = {each.encounter: each for each in found.waiting}
    assert set(by_id) == {"wait-01", "wait-09", "wait-20"}
    assert by_id["wait-01"].person.family == "Bramblewick"
    assert by_id["wait-01"].news2 is not None
    assert by_id["wait-20"].review is not None
    assert (found.set_aside, found.complete) == (0, True)


def test_a_history_is_read_as_it_was_recorded() -> None:
    _, found = replay("history", recorded("history"))
    shown = sum(len(each.entries) + each.set_aside for each in found.sections.values())
    assert shown == found.received > 100
    assert found.sections["problems"].state is SectionState.LOADED
    assert found.other_records == ()


def test_two_records_of_one_person_are_found_as_recorded() -> None:
    _, found = replay("history-of-two-records", recorded("history-of-two-records"))
    assert [each.patient for each in found.other_records] == ["person-09-hospital"]


def test_reviews_and_services_are_read_as_recorded() -> None:
    (row,) = replay("reviews", recorded("reviews"))
    assert row.review.encounter == "wait-20"
    assert len(replay("services", recorded("services"))) >= 6


@pytest.mark.parametrize(
    "spoil",
    [
        lambda each: each.clear() or each.update(resourceType="Observation"),
        lambda each: each.update(id=17),
        lambda each: each.update(code="not an object", valueQuantity=["neither"]),
        lambda each: each.update(status=["final"], effectiveDateTime={"year": 2026}),
        lambda each: each.update(component="a panel", category=7, performer="somebody"),
    ],
)
def test_spoilt_observations_never_hide_who_waits(spoil: Callable[[dict[str, Any]], None]) -> None:
    found = replay("waiting", spoilt("waiting", spoil, "Observation"))
    assert len(found.waiting) == 3


@pytest.mark.parametrize(
    "spoil",
    [
        lambda each: each.update(birthDate="31/12/1939"),
        lambda each: each.update(name="Edith", identifier={}, gender=["female"]),
        lambda each: each.pop("name"),
    ],
)
def test_a_spoilt_patient_still_waits(spoil: Callable[[dict[str, Any]], None]) -> None:
    found = replay("waiting", spoilt("waiting", spoil, "Patient"))
    assert len(found.waiting) == 3


@pytest.mark.parametrize("kind", ["Condition", "AllergyIntolerance", "MedicationRequest", "Flag"])
def test_what_is_spoilt_in_a_history_is_counted(kind: str) -> None:
    _, whole = replay("history", recorded("history"))

    def without_id(each: dict[str, Any]) -> None:
        each["id"] = None

    _, found = replay("history", spoilt("history", without_id, kind))
    shown = sum(len(each.entries) + each.set_aside for each in found.sections.values())
    assert shown == found.received == whole.received
    assert sum(each.set_aside for each in found.sections.values()) > 0


@pytest.mark.parametrize("body", [[], "queue", {"resourceType": "Patient"}, {"entry": 5}])
def test_an_answer_that_is_no_bundle_is_an_error_and_never_an_empty_queue(body: object) -> None:
    (one,) = recorded("waiting")
    with pytest.raises((BadRecord, RecordError)):
        replay("waiting", [{**one, "body": body}])


def test_the_recorded_answers_have_the_shape_that_the_server_answers_now() -> None:
    with small_record() as record:
        for name, question in QUESTIONS.items():
            now = exchanges_of(record, question)
            before = recorded(name)
            assert [(one["method"], one["status"]) for one in now] == [
                (one["method"], one["status"]) for one in before
            ], f"{name}: run `make record-answers`"
            assert shape_of(now) == shape_of(before), f"{name}: run `make record-answers`"
