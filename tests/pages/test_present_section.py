"""The six states of a section never look alike, and only one of them says none."""

from __future__ import annotations

from itertools import combinations

import pytest

from clinical.codes import Coding
from clinical.indicator_settings import IndicatorSettings
from clinical.record import SECTION_NAMES, Entry, RecordSection, SectionState
from pages.present.section import (
    TITLES,
    entry_html,
    newest_first,
    section_words,
    state_html,
)
from pages.present.section_summary import marks_of, summary_html
from tests.pages.people import NOW, moment

EXPLANATION = {state: f"Why it is {state.value}." for state in SectionState}


def section(state: SectionState, **changes: object) -> RecordSection:
    parts = {"name": "allergies", "state": state, "explanation": EXPLANATION[state]}
    return RecordSection(**{**parts, **changes})  # type: ignore[arg-type]


def entry(**changes: object) -> Entry:
    parts = {"kind": "AllergyIntolerance", "id": "a1", "title": "Penicillin"}
    return Entry(**{**parts, **changes})  # type: ignore[arg-type]


def test_every_section_of_the_record_has_a_title() -> None:
    assert set(TITLES) == set(SECTION_NAMES)


@pytest.mark.parametrize(("one", "other"), list(combinations(SectionState, 2)))
def test_no_two_states_look_or_read_alike(one: SectionState, other: SectionState) -> None:
    first, second = section_words(section(one)), section_words(section(other))
    assert state_html(first) != state_html(second)
    assert first.state_words != second.state_words
    assert first.heading != second.heading


def test_allergies_that_failed_to_load_are_not_shown_as_none() -> None:
    words = section_words(section(SectionState.FAILED))
    markup = state_html(words)
    assert "Could not be loaded" in markup
    assert "none" not in markup.lower()
    assert 'role="alert"' in markup
    assert words.may_retry


def test_nothing_returned_is_said_not_to_be_none() -> None:
    assert "That is not the same as none" in state_html(
        section_words(section(SectionState.NONE_RETURNED))
    )


def test_a_loaded_section_counts_what_it_shows_and_what_it_could_not_read() -> None:
    words = section_words(
        section(SectionState.LOADED, entries=(entry(), entry()), set_aside=1, complete=False)
    )
    assert words.heading == (
        "Allergies and adverse reactions: 2, 1 could not be read, not all loaded"
    )
    markup = state_html(words)
    assert "1 entry could not be read" in markup
    assert "there may be more entries than these" in markup
    assert words.may_retry


def test_what_the_record_said_of_its_own_answer_is_shown() -> None:
    markup = state_html(
        section_words(section(SectionState.LOADED, entries=(entry(),), warnings=("<late>",)))
    )
    assert "&lt;late&gt;" in markup


def test_sources_are_named() -> None:
    words = section_words(section(SectionState.LOADED, sources=("Rivermead Surgery", "GP")))
    assert "From Rivermead Surgery, GP" in state_html(words)


def test_entries_stand_newest_first_and_the_undated_last() -> None:
    old, new, undated = (
        entry(id="old", when=moment("2019")),
        entry(id="new", when=moment("2026-01-01")),
        entry(id="undated"),
    )
    assert [each.id for each in newest_first((undated, old, new))] == ["new", "old", "undated"]


def test_an_entry_says_when_what_and_where_from_or_that_it_does_not() -> None:
    markup = entry_html(entry(status="active", value="82 /min", detail=("Rash",)))
    assert "Penicillin" in markup
    assert "82 /min" in markup
    assert "Rash" in markup
    assert "date not recorded · active · source not recorded" in markup


def test_an_entry_made_in_error_is_struck_and_says_so() -> None:
    markup = entry_html(entry(status="entered-in-error"))
    assert "hv-entry gone" in markup
    assert "Entered in error" in markup


def test_an_entry_is_shown_literally() -> None:
    markup = entry_html(entry(title="<b>:red[x]</b>", parts=(("a<b", "1"),)))
    assert "&lt;b&gt;:red[x]&lt;/b&gt;" in markup
    assert "a&lt;b" in markup


def test_an_entry_of_another_record_says_whose_and_what_needs_care_is_marked() -> None:
    markup = entry_html(entry(), origin="Royal <Fern>", marks=("High risk: insulin",))
    assert "From the record of Royal &lt;Fern&gt;" in markup
    assert "High risk: insulin" in markup
    assert "From the record of" not in entry_html(entry())


def test_each_kind_of_entry_says_its_times_and_its_source_as_the_ward_does() -> None:
    issued = entry_html(entry(kind="MedicationRequest", when=moment("2026-03-02")))
    assert "issued 02-Mar-2026" in issued
    last = entry_html(entry(kind="MedicationStatement", detail=("Last issued: 2026-03-02",)))
    assert "Last issued: 02-Mar-2026" in last
    stay = entry_html(
        entry(kind="Encounter", when=moment("2026-01-01"), ended=moment("2026-01-07"))
    )
    assert "stayed 6 days ·" in stay
    asked = entry_html(entry(kind="ServiceRequest", source="Rivermead Surgery"))
    assert "referred by Rivermead Surgery" in asked


def summary(name: str, *entries: Entry, **changes: object) -> str:
    held = section(SectionState.LOADED, name=name, entries=entries, **changes)
    return str(summary_html(held, NOW, IndicatorSettings()))


def test_attendances_are_counted_and_no_count_is_given_for_the_whole_where_it_is_not() -> None:
    came = entry(kind="Encounter", category="EMER", when=moment("2026-06-20T10:00:00Z"))
    said = summary("attendances", came)
    assert "ED attendances: 1 in the last 30 days, 1 in the last 12 months" in said
    assert "at least 1 in the last 30 days" in summary("attendances", came, complete=False)
    failed = section(SectionState.FAILED, name="attendances")
    assert summary_html(failed, NOW, IndicatorSettings()) == ""


def test_frailty_says_who_scored_it_and_when() -> None:
    level = Coding("http://snomed.info/sct", "1129381000000102")
    scored = entry(kind="Observation", codes=(level,), when=moment("2026-05-01"), source="A Nurse")
    said = summary("frailty", scored)
    assert "Clinical Frailty Scale 6, moderately frail · 01-May-2026 · scored by A Nurse" in said


def test_medicines_say_how_many_are_high_risk_and_that_the_list_is_not_verified() -> None:
    said = summary("medicines", entry(kind="MedicationRequest", title="Apixaban", status="active"))
    assert "1 current, 1 of them high risk" in said
    assert "not been verified" in said


def test_significant_problems_and_high_risk_medicines_are_marked() -> None:
    lists = IndicatorSettings().high_risk_medicines
    assert marks_of(entry(kind="Condition", weight="major"), lists) == ("Significant",)
    assert marks_of(entry(kind="Condition", weight="minor"), lists) == ()
    apixaban = entry(kind="MedicationRequest", title="Apixaban 5mg")
    assert marks_of(apixaban, lists) == ("High risk: anticoagulant",)
