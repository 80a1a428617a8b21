"""One line of time: points, spans, and what has no place on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from clinical.record import Entry, PatientRecord, RecordSection, SectionState
from clinical.timeline import Timeline, lanes_of, timeline_of
from tests.clinical.ward import ANN, NOW, WAITING, entry, section, section_in


def line(*entries: Entry, more: tuple[RecordSection, ...] = ()) -> Timeline:
    sections = (section("problems", *entries), *more)
    record = PatientRecord(NOW, ANN, {each.name: each for each in sections}, 0)
    return timeline_of(record, WAITING, NOW)


def test_an_instant_is_a_point_and_a_day_is_shown_as_one() -> None:
    for when in ("2026-01-05T10:00:00Z", "2026-01-05", "2025-10-26"):
        (event,) = line(entry("Procedure", "Dressing", when=when, status="completed")).events
        assert event.point
        assert not event.partial


@pytest.mark.parametrize(
    ("when", "days"), [("2025", 365), ("2024", 366), ("2026-02", 28), ("2024-02", 29)]
)
def test_a_partly_known_date_is_the_whole_of_its_year_or_month(when: str, days: int) -> None:
    (event,) = line(entry("Procedure", "Operation", when=when, status="completed")).events
    assert event.partial
    assert not event.point
    assert event.end - event.start == timedelta(days=days)


def test_an_admission_is_a_span_from_first_to_last() -> None:
    stay = entry("Encounter", "Admission", when="2025-09-12", ended="2025-09-21", status="finished")
    (event,) = line(stay).events
    assert event.start.date().isoformat() == "2025-09-12"
    assert event.end.date().isoformat() == "2025-09-22"
    assert not event.standing


def test_what_the_record_says_stands_reaches_to_now_and_what_it_does_not_stays_a_point() -> None:
    active = entry("Condition", "COPD", when="2019-05-02", entry_id="a")
    unsaid = entry("Condition", "Gout", when="2019-05-02", status="", entry_id="b")
    seen = entry("Procedure", "Scan", when="2019-05-02", status="active", entry_id="c")
    by_title = {each.entry.title: each for each in line(active, unsaid, seen).events}
    assert by_title["COPD"].standing
    assert by_title["COPD"].end == NOW
    assert by_title["Gout"].point
    assert by_title["Scan"].point


def test_what_has_no_date_is_counted_and_what_only_ended_stands_at_its_end() -> None:
    timeline = line(
        entry("Condition", "Undated", entry_id="a"),
        entry("Condition", "Over", ended="2020-01-01", status="resolved", entry_id="b"),
    )
    assert [each.title for each in timeline.undated] == ["Undated"]
    assert [each.entry.title for each in timeline.events] == ["Over"]


def test_dates_the_wrong_way_round_make_a_span_all_the_same() -> None:
    (event,) = line(
        entry("Encounter", "Stay", when="2025-09-21", ended="2025-09-12", status="finished")
    ).events
    assert event.start < event.end
    assert (event.end - event.start) == timedelta(days=10)


def test_every_entry_is_an_event_or_undated_but_for_the_wait_s_own() -> None:
    pulse = replace(entry("Observation", "Pulse", when="2026-03-10T11:20:00Z"), encounter="e1")
    timeline = line(
        entry("Condition", "Dated", when="2020", entry_id="a"),
        entry("Condition", "Undated", entry_id="b"),
        more=(section("observations", pulse), section_in("results", SectionState.FAILED)),
    )
    assert len(timeline.events) + len(timeline.undated) == 2
    assert [each.name for each in timeline.not_seen] == ["results"]
    assert timeline.wait_from == NOW - timedelta(minutes=50)


def test_a_span_looks_back_from_now_and_counts_what_is_to_come() -> None:
    timeline = line(
        entry("Condition", "Old", when="2010-01-01", status="resolved", entry_id="a"),
        entry("Condition", "Long", when="2010-01-01", ended="2026-03-01", entry_id="b"),
        entry("Appointment", "Clinic", when="2026-04-01", status="booked", entry_id="c"),
    )
    near = timeline.within(NOW - timedelta(days=14))
    assert {each.entry.title for each in near} == {"Long", "Clinic"}
    assert timeline.within(None) == timeline.events
    assert timeline.to_come == 1
    assert timeline.first == datetime(2010, 1, 1, tzinfo=UTC)


def test_lanes_follow_the_screen() -> None:
    timeline = line(
        entry("Condition", "COPD", when="2020"),
        more=(section("allergies", entry("AllergyIntolerance", "Penicillin", when="2001")),),
    )
    assert lanes_of(timeline.events, ("allergies", "medicines")) == ("allergies", "problems")
