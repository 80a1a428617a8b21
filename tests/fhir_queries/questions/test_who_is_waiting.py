"""Who is waiting in an ambulance: read from one exchange, and nobody lost for one bad resource."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from clinical.person import Caller, Confidentiality
from clinical.review import ReviewStatus
from clinical.waiting import PlaceKind, WaitingList
from fhir_queries.asking import Search
from fhir_queries.audit import opened_queue
from fhir_queries.errors import RecordUnavailable
from fhir_queries.profile import RecordProfile, Wait, load_profile
from fhir_queries.record import SharedRecord
from fhir_queries.waiting import read_waiting, waiting_list
from tests.fhir_queries.questions.shapes import NOW, Told, answered, observed, somebody, wait

UK_CORE = load_profile("uk_core")


def the_list(*waits: Any, included: list[Any] | None = None, **more: Any) -> WaitingList:
    """The list that an answer with these gives."""
    profile = more.pop("profile", UK_CORE)
    departments = more.pop("departments", ())
    found = answered("waits", *waits, included=included or [somebody()], **more)
    return waiting_list(found, NOW, profile, departments)


def test_the_queue_is_one_exchange(people: SharedRecord, coordinator: Caller) -> None:
    audit = opened_queue(coordinator)
    asked = people.ask([], audit=audit).exchanges
    read_waiting(people)  # what the server can do is known from here on
    before = len(_audit_events(people))
    found = read_waiting(people, audit=audit)
    assert len(found.waiting) == 24
    assert asked == 1
    assert len(_audit_events(people)) == before + 1


def _audit_events(record: SharedRecord) -> list[Any]:
    answer = record.ask([Search("a", "AuditEvent", (("_count", "500"),))]).by_name["a"]
    return list(answer.matches)


def test_made_up_people_are_read_whole(people: SharedRecord) -> None:
    found = read_waiting(people)
    assert found.set_aside == 0
    assert found.complete
    for each in found.waiting:
        assert each.person.family, each.encounter
        assert each.department.name
        assert each.place.kind is not PlaceKind.NOT_RECORDED
        assert each.set_aside == 0
    starts = [each.waiting_since for each in found.waiting]
    exact = [start.earliest for start in starts if start is not None and start.exact]
    assert exact == sorted(exact)
    assert len({each.department.id for each in found.waiting}) == 2


def test_only_the_departments_covered_are_listed(people: SharedRecord) -> None:
    everybody = read_waiting(people).waiting
    department = everybody[0].department
    by_id = read_waiting(people, departments=[department.id]).waiting
    by_ods = read_waiting(people, departments=[department.ods]).waiting
    assert 0 < len(by_id) < len(everybody)
    assert [each.encounter for each in by_id] == [each.encounter for each in by_ods]


def test_an_unknown_start_comes_before_the_longest_wait() -> None:
    unknown = wait("wait-2", period={})
    only_a_day = wait("wait-3", period={"start": "2026-11-24"})
    found = the_list(wait(), only_a_day, unknown)
    assert [each.encounter for each in found.waiting] == ["wait-2", "wait-3", "wait-1"]


@pytest.mark.parametrize(
    "broken",
    [
        {"resourceType": "Encounter"},
        {"resourceType": "Encounter", "id": 7, "status": "arrived", "class": {"code": "EMER"}},
        {"resourceType": "Encounter", "id": "x", "status": ["arrived"], "class": "EMER"},
    ],
)
def test_a_bad_encounter_never_hides_the_others(broken: Any) -> None:
    assert [each.encounter for each in the_list(broken, wait()).waiting] == ["wait-1"]


@pytest.mark.parametrize("wrong", [None, 7, "x", [], {}, [None], [{}], {"reference": 7}, [[1]]])
def test_any_json_in_any_field_still_gives_a_wait(wrong: Any) -> None:
    for name in (
        "meta", "period", "subject", "serviceProvider", "location", "reasonCode", "identifier",
        "statusHistory", "hospitalization",
    ):  # fmt: skip
        found = the_list(wait(**{name: wrong}))
        assert len(found.waiting) == 1, name
    for name in (
        "identifier", "name", "birthDate", "gender", "address", "telecom", "generalPractitioner",
        "communication", "link", "meta", "extension", "deceasedDateTime", "deceasedBoolean",
    ):  # fmt: skip
        found = the_list(wait(), included=[somebody(**{name: wrong})])
        assert found.waiting[0].person.patient == "p1", name


def test_a_status_that_the_record_did_not_filter_by_is_filtered_here() -> None:
    handed_over = wait("wait-2", status="in-progress")
    elsewhere = wait("wait-3", **{"class": {"code": "AMB"}})
    assert [each.encounter for each in the_list(wait(), handed_over, elsewhere).waiting] == [
        "wait-1"
    ]


def test_a_patient_whose_details_did_not_come_is_still_on_the_list_and_says_so() -> None:
    found = the_list(wait(), included=[observed("86290005", 18, "/min")])
    person = found.waiting[0].person
    assert person.patient == "p1"
    assert person.family == ""
    assert person.unreadable == ("the record did not send this patient's details",)


def test_two_waiting_records_with_one_nhs_number_name_each_other() -> None:
    found = the_list(
        wait(), wait("wait-2", "p2"), included=[somebody(), somebody("p2", birthDate="1941")]
    )
    shared = {each.person.patient: each.person.same_nhs_number for each in found.waiting}
    assert shared == {"p1": ("p2",), "p2": ("p1",)}


def test_the_address_of_a_restricted_record_is_never_read() -> None:
    label = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}
    hidden = somebody(
        meta={"security": [label]},
        address=[{"line": ["1 Somewhere"]}],
        telecom=[{"system": "phone", "value": "01632 960000"}],
        generalPractitioner=[{"display": "A practice"}],
    )
    person = the_list(wait(), included=[hidden]).waiting[0].person
    assert person.confidentiality is Confidentiality.RESTRICTED
    assert (person.address, person.telephone, person.general_practice) == ((), (), "")


def test_a_wait_is_where_its_active_location_is() -> None:
    places = [
        {
            "resourceType": "Location",
            "id": "v1",
            "name": "Ambulance",
            "physicalType": {"coding": [{"code": "ve"}]},
            "identifier": [{"value": "F12"}],
        },
        {
            "resourceType": "Location",
            "id": "c1",
            "name": "Corridor B",
            "physicalType": {"coding": [{"code": "co"}]},
        },
    ]
    moved = [
        {"location": {"reference": "Location/v1"}, "status": "completed"},
        {"location": {"reference": "Location/c1"}, "status": "active"},
    ]
    found = the_list(wait(location=moved), included=[somebody(), *places])
    assert found.waiting[0].place.kind is PlaceKind.CORRIDOR
    still_in = the_list(wait(location=moved[:1]), included=[somebody(), *places])
    assert still_in.waiting[0].place.kind is PlaceKind.NOT_RECORDED
    vehicle = [{"location": {"reference": "Location/v1"}, "status": "active"}]
    found = the_list(wait(location=vehicle), included=[somebody(), *places])
    assert found.waiting[0].place.call_sign == "F12"


def test_the_newest_open_review_stands_for_several_tasks() -> None:
    def task(identity: str, status: str, changed: str) -> dict[str, Any]:
        return {
            "resourceType": "Task",
            "id": identity,
            "meta": {"lastUpdated": changed},
            "status": status,
            "focus": {"reference": "Encounter/wait-1"},
            "identifier": [
                {
                    "system": "https://handover-viewer.example/fhir/Id/redirect-review",
                    "value": "wait-1",
                }
            ],
        }

    tasks = [
        task("t1", "rejected", "2026-11-24T13:50:00Z"),
        task("t2", "in-progress", "2026-11-24T13:30:00Z"),
    ]
    review = the_list(wait(), included=[somebody(), *tasks]).waiting[0].review
    assert review is not None
    assert (review.task, review.status) == ("t2", ReviewStatus.CLAIMED)


def test_a_task_of_another_kind_is_no_review() -> None:
    other = {
        "resourceType": "Task",
        "id": "t9",
        "status": "requested",
        "encounter": {"reference": "Encounter/wait-1"},
        "code": {"coding": [{"code": "fulfill"}]},
    }
    assert the_list(wait(), included=[somebody(), other]).waiting[0].review is None


def test_pages_not_read_and_things_withheld_are_said() -> None:
    found = the_list(wait(), complete=False, withheld=True, set_aside=2)
    assert not found.complete
    assert found.set_aside == 2
    assert len(found.warnings) == 3


def test_the_profile_says_what_starts_the_wait() -> None:
    history = [
        {"status": "arrived", "period": {"start": "2026-11-24T12:00:00Z"}},
        {"status": "planned", "period": {"start": "2026-11-24T11:00:00Z"}},
    ]
    rules = Wait(starts_at="status-history", starts_at_status="arrived")
    found = the_list(wait(statusHistory=history), profile=replace(RecordProfile(), wait=rules))
    since = found.waiting[0].waiting_since
    assert since is not None
    assert since.text == "2026-11-24T12:00:00Z"


def test_left_over_encounters_are_no_waits_and_are_counted() -> None:
    rules = replace(UK_CORE, wait=replace(UK_CORE.wait, longest_hours=24))
    old = wait("wait-2", period={"start": "2026-11-20T10:00:00Z"})
    found = the_list(wait(), old, profile=rules)
    assert [each.encounter for each in found.waiting] == ["wait-1"]
    assert any(said.startswith("1 marked as waiting") for said in found.warnings)


def test_a_record_that_gives_no_answer_is_an_error_and_no_empty_queue() -> None:
    with pytest.raises(RecordUnavailable):
        read_waiting(Told({"waits": RecordUnavailable("timeout")}))


def bars_record(**answers: Any) -> Told:
    """A record of BaRS messages: two Encounters of one episode, the crew's findings on theirs."""
    episode = [{"reference": "EpisodeOfCare/journey-1"}]
    ours = wait(
        episodeOfCare=episode,
        serviceProvider={"reference": "Organization/ed-1", "display": "ED"},
        statusHistory=[{"status": "arrived", "period": {"start": "2026-11-24T13:10:00Z"}}],
    )
    theirs = wait("sent-1", episodeOfCare=episode, status="finished")
    finding = observed("86290005", 24, "/min", encounter={"reference": "Encounter/sent-1"})
    senders = answered("senders", ours, theirs, included=[finding])
    found = answered("waits", ours, theirs, included=[somebody()])
    record = Told({"waits": found, "senders": senders, **answers})
    record.profile = load_profile("bars")
    return record


def test_the_ambulance_services_findings_are_joined_by_the_episode() -> None:
    found = read_waiting(bars_record())
    (waiting,) = found.waiting
    assert waiting.encounter == "wait-1"
    assert waiting.waiting_since is not None
    assert waiting.waiting_since.text == "2026-11-24T13:10:00Z"
    assert [finding.number for finding in waiting.findings] == [24]
    assert found.complete


def test_findings_that_could_not_be_joined_are_said_to_be_missing() -> None:
    found = read_waiting(bars_record(senders=RecordUnavailable("timeout")))
    assert len(found.waiting) == 1
    assert not found.complete
    assert any("findings could not be loaded" in said for said in found.warnings)
