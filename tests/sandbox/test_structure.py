"""What the record takes for a valid resource, and how it names a fault."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox import exact_json, structure
from sandbox.structure import faults


def patient(**elements: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", **elements}


EXTENSION = {"extension": [{"url": "http://example.org/x", "valueString": "y"}]}


@pytest.mark.parametrize(
    "resource",
    [
        patient(),
        patient(birthDate="1938"),
        patient(birthDate="1938-05"),
        patient(birthDate="2024-02-29"),
        patient(_birthDate=EXTENSION),
        patient(birthDate="1938", _birthDate=EXTENSION),
        patient(name=[{"given": ["Eve", None], "_given": [None, EXTENSION]}]),
        patient(name=[{"given": ["Eve", "Marie"], "_given": [None, EXTENSION]}]),
        patient(deceasedDateTime="2026-01-05T10:00:00+01:00"),
        patient(contained=[{"resourceType": "Organization", "id": "o", "name": "x"}]),
        patient(text={"status": "generated", "div": "<div>x</div>"}),
        patient(
            extension=[
                {"url": "http://example.org/x", "extension": [{"url": "y", "valueCode": "z"}]}
            ]
        ),
        {"resourceType": "Observation", "_status": EXTENSION, "code": {"text": "x"}},
        {
            "resourceType": "Observation",
            "status": "final",
            "code": {"text": "x"},
            "valueInteger": 3,
        },
    ],
)
def test_what_is_valid_is_taken(resource: dict[str, Any]) -> None:
    assert faults(resource) == []


@pytest.mark.parametrize(
    ("resource", "path", "code"),
    [
        (patient(hobby="chess"), "Patient.hobby", "structure"),
        (patient(gender="f"), "Patient.gender", "code-invalid"),
        (patient(gender=["female"]), "Patient.gender", "structure"),
        (patient(name={"family": "x"}), "Patient.name", "structure"),
        (patient(name=["x"]), "Patient.name[0]", "structure"),
        (patient(name=[{"family": 3}]), "Patient.name[0].family", "value"),
        (patient(name=[{"given": [None]}]), "Patient.name[0].given[0]", "value"),
        (
            patient(name=[{"given": ["a"], "_given": [None, EXTENSION]}]),
            "Patient.name[0]._given",
            "structure",
        ),
        (
            patient(name=[{"given": [None], "_given": [None]}]),
            "Patient.name[0].given[0]",
            "structure",
        ),
        (patient(_name=[EXTENSION]), "Patient._name", "structure"),
        (patient(birthDate="1938-5-4"), "Patient.birthDate", "value"),
        (patient(birthDate="2023-02-29"), "Patient.birthDate", "value"),
        (patient(birthDate="0000"), "Patient.birthDate", "value"),
        (patient(birthDate="1938-05-14T10:00:00Z"), "Patient.birthDate", "value"),
        (patient(deceasedDateTime="2026-01-05T10:00:00"), "Patient.deceasedDateTime", "value"),
        (patient(deceasedDateTime="2026-01-05T25:00:00Z"), "Patient.deceasedDateTime", "value"),
        (
            patient(deceasedBoolean=True, deceasedDateTime="2026"),
            "Patient.deceased[x]",
            "structure",
        ),
        (
            patient(deceasedBoolean=True, _deceasedDateTime=EXTENSION),
            "Patient.deceased[x]",
            "structure",
        ),
        (patient(deceasedBoolean="true"), "Patient.deceasedBoolean", "value"),
        (patient(deceasedString="yes"), "Patient.deceasedString", "structure"),
        (patient(multipleBirthInteger=1.5), "Patient.multipleBirthInteger", "value"),
        (patient(multipleBirthInteger=True), "Patient.multipleBirthInteger", "value"),
        (patient(multipleBirthInteger=2**31), "Patient.multipleBirthInteger", "value"),
        (patient(telecom=[{"rank": 0}]), "Patient.telecom[0].rank", "value"),
        (
            patient(communication=[{"preferred": True}]),
            "Patient.communication[0].language",
            "required",
        ),
        (patient(link=[{"other": {}, "type": "seealso"}]), "Patient.link[0].other", "structure"),
        (patient(extension=[{"valueString": "x"}]), "Patient.extension[0].url", "required"),
        (patient(contained=[{"name": "x"}]), "Patient.contained[0]", "structure"),
        (patient(contained=[patient(gender="f")]), "Patient.contained[0].gender", "code-invalid"),
        (patient(id="with space"), "Patient.id", "value"),
        (patient(id="x" * 65), "Patient.id", "value"),
        (patient(photo=[{"data": "not base64!"}]), "Patient.photo[0].data", "value"),
        (
            patient(managingOrganization={"resourceType": "Organization"}),
            "Patient.managingOrganization.resourceType",
            "structure",
        ),
        ({"resourceType": "Encounter", "status": "arrived"}, "Encounter.class", "required"),
        ({"resourceType": "Nothing"}, "", "structure"),
        ({}, "", "structure"),
        ([], "", "structure"),
    ],
)
def test_a_fault_is_named_by_its_path(resource: Any, path: str, code: str) -> None:
    found = faults(resource)
    assert [(fault.path, fault.code) for fault in found] == [(path, code)]


def test_of_many_faults_the_first_are_told() -> None:
    found = faults(patient(name=[{"family": 1} for _ in range(100)]))
    assert len(found) == structure.MAX_FAULTS


def test_what_is_nested_without_end_is_a_fault_and_not_a_crash() -> None:
    nested: dict[str, Any] = {"url": "x", "valueCode": "y"}
    for _ in range(300):
        nested = {"url": "x", "extension": [nested]}
    assert "too-costly" in {fault.code for fault in faults(patient(extension=[nested]))}


@pytest.mark.parametrize("text", ["1.10", "1e3", "-0", "123456789012345678901234567890", "0.000"])
def test_json_keeps_the_digits_of_numbers(text: str) -> None:
    assert exact_json.dumps(exact_json.loads(f'{{"v":{text}}}')) == f'{{"v":{text}}}'.encode()


@pytest.mark.parametrize(
    "content", [b"", b"{", b"NaN", b"Infinity", b"\xff", b"[" * 99_999, b"{} {}"]
)
def test_what_is_not_json_is_a_value_error(content: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        exact_json.loads(content)


def test_half_a_character_can_not_be_written() -> None:
    with pytest.raises(ValueError, match="UTF-8"):
        exact_json.dumps(exact_json.loads(b'"\\ud800"'))
