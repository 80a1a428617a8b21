"""Places free in the community services: what is read, what is written, who was faster."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from clinical.capacity import CapacitySource, ServiceCapacity
from clinical.person import Caller
from fhir_queries.asking import Answer, Reading, Search
from fhir_queries.capacity import read_capacity, set_capacity
from fhir_queries.errors import Conflict, NotPermitted, RecordUnavailable, Refused
from fhir_queries.reading.capacity import PLACES_FREE, said_by_hand
from fhir_queries.record import SharedRecord
from tests.fhir_queries.questions.faulty import Interrupted
from tests.fhir_queries.questions.shapes import NOW, Told, answered
from tests.fhir_queries.questions.test_services_and_audit import a_service

HALF_AN_HOUR = timedelta(minutes=30)


def by_id(found: tuple[ServiceCapacity, ...]) -> dict[str, ServiceCapacity]:
    return {each.service.id: each for each in found}


def of(record: SharedRecord, service: str) -> ServiceCapacity:
    return by_id(read_capacity(record, datetime.now(UTC)))[service]


def places(free: Any = 2, at: str = "2026-11-24T13:40:00Z", **more: Any) -> dict[str, Any]:
    """What somebody said of service s1."""
    return {
        "resourceType": "Observation",
        "id": "places",
        "meta": {"versionId": "4"},
        "status": "final",
        "focus": [{"reference": "HealthcareService/s1"}],
        "effectiveDateTime": at,
        "performer": [
            {"identifier": {"value": "900"}, "display": "Finch Lapwing"},
            {"display": "Fernshire Community Health"},
        ],
        "valueInteger": free,
        **more,
    }


def slot(number: int, status: str, minutes: int, **more: Any) -> dict[str, Any]:
    """An hour of the diary of service s1, beginning so many minutes after NOW."""
    starts = NOW + timedelta(minutes=minutes)
    return {
        "resourceType": "Slot",
        "id": f"slot-{number}",
        "meta": {"lastUpdated": "2026-11-24T13:30:00Z"},
        "schedule": {"reference": "Schedule/d1"},
        "status": status,
        "start": starts.isoformat(),
        "end": (starts + timedelta(hours=1)).isoformat(),
        **more,
    }


DIARY = {
    "resourceType": "Schedule",
    "id": "d1",
    "actor": [{"reference": "HealthcareService/s1"}],
}


def told(*said: dict[str, Any], slots: tuple[dict[str, Any], ...] = ()) -> Told:
    """A record of service s1, what was said of it, and its diary."""
    answers: dict[str, Any] = {
        "services": answered("services", a_service()),
        "capacity": answered("capacity", *said),
    }
    if slots:
        answers["diaries"] = answered("diaries", DIARY)
        answers["slots"] = answered("slots", *slots, included=[DIARY])
    return Told(answers)


def only(record: Told) -> ServiceCapacity:
    (found,) = read_capacity(record, NOW)
    return found


def test_the_services_of_the_made_up_county_say_what_is_known_of_each(
    people: SharedRecord,
) -> None:
    now = datetime.now(UTC)
    found = by_id(read_capacity(people, now))
    ucr = found["service-ucr"]
    assert (ucr.free, ucr.source) == (3, CapacitySource.BY_HAND)
    assert ucr.said_by is not None
    assert (ucr.said_by.name, ucr.said_by.organisation) == (
        "Finch Lapwing",
        "Fernshire Community Health NHS Trust",
    )
    assert found["service-carers"].source is CapacitySource.NOT_TOLD
    assert found["service-carers"].free is None
    assert found["service-palliative"].old(now, timedelta(hours=2))
    assert not ucr.old(now, timedelta(hours=2))
    away = found["service-diabetes"].openness
    assert (away.open, away.because) == (False, "Team away for training")
    ward = found["service-hospital-at-home"]
    assert (ward.free, ward.source) == (2, CapacitySource.DIARY)
    assert found["service-nursing"].openness.open is True
    assert found["service-falls"].note == "One car until 18:00."
    assert ucr.service.phone.startswith("01632 960")


def test_both_sides_may_set_a_number_and_each_version_is_kept(
    ward: SharedRecord, ward_base: str, clinician: Caller, coordinator: Caller
) -> None:
    service = of(ward, "service-carers").service
    first = set_capacity(ward, coordinator, service, 4)
    assert (first.free, first.source) == (4, CapacitySource.BY_HAND)
    second = set_capacity(ward, clinician, service, 1, note="Until six", seen=first.version)
    read = of(ward, "service-carers")
    assert (read.free, read.note, read.version) == (1, "Until six", second.version)
    assert read.said_by is not None
    assert (read.said_by.name, read.said_by.organisation) == (
        clinician.name,
        clinician.organisation_name,
    )
    search = Search("o", "Observation", (("identifier", service.id), ("code", PLACES_FREE)))
    (stored,) = ward.ask([search]).by_name["o"].matches
    before = httpx.get(f"{ward_base}/Observation/{stored['id']}/_history/{first.version}")
    said = said_by_hand(before.json())
    assert said is not None
    assert said.by is not None
    assert (said.free, said.by.name) == (4, coordinator.name)


def test_a_number_can_be_taken_back_as_not_known(ward: SharedRecord, coordinator: Caller) -> None:
    service = of(ward, "service-ucr").service
    unknown = set_capacity(ward, coordinator, service, None)
    assert unknown.free is None
    read = of(ward, "service-ucr")
    assert (read.free, read.source) == (None, CapacitySource.BY_HAND)
    assert read.said_by is not None
    assert set_capacity(ward, coordinator, service, 0).free == 0
    assert of(ward, "service-ucr").free == 0


def test_whoever_looked_at_an_older_number_is_told_who_said_another(
    ward: SharedRecord, clinician: Caller, coordinator: Caller
) -> None:
    seen = of(ward, "service-falls")
    set_capacity(ward, clinician, seen.service, 0, seen=seen.version)
    with pytest.raises(Conflict, match=f"{clinician.name} said 0 at [0-9:]{{5}}, after you looked"):
        set_capacity(ward, coordinator, seen.service, 3, seen=seen.version)
    assert of(ward, "service-falls").free == 0
    assert set_capacity(ward, coordinator, seen.service, 0, seen=seen.version).free == 0


def test_somebody_faster_between_reading_and_writing_is_not_overwritten(
    ward: SharedRecord, clinician: Caller, coordinator: Caller
) -> None:
    seen = of(ward, "service-nursing")
    slower: Any = Interrupted(
        ward, "update", lambda: set_capacity(ward, clinician, seen.service, 7, seen=seen.version)
    )
    with pytest.raises(Conflict, match=clinician.name):
        set_capacity(slower, coordinator, seen.service, 2, seen=seen.version)
    assert of(ward, "service-nursing").free == 7


def test_the_first_number_of_a_service_is_not_said_twice(
    ward: SharedRecord, clinician: Caller, coordinator: Caller
) -> None:
    seen = of(ward, "service-winter")
    assert seen.version == ""
    faster: Any = Interrupted(
        ward, "create", lambda: set_capacity(ward, clinician, seen.service, 1, seen="")
    )
    with pytest.raises(Conflict, match=clinician.name):
        set_capacity(faster, coordinator, seen.service, 5, seen=seen.version)
    assert of(ward, "service-winter").free == 1


def test_a_manager_sets_no_capacity(ward: SharedRecord, manager: Caller) -> None:
    with pytest.raises(NotPermitted, match="manager"):
        set_capacity(ward, manager, of(ward, "service-catu").service, 3)


@pytest.mark.parametrize("wrong", [-1, 100])
def test_a_number_that_can_not_be_is_refused(
    ward: SharedRecord, coordinator: Caller, wrong: int
) -> None:
    with pytest.raises(Refused, match="0 to 99"):
        set_capacity(ward, coordinator, of(ward, "service-catu").service, wrong)


def test_numbers_that_can_not_be_read_are_not_no_places() -> None:
    record = told()
    record.answers["capacity"] = RecordUnavailable("x")
    found = only(record)
    assert (found.free, found.source) == (None, CapacitySource.FAILED)


def test_services_that_can_not_be_listed_are_no_empty_board() -> None:
    with pytest.raises(RecordUnavailable):
        read_capacity(Told({"services": RecordUnavailable("x")}), NOW)


def test_a_diary_counts_what_is_free_within_the_promised_time() -> None:
    slots = (
        slot(1, "free", -90),  # has ended
        slot(2, "free", -30),
        slot(3, "busy", 30),
        slot(4, "free", 119),
        slot(5, "free", 121),  # too late for two hours
        slot(6, "entered-in-error", 30),
    )
    found = only(told(slots=slots))
    assert (found.free, found.source) == (2, CapacitySource.DIARY)
    assert found.as_at == NOW - HALF_AN_HOUR
    assert only(told(slots=(slot(3, "busy", 30),))).free == 0
    assert only(told(slots=(slot(5, "free", 121),))).source is CapacitySource.NOT_TOLD


def test_the_newer_of_diary_and_person_counts() -> None:
    slots = (slot(1, "free", 30),)
    assert only(told(places(0), slots=slots)).source is CapacitySource.BY_HAND
    older = only(told(places(0, "2026-11-24T13:00:00Z"), slots=slots))
    assert (older.free, older.source, older.version) == (1, CapacitySource.DIARY, "4")


def test_a_diary_that_can_not_be_read_leaves_what_somebody_said() -> None:
    for said, expected in ((places(3), 3), (None, None)):
        record = told(*([said] if said else []), slots=(slot(1, "free", 30),))
        record.answers["slots"] = RecordUnavailable("x")
        found = only(record)
        assert found.free == expected
        assert (found.source is CapacitySource.FAILED) == (said is None)


def test_a_record_without_schedules_is_asked_for_no_slots() -> None:
    record = told(places())
    record.answers["diaries"] = Answer("diaries", Reading.NOT_SUPPORTED)
    assert only(record).free == 2
    assert [search.name for asked in record.asked for search in asked] == [
        "services",
        "capacity",
        "diaries",
    ]


def test_what_is_struck_out_or_of_no_time_says_nothing() -> None:
    assert only(told(places(status="entered-in-error"))).source is CapacitySource.NOT_TOLD
    assert only(told(places(at="soon"))).source is CapacitySource.NOT_TOLD


@pytest.mark.parametrize("wrong", [None, -1, "3", 2.5, True, [], {}])
def test_a_number_that_is_none_is_not_known(wrong: Any) -> None:
    found = only(told(places(wrong)))
    assert (found.free, found.source) == (None, CapacitySource.BY_HAND)


def test_of_two_numbers_the_newest_counts() -> None:
    assert only(told(places(1, "2026-11-24T13:50:00Z"), places(5))).free == 1
    assert only(told(places(5), places(1, "2026-11-24T13:50:00Z"))).free == 1


@pytest.mark.parametrize("wrong", [None, 7, "x", [], {}, [None], [[]], True])
def test_any_json_in_it_is_survived(wrong: Any) -> None:
    for name in ("focus", "effectiveDateTime", "performer", "note", "meta", "status"):
        read_capacity(told(places(**{name: wrong})), NOW)
    for name in ("schedule", "start", "end", "status", "meta"):
        read_capacity(told(slots=(slot(1, "free", 30) | {name: wrong},)), NOW)
    opening = [{"availableTime": wrong}, {"notAvailable": wrong}, {"telecom": wrong}]
    opening += [{"availableTime": [{"daysOfWeek": wrong, "availableStartTime": wrong}]}]
    for each in opening:
        record = told()
        record.answers["services"] = answered("services", a_service(**each))
        read_capacity(record, NOW)


def test_hours_are_read_as_the_record_means_them() -> None:
    def openness(**given: Any) -> bool | None:
        record = told()
        record.answers["services"] = answered("services", a_service(**given))
        return only(record).openness.open

    assert openness() is None
    # NOW is a Tuesday, 14:00 in London
    hours = {"availableStartTime": "09:00:00", "availableEndTime": "17:00:00"}
    assert openness(availableTime=[hours]) is True, "no days named: every day"
    assert openness(availableTime=[hours | {"daysOfWeek": ["mon"]}]) is False
    assert openness(availableTime=[hours | {"daysOfWeek": ["xyz"]}]) is None
    assert openness(availableTime=[{"daysOfWeek": ["tue"], "allDay": True}]) is True
    closed = {"during": {"start": "2026-11-24", "end": "2026-11-24"}, "description": "Away"}
    assert openness(availableTime=[hours], notAvailable=[closed]) is False
    assert openness(availableTime=[hours], notAvailable=[{"description": "Bank holidays"}]) is True
