"""Looking for words in one record."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical.codes import SNOMED, Coding
from clinical.record import PatientRecord, RecordSection, SectionState
from clinical.search import Found, fold, search_index
from tests.clinical.ward import ANN, NOW, entry, section, section_in

WARFARIN = replace(
    entry("MedicationRequest", "Warfarin 3mg tablets", value="", entry_id="m1"),
    detail=("As the anticoagulation clinic says", "Reason: Atrial fibrillation"),
)
SEEN = replace(
    entry("Encounter", "Seen by Dr Zoë Müller-Łuczak", entry_id="v1"),
    source="Café Street Surgery",
    codes=(Coding(SNOMED, "185317003", "Telephone encounter"),),
    parts=(("Outcome", "Sent home"),),
)


def look(typed: str, *more: RecordSection) -> Found:
    sections = (section("medicines", WARFARIN), section("contacts", SEEN), *more)
    record = PatientRecord(NOW, ANN, {each.name: each for each in sections}, 2)
    return search_index(record).find(typed)


@pytest.mark.parametrize(
    ("typed", "where"),
    [
        ("WARFARIN", ["medicines"]),
        ("  3MG   warf ", ["medicines"]),
        ("fibrillation clinic", ["medicines"]),
        ("zoe muller-luczak", ["contacts"]),
        ("ZOË", ["contacts"]),
        ("café", ["contacts"]),
        ("cafe telephone", ["contacts"]),
        ("185317003", ["contacts"]),
        ("sent home", ["contacts"]),
        ("warfarin zoe", []),
        ("rivaroxaban", []),
        ("made-up", ["medicines"]),
    ],
)
def test_every_word_has_to_be_there_in_any_case_with_or_without_accents(
    typed: str, where: list[str]
) -> None:
    assert list(look(typed).by_section) == where


@pytest.mark.parametrize("typed", ["", "   ", "a", "́"])
def test_too_little_typed_finds_nothing_and_says_it_did_not_look(typed: str) -> None:
    assert look(typed).words == ()
    assert look(typed).count == 0


@pytest.mark.parametrize(
    "state", [SectionState.FAILED, SectionState.WITHHELD, SectionState.NOT_HELD]
)
def test_a_section_that_is_not_there_was_not_searched(state: SectionState) -> None:
    found = look("penicillin", section_in("allergies", state))
    assert [each.name for each in found.not_searched] == ["allergies"]


def test_a_section_with_entries_set_aside_was_searched_in_part() -> None:
    found = look("penicillin", section("allergies", set_aside=2), section_in(
        "problems", SectionState.NONE_RETURNED))  # fmt: skip
    assert [each.name for each in found.partly_searched] == ["allergies"]
    assert found.not_searched == ()


@given(st.text(min_size=2, max_size=30))
def test_whatever_an_entry_says_finds_it(said: str) -> None:
    record = PatientRecord(NOW, ANN, {"problems": section("problems", entry("Condition", said))}, 1)
    found = search_index(record).find(said)
    assert found.count == 1 or not found.words


@given(st.text())
def test_folding_what_is_folded_changes_nothing_that_a_search_sees(said: str) -> None:
    assert fold(said.upper()).split() == fold(fold(said.upper())).split()
