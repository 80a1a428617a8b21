"""What goes over the wire, replayed with ``responses``: an unexpected request fails by name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import responses
from responses import matchers

from fhir_queries.asking import Search
from fhir_queries.errors import BadRecord, RecordUnavailable
from fhir_queries.record import SharedRecord
from fhir_queries.settings import RecordSettings

BASE = "https://record.example/fhir"
NOTHING = {"resourceType": "Bundle", "type": "searchset"}
ENCOUNTER = {"resourceType": "Encounter", "id": "e1", "meta": {"versionId": "4"}}


@pytest.fixture
def wire() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=True) as mock:
        yield mock


@pytest.fixture
def record() -> Iterator[SharedRecord]:
    settings = RecordSettings.read({"record_url": f"{BASE}/", "record_token": "t"}, {})
    connection = SharedRecord.connect(settings)
    yield connection
    connection.close()


def found(*resources: dict[str, Any]) -> dict[str, Any]:
    return {**NOTHING, "entry": [{"resource": one} for one in resources]}


def test_a_search_is_a_get_with_its_repeated_parameters_in_order(
    wire: responses.RequestsMock, record: SharedRecord
) -> None:
    query = "date=ge2026-01-01&date=lt2026-02-01&_include=Encounter:location"
    wire.get(f"{BASE}/Encounter?{query}", json=found(ENCOUNTER))
    params = (
        ("date", "ge2026-01-01"),
        ("date", "lt2026-02-01"),
        ("_include", "Encounter:location"),
    )
    record.ask([Search("contacts", "Encounter", params)])
    sent = wire.calls[0].request
    assert sent.url == f"{BASE}/Encounter?{query}"
    assert sent.headers["Accept"] == "application/fhir+json"
    assert sent.headers["Authorization"] == "Bearer t"
    assert sent.headers["Accept-Encoding"] == "gzip"


def test_a_batch_holds_the_audit_entry_and_every_search(
    wire: responses.RequestsMock, record: SharedRecord
) -> None:
    audit = {"resourceType": "AuditEvent", "action": "E"}
    batch = {
        "resourceType": "Bundle",
        "type": "batch",
        "entry": [
            {"resource": audit, "request": {"method": "POST", "url": "AuditEvent"}},
            {"request": {"method": "GET", "url": "Encounter?class=http://x%7CEMER"}},
            {"request": {"method": "GET", "url": "Task"}},
        ],
    }
    answer = {
        "resourceType": "Bundle",
        "type": "batch-response",
        "entry": [
            {"response": {"status": "201 Created"}},
            {"response": {"status": "200 OK"}, "resource": found(ENCOUNTER)},
            {"response": {"status": "200"}, "resource": NOTHING},
        ],
    }
    wire.post(BASE, json=answer)
    waits = Search("waits", "Encounter", (("class", "http://x|EMER"),))
    answers = record.ask([waits, Search("tasks", "Task", ())], audit=audit)
    sent = json.loads(wire.calls[0].request.body or b"")
    assert sent["entry"][0].pop("fullUrl").startswith("urn:uuid:")
    assert sent == batch
    assert [len(one.matches) for one in answers.by_name.values()] == [1, 0]
    assert answers.exchanges == 1


def test_an_update_carries_its_version_and_asks_for_what_was_stored(
    wire: responses.RequestsMock, record: SharedRecord
) -> None:
    changed = {**ENCOUNTER, "status": "finished"}
    stored = {**changed, "meta": {"versionId": "5"}}
    headers = {"If-Match": 'W/"4"', "Prefer": "return=representation"}
    address = f"{BASE}/Encounter/e1"
    wire.get(address, json=ENCOUNTER)
    wire.put(address, json=stored, match=[matchers.header_matcher(headers)])
    wire.get(address, json=stored)
    assert record.update(changed, version="4") == stored
    assert json.loads(wire.calls[1].request.body or b"") == changed


def test_no_proxy_and_no_password_file_of_the_machine_is_used(
    wire: responses.RequestsMock,
    record: SharedRecord,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine record.example login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    wire.get(f"{BASE}/Task", json=NOTHING)
    record.ask([Search("tasks", "Task", ())])
    sent = wire.calls[0].request
    assert sent.headers["Authorization"] == "Bearer t"
    assert sent.req_kwargs["proxies"] == {}  # type: ignore[attr-defined]


def test_no_cookie_of_one_answer_goes_with_the_next_question(
    wire: responses.RequestsMock, record: SharedRecord
) -> None:
    wire.get(f"{BASE}/Task", json=NOTHING, headers={"Set-Cookie": "session=somebody; Path=/"})
    for _ in range(2):
        record.ask([Search("tasks", "Task", ())])
    assert "Cookie" not in wire.calls[1].request.headers


@pytest.mark.parametrize(
    "fault",
    [
        requests.ConnectTimeout(),
        requests.ReadTimeout(),
        requests.exceptions.ProxyError(),
        requests.exceptions.SSLError(),
        ConnectionResetError(),
    ],
)
def test_each_fault_of_the_network_is_one_error(
    fault: Exception, wire: responses.RequestsMock, record: SharedRecord
) -> None:
    wire.get(f"{BASE}/Task", body=fault)
    with pytest.raises(RecordUnavailable):
        record.ask([Search("tasks", "Task", ())])


def test_an_address_that_is_no_record_is_told_as_that_and_not_as_a_missing_audit(
    wire: responses.RequestsMock, record: SharedRecord
) -> None:
    wire.post(BASE, status=404, body="Not Found")
    wire.post(f"{BASE}/AuditEvent", status=404, body="Not Found")
    wire.get(f"{BASE}/metadata", status=404, body="Not Found")
    with pytest.raises(BadRecord, match="no FHIR record at this address"):
        record.ask([Search("queue", "Encounter", ())], audit={"resourceType": "AuditEvent"})
