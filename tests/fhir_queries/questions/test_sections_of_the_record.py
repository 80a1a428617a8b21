"""Each section says how far it can be trusted, and nothing of anybody else is shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from clinical.person import Caller
from clinical.record import SECTION_NAMES, Entry, PatientRecord, RecordSection, SectionState
from fhir_queries.asking import Answer, Answers, Reading, Search
from fhir_queries.errors import BadRecord, NotFound, NotPermitted, RecordUnavailable
from fhir_queries.history import HISTORY_TYPES, read_history, read_source
from fhir_queries.record import SharedRecord
from fhir_queries.waiting import read_waiting
from tests.fhir_queries.questions.shapes import (
    NHS_NUMBER,
    Told,
    answered,
    observed,
    of_patient,
    somebody,
    wait,
)


def history_of(caller: Caller, *resources: Any, **more: Any) -> PatientRecord:
    """The record that one exchange with these resources, by type, and these answers gives."""
    record = told(*resources, **more)
    return read_history(record, caller, "wait-1", patient_id="p1")[1]


def told(*resources: Any, patient: dict[str, Any] | None = None, **answers: Answer) -> Told:
    """A record with one wait and these resources."""
    by_type: dict[str, list[Any]] = {}
    for each in resources:
        by_type.setdefault(each["resourceType"], []).append(each)
    found: dict[str, Any] = {kind: answered(kind, *held) for kind, held in by_type.items()}
    found["wait"] = answered("wait", wait(), included=[patient or somebody()])
    return Told({**found, **answers})


def section(record: PatientRecord, name: str) -> RecordSection:
    """One section, after checking that nothing was dropped from any."""
    assert tuple(record.sections) == SECTION_NAMES
    shown = sum(len(each.entries) for each in record.sections.values())
    aside = sum(each.set_aside for each in record.sections.values())
    assert shown + aside == record.received
    return record.sections[name]


def test_nothing_returned_is_not_none(clinician: Caller) -> None:
    found = section(history_of(clinician), "allergies")
    assert found.state is SectionState.NONE_RETURNED
    assert "doesn't mean that there are none" in found.explanation


def test_allergies_that_failed_to_load_are_not_shown_as_none(clinician: Caller) -> None:
    failed = Answer("AllergyIntolerance", Reading.FAILED, error=RecordUnavailable("timeout"))
    found = section(history_of(clinician, AllergyIntolerance=failed), "allergies")
    assert found.state is SectionState.FAILED
    assert not found.complete


def test_what_the_record_does_not_hold_says_so(clinician: Caller) -> None:
    refused = Answer("Immunization", Reading.NOT_SUPPORTED)
    found = section(history_of(clinician, Immunization=refused), "immunisations")
    assert found.state is SectionState.NOT_HELD


def test_a_type_that_the_profile_says_is_not_held_is_never_asked_for(clinician: Caller) -> None:
    record = told()
    held = record.profile.history.__class__(not_held=("Immunization",))
    record.profile = record.profile.__class__(history=held)
    _, found = read_history(record, clinician, "wait-1", patient_id="p1")
    assert found.sections["immunisations"].state is SectionState.NOT_HELD
    assert "Immunization" not in {search.name for search in record.asked[0]}


def test_what_the_record_withholds_is_not_taken_for_nothing(clinician: Caller) -> None:
    hidden = answered("Condition", withheld=True)
    found = section(history_of(clinician, Condition=hidden), "problems")
    assert found.state is SectionState.WITHHELD


def no_known_allergy(**more: Any) -> dict[str, Any]:
    """A coded statement that there are none."""
    code = {"coding": [{"code": "716186003", "display": "No known allergy"}]}
    return of_patient("AllergyIntolerance", "none", code=code, **more)


def penicillin(**more: Any) -> dict[str, Any]:
    """A real one."""
    return of_patient("AllergyIntolerance", "pen", code={"text": "Penicillin"}, **more)


def test_a_coded_statement_that_there_are_none_is_one(clinician: Caller) -> None:
    found = section(history_of(clinician, no_known_allergy()), "allergies")
    assert found.state is SectionState.ASSERTED_NONE
    assert found.entries[0].asserts_absence


def test_no_known_allergy_beside_penicillin_is_a_contradiction(clinician: Caller) -> None:
    found = section(history_of(clinician, no_known_allergy(), penicillin()), "allergies")
    assert found.state is SectionState.LOADED
    assert found.warnings == ("The record says both that there are none and that there are"
                              " allergies.",)  # fmt: skip


def test_a_penicillin_allergy_entered_in_error_does_not_contradict(clinician: Caller) -> None:
    wrong = penicillin(verificationStatus={"coding": [{"code": "entered-in-error"}]})
    found = section(history_of(clinician, no_known_allergy(), wrong), "allergies")
    assert found.state is SectionState.ASSERTED_NONE
    assert [each.id for each in found.entries if each.in_error] == ["pen"]


@pytest.mark.parametrize(
    "doubt",
    [
        {"verificationStatus": {"coding": [{"code": "refuted"}]}},
        {"verificationStatus": {"coding": [{"code": "entered-in-error"}]}},
        {"clinicalStatus": {"coding": [{"code": "inactive"}]}},
        {"modifierExtension": [{"url": "x", "valueBoolean": True}]},
    ],
)
def test_a_doubtful_no_known_allergy_asserts_nothing(
    clinician: Caller, doubt: dict[str, Any]
) -> None:
    found = section(history_of(clinician, no_known_allergy(**doubt)), "allergies")
    assert found.state is SectionState.LOADED


@pytest.mark.parametrize("code", ["409137002", "no-allergy-info"])
def test_no_known_drug_allergy_and_no_information_say_nothing_of_the_rest(
    clinician: Caller, code: str
) -> None:
    said = of_patient("AllergyIntolerance", "part", code={"coding": [{"code": code}]})
    found = section(history_of(clinician, said), "allergies")
    assert found.state is SectionState.LOADED
    assert found.entries[0].caution


def test_no_known_allergy_with_a_page_unread_asserts_nothing(clinician: Caller) -> None:
    part = answered("AllergyIntolerance", no_known_allergy(), complete=False)
    found = section(history_of(clinician, AllergyIntolerance=part), "allergies")
    assert found.state is SectionState.LOADED
    assert not found.complete
    assert found.warnings


def test_an_empty_list_because_nothing_is_known_to_exist_says_so(clinician: Caller) -> None:
    made = of_patient(
        "List",
        "l1",
        code={"coding": [{"code": "52472-8"}], "text": "Allergies"},
        emptyReason={"coding": [{"code": "nilknown"}]},
        status="current",
    )
    found = section(history_of(clinician, made), "allergies")
    assert found.state is SectionState.ASSERTED_NONE


def test_entries_that_could_not_be_read_are_no_empty_section(clinician: Caller) -> None:
    found = section(history_of(clinician, Condition=answered("Condition", set_aside=1)), "problems")
    assert found.state is SectionState.FAILED
    assert found.set_aside == 1
    assert "1 entry was received and could not be read" in found.explanation


def test_a_resource_about_somebody_else_is_never_shown(clinician: Caller) -> None:
    theirs = of_patient("Condition", "c1", code={"text": "Asthma"})
    others = of_patient("Condition", "c2", "p2", code={"text": "Not theirs"})
    found = section(history_of(clinician, theirs, others), "problems")
    assert [each.title for each in found.entries] == ["Asthma"]
    assert found.set_aside == 1
    assert "another patient" in found.warnings[0]


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        ({"reference": "https://record.example/fhir/Patient/p1"}, True),
        ({"reference": "Patient/p1/_history/4"}, True),
        ({"reference": "https://elsewhere.example/Patient/p2"}, False),
        ({"reference": "Group/p1"}, False),
        ({"identifier": {"system": NHS_NUMBER, "value": "999 000 0026"}}, True),
        ({"identifier": {"system": NHS_NUMBER, "value": "9990000042"}}, False),
        ({"display": "Ada Testwick"}, True),
        (None, True),
        ("Patient/p2", True),
    ],
)
def test_whose_it_is_by_every_kind_of_reference(
    clinician: Caller, subject: Any, shown: bool
) -> None:
    made = {"resourceType": "Condition", "id": "c1", "code": {"text": "Gout"}, "subject": subject}
    found = section(history_of(clinician, made), "problems")
    assert [each.title for each in found.entries] == ["Gout"] * shown
    assert found.set_aside == (not shown)
    if shown and not (isinstance(subject, dict) and len(subject) and "display" not in subject):
        assert any("doesn't name its patient" in said for said in found.entries[0].caution)


def test_a_contained_patient_counts_by_nhs_number(clinician: Caller) -> None:
    inner = somebody("inner", identifier=[{"system": NHS_NUMBER, "value": "9990000042"}])
    made = of_patient("Condition", "c1", code={"text": "Gout"}, contained=[inner])
    made["subject"] = {"reference": "#inner"}
    assert section(history_of(clinician, made), "problems").set_aside == 1


def test_the_same_resource_on_two_pages_is_one(clinician: Caller) -> None:
    one = of_patient("Condition", "c1", code={"text": "Asthma"})
    assert len(section(history_of(clinician, one, dict(one)), "problems").entries) == 1


def shown_as(clinician: Caller, name: str, *resources: Any) -> Entry:
    """The one entry that these resources give in a section."""
    (entry,) = section(history_of(clinician, *resources), name).entries
    return entry


def test_words_are_the_text_then_the_display_then_the_code(clinician: Caller) -> None:
    coding = {"system": "s", "code": "195967001"}
    for code, title in (
        ({"text": "Asthma", "coding": [coding]}, "Asthma"),
        ({"coding": [coding, coding | {"display": "Asthma (disorder)"}]}, "Asthma (disorder)"),
        ({"coding": [coding]}, "195967001"),
        ({}, "no description recorded"),
        (None, "no description recorded"),
    ):
        made = of_patient("Condition", "c1", code=code)
        assert shown_as(clinician, "problems", made).title == title


def test_entered_in_error_is_kept_and_marked(clinician: Caller) -> None:
    made = of_patient(
        "Condition",
        "c1",
        code={"text": "Stroke"},
        clinicalStatus={"coding": [{"code": "active"}]},
        verificationStatus={"coding": [{"code": "entered-in-error"}]},
    )
    entry = shown_as(clinician, "problems", made)
    assert entry.in_error
    assert "entered in error" in entry.caution


def test_an_unknown_status_is_shown_as_it_is_with_a_caution(clinician: Caller) -> None:
    made = of_patient("MedicationRequest", "m1", status="half-active", intent="order")
    entry = shown_as(clinician, "medicines", made)
    assert entry.status == "half-active"
    assert "its status is “half-active”" in entry.caution


def test_a_medicine_is_named_by_what_it_refers_to(clinician: Caller) -> None:
    contained = of_patient(
        "MedicationRequest",
        "m1",
        status="active",
        intent="order",
        medicationReference={"reference": "#med"},
        contained=[{"resourceType": "Medication", "id": "med", "code": {"text": "Apixaban"}}],
        dosageInstruction=[{"text": "5 mg twice a day"}],
    )
    entry = shown_as(clinician, "medicines", contained)
    assert entry.title == "Apixaban"
    assert "5 mg twice a day" in entry.detail


def test_a_partial_date_stays_partial(clinician: Caller) -> None:
    made = of_patient("Condition", "c1", code={"text": "Asthma"}, onsetDateTime="1987")
    entry = shown_as(clinician, "problems", made)
    assert entry.when is not None
    assert entry.when.text == "1987"


def test_a_comparator_is_no_number(clinician: Caller) -> None:
    made = observed("1", 5, "mg/L", category=[{"coding": [{"code": "laboratory"}]}])
    made["valueQuantity"]["comparator"] = "<"
    entry = shown_as(clinician, "results", made)
    assert (entry.value, entry.number) == ("<5 mg/L", None)


@pytest.mark.parametrize(
    ("resource", "name"),
    [
        (observed("86290005", 18, "/min"), "observations"),
        (observed("445414007", 6, "{score}"), "frailty"),
        (observed("1", 2, "x", category=[{"coding": [{"code": "laboratory"}]}]), "results"),
        (observed("1", 2, "x", category=[{"coding": [{"code": "social-history"}]}]), "social"),
        (observed("1", 2, "x") | {"code": {"text": "Barthel index"}}, "function"),
        (of_patient("Encounter", "e1", **{"class": {"code": "IMP"}}), "attendances"),
        (of_patient("Encounter", "e1", **{"class": {"code": "HH"}}), "contacts"),
        (of_patient("Encounter", "wait-1", **{"class": {"code": "EMER"}}), "other"),
        (of_patient("EpisodeOfCare"), "contacts"),
        (of_patient("ServiceRequest", code={"text": "District nursing"}), "referrals"),
        (
            of_patient("ServiceRequest", category=[{"coding": [{"code": "108252007"}]}]),
            "results",
        ),
        (of_patient("DocumentReference", type={"text": "Letter"}), "documents"),
        (
            of_patient("DocumentReference", type={"coding": [{"code": "1382601000000107"}]}),
            "care-plans",
        ),
        (of_patient("Condition", code={"coding": [{"code": "450476008"}]}), "alerts"),
        (of_patient("Consent"), "alerts"),
        (of_patient("CareTeam"), "social"),
        (of_patient("FamilyMemberHistory"), "other"),
        (of_patient("Communication"), "other"),
    ],
)
def test_every_entry_has_one_place(clinician: Caller, resource: Any, name: str) -> None:
    record = history_of(clinician, resource)
    assert len(section(record, name).entries) == 1
    assert record.received == 1


def test_the_state_of_frailty_hangs_on_the_observations(clinician: Caller) -> None:
    failed = Answer("Observation", Reading.FAILED, error=RecordUnavailable("timeout"))
    record = history_of(clinician, Observation=failed)
    for name in ("frailty", "function", "observations", "results", "alerts", "social"):
        assert section(record, name).state is SectionState.FAILED, name
    assert section(record, "medicines").state is SectionState.NONE_RETURNED


def test_entries_whose_further_source_failed_say_that_some_are_missing(clinician: Caller) -> None:
    flag = of_patient("Flag", "f1", status="active", code={"text": "Falls risk"})
    failed = Answer("Observation", Reading.FAILED, error=RecordUnavailable("timeout"))
    found = section(history_of(clinician, flag, Observation=failed), "alerts")
    assert found.state is SectionState.LOADED
    assert not found.complete
    assert "Some alerts could not be loaded." in found.warnings


def restricted(code: str) -> dict[str, Any]:
    """A Patient whose record is restricted."""
    label = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": code}
    return somebody(meta={"security": [label]}, address=[{"line": ["1 Hidden Lane"]}])


@pytest.mark.parametrize("code", ["R", "V", "something-new"])
def test_a_restricted_record_is_withheld_whole(clinician: Caller, code: str) -> None:
    asthma = of_patient("Condition", "c1", code={"text": "Asthma"})
    record = told(asthma, patient=restricted(code))
    waiting, found = read_history(record, clinician, "wait-1", patient_id="p1")
    assert {each.state for each in found.sections.values()} == {SectionState.WITHHELD}
    assert found.received == 0
    assert waiting is not None
    assert waiting.person.address == ()


def test_breaking_the_glass_is_audited_with_its_reason_and_shows_no_address(
    clinician: Caller,
) -> None:
    asthma = of_patient("Condition", "c1", code={"text": "Asthma"})
    record = told(asthma, patient=restricted("R"))
    _, found = read_history(
        record, clinician, "wait-1", patient_id="p1", break_glass="Unconscious, alone"
    )
    assert found.sections["problems"].state is SectionState.LOADED
    assert found.person.address == ()
    (event,) = record.audited
    assert event["purposeOfEvent"][0]["text"] == "Unconscious, alone"
    assert event["agent"][0]["purposeOfUse"][0]["coding"][0]["code"] == "BTG"


def test_the_audit_travels_in_the_same_batch_as_the_reads(clinician: Caller) -> None:
    record = told()
    read_history(record, clinician, "wait-1", patient_id="p1", nhs_numbers=["9990000026"])
    (event,) = record.audited
    assert {entity["what"]["reference"] for entity in event["entity"]} == {
        "Patient/p1",
        "Encounter/wait-1",
    }
    names = [search.name for search in record.asked[0]]
    assert names[0] == "wait"
    assert set(HISTORY_TYPES) < set(names)


def test_an_encounter_that_belongs_to_somebody_else_shows_nothing(clinician: Caller) -> None:
    record = Told({"wait": answered("wait", wait(patient="p2"), included=[somebody("p2")])})
    with pytest.raises(BadRecord, match="somebody else"):
        read_history(record, clinician, "wait-1", patient_id="p1")


def test_an_encounter_that_is_not_there_is_said(clinician: Caller) -> None:
    with pytest.raises(NotFound):
        read_history(Told(), clinician, "wait-1", patient_id="p1")


def test_a_reader_who_is_not_permitted_is_told(clinician: Caller) -> None:
    with pytest.raises(NotPermitted):
        read_history(Told({"wait": NotPermitted("403")}), clinician, "wait-1", patient_id="p1")


def test_another_record_with_the_same_number_is_told(clinician: Caller) -> None:
    other = somebody("p2", name=[{"family": "TESTWICK", "given": ["A"]}])
    record = told(**{"same-number": answered("same-number", somebody(), other)})
    _, found = read_history(record, clinician, "wait-1", patient_id="p1")
    assert found.person.same_nhs_number == ("p2",)
    assert [each.patient for each in found.other_records] == ["p2"]


def test_other_records_that_could_not_be_looked_for_are_said(clinician: Caller) -> None:
    failed = Answer("same-number", Reading.FAILED, error=RecordUnavailable("timeout"))
    _, found = read_history(told(**{"same-number": failed}), clinician, "wait-1", patient_id="p1")
    assert any("could not be checked" in said for said in found.person.unreadable)


def test_a_history_of_somebody_on_the_queue_is_one_exchange(
    people: SharedRecord, clinician: Caller
) -> None:
    queue = read_waiting(people).waiting
    for waiting in queue:  # what the server can do is known from here on
        read_history(people, clinician, waiting.encounter, known=waiting.person)
    for waiting in queue:
        counting = Counting(people)
        _, found = read_history(counting, clinician, waiting.encounter, known=waiting.person)
        kinds = Counter(e.kind for each in found.sections.values() for e in each.entries)
        pages = sum((count - 1) // people.profile.searches.page_size for count in kinds.values())
        of_others = 1 if found.merged else 0
        assert counting.exchanges == 1 + of_others + pages, waiting.encounter
        _, again = read_history(people, clinician, waiting.encounter)
        assert found.sections == again.sections
        assert found.other_records == again.other_records
        assert found.person.same_nhs_number == again.person.same_nhs_number


def test_the_made_up_people_with_two_records_are_told(
    people: SharedRecord, clinician: Caller
) -> None:
    _, twice = read_history(people, clinician, "wait-09")
    assert twice.person.same_nhs_number == ("person-09-hospital",)
    _, alike = read_history(people, clinician, "wait-11")
    assert alike.person.same_nhs_number == ()
    assert [each.family for each in alike.other_records] == [alike.person.family]


class Counting:
    """The record behind it, and how many exchanges it took."""

    def __init__(self, record: SharedRecord) -> None:
        self.record = record
        self.profile, self.settings = record.profile, record.settings
        self.exchanges = 0

    def ask(self, searches: Sequence[Search], **more: Any) -> Answers:
        """As the record behind it."""
        found = self.record.ask(searches, **more)
        self.exchanges += found.exchanges
        return found

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"unexpected {name}")


def test_a_source_is_the_one_asked_for_and_audited(clinician: Caller) -> None:
    made = of_patient("Condition", "c1")
    record = Told({"source": answered("source", of_patient("Condition", "c2"), made)})
    assert read_source(record, clinician, "Condition/c1", patient_id="p1") is made
    assert record.audited[0]["entity"][1]["what"]["reference"] == "Condition/c1"
    with pytest.raises(NotFound):
        read_source(record, clinician, "Condition/c3")
    for wrong in ("Condition", "Condition/c1/_history/1", "../Patient/1", "Patient?x=/1"):
        with pytest.raises(BadRecord):
            read_source(record, clinician, wrong)


def test_a_manager_sees_nobody_and_that_they_tried_is_audited(manager: Caller) -> None:
    record = told()
    with pytest.raises(NotPermitted, match="counts only"):
        read_history(record, manager, "wait-1", patient_id="p1")
    with pytest.raises(NotPermitted):
        read_source(record, manager, "Condition/c1", patient_id="p1")
    assert [event["outcome"] for event in record.audited] == ["4", "4"]
    assert all(asked == () for asked in record.asked), "nothing was asked but the audit"
    record.down = True
    with pytest.raises(NotPermitted):
        read_history(record, manager, "wait-1", patient_id="p1")


def test_observations_that_name_no_encounter_are_the_crews_only_where_nothing_else_is(
    clinician: Caller,
) -> None:
    loose = observed("86290005", 24, "/min", "13:05")
    del loose["encounter"]
    old = {**loose, "id": "old", "effectiveDateTime": "2026-11-23T10:00:00+00:00"}
    waiting, _ = read_history(told(loose, old), clinician, "wait-1", patient_id="p1")
    assert waiting is not None
    (finding,) = waiting.findings
    assert any("by its time alone" in said for said in finding.caution)
    linked = observed("364075005", 80, "/min")
    record = told(loose)
    record.answers["wait"] = answered("wait", wait(), included=[somebody(), linked])
    waiting, _ = read_history(record, clinician, "wait-1", patient_id="p1")
    assert waiting is not None
    assert [each.id for each in waiting.findings] == [linked["id"]]


def test_what_is_partly_withheld_is_not_the_whole(clinician: Caller) -> None:
    allergy = of_patient("AllergyIntolerance", "a1", code={"text": "Penicillin"})
    partly = answered("AllergyIntolerance", allergy, withheld=True)
    found = section(history_of(clinician, AllergyIntolerance=partly), "allergies")
    assert found.state is SectionState.LOADED
    assert not found.complete
    assert any("may be withheld" in said for said in found.warnings)
