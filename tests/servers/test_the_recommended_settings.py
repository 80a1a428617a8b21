"""HAPI as deploy/hapi.properties sets it: what it refuses, what it keeps, what it answers anew."""

from __future__ import annotations

from collections import Counter
from typing import Any

import requests

from tests.servers.loading import HEADERS, Resource
from tests.servers.records import OpenRecord, people

ONLY_ON = "hapi"

TASK = {"resourceType": "Task", "status": "requested", "intent": "proposal"}


def put(server: OpenRecord, resource: Resource, **headers: str) -> requests.Response:
    """One resource put at its id."""
    url = f"{server.base}/{resource['resourceType']}/{resource['id']}"
    return server.session.put(url, json=resource, headers=HEADERS | headers, timeout=60)


def search(server: OpenRecord, query: str) -> Any:
    """The Bundle that a search answers."""
    answer = server.session.get(f"{server.base}/{query}", headers=HEADERS, timeout=60)
    answer.raise_for_status()
    return answer.json()


def test_every_made_up_person_passed_base_r4(server: OpenRecord) -> None:
    assert server.hapi is not None
    assert server.hapi.validating
    made = Counter(
        each["resourceType"]
        for each in {(p["resourceType"], p["id"]): p for p in people()}.values()
    )
    written_by_tests = {"Task", "QuestionnaireResponse", "ServiceRequest", "Provenance", "Basic"}
    for kind in made.keys() - written_by_tests:
        assert search(server, f"{kind}?_summary=count")["total"] == made[kind], kind


def test_what_is_not_base_r4_is_refused_with_its_reason(server: OpenRecord) -> None:
    wrong = {"resourceType": "Patient", "id": "wrong", "gender": "not-a-gender"}
    answer = put(server, wrong)
    assert answer.status_code == 422
    assert "not-a-gender" in answer.text


def test_a_review_is_not_changed_by_somebody_who_names_no_version(server: OpenRecord) -> None:
    assert put(server, TASK | {"id": "no-version"}).status_code == 201
    taken = TASK | {"id": "no-version", "status": "in-progress"}
    assert put(server, taken).status_code == 412
    assert put(server, taken, **{"If-Match": 'W/"1"'}).status_code == 200


def test_a_transaction_without_a_version_changes_nothing(server: OpenRecord) -> None:
    assert put(server, TASK | {"id": "in-bundle"}).status_code == 201
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {
                "resource": TASK | {"id": "in-bundle", "status": "in-progress"},
                "request": {"method": "PUT", "url": "Task/in-bundle"},
            },
            {
                "resource": TASK | {"id": "beside-it"},
                "request": {"method": "PUT", "url": "Task/beside-it"},
            },
        ],
    }
    answer = server.session.post(server.base, json=bundle, headers=HEADERS, timeout=60)
    assert answer.status_code == 412
    assert search(server, "Task?_id=beside-it").get("entry") is None
    assert search(server, "Task?_id=in-bundle")["entry"][0]["resource"]["status"] == "requested"


def test_a_search_is_never_answered_from_an_earlier_one(server: OpenRecord) -> None:
    query = "Basic?identifier=https://handover-viewer.example/fhir/Id/anew|1"
    assert search(server, query).get("entry") is None
    new = {
        "resourceType": "Basic",
        "id": "anew",
        "code": {"text": "anew"},
        "identifier": [{"system": "https://handover-viewer.example/fhir/Id/anew", "value": "1"}],
    }
    assert put(server, new).status_code == 201
    assert len(search(server, query)["entry"]) == 1


def test_nothing_is_deleted_and_every_version_is_kept(server: OpenRecord) -> None:
    note = {"resourceType": "Basic", "id": "kept", "code": {"text": "first"}}
    put(server, note)
    put(server, note | {"code": {"text": "second"}})
    refused = server.session.delete(f"{server.base}/Basic/kept", headers=HEADERS, timeout=60)
    assert refused.status_code >= 400
    versions = search(server, "Basic/kept/_history")["entry"]
    assert [each["resource"]["code"]["text"] for each in versions] == ["second", "first"]


def test_a_reference_to_nobody_is_refused(server: OpenRecord) -> None:
    lost = TASK | {"id": "lost", "for": {"reference": "Patient/nobody"}}
    assert put(server, lost).status_code == 400


def test_a_long_answer_is_given_in_pages_that_all_can_be_had(server: OpenRecord) -> None:
    patients = {each["id"] for each in people() if each["resourceType"] == "Patient"}
    found: set[str] = set()
    page = search(server, "Patient?_count=20")
    while True:
        found |= {each["resource"]["id"] for each in page["entry"]}
        following = [link["url"] for link in page["link"] if link["relation"] == "next"]
        if not following:
            break
        page = server.session.get(following[0], headers=HEADERS, timeout=60).json()
    assert found == patients
