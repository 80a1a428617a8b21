"""Which services take a redirect, and what the record is told of who looked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clinical.person import Caller
from fhir_queries import audit
from fhir_queries.asking import Search
from fhir_queries.errors import NotPermitted, RecordUnavailable
from fhir_queries.profile import Services
from fhir_queries.record import SharedRecord
from fhir_queries.services import opening_hours, read_services, service
from tests.fhir_queries.questions.shapes import LOCAL, Told, answered


def a_service(**more: Any) -> dict[str, Any]:
    """A service that takes redirects."""
    category = {"coding": [{"system": f"{LOCAL}/CodeSystem/service-category", "code": "redirect"}]}
    return {
        "resourceType": "HealthcareService",
        "id": "s1",
        "name": "Response",
        "category": [category],
        **more,
    }


def test_the_services_of_the_made_up_county(people: SharedRecord) -> None:
    found = {each.id: each for each in read_services(people)}
    assert "service-podiatry" not in found, "it takes no redirects"
    assert not found["service-winter"].active
    assert list(found.values())[-1] is found["service-winter"]
    assert found["service-ucr"].response_minutes == 120
    assert found["service-ucr"].hours.startswith("Every day 08:00 to 20:00")
    assert found["service-nursing"].hours.startswith("Every day all day")
    assert found["service-catu"].hours.startswith("Mon to Fri 09:00 to 17:00")
    assert found["service-ucr"].provider == "Fernshire Community Health NHS Trust"


def test_no_answer_is_no_empty_list_of_services() -> None:
    with pytest.raises(RecordUnavailable):
        read_services(Told({"services": RecordUnavailable("x")}))


def test_a_service_that_takes_no_redirects_is_left_out_here_too() -> None:
    other = a_service(id="s2", category=[])
    assert [
        s.id for s in read_services(Told({"services": answered("services", a_service(), other)}))
    ] == ["s1"]


@pytest.mark.parametrize("code", ["response-minutes-120", "response-minutes-soon", "120", ""])
def test_the_promised_response_is_minutes_or_not_recorded(code: str) -> None:
    system = f"{LOCAL}/CodeSystem/service-characteristic"
    made = a_service(characteristic=[{"coding": [{"system": system, "code": code}]}])
    expected = 120 if code == "response-minutes-120" else None
    assert service(made, Services(), {}).response_minutes == expected


def test_hours_say_what_is_recorded_and_no_more() -> None:
    assert opening_hours(a_service()) == ""
    scattered = [
        {"daysOfWeek": ["mon", "wed"], "availableStartTime": "09:00:00"},
        {"daysOfWeek": ["sun", "sat"], "allDay": True},
    ]
    assert opening_hours(a_service(availableTime=scattered)) == "Sat, Sun all day"


@pytest.mark.parametrize("wrong", [None, 7, "x", [], {}, [None], [[]], True])
def test_any_json_in_a_service_is_survived(wrong: Any) -> None:
    for name in ("name", "category", "availableTime", "characteristic", "providedBy", "active"):
        read_services(Told({"services": answered("services", a_service(**{name: wrong}))}))


def events(caller: Caller) -> list[dict[str, Any]]:
    """One of each kind."""
    return [
        audit.opened_record(caller, "p1", "wait-1"),
        audit.opened_record(caller, "p1", "wait-1", break_glass="Found unconscious"),
        audit.opened_queue(caller),
        audit.opened_queue(caller, ["ed-1"]),
        audit.opened_source(caller, "Condition/c1", "p1"),
        audit.counted(caller),
        audit.refused(caller, "p1", "wait-1", "restricted"),
    ]


def test_every_event_says_who_where_when_why_and_how_it_ended(clinician: Caller) -> None:
    for event in events(clinician):
        user, organisation = event["agent"]
        assert user["requestor"] is True
        assert user["who"]["identifier"] == {
            "system": clinician.user_system,
            "value": clinician.user,
        }
        assert user["role"][0]["coding"][0]["code"] == "community-clinician"
        assert organisation["who"]["identifier"]["value"] == clinician.organisation
        assert datetime.fromisoformat(event["recorded"]).tzinfo is not None
        assert event["outcome"] in ("0", "4")
        assert user["purposeOfUse"][0]["coding"][0]["code"] in ("TREAT", "BTG", "HOPERAT")


def test_the_record_takes_every_kind_of_event_and_counts_them(
    bare: SharedRecord, clinician: Caller
) -> None:
    since = datetime.now(UTC) - timedelta(seconds=5)
    for event in events(clinician):
        bare.create(event)
    found = audit.read_counts(bare, since, datetime.now(UTC) + timedelta(seconds=5))
    assert found == {
        "opened-record": 1,
        "broke-glass": 1,
        "opened-queue": 2,
        "opened-source": 1,
        "counted": 1,
        "refused": 1,
    }
    theirs = Search("a", "AuditEvent", (("patient", "Patient/p1"),))
    assert len(bare.ask([theirs]).by_name["a"].matches) == 4


def test_counts_that_can_not_be_read_are_no_zeros() -> None:
    now = datetime.now(UTC)
    with pytest.raises(NotPermitted):
        audit.read_counts(Told({"audit": NotPermitted("403")}), now, now)
