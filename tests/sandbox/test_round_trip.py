"""What is stored comes back unchanged, digit for digit, whoever wrote it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import carebundle
import httpx
import pytest

from sandbox import exact_json, structure
from tests.conftest import RECORDS

_SERVERS_OWN = ("versionId", "lastUpdated")


def canonical(resource: dict[str, Any]) -> bytes:
    """The resource as canonical JSON, without what is the server's to say."""

    def ordered(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: ordered(value[key]) for key in sorted(value)}
        return [ordered(each) for each in value] if isinstance(value, list) else value

    meta = {k: v for k, v in resource.get("meta", {}).items() if k not in _SERVERS_OWN}
    rest = {k: v for k, v in resource.items() if k != "meta"}
    return exact_json.dumps(ordered(rest | ({"meta": meta} if meta else {})))


def stored_and_read(http: httpx.Client, resource: dict[str, Any]) -> dict[str, Any]:
    """The resource as it is read back after it was stored."""
    kind = resource["resourceType"]
    if "id" in resource:
        path = f"{kind}/{resource['id']}"
        answer = http.put(path, content=exact_json.dumps(resource))
    else:
        answer = http.post(kind, content=exact_json.dumps(resource))
        path = answer.headers.get("location", "").partition("/_history")[0]
    assert answer.status_code in {200, 201}, answer.text
    read = http.get(path)
    assert read.status_code == 200
    back: dict[str, Any] = exact_json.loads(read.content)
    if "id" not in resource:
        del back["id"]
    return back


def examples() -> list[Path]:
    """HL7's own examples of R4."""
    return sorted((RECORDS / "hl7-r4").glob("*.json"))


@pytest.mark.records
def test_every_example_of_the_specification_comes_back_unchanged(http: httpx.Client) -> None:
    files = examples()
    assert len(files) > 500
    changed = []
    for file in files:
        resource = exact_json.loads(file.read_bytes())
        if canonical(stored_and_read(http, resource)) != canonical(resource):
            changed.append(file.name)
    assert changed == []


@pytest.mark.records
def test_every_example_can_be_found_by_a_search_of_its_type(http: httpx.Client) -> None:
    for file in examples()[::7]:
        resource = exact_json.loads(file.read_bytes())
        if "id" not in resource:
            continue
        stored_and_read(http, resource)
        kind, identity = resource["resourceType"], resource["id"]
        bundle = http.get(kind, params={"_id": identity}).json()
        assert [entry["resource"]["id"] for entry in bundle["entry"]] == [identity], file.name


@pytest.mark.records
def test_synthetic_people_of_others_come_back_unchanged(http: httpx.Client) -> None:
    file = min((RECORDS / "synthea-r4").glob("*.json"), key=lambda each: each.stat().st_size)
    for entry in exact_json.loads(file.read_bytes())["entry"]:
        resource = entry["resource"]
        assert canonical(stored_and_read(http, resource)) == canonical(resource)


@pytest.mark.parametrize("seed", range(6))
def test_carebundles_people_come_back_unchanged(http: httpx.Client, seed: int) -> None:
    bundle = exact_json.loads(carebundle.to_json(carebundle.generate_bundle(seed=seed)))
    for entry in bundle["entry"]:
        resource = entry["resource"]
        assert structure.faults(resource) == []
        assert canonical(stored_and_read(http, resource)) == canonical(resource)


def test_carebundles_transactions_are_taken_as_they_come(http: httpx.Client) -> None:
    content = carebundle.to_json(carebundle.generate_bundle(seed=11))
    answer = http.post("", content=content)
    assert answer.status_code == 200, answer.text
    sent = exact_json.loads(content)["entry"]
    told = answer.json()["entry"]
    assert len(told) == len(sent)
    patient = next(
        entry["response"]["location"].partition("/_history")[0].rpartition("/")[2]
        for entry in told
        if "/Patient/" in entry["response"]["location"]
    )
    everything = http.get(f"Patient/{patient}/$everything").json()
    belonging = {"Patient", "Condition", "Observation", "MedicationRequest", "Encounter"}
    kinds = [e["resource"]["resourceType"] for e in sent]
    wanted = sum(kind in belonging for kind in kinds)
    back = sum(e["resource"]["resourceType"] in belonging for e in everything["entry"])
    assert back == wanted


@pytest.mark.parametrize(
    "number",
    ["1.10", "1e3", "1E-7", "0.000", "-0", "100000000000000000000", "3.14159265358979323846264338"],
)
def test_a_decimal_keeps_its_digits(http: httpx.Client, number: str) -> None:
    content = (
        '{"resourceType":"Observation","id":"digits","status":"final","code":{"text":"x"},'
        '"valueQuantity":{"value":' + number + ',"unit":"x"}}'
    )
    assert http.put("Observation/digits", content=content).status_code in {200, 201}
    assert f'"value":{number},' in http.get("Observation/digits").text
    assert f'"value":{number},' in http.get("Observation/digits?_summary=data").text
    patch = '[{"op":"add","path":"/issued","value":"2026-01-01T00:00:00Z"}]'
    headers = {"Content-Type": "application/json-patch+json"}
    assert http.patch("Observation/digits", content=patch, headers=headers).status_code == 200
    assert f'"value":{number},' in http.get("Observation/digits").text
    assert f'"value":{number},' in http.get("Observation?_id=digits").text


def test_what_primitives_carry_beside_their_value_is_kept(http: httpx.Client) -> None:
    resource = {
        "resourceType": "Patient",
        "id": "beside",
        "_birthDate": {"extension": [{"url": "http://example.org/x", "valueString": "about"}]},
        "birthDate": "1938",
        "name": [
            {
                "given": ["Eve", None],
                "_given": [
                    None,
                    {"extension": [{"url": "http://example.org/y", "valueCode": "a"}]},
                ],
            }
        ],
    }
    assert canonical(stored_and_read(http, resource)) == canonical(resource)
