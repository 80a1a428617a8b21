"""Every department in numbers, from the record, for a screen, a feed and as MeasureReports."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from clinical.bands import NATIONAL_THRESHOLDS
from clinical.moments import utc_text
from clinical.person import Caller, Role
from clinical.waiting import waited
from fhir_queries.asking import Search
from fhir_queries.command_centre import CommandCentreKeeper, read_command_centre
from fhir_queries.errors import NotPermitted, RecordUnavailable
from fhir_queries.feeds import PATHS, answer_feed
from fhir_queries.measure_reports import MEASURE, REPORT_IDENTIFIER, write_reports
from fhir_queries.open_metrics import METRICS
from fhir_queries.record import SharedRecord
from fhir_queries.settings import RecordSettings
from fhir_queries.waiting import read_waiting
from tests.fhir_queries.questions.conftest import SDS
from tests.fhir_queries.questions.faulty import Faulty

NEVER = 10_000


def counting_calls(record: SharedRecord) -> Faulty:
    return Faulty(record, RecordUnavailable("gone"), at=NEVER)


MANAGER = Caller("900000000009", SDS, "Merle Testington", Role.MANAGER, "ZZ1", "Board", "HOPERAT")


def test_the_numbers_are_those_of_the_queue(people: SharedRecord) -> None:
    centre = read_command_centre(people)
    queue = read_waiting(people).waiting
    assert sum(each.waiting for each in centre.departments) == len(queue)
    for each in centre.departments:
        here = [wait for wait in queue if wait.department.id == each.department.id]
        waits = [waited(wait, centre.as_at) for wait in here]
        known = [wait for wait in waits if wait is not None]
        assert each.waiting == len(here)
        assert each.start_not_known == waits.count(None)
        assert each.longest == max(known)
        assert dict(each.over)[30] == sum(wait > timedelta(minutes=30) for wait in known)
        assert each.predicted_hours_lost is not None


def test_it_is_one_exchange(people: SharedRecord) -> None:
    counting = counting_calls(people)
    read_command_centre(counting)
    assert counting.calls == 1


def an_encounter(identity: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Encounter",
        "id": identity,
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "EMER"},
        "serviceProvider": {"reference": "Organization/department-x", "display": "Made-up ED"},
        **more,
    }


def test_who_was_handed_over_left_the_queue_and_who_walked_in_never_joined_it(
    bare: SharedRecord,
) -> None:
    now = datetime.now(UTC)

    def ago(minutes: int) -> str:
        return utc_text(now - timedelta(minutes=minutes))

    waited_then_in = an_encounter(
        "handed-over",
        status="in-progress",
        period={"start": ago(90)},
        statusHistory=[{"status": "arrived", "period": {"start": ago(90), "end": ago(20)}}],
    )
    walked_in = an_encounter("walked-in", status="in-progress", period={"start": ago(30)})
    still = an_encounter("waits", status="arrived", period={"start": ago(40)})
    for each in (waited_then_in, walked_in, still):
        bare.server.session.put(f"{bare.settings.record_url}/Encounter/{each['id']}", json=each)
    [department] = [
        each
        for each in read_command_centre(bare).departments
        if each.department.id == "department-x"
    ]
    assert department.waiting == 1
    assert department.flow is not None
    assert (department.flow.arrived, department.flow.left) == (1, 1)


def test_a_clinician_is_not_shown_the_departments_numbers(
    people: SharedRecord, clinician: Caller
) -> None:
    with pytest.raises(NotPermitted):
        CommandCentreKeeper(people).view(clinician)


def test_many_screens_cost_one_reading_an_interval(people: SharedRecord) -> None:
    counting = counting_calls(people)
    clock = [0.0]
    keeper = CommandCentreKeeper(counting, clock=lambda: clock[0])
    keeper.view(MANAGER)
    once = counting.calls
    for _ in range(50):
        assert keeper.view(MANAGER).centre is not None
    assert counting.calls == once
    clock[0] = 1000.0
    keeper.view(MANAGER)
    assert counting.calls > once


def test_when_the_record_falls_silent_the_last_numbers_stay_and_say_so(
    people: SharedRecord,
) -> None:
    heard = counting_calls(people)
    CommandCentreKeeper(heard).view(MANAGER)
    silent = Faulty(people, RecordUnavailable("gone"), at=heard.calls + 1, lasts=NEVER)
    clock = [0.0]
    keeper = CommandCentreKeeper(silent, clock=lambda: clock[0])
    first = keeper.view(MANAGER).centre
    clock[0] = 20.0
    view = keeper.view(MANAGER)
    assert view.centre is first
    assert isinstance(view.error, RecordUnavailable)


def with_token(base: str, token: str) -> SharedRecord:
    return SharedRecord.connect(RecordSettings(record_url=base, feed_token=token))


def test_the_feed_needs_its_own_token_and_is_not_there_without_one(people_base: str) -> None:
    for token, given, status in (
        ("", "Bearer x", 404),
        ("secret", "", 401),
        ("secret", "Bearer secre", 401),
        ("secret", "secret", 401),
        ("secret", "Bearer secret", 200),
    ):
        record = with_token(people_base, token)
        try:
            for path in PATHS:
                assert answer_feed(CommandCentreKeeper(record), path, given).status == status
        finally:
            record.close()


def test_the_metrics_parse_and_agree_with_the_json(people_base: str) -> None:
    record = with_token(people_base, "secret")
    try:
        keeper = CommandCentreKeeper(record)
        text = answer_feed(keeper, "/feeds/metrics", "Bearer secret").body.decode()
        told = json.loads(answer_feed(keeper, "/feeds/departments.json", "Bearer secret").body)
    finally:
        record.close()
    families = {each.name: each for each in text_string_to_metric_families(text)}
    assert set(families) <= set(METRICS)
    waiting = {s.labels["department"]: s.value for s in families["handover_waiting"].samples}
    assert waiting == {each["name"]: each["waiting"] for each in told["departments"]}
    free = {s.labels["id"]: s.value for s in families["handover_service_places_free"].samples}
    assert free == {
        each["id"]: each["places_free"]
        for each in told["services"]
        if each["places_free"] is not None
    }
    assert len(free) < len(told["services"]), "what isn't known has no number"
    for name in ("Patient/", "person-", "999 "):
        assert name not in text


def test_a_feed_without_a_record_says_that_it_is_down(people: SharedRecord) -> None:
    faulty = Faulty(people, RecordUnavailable("gone"), at=1, lasts=NEVER)
    faulty.settings = RecordSettings(record_url=people.settings.record_url, feed_token="secret")
    keeper = CommandCentreKeeper(faulty)
    metrics = answer_feed(keeper, "/feeds/metrics", "Bearer secret")
    assert metrics.status == 503
    assert b"handover_up 0.0" in metrics.body
    assert b"handover_waiting" not in metrics.body
    told = json.loads(answer_feed(keeper, "/feeds/departments.json", "Bearer secret").body)
    assert told["departments"] is None
    assert told["up"] is False


def test_the_reports_are_written_once_a_quarter_of_an_hour(ward: SharedRecord) -> None:
    centre = read_command_centre(ward)
    first = write_reports(ward, centre)
    again = write_reports(ward, centre)
    assert [each["id"] for each in first] == [each["id"] for each in again]
    assert len(first) == len(centre.departments)
    found = ward.ask([Search("reports", "MeasureReport", (("measure", MEASURE),))])
    held = found.by_name["reports"].matches
    assert len({each["identifier"][0]["value"] for each in held}) == len(held)
    for each in held:
        assert each["identifier"][0]["system"] == REPORT_IDENTIFIER
        counts = {
            group["code"]["coding"][0]["code"]: group["population"][0]["count"]
            for group in each["group"]
            if "population" in group
        }
        [department] = [
            one
            for one in centre.departments
            if each["reporter"]["reference"] == f"Organization/{one.department.id}"
        ]
        assert counts["waiting"] == department.waiting
        assert counts["over-60"] == dict(department.over)[60]


def test_thresholds_are_the_sites_own(people_base: str) -> None:
    record = SharedRecord.connect(
        RecordSettings(record_url=people_base, waiting_minutes=(10, 20, 40, 90))
    )
    try:
        own = read_command_centre(record)
        national = read_command_centre(record, thresholds=NATIONAL_THRESHOLDS)
    finally:
        record.close()
    assert [minutes for minutes, _ in own.departments[0].over] == [20, 40, 90]
    assert [minutes for minutes, _ in national.departments[0].over] == [30, 45, 60]
