"""Made-up waits and histories of any size, for measuring: same shapes as the record's, by rote."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

Resource = dict[str, Any]
SNOMED, LOINC, UCUM = "http://snomed.info/sct", "http://loinc.org", "http://unitsofmeasure.org"
LOCAL = "https://handover-viewer.example/fhir"
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
VITALS = (
    ("86290005", "Respiratory rate", "/min", 18),
    ("431314004", "Peripheral oxygen saturation", "%", 95),
    ("72313002", "Systolic arterial pressure", "mm[Hg]", 132),
    ("364075005", "Heart rate", "/min", 84),
    ("276885007", "Core body temperature", "Cel", 37),
)


def _coded(system: str, code: str, words: str) -> Resource:
    return {"coding": [{"system": system, "code": code, "display": words}], "text": words}


def _meta(number: int) -> Resource:
    changed = (START + timedelta(seconds=number)).isoformat()
    return {"versionId": str(1 + number % 3), "lastUpdated": changed}


def patient(number: int) -> Resource:
    """A made-up person; the number is not an NHS number that anybody holds."""
    verified = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumber"
    status = _coded(
        "https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland",
        "01",
        "Number present and verified",
    )
    return {
        "resourceType": "Patient",
        "id": f"p{number}",
        "meta": _meta(number),
        "identifier": [
            {
                "extension": [
                    {"url": f"{verified}VerificationStatus", "valueCodeableConcept": status}
                ],
                "system": "https://fhir.nhs.uk/Id/nhs-number",
                "value": f"999{number:07d}",
            }
        ],
        "name": [{"use": "official", "family": f"TESTPERSON{number}", "given": ["Made", "Up"]}],
        "gender": ("female", "male")[number % 2],
        "birthDate": f"19{30 + number % 60}-0{1 + number % 9}-1{number % 9}",
        "address": [
            {"use": "home", "line": [f"{number} Example Lane"], "city": "Fernbridge"},
        ],
    }


def waits(count: int) -> list[Resource]:
    """``count`` people waiting: at 40, the 368 resources of a queue measured before."""
    found: list[Resource] = [
        {
            "resourceType": "Organization",
            "id": "ed",
            "name": "Fernbridge Emergency Department",
            "identifier": [
                {"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "ZZZ01"}
            ],
        }
    ]
    found += [_bay(number) for number in range(7)]
    for number in range(count):
        found += [_encounter(number), patient(number)]
        found += [_vital(number, place) for place in range(len(VITALS))]
        found += [_task(number, place) for place in range(2)]
    return found


def _bay(number: int) -> Resource:
    kind = "http://terminology.hl7.org/CodeSystem/location-physical-type"
    return {
        "resourceType": "Location",
        "id": f"bay{number}",
        "name": f"Ambulance bay {number}",
        "physicalType": {"coding": [{"system": kind, "code": "bd", "display": "Bed"}]},
        "managingOrganization": {"reference": "Organization/ed"},
    }


def _encounter(number: int) -> Resource:
    arrived = (START - timedelta(minutes=number % 90)).isoformat()
    return {
        "resourceType": "Encounter",
        "id": f"e{number}",
        "meta": _meta(number),
        "identifier": [{"system": f"{LOCAL}/Id/call", "value": f"C{number:06d}"}],
        "status": "arrived",
        "statusHistory": [{"status": "arrived", "period": {"start": arrived}}],
        "class": {
            "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
            "code": "EMER",
            "display": "emergency",
        },
        "subject": {"reference": f"Patient/p{number}"},
        "period": {"start": arrived},
        "reasonCode": [_coded(SNOMED, "161898004", "Falls")],
        "location": [{"location": {"reference": f"Location/bay{number % 7}"}, "status": "active"}],
        "serviceProvider": {"reference": "Organization/ed"},
    }


def _vital(number: int, place: int) -> Resource:
    code, words, unit, value = VITALS[place]
    return {
        "resourceType": "Observation",
        "id": f"o{number}-{place}",
        "meta": _meta(number),
        "status": "final",
        "category": [
            _coded(
                "http://terminology.hl7.org/CodeSystem/observation-category",
                "vital-signs",
                "Vital Signs",
            )
        ],
        "code": _coded(SNOMED, code, words),
        "subject": {"reference": f"Patient/p{number}"},
        "encounter": {"reference": f"Encounter/e{number}"},
        "effectiveDateTime": (START - timedelta(minutes=number % 60)).isoformat(),
        "valueQuantity": {
            "value": value + number % 7 * 0.5,
            "unit": unit,
            "system": UCUM,
            "code": unit,
        },
    }


def _task(number: int, place: int) -> Resource:
    code = ("redirect-review", "other")[place]
    return {
        "resourceType": "Task",
        "id": f"t{number}-{place}",
        "meta": _meta(number),
        "identifier": [{"system": f"{LOCAL}/Id/redirect-review", "value": f"e{number}"}],
        "status": "requested",
        "intent": "proposal",
        "code": _coded(f"{LOCAL}/CodeSystem/task-code", code, code),
        "focus": {"reference": f"Encounter/e{number}"},
        "encounter": {"reference": f"Encounter/e{number}"},
        "for": {"reference": f"Patient/p{number}"},
        "authoredOn": START.isoformat(),
    }


def history(count: int) -> list[Resource]:
    """About ``count`` resources of patient p0 in the proportions of a real record."""
    makers = (_result, _result, _result, _result, _medicine, _condition, _contact, _document)
    return [makers[number % len(makers)](number) for number in range(count)]


def _about_p0(kind: str, number: int) -> Resource:
    return {
        "resourceType": kind,
        "id": f"{kind.lower()}{number}",
        "meta": _meta(number),
        "subject": {"reference": "Patient/p0"},
    }


def _result(number: int) -> Resource:
    return {
        **_about_p0("Observation", number),
        "status": "final",
        "category": [
            _coded(
                "http://terminology.hl7.org/CodeSystem/observation-category",
                "laboratory",
                "Laboratory",
            )
        ],
        "code": _coded(LOINC, "2823-3", "Potassium [Moles/volume] in Serum"),
        "effectiveDateTime": (START - timedelta(days=number)).isoformat(),
        "performer": [{"display": "Fernbridge Pathology"}],
        "valueQuantity": {"value": 4.1, "unit": "mmol/L", "system": UCUM, "code": "mmol/L"},
        "referenceRange": [{"low": {"value": 3.5}, "high": {"value": 5.3}}],
    }


def _medicine(number: int) -> Resource:
    return {
        **_about_p0("MedicationRequest", number),
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": _coded(SNOMED, "322236009", "Paracetamol 500mg tablets"),
        "authoredOn": (START - timedelta(days=number)).isoformat(),
        "requester": {"display": "Fernbridge Surgery"},
        "dosageInstruction": [{"text": "Two tablets up to four times a day"}],
    }


def _condition(number: int) -> Resource:
    return {
        **_about_p0("Condition", number),
        "clinicalStatus": _coded(
            "http://terminology.hl7.org/CodeSystem/condition-clinical", "active", "Active"
        ),
        "code": _coded(SNOMED, "38341003", "Hypertensive disorder"),
        "onsetDateTime": "2014-05",
        "recordedDate": (START - timedelta(days=number)).isoformat(),
    }


def _contact(number: int) -> Resource:
    began = (START - timedelta(days=number)).isoformat()
    return {
        **_about_p0("Encounter", number),
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "HH"},
        "type": [_coded(SNOMED, "439708006", "Home visit")],
        "period": {"start": began, "end": began},
        "serviceProvider": {"display": "Fernshire Community Nursing"},
    }


def _document(number: int) -> Resource:
    return {
        **_about_p0("DocumentReference", number),
        "status": "current",
        "type": _coded(SNOMED, "736373009", "End of life care plan"),
        "date": (START - timedelta(days=number)).isoformat(),
        "author": [{"display": "Fernbridge Hospice"}],
        "content": [{"attachment": {"contentType": "application/pdf", "title": "Plan"}}],
    }


def searchset(resources: list[Resource], match: str) -> Resource:
    """A search's answer: resources of type ``match`` are matches, all others included."""
    entries = [
        {
            "fullUrl": f"http://record/fhir/{one['resourceType']}/{one['id']}",
            "resource": one,
            "search": {"mode": "match" if one["resourceType"] == match else "include"},
        }
        for one in resources
    ]
    return {"resourceType": "Bundle", "type": "searchset", "entry": entries}


def of_type(resources: list[Resource], kind: str) -> Iterator[Resource]:
    """Those of one type."""
    return (one for one in resources if one["resourceType"] == kind)
