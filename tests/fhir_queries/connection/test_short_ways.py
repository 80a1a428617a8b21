"""The short ways of a reading lead where the long ones do, whatever a record sends."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from clinical.news2_chart import PULSE, RESPIRATORY_RATE, TEMPERATURE, scored
from fhir_queries.reading.fields import code_of, concepts, id_of, target
from fhir_queries.reading.news2 import news2_readings
from fhir_queries.reading.observations import category, observation
from fhir_queries.references import fulfils_all, local_reference, values_at
from fhir_queries.session import prepared_request, tuned_session
from fhir_queries.settings import RecordSettings

CODED = {"system": "http://snomed.info/sct", "code": "364075005", "display": "Heart rate"}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Patient/p1", "Patient/p1"),
        ("Patient/0b7c-1.2", "Patient/0b7c-1.2"),
        ("https://record.example/fhir/Patient/p1", "Patient/p1"),
        ("Patient/p1/_history/3", "Patient/p1"),
        ("Patient/p1?x=1", "Patient/p1"),
        ("Patient/p1#part", "Patient/p1"),
        ("Patient/p1/", "Patient/p1"),
        ("#p1", ""),
        ("urn:uuid:8f1", ""),
        ("patient/p1", ""),
        ("Pati3nt/p1", ""),
        ("Patient/", ""),
        ("/p1", ""),
        ("Patient", ""),
        ("", ""),
        (None, ""),
        (7, ""),
        ({"reference": "Patient/p1"}, ""),
    ],
)
def test_a_reference_names_what_it_names(written: Any, meant: str) -> None:
    assert local_reference(written) == meant


@pytest.mark.parametrize(
    ("resource", "found"),
    [
        ({"a": {"b": "x"}}, ["x"]),
        ({"a": [{"b": "x"}]}, ["x"]),
        ({"a": [{"b": "x"}, {"b": ["y", "z"]}, {}, "no object"]}, ["x", "y", "z"]),
        ({"a": {"b": []}}, []),
        ({"a": [[{"b": "x"}]]}, []),
        ({"a": {"b": None}}, []),
        ({"a": "text"}, []),
        ({}, []),
        ([{"a": {"b": "x"}}], []),
        (None, []),
    ],
)
def test_everything_at_a_path_is_found_through_lists(resource: Any, found: list[str]) -> None:
    assert values_at(resource, "a.b") == found


def test_what_is_at_a_path_may_be_changed_without_changing_the_resource() -> None:
    resource = {"a": ["x"]}
    values_at(resource, "a").append("y")
    assert resource == {"a": ["x"]}


def test_every_condition_has_to_be_fulfilled() -> None:
    wait = {"status": "arrived", "class": {"code": "EMER"}, "subject": {"reference": "Patient/p1"}}
    arrived = ("status", frozenset({"arrived", "triaged"}))
    emergency = ("class.code", frozenset({"EMER"}))
    theirs = ("subject.reference", frozenset({"https://record.example/fhir/Patient/p1"}))
    assert fulfils_all(wait, (arrived, emergency, theirs))
    assert fulfils_all(wait, ())
    assert not fulfils_all(wait, (arrived, ("class.code", frozenset({"AMB"}))))
    assert not fulfils_all({**wait, "status": ["in-progress", None, {"x": 1}]}, (arrived,))
    assert not fulfils_all({}, (emergency,))


@pytest.mark.parametrize(
    "reference",
    [
        {"reference": "Encounter/e1"},
        {"reference": "https://record.example/fhir/Encounter/e1"},
        {"reference": "Encounter/e1/_history/2"},
        {"reference": "Patient/e1"},
        {"reference": "Encounter"},
        {"reference": "/e1"},
        {"reference": 1},
        {},
        None,
        "Encounter/e1",
    ],
)
def test_the_id_that_a_reference_names_is_that_of_its_target(reference: Any) -> None:
    kind, _, identity = target(reference).partition("/")
    assert id_of(reference, "Encounter") == (identity if kind == "Encounter" else "")


@pytest.mark.parametrize(
    "concept",
    [
        {"coding": [CODED], "text": "Pulse"},
        {"coding": [{"code": "364075005"}]},
        {"coding": [{"code": ""}], "text": "Pulse"},
        {"coding": [{"display": "Heart rate"}]},
        {"coding": [CODED, {"code": "other"}]},
        {"coding": CODED},
        {"coding": ["c"]},
        {"coding": "c"},
        {"coding": [{"code": 7}]},
        {"coding": []},
        {"text": "Pulse"},
        CODED,
        [],
        None,
        7,
    ],
)
def test_a_code_is_the_first_of_all_codes(concept: Any) -> None:
    said, codes = concepts(concept)
    assert code_of(concept) == (codes[0].code if codes else "")
    for listed in (concept, [concept], [concept, {"text": "more"}]):
        said, codes = concepts(listed)
        assert category(listed) == ((codes[0].code or said) if codes else said)


def pulse(**value: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": "o1",
        "status": "final",
        "code": {"coding": [CODED]},
        "effectiveDateTime": "2026-03-02T09:00:00Z",
        **value,
    }


@pytest.mark.parametrize(
    ("value", "points"),
    [
        ({"valueQuantity": {"value": 112, "unit": "/min"}}, 2),
        ({"valueQuantity": {"value": 112.0, "unit": "/min", "comparator": ""}}, 2),
        ({"valueQuantity": [{"value": 112, "unit": "/min"}]}, 2),
        ({"valueQuantity": {"value": 112, "comparator": ">"}}, None),
        ({"valueQuantity": None, "valueInteger": 112}, None),
        ({"valueInteger": 112}, None),
        ({"valueString": "112"}, None),
        ({"valueQuantity": {"value": 112}, "modifierExtension": [{"url": "x"}]}, None),
    ],
)
def test_a_pulse_is_scored_where_it_is_a_measurement(
    value: dict[str, Any], points: int | None
) -> None:
    resource = pulse(**value)
    readings = news2_readings([(resource, observation(resource, {}))])
    found = dict(readings[0].points) if readings else {}
    assert found.get("pulse") == points


def test_points_are_the_chart_s_however_often_they_are_asked_for() -> None:
    for column in (PULSE, RESPIRATORY_RATE, TEMPERATURE):
        for value in (column.lowest, column.highest, (column.lowest + column.highest) / 2):
            for _ in range(2):
                assert scored(column, value) == column.points(value)
        assert scored(column, column.highest + 1) is None


@pytest.mark.parametrize(
    ("method", "url", "body"),
    [
        ("GET", "http://record.example/fhir/Encounter?status=arrived&class=a%7CEMER", None),
        ("GET", "http://record.example/fhir/Encounter?family=O'Neill é|x", None),
        ("GET", "http://record.example", None),
        ("POST", "http://record.example/fhir", b'{"resourceType":"Bundle"}'),
        ("PUT", "http://record.example/fhir/Basic/b1", b"{}"),
        ("DELETE", "http://record.example/fhir/Basic/b1", None),
    ],
)
def test_a_request_is_what_requests_would_make_of_it(
    method: str, url: str, body: bytes | None
) -> None:
    headers = {"Accept": "application/fhir+json", "Authorization": "Bearer x"}
    with tuned_session(RecordSettings.read({"record_url": "http://record.example"}, {})) as session:
        usual = session.prepare_request(requests.Request(method, url, headers=headers, data=body))
        for _ in range(2):
            ours = prepared_request(method, url, body, {**session.headers, **headers})
            assert (ours.method, ours.url, ours.body) == (usual.method, usual.url, usual.body)
            assert ours.headers == usual.headers


@pytest.mark.parametrize("token", ["two\r\nX-Lines: 1", "line\n", " blank"])
def test_a_header_that_is_none_is_refused(token: str) -> None:
    with pytest.raises(requests.exceptions.InvalidHeader):
        prepared_request("GET", "http://record.example/fhir", None, {"Authorization": token})
