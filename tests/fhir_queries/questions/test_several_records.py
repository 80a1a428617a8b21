"""Several records of one person: read in one exchange more, and never mixed with anybody's."""

from __future__ import annotations

from typing import Any

import carebundle
import pytest

from clinical.person import Caller, Confidentiality
from clinical.record import PatientRecord, SectionState
from fhir_queries.asking import Answer, Reading
from fhir_queries.errors import NotPermitted, RecordUnavailable
from fhir_queries.history import HISTORY_TYPES, MOST_MERGED, read_history, read_other_record
from fhir_queries.reading.people import person
from fhir_queries.record import SharedRecord
from tests.fhir_queries.questions.shapes import NHS_NUMBER, Told, answered, of_patient, somebody
from tests.fhir_queries.questions.shapes import wait as waiting
from tests.fhir_queries.questions.test_records_of_others import (
    as_a_server_keeps,
    nothing_dropped,
    resources_of,
)

ALLERGY = {"code": {"text": "Penicillin"}}
NONE_KNOWN = {"code": {"coding": [{"code": "716186003", "display": "No known allergies"}]}}
KEPT_BY = {"managingOrganization": {"display": "Royal Fern Hospital"}}
RESTRICTED = {
    "meta": {
        "security": [
            {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}
        ]
    }
}


def linked(identity: str = "p2", **more: Any) -> dict[str, Any]:
    """A Patient that says it is the same person's as p1."""
    return somebody(
        identity,
        link=[{"other": {"reference": "Patient/p1"}, "type": "seealso"}],
        **KEPT_BY,
        **more,
    )


def told(*others: dict[str, Any], **answers: Any) -> Told:
    """A record whose opened patient says "none known", and these other Patients."""
    held = of_patient("AllergyIntolerance", "a1", **NONE_KNOWN)
    return Told(
        {
            "wait": answered("wait", waiting(), included=[somebody()]),
            "AllergyIntolerance": answered("AllergyIntolerance", held),
            "links-here": answered("links-here", *others),
            **answers,
        }
    )


def theirs(kind: str, identity: str, patient: str = "p2", **more: Any) -> Answer:
    return answered(kind, of_patient(kind, identity, patient, **more))


def history(record: Told, caller: Caller, **more: Any) -> PatientRecord:
    _, found = read_history(record, caller, "wait-1", patient_id="p1", **more)
    nothing_dropped(found)
    return found


def test_a_linked_record_is_read_too_and_its_entries_keep_their_origin(clinician: Caller) -> None:
    record = told(
        linked(), **{"AllergyIntolerance-0": theirs("AllergyIntolerance", "b1", **ALLERGY)}
    )
    found = history(record, clinician)
    allergies = found.sections["allergies"]
    assert allergies.state is SectionState.LOADED
    assert {each.title: found.origin_of(each) for each in allergies.entries} == {
        "No known allergies": "",
        "Penicillin": "Royal Fern Hospital",
    }
    assert (found.merged, found.received) == (("p2",), 2)


def test_reading_it_is_audited_as_reading_that_record(clinician: Caller) -> None:
    record = told(linked(), linked("p3"))
    history(record, clinician, break_glass="asked to")
    seen = [[each["what"]["reference"] for each in event["entity"]] for event in record.audited]
    assert seen == [
        ["Patient/p1", "Encounter/wait-1"],
        ["Patient/p2", "Encounter/wait-1", "Patient/p3"],
    ]
    assert all(event["purposeOfEvent"][0]["text"] == "asked to" for event in record.audited)


def test_what_names_somebody_else_in_the_other_record_is_not_shown(clinician: Caller) -> None:
    strange = theirs("AllergyIntolerance", "b1", "p9", **ALLERGY)
    found = history(told(linked(), **{"AllergyIntolerance-0": strange}), clinician)
    allergies = found.sections["allergies"]
    assert [each.title for each in allergies.entries] == ["No known allergies"]
    assert allergies.set_aside == 1
    assert allergies.state is SectionState.LOADED


@pytest.mark.parametrize(
    "other",
    [
        somebody("p2", **KEPT_BY),
        linked(birthDate="1904-02-29"),
        linked(identifier=[{"system": NHS_NUMBER, "value": "9990000034"}]),
    ],
    ids=["number not verified", "another birth date", "another number"],
)
def test_what_is_only_possible_is_offered_and_not_read(
    clinician: Caller, other: dict[str, Any]
) -> None:
    record = told(other)
    found = history(record, clinician)
    assert found.merged == ()
    assert [each.patient for each in found.other_records] == ["p2"]
    assert len(record.audited) == 1
    assert found.sections["allergies"].state is SectionState.ASSERTED_NONE


def test_an_exchange_that_fails_is_said_and_takes_nothing_for_none(clinician: Caller) -> None:
    class OnceOnly(Told):
        def ask(self, searches: Any, **more: Any) -> Any:
            self.down = any("-0" in each.name for each in searches)
            return super().ask(searches, **more)

    record = OnceOnly(told(linked()).answers)
    found = history(record, clinician)
    allergies = found.sections["allergies"]
    assert allergies.state is SectionState.LOADED
    assert not allergies.complete
    assert any("could not be read" in said for said in allergies.warnings)
    assert found.sections["problems"].state is SectionState.FAILED


def test_one_type_that_fails_in_the_other_record_is_said(clinician: Caller) -> None:
    failed = Answer("AllergyIntolerance", Reading.FAILED, error=RecordUnavailable("timeout"))
    found = history(told(linked(), **{"AllergyIntolerance-0": failed}), clinician)
    assert found.sections["allergies"].state is SectionState.LOADED
    assert not found.sections["allergies"].complete
    assert found.sections["problems"].state is SectionState.NONE_RETURNED


def test_another_record_that_is_restricted_is_withheld_until_the_glass_is_broken(
    clinician: Caller,
) -> None:
    penicillin = {"AllergyIntolerance-0": theirs("AllergyIntolerance", "b1", **ALLERGY)}
    record = told(linked(**RESTRICTED), **penicillin)
    found = history(record, clinician)
    assert len(record.audited) == 1
    assert found.other_records[0].confidentiality is Confidentiality.RESTRICTED
    assert [each.title for each in found.sections["allergies"].entries] == ["No known allergies"]
    assert found.sections["allergies"].state is SectionState.LOADED
    assert found.sections["problems"].state is SectionState.WITHHELD
    opened = history(told(linked(**RESTRICTED), **penicillin), clinician, break_glass="unconscious")
    assert len(opened.sections["allergies"].entries) == 2


def test_no_more_are_read_together_than_a_screen_can_carry(clinician: Caller) -> None:
    many = [linked(f"q{number}") for number in range(MOST_MERGED + 3)]
    record = told(*many)
    found = history(record, clinician)
    assert len(found.merged) == MOST_MERGED
    assert len(found.other_records) == len(many)


def test_a_possible_record_is_opened_by_itself_and_audited(clinician: Caller) -> None:
    other = person(somebody("p2", **KEPT_BY), {})
    record = Told({"AllergyIntolerance": theirs("AllergyIntolerance", "b1", **ALLERGY)})
    found = read_other_record(record, clinician, "wait-1", other)
    nothing_dropped(found)
    assert [each.title for each in found.sections["allergies"].entries] == ["Penicillin"]
    assert record.audited[0]["entity"][0]["what"]["reference"] == "Patient/p2"
    hidden = person(somebody("p2", **RESTRICTED), {})
    withheld = read_other_record(record, clinician, "wait-1", hidden)
    assert {each.state for each in withheld.sections.values()} == {SectionState.WITHHELD}
    assert len(record.audited) == 1


def test_a_manager_opens_no_other_record(manager: Caller) -> None:
    with pytest.raises(NotPermitted):
        read_other_record(Told(), manager, "wait-1", person(somebody("p2"), {}))


def test_the_made_up_people_with_two_records_are_merged(
    people: SharedRecord, clinician: Caller
) -> None:
    _, twice = read_history(people, clinician, "wait-09")
    nothing_dropped(twice)
    assert twice.merged == ("person-09-hospital",)
    allergies = twice.sections["allergies"]
    assert {each.title: twice.origin_of(each) for each in allergies.entries} == {
        "No known allergy": "",
        "Nitrofurantoin": "Royal Fern Hospital NHS Trust",
    }
    _, older = read_history(people, clinician, "wait-10")
    nothing_dropped(older)
    assert older.merged == ("person-10-old",)
    _, perhaps = read_history(people, clinician, "wait-11")
    assert perhaps.merged == ()
    assert len(perhaps.other_records) == 1


def test_a_thousand_people_of_carebundle_each_with_two_records(clinician: Caller) -> None:
    profiles = sorted(carebundle.PROFILES)
    for number in range(0, 1000, 2):
        pair = []
        for seed, identity in ((number, "p1"), (number + 1, "p2")):
            bundle = carebundle.generate_bundle(seed=seed, profile=profiles[seed % len(profiles)])
            pair.append(as_of(as_a_server_keeps(carebundle.to_json(bundle)), identity))
        answers = {"wait": answered("wait", waiting(), included=[somebody()])}
        answers["links-here"] = answered("links-here", linked())
        for kind in HISTORY_TYPES:
            for name, held in zip((kind, f"{kind}-0"), pair, strict=True):
                answers[name] = answered(name, *held.get(kind, ()))
        found = history(Told(answers), clinician)
        sent = [sum(map(len, held.values())) for held in pair]
        assert found.received == sum(sent)
        entries = [each for part in found.sections.values() for each in part.entries]
        assert [sum(each.record == record for each in entries) for record in ("", "p2")] == sent


def as_of(document: Any, identity: str) -> dict[str, list[dict[str, Any]]]:
    """A made-up person's resources by type, as filed under this Patient id."""
    (patient,) = [each for each in resources_of(document) if each["resourceType"] == "Patient"]
    found: dict[str, list[dict[str, Any]]] = {}
    for each in resources_of(renamed(document, patient["id"], identity)):
        if each["resourceType"] in HISTORY_TYPES:
            each["id"] = f"{identity}-{each['id']}"
            found.setdefault(each["resourceType"], []).append(each)
    return found


def renamed(document: Any, before: str, after: str) -> Any:
    """The document with every reference to one Patient turned to another."""
    if isinstance(document, dict):
        return {
            name: f"Patient/{after}"
            if each == f"Patient/{before}"
            else renamed(each, before, after)
            for name, each in document.items()
        }
    if isinstance(document, list):
        return [renamed(each, before, after) for each in document]
    return document
