"""Each section in the order that a clinician reads it, with nothing left out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical.codes import Coding
from clinical.frailty import FRAILTY_WORDS, newest_frailty
from clinical.hospital_use import hospital_use, length_of_stay
from clinical.indicator_settings import IndicatorSettings
from clinical.medicine_marks import high_risk, is_current
from clinical.moments import Moment, at_instant, read_moment
from clinical.record import SECTION_NAMES, Entry, RecordSection, SectionState
from clinical.section_groups import grouped

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
LISTS = IndicatorSettings().high_risk_medicines


def section(name: str, *entries: Entry, **more: object) -> RecordSection:
    return RecordSection(name, SectionState.LOADED, entries, **more)  # type: ignore[arg-type]


def days_ago(days: float) -> Moment:
    return at_instant(NOW - timedelta(days=days))


def order(name: str, *entries: Entry) -> dict[str, list[str]]:
    return {
        group.title: [each.title for each in group.entries]
        for group in grouped(section(name, *entries), NOW, LISTS)
    }


def test_active_problems_stand_first_and_of_them_the_significant_ones() -> None:
    def problem(title: str, status: str, days: float, **more: str) -> Entry:
        return Entry("Condition", title, title, status=status, when=days_ago(days), **more)  # type: ignore[arg-type]

    found = order(
        "problems",
        problem("Cough", "active", 1, category="encounter-diagnosis"),
        problem("Corns", "active", 2, weight="minor"),
        problem("Heart failure", "active", 900, weight="major"),
        problem("Osteoporosis", "active", 800),
        problem("Pneumonia", "resolved", 30),
        problem("Somebody else's", "entered-in-error", 3),
    )
    assert found == {
        "Active": ["Heart failure", "Osteoporosis", "Cough", "Corns"],
        "Inactive or resolved": ["Pneumonia"],
        "Entered in error": ["Somebody else's"],
    }


def medicine(title: str, status: str = "active", **more: object) -> Entry:
    return Entry("MedicationRequest", title, title, status=status, **more)  # type: ignore[arg-type]


def test_medicines_that_are_taken_stand_first_and_of_them_the_risky_ones() -> None:
    found = order(
        "medicines",
        medicine("Paracetamol 500mg tablets"),
        medicine("Apixaban 5mg tablets"),
        medicine("Warfarin 3mg tablets", "stopped"),
        medicine("Amoxicillin 500mg capsules", ended=days_ago(3)),
    )
    assert found == {
        "Current": ["Apixaban 5mg tablets", "Paracetamol 500mg tablets"],
        "No longer taken, or not known to be": [
            "Amoxicillin 500mg capsules",
            "Warfarin 3mg tablets",
        ],
    }


@pytest.mark.parametrize(
    ("title", "marked"),
    [
        ("Apixaban 5mg tablets", "anticoagulant"),
        ("Warfarin 3mg tablets", "anticoagulant"),
        ("Lantus 100units/ml solution", "insulin"),
        ("Prednisolone 5mg tablets", "steroid"),
        ("Morphine sulfate 10mg/5ml oral solution", "opioid"),
        ("Methotrexate 2.5mg tablets", "immunosuppressant"),
        ("Paracetamol 500mg tablets", ""),
    ],
)
def test_the_five_kinds_of_high_risk_medicine_are_marked(title: str, marked: str) -> None:
    found = high_risk(medicine(title), LISTS)
    assert [marked in each for each in found] == ([True] if marked else [])
    assert high_risk(medicine(title, "entered-in-error"), LISTS) == ()


@pytest.mark.parametrize(
    ("status", "current"),
    [
        ("active", True), ("on-hold", True), ("unknown", True), ("", True), ("stopped", False),
        ("completed", False), ("cancelled", False), ("entered-in-error", False),
        ("not-taken", False),
    ],
)  # fmt: skip
def test_what_is_not_said_to_be_over_counts_as_taken(status: str, current: bool) -> None:
    assert is_current(medicine("X", status), NOW) is current


def encounter(kind: str, days: float | None, **more: object) -> Entry:
    when = None if days is None else days_ago(days)
    return Entry("Encounter", f"{kind}{days}", kind, category=kind, when=when, **more)  # type: ignore[arg-type]


def test_attendances_and_admissions_are_counted_over_30_days_and_12_months() -> None:
    found = hospital_use(
        section(
            "attendances",
            encounter("EMER", 2),
            encounter("EMER", 29.9),
            encounter("EMER", 30.1),
            encounter("EMER", 366),
            encounter("EMER", None),
            encounter("EMER", 3, status="cancelled"),
            encounter("IMP", 200),
            encounter("IMP", -3, status="planned"),
        ),
        NOW,
    )
    assert (found.attendances.in_30_days, found.attendances.in_12_months) == (2, 3)
    assert found.attendances.undated == 1
    assert (found.admissions.in_30_days, found.admissions.in_12_months) == (0, 1)
    assert found.complete
    assert not hospital_use(section("attendances", complete=False), NOW).complete
    assert not hospital_use(section("attendances", set_aside=1), NOW).complete


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026-01-01T10:00:00Z", "2026-01-01T15:30:00Z", timedelta(hours=5, minutes=30)),
        ("2026-01-01", "2026-01-07", timedelta(days=6)),
        ("2026-01-01", "2026-01-07T10:00:00Z", None),
        ("2026-01-07", "2026-01-01", None),
        ("2026-01-01", "", None),
    ],
)
def test_a_stay_is_as_long_as_its_two_ends_say(
    start: str, end: str, expected: timedelta | None
) -> None:
    stay = Entry("Encounter", "e", "Stay", when=read_moment(start), ended=read_moment(end))
    assert length_of_stay(stay) == expected


def test_the_newest_frailty_that_can_be_read_plainly_is_taken() -> None:
    def scored(code: str, days: float | None, **more: object) -> Entry:
        when = None if days is None else days_ago(days)
        codes = (Coding("http://snomed.info/sct", code, ""),)
        return Entry("Observation", code, "Clinical Frailty Scale", codes, when=when, **more)  # type: ignore[arg-type]

    found = newest_frailty(
        section(
            "frailty",
            scored("1129371000000104", 300),
            scored("1129381000000102", 100, source="Sister Alderson"),
            scored("1129391000000100", 20, status="entered-in-error"),
            scored("1129401000000102", 10, caution=("preliminary",)),
            scored("1129411000000100", None),
        )
    )
    assert found is not None
    level, entry = found
    assert (level, FRAILTY_WORDS[level], entry.source) == (6, "moderately frail", "Sister Alderson")
    assert newest_frailty(section("frailty")) is None


entries = st.builds(
    Entry,
    kind=st.sampled_from(["Condition", "MedicationRequest", "RelatedPerson", "ServiceRequest"]),
    id=st.uuids().map(str),
    title=st.sampled_from(["Apixaban", "A fall", "Key safe"]),
    status=st.sampled_from(["active", "resolved", "entered-in-error", "", "revoked", "odd"]),
    when=st.sampled_from([None, read_moment("2020"), read_moment("2026-11-24T13:00:00Z")]),
    ended=st.sampled_from([None, read_moment("2021"), read_moment("2030")]),
    weight=st.sampled_from(["", "major", "minor", "urgent"]),
    asserts_absence=st.booleans(),
)


@given(st.sampled_from(SECTION_NAMES), st.lists(entries, max_size=12))
def test_every_entry_stands_in_one_group_and_none_is_left_out(name: str, held: list[Entry]) -> None:
    found = grouped(section(name, *held), NOW, LISTS)
    shown = [entry for group in found for entry in group.entries]
    assert sorted(each.id for each in shown) == sorted(each.id for each in held)
    assert all(group.entries for group in found)
