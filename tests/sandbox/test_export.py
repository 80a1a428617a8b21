"""Bulk export: kick off, wait, fetch, remove."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from sandbox.embedded import start_embedded_record
from tests.sandbox.conftest import client_of

ASYNC = {"Prefer": "respond-async", "Accept": "application/fhir+json"}


@pytest.fixture(scope="module")
def holding() -> Iterator[httpx.Client]:
    """A client of a record that holds three Patients and two Conditions, one more deleted."""
    record = start_embedded_record(None, arguments=("--empty",))
    with client_of(record) as client:
        for number in range(4):
            body = {"resourceType": "Patient", "id": f"p{number}"}
            client.put(f"Patient/p{number}", json=body).raise_for_status()
        for number in range(2):
            body = {
                "resourceType": "Condition",
                "id": f"c{number}",
                "subject": {"reference": f"Patient/p{number}"},
            }
            client.put(f"Condition/c{number}", json=body).raise_for_status()
        client.delete("Patient/p3").raise_for_status()
        yield client
    record.stop()


def exported(client: httpx.Client, query: str = "") -> tuple[str, dict[str, Any]]:
    """The status URL and the manifest of a finished export."""
    begun = client.get(f"$export{query}", headers=ASYNC)
    assert begun.status_code == 202, begun.text
    where = begun.headers["content-location"]
    for _ in range(200):
        status = client.get(where)
        if status.status_code == 200:
            return where, status.json()
        assert status.status_code == 202
        assert status.headers["x-progress"]
        time.sleep(0.02)
    raise AssertionError("the export does not end")


def test_an_export_holds_every_living_resource_in_a_file_for_each_type(
    holding: httpx.Client,
) -> None:
    _, manifest = exported(holding)
    assert manifest["requiresAccessToken"] is True
    assert manifest["error"] == []
    ids = {}
    for output in manifest["output"]:
        answer = holding.get(output["url"])
        assert answer.headers["content-type"].startswith("application/fhir+ndjson")
        resources = [json.loads(line) for line in answer.text.splitlines()]
        assert {each["resourceType"] for each in resources} == {output["type"]}
        assert len(resources) == output["count"]
        ids[output["type"]] = sorted(each["id"] for each in resources)
    assert ids == {"Patient": ["p0", "p1", "p2"], "Condition": ["c0", "c1"]}


def test_an_export_can_be_of_some_types_and_since_an_instant(holding: httpx.Client) -> None:
    _, manifest = exported(holding, "?_type=Condition")
    assert [output["type"] for output in manifest["output"]] == ["Condition"]
    _, manifest = exported(holding, "?_since=2999-01-01T00:00:00Z")
    assert manifest["output"] == []


def test_an_export_that_was_removed_is_gone_with_its_files(holding: httpx.Client) -> None:
    where, manifest = exported(holding)
    assert holding.delete(where).status_code == 202
    assert holding.get(where).status_code == 404
    assert holding.get(manifest["output"][0]["url"]).status_code == 404


def test_the_files_of_an_export_need_the_token(holding: httpx.Client) -> None:
    _, manifest = exported(holding)
    answer = httpx.get(manifest["output"][0]["url"], trust_env=False)
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        ("", {}, 400),
        ("?_type=Nothing", ASYNC, 400),
        ("?_since=soon", ASYNC, 400),
        ("?_outputFormat=csv", ASYNC, 400),
        ("?_typeFilter=Patient%3Fgender%3Dmale", ASYNC, 400),
    ],
)
def test_an_export_that_can_not_be_done_as_asked_is_refused(
    holding: httpx.Client, query: str, headers: dict[str, str], status: int
) -> None:
    answer = holding.get(f"$export{query}", headers=headers)
    assert answer.status_code == status
    assert answer.json()["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize(
    "path",
    ["$export-status/none", "$export-file/none/Patient.ndjson", "$export-file/../../etc/passwd"],
)
def test_no_other_file_can_be_had(holding: httpx.Client, path: str) -> None:
    assert holding.get(path).status_code == 404
