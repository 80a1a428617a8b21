"""The CapabilityStatement tells the truth: what it declares works, what works it declares."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from sandbox import definitions, structure

STRICT = {"Prefer": "handling=strict"}
SAMPLE = {
    "token": "x",
    "string": "x",
    "date": "2026",
    "reference": "x",
    "number": "1",
    "quantity": "1",
    "uri": "urn:x",
}


@pytest.fixture(scope="module")
def told(http: httpx.Client) -> dict[str, Any]:
    """The CapabilityStatement."""
    statement: dict[str, Any] = http.get("metadata").json()
    return statement


def test_it_is_itself_valid(told: dict[str, Any]) -> None:
    assert structure.faults(told) == []


def test_it_declares_every_r4_type_once(told: dict[str, Any]) -> None:
    kinds = [each["type"] for each in told["rest"][0]["resource"]]
    assert len(set(kinds)) == len(kinds)
    assert set(kinds) == definitions.resource_types()
    assert len(kinds) > 140


def test_every_search_parameter_it_declares_is_taken_when_handling_is_strict(
    http: httpx.Client, told: dict[str, Any]
) -> None:
    refused = []
    asked = 0
    for resource in told["rest"][0]["resource"]:
        declared = resource["searchParam"]
        # Many in one request: a strict search names each that it does not know.
        for start in range(0, len(declared), 20):
            chosen = declared[start : start + 20]
            asked += len(chosen)
            answer = http.get(
                resource["type"],
                params=[(each["name"], SAMPLE[each["type"]]) for each in chosen],
                headers=STRICT,
            )
            if answer.status_code != 200:
                refused.append((resource["type"], answer.text[:200]))
    assert refused == []
    assert asked > 2000


def test_a_parameter_that_it_does_not_declare_is_refused_when_handling_is_strict(
    http: httpx.Client, told: dict[str, Any]
) -> None:
    for resource in told["rest"][0]["resource"]:
        declared = {each["name"] for each in resource["searchParam"]}
        undeclared = set(definitions.parameters(resource["type"])) - declared
        for name in undeclared:
            answer = http.get(f"{resource['type']}?{name}=x", headers=STRICT)
            assert answer.status_code == 400, f"{resource['type']}.{name}"


def test_the_includes_it_declares_are_taken(http: httpx.Client, told: dict[str, Any]) -> None:
    for resource in told["rest"][0]["resource"]:
        if resource["type"] not in {"Encounter", "Observation", "Task", "Patient", "Provenance"}:
            continue
        includes = [("_include", each) for each in resource.get("searchInclude", ())]
        back = [("_revinclude", each) for each in resource.get("searchRevInclude", ())]
        for start in range(0, len(includes) + len(back), 40):
            chosen = [*includes, *back][start : start + 40]
            answer = http.get(resource["type"], params=chosen, headers=STRICT)
            assert answer.status_code == 200, answer.text[:200]


def test_the_interactions_it_declares_are_done_for_every_type(
    http: httpx.Client, told: dict[str, Any]
) -> None:
    for resource in told["rest"][0]["resource"]:
        kind = resource["type"]
        codes = {each["code"] for each in resource["interaction"]}
        assert "read" in codes
        assert http.get(f"{kind}/none-such").status_code == 404
        assert http.get(f"{kind}/_history?_count=1").status_code == 200
        assert http.delete(f"{kind}/none-such").status_code == 204
        assert http.get(kind, params={"_count": "1"}).status_code == 200


def test_composite_and_special_parameters_are_not_claimed(told: dict[str, Any]) -> None:
    types = {each["type"] for r in told["rest"][0]["resource"] for each in r["searchParam"]}
    assert types == set(SAMPLE)
