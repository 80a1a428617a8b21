"""What changed in the last fourteen days, and what could not be looked at."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clinical.changes import Changes, changes_of
from clinical.record import Entry, PatientRecord, RecordSection, SectionState
from tests.clinical.ward import ANN, NOW, WAITING, entry, section, section_in


def record_of(*sections: RecordSection) -> PatientRecord:
    return PatientRecord(NOW, ANN, {each.name: each for each in sections}, 0)


def found(*entries: Entry) -> Changes:
    return changes_of(record_of(section("problems", *entries)), WAITING, NOW)


@pytest.mark.parametrize(
    ("when", "counts"),
    [
        ("2026-03-10T11:59:00Z", True),
        ("2026-02-24T12:00:00Z", True),
        ("2026-02-24T11:59:59Z", False),
        ("2026-02-24", True),
        ("2026-02-23", False),
        ("2026-02", True),
        ("2026-01", False),
        ("2026", True),
        ("2025", False),
        ("2026-03-10T12:00:01Z", False),
    ],
)
def test_an_entry_counts_when_any_part_of_its_date_can_lie_in_the_window(
    when: str, counts: bool
) -> None:
    assert found(entry("Condition", "Cellulitis", when=when)).count == int(counts)


def test_a_date_known_only_to_the_month_comes_last_and_says_so() -> None:
    changes = found(
        entry("Condition", "Perhaps", when="2026-03", entry_id="a"),
        entry("Condition", "Surely", when="2026-02-26", entry_id="b"),
    )
    said = [(each.entry.title, each.to_the_day) for each in changes.by_section["problems"]]
    assert said == [("Surely", True), ("Perhaps", False)]


def test_what_ended_in_these_days_changed_in_these_days() -> None:
    (change,) = found(
        entry("Condition", "Chest infection", when="2026-01-02", ended="2026-03-04")
    ).by_section["problems"]
    assert (change.began, change.ended) == (False, True)
    assert change.when.text == "2026-03-04"


def test_what_is_to_end_later_has_not_ended() -> None:
    (change,) = found(
        entry("MedicationRequest", "Antibiotic", when="2026-03-08", ended="2026-03-14")
    ).by_section["problems"]
    assert (change.began, change.ended) == (True, False)


def test_the_present_wait_and_its_findings_are_no_change_of_the_record() -> None:
    taken = entry("Observation", "Pulse", when="2026-03-10T11:30:00Z", entry_id="o1")
    loose = entry("Observation", "SpO2", when="2026-03-10T11:31:00Z", entry_id="o2")
    wait = entry("Encounter", "ED attendance", when="2026-03-10T11:10:00Z", entry_id="e1")
    ours = entry("Task", "Redirect review", when="2026-03-10T11:40:00Z", entry_id="t1")
    theirs = entry("DiagnosticReport", "Chest X-ray", when="2026-03-10T11:45:00Z", entry_id="d1")
    inside = [replace(each, encounter="e1") for each in (taken, ours, theirs)]
    waiting = replace(WAITING, findings=(inside[0], loose))
    record = record_of(section("observations", *inside, loose, wait))
    titles = [
        each.entry.title for each in changes_of(record, waiting, NOW).by_section["observations"]
    ]
    assert titles == ["Chest X-ray"]


@pytest.mark.parametrize(
    "unseen",
    [
        section_in("medicines", SectionState.FAILED),
        section_in("medicines", SectionState.WITHHELD),
        section_in("medicines", SectionState.NOT_HELD),
        section("medicines", set_aside=1),
        section("medicines", complete=False),
        section("medicines", entry("MedicationRequest", "Undated")),
    ],
    ids=["failed", "withheld", "not-held", "set-aside", "pages-unread", "undated"],
)
def test_over_a_hole_nobody_may_say_that_nothing_changed(unseen: RecordSection) -> None:
    changes = changes_of(record_of(section("problems"), unseen), WAITING, NOW)
    assert changes.count == 0
    assert not changes.seen_whole


@pytest.mark.parametrize("state", [SectionState.NONE_RETURNED, SectionState.ASSERTED_NONE])
def test_where_everything_was_looked_at_nothing_may_be_said(state: SectionState) -> None:
    assert changes_of(record_of(section_in("allergies", state)), WAITING, NOW).seen_whole
