"""The cast covers each way through the app, and every resource of theirs is valid R4."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fhirclient.models.fhirabstractbase import FHIRValidationError
from fhirclient.models.fhirelementfactory import FHIRElementFactory

import sandbox.people
from sandbox.people import made_up
from sandbox.people.cast import CAST
from sandbox.people.nhs_number import check_digit
from sandbox.structure import faults

Resource = dict[str, Any]
NOW = datetime(2026, 3, 29, 9, 30, tzinfo=UTC)
NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
NEWS2 = "1104051000000101"


@pytest.fixture(scope="module")
def record() -> list[Resource]:
    return list(made_up(seed=1, now=NOW, history_weeks=0))


@pytest.fixture(scope="module")
def by_id(record: list[Resource]) -> dict[str, Resource]:
    return {f"{each['resourceType']}/{each['id']}": each for each in record}


def about(record: list[Resource], number: str, kind: str) -> list[Resource]:
    """The resources of a type whose subject is this person."""
    reference = f"Patient/person-{number}"
    return [
        each
        for each in record
        if each["resourceType"] == kind
        and reference in (each.get("subject") or each.get("patient") or {}).get("reference", "")
        and (each.get("subject") or each.get("patient"))["reference"] == reference
    ]


def news2_of(record: list[Resource], number: str) -> list[Resource]:
    """Their NEWS2 Observations."""
    return [
        each
        for each in about(record, number, "Observation")
        if any(c.get("code") == NEWS2 for c in each["code"].get("coding", ()))
    ]


def nhs_numbers(patient: Resource) -> list[str]:
    return [
        each["value"]
        for each in patient.get("identifier", ())
        if each["system"] == NHS_NUMBER and "value" in each
    ]


def checks(number: str) -> bool:
    return len(number) == 10 and str(check_digit(number[:9])) == number[9]


def references(node: object) -> list[str]:
    if isinstance(node, list):
        return [found for each in node for found in references(each)]
    if not isinstance(node, dict):
        return []
    own = [node["reference"]] if isinstance(node.get("reference"), str) else []
    return own + [found for each in node.values() for found in references(each)]


def test_every_resource_is_read_by_fhirclient_strictly(record: list[Resource]) -> None:
    refused = []
    for each in record:
        try:
            FHIRElementFactory.instantiate(each["resourceType"], each)
        except FHIRValidationError as error:
            refused.append((each["resourceType"], each["id"], str(error)))
    assert refused == []


def test_every_resource_has_the_shape_that_r4_gives_it(record: list[Resource]) -> None:
    assert [(each["id"], found) for each in record for found in faults(each)] == []


def test_ids_are_unique_and_every_reference_within_the_record_leads_somewhere(
    record: list[Resource], by_id: dict[str, Resource]
) -> None:
    assert len(by_id) == len(record)
    inside = {
        found
        for each in record
        for found in references(each)
        if not found.startswith(("http", "#"))
    }
    assert inside - by_id.keys() == set()


def test_the_same_seed_and_time_give_the_same_people(record: list[Resource]) -> None:
    assert list(made_up(seed=1, now=NOW, history_weeks=0)) == record


def test_twenty_four_wait_at_two_departments_from_2_to_160_minutes(record: list[Resource]) -> None:
    waits = [each for each in record if each.get("status") == "arrived"]
    assert len(waits) == 24
    assert {each["serviceProvider"]["reference"] for each in waits} == {
        "Organization/ed-1",
        "Organization/ed-2",
    }
    starts = [each["period"]["start"] for each in waits if "T" in each["period"]["start"]]
    minutes = sorted((NOW - datetime.fromisoformat(each)).total_seconds() / 60 for each in starts)
    assert minutes[0] == 2
    assert minutes[-1] == 160
    assert all(each[-6:] in {"+00:00", "+01:00"} for each in starts)
    assert any(each.endswith("+01:00") for each in starts), "British Summer Time began at 01:00Z"


def test_as_many_wait_as_are_asked_for() -> None:
    for many in (3, 40):
        waits = [
            each
            for each in made_up(seed=5, now=NOW, waiting=many, sites=3, history_weeks=0)
            if each.get("status") == "arrived"
        ]
        assert len(waits) == many


def test_they_wait_in_vehicles_bays_and_the_corridor(
    record: list[Resource], by_id: dict[str, Resource]
) -> None:
    kinds = Counter(
        by_id[each["location"]["reference"]]["physicalType"]["coding"][0]["code"]
        for wait in record
        if wait.get("status") == "arrived"
        for each in wait["location"]
    )
    assert kinds.keys() == {"ve", "bd", "co"}


def test_nhs_numbers_are_from_the_999_range_and_only_the_one_meant_to_fails_its_check(
    record: list[Resource],
) -> None:
    failing = set()
    for each in record:
        if each["resourceType"] == "Patient":
            for number in nhs_numbers(each):
                assert number.startswith("999000")
                if not checks(number):
                    failing.add(each["id"])
    assert failing == {"person-14"}


def test_the_child_is_nine_on_any_day() -> None:
    for day in (datetime(2026, 6, 17, 12, tzinfo=UTC), datetime(2026, 6, 18, 12, tzinfo=UTC)):
        child = next(
            each for each in made_up(seed=1, now=day, history_weeks=0) if each["id"] == "person-17"
        )
        born = datetime.fromisoformat(child["birthDate"])
        had = (born.month, born.day) <= (day.month, day.day)
        assert day.year - born.year - (not had) == 9


def test_the_faller_has_the_history_of_one(record: list[Resource]) -> None:
    problems = {each["code"]["text"] for each in about(record, "01", "Condition")}
    assert {"Osteoporosis", "Recurrent falls"} <= problems
    assert len(about(record, "01", "MedicationRequest")) >= 6
    levels = {
        coding["code"]: each["effectiveDateTime"]
        for each in about(record, "01", "Observation")
        for coding in each["code"].get("coding", ())
    }
    assert levels["1129381000000102"] > levels["1129371000000104"], "CFS 6 is newer than CFS 5"
    assert about(record, "01", "RelatedPerson")
    assert about(record, "01", "EpisodeOfCare")


def test_the_head_injury_takes_apixaban_and_the_crew_does_not_say_so(
    record: list[Resource],
) -> None:
    medicines = [
        each["medicationCodeableConcept"]["text"]
        for each in about(record, "05", "MedicationRequest")
        if each["status"] == "active"
    ]
    assert "Apixaban 5mg tablets" in medicines
    said = " ".join(
        each.get("valueString", "") for each in about(record, "05", "Observation")
    ).lower()
    assert "graze" in said
    assert "apixaban" not in said


def test_totals_are_the_sum_of_their_parameters_but_for_the_one_miswritten(
    record: list[Resource],
) -> None:
    differing, without_total = set(), set()
    for each in record:
        if each["resourceType"] != "Observation" or "component" not in each:
            continue
        if each["code"].get("coding", [{}])[0].get("code") != NEWS2:
            continue
        points = sum(part["valueQuantity"]["value"] for part in each["component"])
        if "valueQuantity" not in each:
            without_total.add(each["subject"]["reference"])
            assert len(each["component"]) < 7
        elif each["valueQuantity"]["value"] != points:
            differing.add(each["subject"]["reference"])
    assert differing == {"Patient/person-21"}
    assert without_total == {"Patient/person-15"}


def test_scale_2_is_used_for_the_hypercapnic_patient_alone(record: list[Resource]) -> None:
    users = {
        each["subject"]["reference"]
        for each in record
        for part in each.get("component", ())
        if part.get("code", {}).get("coding", [{}])[0].get("code") == "1104321000000108"
    }
    assert users == {"Patient/person-16"}


@pytest.mark.parametrize(
    ("number", "total"), [("03", 9), ("19", 3), ("01", 1)], ids=["sepsis", "delirium", "fall"]
)
def test_the_scores_that_decide_a_path(record: list[Resource], number: str, total: int) -> None:
    newest = max(news2_of(record, number), key=lambda each: each["effectiveDateTime"])
    assert newest["valueQuantity"]["value"] == total


def test_delirium_scores_in_consciousness_alone(record: list[Resource]) -> None:
    (score,) = news2_of(record, "19")
    scored = {
        part["code"]["coding"][0]["code"]: part["valueQuantity"]["value"]
        for part in score["component"]
    }
    assert scored.pop("1104361000000100") == 3
    assert set(scored.values()) == {0}


def test_nothing_is_known_where_nothing_is_known(record: list[Resource]) -> None:
    assert about(record, "06", "Observation") == []
    assert about(record, "06", "AllergyIntolerance") == []
    for kind in ("Condition", "AllergyIntolerance", "MedicationRequest", "DocumentReference"):
        assert about(record, "15", kind) == []
    assert about(record, "17", "Observation") != []
    assert news2_of(record, "17") == news2_of(record, "18") == []


def test_the_restricted_hide_what_the_spine_hides(by_id: dict[str, Resource]) -> None:
    restricted, very = by_id["Patient/person-07"], by_id["Patient/person-08"]
    assert restricted["meta"]["security"][0]["code"] == "R"
    assert very["meta"]["security"][0]["code"] == "V"
    for each in (restricted, very):
        assert not {"address", "telecom", "generalPractitioner"} & each.keys()
    assert "birthDate" in restricted
    assert "birthDate" not in very


def test_doubles_proven_linked_and_unproven(
    record: list[Resource], by_id: dict[str, Resource]
) -> None:
    holders = defaultdict(set)
    for each in record:
        if each["resourceType"] == "Patient":
            for number in nhs_numbers(each):
                holders[number].add(each["id"])
    doubled = [ids for ids in holders.values() if len(ids) > 1]
    assert doubled == [{"person-09", "person-09-hospital"}]
    ours = about(record, "09", "AllergyIntolerance")
    theirs = about(record, "09-hospital", "AllergyIntolerance")
    assert ours[0]["code"]["coding"][0]["code"] == "716186003"
    assert theirs[0]["code"]["text"] == "Nitrofurantoin"
    assert by_id["Patient/person-10"]["link"][0]["other"]["reference"] == "Patient/person-10-old"
    perhaps, sure = by_id["Patient/person-11-perhaps"], by_id["Patient/person-11"]
    assert nhs_numbers(perhaps) == []
    assert (perhaps["name"][0]["family"], perhaps["birthDate"]) == (
        sure["name"][0]["family"],
        sure["birthDate"],
    )


def test_identities_that_are_hard_to_show(by_id: dict[str, Resource]) -> None:
    assert datetime.fromisoformat(by_id["Patient/person-12"]["deceasedDateTime"]) < NOW
    assert nhs_numbers(by_id["Patient/person-13"]) == []
    assert len(by_id["Encounter/wait-14"]["period"]["start"]) == len("2026-03-29")
    assert len(by_id["Patient/person-15"]["birthDate"]) == len("1956")
    assert "<b>" in by_id["Patient/person-24"]["name"][0]["family"]


def test_one_person_has_more_than_600_entries(record: list[Resource]) -> None:
    of_them = [
        each
        for each in record
        if (each.get("subject") or each.get("patient") or {}).get("reference")
        == "Patient/person-16"
    ]
    assert len(of_them) > 600


def test_every_kind_of_word_about_allergies_is_there(record: list[Resource]) -> None:
    said = {
        each["verificationStatus"]["coding"][0]["code"]
        for each in record
        if each["resourceType"] == "AllergyIntolerance"
    }
    assert said == {"confirmed", "unconfirmed", "refuted", "entered-in-error"}


def test_every_entry_names_the_organisation_it_came_from(record: list[Resource]) -> None:
    kinds = {"Condition", "AllergyIntolerance", "MedicationRequest", "Observation", "Encounter"}
    entries = [each for each in record if each["resourceType"] in kinds]
    assert all("source" in each["meta"] for each in entries)
    assert len({each["meta"]["source"] for each in entries}) >= 8


def test_the_readme_lists_the_cast() -> None:
    table = (Path(sandbox.people.__file__).parent / "README.md").read_text("utf-8")
    for member in CAST:
        number = member.person.nhs or "none"
        row = f"| `person-{member.key}` | `wait-{member.key}` | {number} | {member.path} |"
        assert row in table
