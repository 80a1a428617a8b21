"""The BaRS-shaped message of a redirect: whole in itself, and nothing of what has to stay here.

The files in ``golden/`` were checked by hand against the shapes that docs/bars-message.md names.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from clinical.person import Caller
from clinical.review import Decision, Outcome
from clinical.waiting import WaitingPatient
from fhir_queries import reviews
from fhir_queries.asking import Resource
from fhir_queries.bars_message import Gathered, message, read_message
from fhir_queries.checklist import load_checklist
from fhir_queries.decisions import decide
from fhir_queries.errors import BadRecord, NotPermitted, RecordUnavailable
from fhir_queries.record import SharedRecord
from fhir_queries.services import read_services
from tests.fhir_queries.questions.filling import fill_in
from tests.fhir_queries.questions.shapes import (
    LOCAL,
    NHS_NUMBER,
    Told,
    answered,
    observed,
    of_patient,
    somebody,
    wait,
)
from tests.fhir_queries.questions.test_commands import run, told

GOLDEN = Path(__file__).parent / "golden"
ODS = "https://fhir.nhs.uk/Id/ods-organization-code"
V3 = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
CHECKLIST = load_checklist()

REQUEST: Resource = {
    "resourceType": "ServiceRequest",
    "id": "referral-1",
    "meta": {"versionId": "1", "lastUpdated": "2026-11-24T14:00:01.000Z"},
    "identifier": [{"system": f"{LOCAL}/Id/redirect-referral", "value": "review-1"}],
    "status": "active",
    "intent": "order",
    "priority": "urgent",
    "code": {"text": "Care in the community, redirected from the ambulance queue"},
    "subject": {"reference": "Patient/p1"},
    "encounter": {"reference": "Encounter/wait-1"},
    "authoredOn": "2026-11-24T14:00:00.000Z",
    "requester": {
        "type": "Practitioner",
        "identifier": {"system": "https://fhir.nhs.uk/Id/sds-user-id", "value": "900000000001"},
        "display": "Wren Testington",
    },
    "performer": [{"reference": "HealthcareService/service-ucr", "display": "Urgent response"}],
    "occurrencePeriod": {"start": "2026-11-24T14:00:00.000Z", "end": "2026-11-24T16:00:00.000Z"},
    "reasonCode": [{"text": "Fall at home"}],
    "supportingInfo": [{"reference": "QuestionnaireResponse/answers-1"}],
}
SERVICE: Resource = {
    "resourceType": "HealthcareService",
    "id": "service-ucr",
    "name": "Urgent response",
    "providedBy": {"reference": "Organization/community", "display": "Community Health"},
    "telecom": [{"system": "phone", "value": "01632 960700"}],
}
ORGANISATIONS: list[Resource] = [
    {
        "resourceType": "Organization",
        "id": "community",
        "identifier": [{"system": ODS, "value": "ZFC01"}],
        "name": "Community Health",
    },
    {
        "resourceType": "Organization",
        "id": "ed-1",
        "identifier": [{"system": ODS, "value": "ZFR01"}],
        "name": "Royal Fern Hospital Emergency Department",
    },
]
ANSWERS: Resource = {
    "resourceType": "QuestionnaireResponse",
    "id": "answers-1",
    "identifier": {"system": f"{LOCAL}/Id/redirect-checklist", "value": "review-1"},
    "questionnaire": f"{CHECKLIST.url}|{CHECKLIST.version}",
    "status": "completed",
    "subject": {"reference": "Patient/p1"},
    "encounter": {"reference": "Encounter/wait-1"},
    "authored": "2026-11-24T14:00:00.000Z",
    "item": [
        {
            "linkId": "c",
            "item": [
                {
                    "linkId": "c-observations",
                    "text": "A full set of observations in the last hour?",
                    "answer": [
                        {
                            "valueCoding": {"code": "yes", "display": "Yes"},
                            "extension": [
                                {
                                    "url": f"{LOCAL}/StructureDefinition/answer-evidence",
                                    "extension": [
                                        {
                                            "url": "what",
                                            "valueReference": {"reference": "Observation/gone-1"},
                                        }
                                    ],
                                }
                            ],
                        }
                    ],
                }
            ],
        }
    ],
}
ENCOUNTER = wait(
    identifier=[{"system": f"{LOCAL}/Id/ambulance-call", "value": "CAD-0001"}],
    serviceProvider={"reference": "Organization/ed-1"},
    location=[{"status": "active", "location": {"reference": "Location/bay-3"}}],
    reasonCode=[{"text": "Fall at home"}],
    statusHistory=[{"status": "arrived", "period": {"start": "2026-11-24T13:15:00+00:00"}}],
)
PERSON = somebody(
    address=[{"line": ["1 Made-up Lane"], "postalCode": "ZZ99 3WZ"}],
    telecom=[{"system": "phone", "value": "01632 960001"}],
    generalPractitioner=[{"reference": "Organization/practice-1", "display": "Made-up Surgery"}],
    extension=[
        {"url": f"{LOCAL}/StructureDefinition/deprivation-decile", "valueInteger": 2},
    ],
)
OTHERS: list[Resource] = [
    of_patient("AllergyIntolerance", "al-1", code={"text": "Penicillin"}),
    of_patient("Flag", "f1", status="active", code={"text": "Key safe at the side door"}),
    observed("86290005", 16, "/min"),
    ANSWERS,
]


def gathered(**changes: Any) -> Gathered:
    """What the redirect's message is made of, but for ``changes``."""
    parts: dict[str, Any] = {
        "request": REQUEST,
        "patient": PERSON,
        "encounter": ENCOUNTER,
        "service": SERVICE,
        "organisations": ORGANISATIONS,
        "others": OTHERS,
        **changes,
    }
    return Gathered(**copy.deepcopy(parts))


def restricted(code: str) -> Resource:
    """The person, with a restricted record."""
    return PERSON | {"meta": {"security": [{"system": V3, "code": code}]}}


CASES: dict[str, Callable[[], Gathered]] = {
    "redirect": gathered,
    "cancel": lambda: gathered(
        request=REQUEST
        | {"status": "revoked", "meta": {"lastUpdated": "2026-11-24T15:10:00.000Z"}}
    ),
    "restricted": lambda: gathered(patient=restricted("R"), others=[ANSWERS, OTHERS[2]]),
    "minimal": lambda: gathered(
        request={
            name: REQUEST[name]
            for name in ("resourceType", "id", "status", "intent", "subject", "encounter",
                         "performer", "authoredOn")
        },
        patient={"resourceType": "Patient", "id": "p1"},
        encounter=wait(),
        service={"resourceType": "HealthcareService", "id": "service-ucr"},
        organisations=[],
        others=[],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_message_is_as_it_was_checked_by_hand(name: str) -> None:
    wanted = json.loads((GOLDEN / f"bars-{name}.json").read_text("utf-8"))
    made = json.loads(json.dumps(message(CASES[name]()), default=str))
    assert canonical(made) == canonical(wanted)


def canonical(found: Any) -> str:
    """JSON with its keys in order."""
    return json.dumps(found, sort_keys=True, indent=1, ensure_ascii=False)


def references(value: Any) -> Iterator[str]:
    """Every literal reference in a resource, wherever it stands."""
    if isinstance(value, list):
        for each in value:
            yield from references(each)
    elif isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for each in value.values():
            yield from references(each)


def of_type(bundle: Resource, kind: str) -> list[Resource]:
    """The resources of this type in a message."""
    found = [each["resource"] for each in bundle["entry"]]
    return [each for each in found if each["resourceType"] == kind]


@pytest.mark.parametrize("name", CASES)
def test_every_message_is_whole_in_itself(name: str) -> None:
    must_be_whole(message(CASES[name]()))


def must_be_whole(made: Resource) -> None:
    """The rules of a message Bundle: header first, every reference resolved, no id of this record
    and none twice, codes of BaRS in lower case."""
    assert made["type"] == "message"
    assert datetime.fromisoformat(made["timestamp"]).tzinfo is not None
    urls = [each["fullUrl"] for each in made["entry"]]
    assert len(set(urls)) == len(urls)
    for each in made["entry"]:
        assert each["fullUrl"] == f"urn:uuid:{each['resource']['id']}"
    assert [each["resource"]["resourceType"] for each in made["entry"][:4]] == [
        "MessageHeader",
        "ServiceRequest",
        "Patient",
        "Encounter",
    ]
    assert set(references(made)) <= set(urls)
    (header,) = of_type(made, "MessageHeader")
    assert header["meta"]["profile"] == [
        "https://fhir.nhs.uk/StructureDefinition/BARSMessageHeader-servicerequest-request"
    ]
    assert header["eventCoding"]["code"] == "servicerequest-request"
    assert header["source"]["endpoint"]
    (request,) = of_type(made, "ServiceRequest")
    assert header["focus"] == [{"reference": f"urn:uuid:{request['id']}"}]
    assert header["reason"]["coding"][0]["code"] == (
        "new" if request["status"] == "active" else "update"
    )
    assert request["meta"]["profile"] == [
        "https://fhir.nhs.uk/StructureDefinition/BARSServiceRequest-request-validation"
    ]
    codes = [each["coding"][0]["code"] for each in request["category"]]
    assert codes == ["validation", "a4t3"]
    (encounter,) = of_type(made, "Encounter")
    assert encounter["status"] == "triaged"
    assert "statusHistory" not in encounter
    assert "location" not in encounter
    for each in made["entry"]:
        meta = each["resource"].get("meta", {})
        assert not {"versionId", "lastUpdated", "source"} & set(meta)


def test_a_cancellation_says_revoked_and_is_another_message() -> None:
    new, cancel = message(CASES["redirect"]()), message(CASES["cancel"]())
    assert of_type(cancel, "ServiceRequest")[0]["status"] == "revoked"
    assert new["identifier"] != cancel["identifier"]
    in_error = message(gathered(request=REQUEST | {"status": "entered-in-error"}))
    assert of_type(in_error, "ServiceRequest")[0]["status"] == "revoked"


def test_the_same_referral_gives_the_same_message() -> None:
    assert message(gathered()) == message(gathered())


@pytest.mark.parametrize("code", ["R", "V"])
def test_a_restricted_persons_message_leads_to_no_address(code: str) -> None:
    made = message(gathered(patient=restricted(code), others=[ANSWERS]))
    (person,) = of_type(made, "Patient")
    assert not {"address", "telecom", "contact", "generalPractitioner", "extension"} & set(person)
    assert person["meta"]["security"][0]["code"] == code
    assert ("birthDate" in person) == (code == "R")
    assert person["identifier"][0]["system"] == NHS_NUMBER
    assert "Made-up" not in json.dumps(made)


def test_nothing_says_that_a_scene_is_safe() -> None:
    (flag,) = [
        each for each in of_type(message(gathered()), "Flag") if "Scene safety" in str(each["code"])
    ]
    assert flag["code"]["coding"][0]["code"] == "UNK"
    told = of_patient(
        "Flag",
        "ss",
        status="active",
        category=[
            {"coding": [{"system": "https://fhir.nhs.uk/CodeSystem/flag-categories-bars",
                         "code": "SS"}]}
        ],
        code={"text": "Aggressive dog"},
    )  # fmt: skip
    flags = of_type(message(gathered(others=[told])), "Flag")
    assert [each["code"]["text"] for each in flags] == ["Aggressive dog"]


def answers_of(**but: Any) -> dict[str, Any]:
    """What a record answers of the redirect."""
    told_of = {
        "referrals": answered("referrals", REQUEST),
        "Patient": answered("Patient", PERSON),
        "Encounter": answered("Encounter", ENCOUNTER, included=ORGANISATIONS),
        "HealthcareService": answered("HealthcareService", SERVICE, included=ORGANISATIONS),
    }
    return {**told_of, **but}


class WithTask(Told):
    """A record that also holds the review's Task."""

    def fetch(self, reference: str) -> Resource:
        """The Task."""
        assert reference == "Task/review-1"
        return {
            "resourceType": "Task",
            "id": "review-1",
            "status": "completed",
            "code": {"coding": [{"system": f"{LOCAL}/CodeSystem/task-code",
                                 "code": "redirect-review"}]},
            "for": {"reference": "Patient/p1"},
            "encounter": {"reference": "Encounter/wait-1"},
        }  # fmt: skip


def test_a_message_with_a_part_missing_is_not_made(clinician: Caller) -> None:
    for name in ("Patient", "Observation", "Flag"):
        record = WithTask(answers_of(**{name: RecordUnavailable("timeout")}))
        with pytest.raises(RecordUnavailable):
            read_message(record, clinician, "review-1")
    record = WithTask(answers_of(Observation=answered("Observation", complete=False)))
    with pytest.raises(BadRecord, match="none was made"):
        read_message(record, clinician, "review-1")
    with pytest.raises(BadRecord, match="no referral"):
        read_message(WithTask({}), clinician, "review-1")


def test_what_is_of_somebody_else_or_in_error_stays_out(clinician: Caller) -> None:
    strange = of_patient("Flag", "f2", patient="p2", status="active", code={"text": "Not theirs"})
    wrong = of_patient("Flag", "f3", status="entered-in-error", code={"text": "In error"})
    record = WithTask(answers_of(Flag=answered("Flag", strange, wrong)))
    made = json.dumps(read_message(record, clinician, "review-1"))
    assert "Not theirs" not in made
    assert "In error" not in made
    assert record.audited, "the look at the patient is audited"


def test_of_a_restricted_record_no_history_is_sent(clinician: Caller) -> None:
    flag = of_patient("Flag", "f2", status="active", code={"text": "Key safe code"})
    record = WithTask(
        answers_of(Patient=answered("Patient", restricted("R")), Flag=answered("Flag", flag))
    )
    assert "Key safe" not in json.dumps(read_message(record, clinician, "review-1"))


def test_a_manager_gets_no_message(manager: Caller) -> None:
    with pytest.raises(NotPermitted):
        read_message(WithTask(answers_of()), manager, "review-1")


def test_the_message_of_a_real_redirect_is_whole(
    ward: SharedRecord,
    ward_base: str,
    coordinator: Caller,
    clinician: Caller,
    patient: WaitingPatient,
) -> None:
    review = reviews.claim(ward, clinician, reviews.flag(ward, coordinator, patient, "Look"))
    draft = fill_in(ward, clinician, review, CHECKLIST)
    service = read_services(ward)[0]
    now = datetime.now(UTC)
    decision = Decision(
        review, Outcome.REDIRECTED, "", "", service, clinician.user, clinician.name, now
    )
    done = decide(ward, clinician, decision, CHECKLIST, draft)
    made = told("bars", done.task, "--record", ward_base)
    must_be_whole(made)
    assert of_type(made, "QuestionnaireResponse")[0]["status"] == "completed"
    assert len(of_type(made, "Observation")) >= 5
    (request,) = of_type(made, "ServiceRequest")
    assert request["occurrencePeriod"]["end"] > request["occurrencePeriod"]["start"]
    page = run("bars", done.task, "--record", ward_base)
    assert json.loads(page.stdout) == made
