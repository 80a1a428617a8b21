"""Several records of one person as one: nothing hides anything, and no state gets better."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical.codes import Coding
from clinical.merging import merged
from clinical.person import Confidentiality, Person
from clinical.record import Entry, PatientRecord, RecordSection, SectionState
from clinical.record_disagreements import said_differently

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
SNOMED = "http://snomed.info/sct"
DENIED = Entry("AllergyIntolerance", "a0", "No known allergies", asserts_absence=True)
PENICILLIN = Entry("AllergyIntolerance", "a1", "Penicillin")


def somebody(patient: str, organisation: str) -> Person:
    return Person(
        patient, "Testwick", "Ada", "", None, "female", (), None, None, Confidentiality.NORMAL,
        organisation=organisation,
    )  # fmt: skip


SURGERY = somebody("p1", "Mill Lane Surgery")
HOSPITAL = somebody("p2", "Royal Fern Hospital")
ENTRIES = {
    SectionState.LOADED: (PENICILLIN,),
    SectionState.ASSERTED_NONE: (DENIED,),
}


def section(state: SectionState, **changes: object) -> RecordSection:
    parts: dict[str, object] = {
        "name": "allergies",
        "state": state,
        "entries": ENTRIES.get(state, ()),
        "complete": state is not SectionState.FAILED,
        "explanation": f"It is {state.value}." if state is not SectionState.LOADED else "",
    }
    return RecordSection(**{**parts, **changes})  # type: ignore[arg-type]


def record(person: Person, found: RecordSection, *others: Person) -> PatientRecord:
    received = len(found.entries) + found.set_aside
    return PatientRecord(NOW, person, {found.name: found}, received, others)


def both(one: RecordSection, other: RecordSection) -> PatientRecord:
    return merged(record(SURGERY, one, HOSPITAL), [record(HOSPITAL, other)])


def test_each_entry_keeps_where_it_is_from() -> None:
    here = section(SectionState.LOADED, entries=(Entry("AllergyIntolerance", "x", "Latex"),))
    found = both(here, section(SectionState.LOADED))
    origins = {each.title: found.origin_of(each) for each in found.sections["allergies"].entries}
    assert origins == {"Latex": "", "Penicillin": "Royal Fern Hospital"}
    assert found.merged == ("p2",)
    assert found.received == 2


def test_none_known_in_one_record_never_hides_an_allergy_of_the_other() -> None:
    for one, other in (
        (SectionState.ASSERTED_NONE, SectionState.LOADED),
        (SectionState.LOADED, SectionState.ASSERTED_NONE),
    ):
        found = both(section(one), section(other)).sections["allergies"]
        assert found.state is SectionState.LOADED
        assert {each.title for each in found.entries} == {"No known allergies", "Penicillin"}
        assert any("another lists some" in said for said in found.warnings)


WHOLE = (SectionState.LOADED, SectionState.ASSERTED_NONE, SectionState.NONE_RETURNED)


@pytest.mark.parametrize(("one", "other"), list(product(SectionState, repeat=2)))
def test_of_two_states_the_one_that_leaves_more_open_stands(
    one: SectionState, other: SectionState
) -> None:
    found = both(section(one), section(other)).sections["allergies"]
    states = {one, other}
    if SectionState.LOADED in states:
        assert found.state is SectionState.LOADED
    elif SectionState.ASSERTED_NONE in states:
        only = states <= {SectionState.ASSERTED_NONE, SectionState.NONE_RETURNED}
        assert (found.state is SectionState.ASSERTED_NONE) is only
    else:
        assert not found.entries
        assert found.state in states
        assert found.explanation
    if SectionState.FAILED in states or SectionState.WITHHELD in states:
        assert not found.complete
        assert found.state is not SectionState.ASSERTED_NONE
        if found.entries:
            assert any("It is" in said for said in found.warnings)
    if SectionState.FAILED in states and not found.entries:
        assert found.state is SectionState.FAILED
    if SectionState.NONE_RETURNED in states and not found.entries:
        assert found.state is not SectionState.NOT_HELD


def test_what_is_kept_back_in_both_records_is_said_of_both() -> None:
    found = both(section(SectionState.WITHHELD), section(SectionState.FAILED)).sections["allergies"]
    assert found.state is SectionState.FAILED
    assert found.explanation == "From the record of Royal Fern Hospital: It is failed."
    assert found.warnings == ("It is withheld.",)


def test_one_resource_that_both_records_hold_is_shown_once() -> None:
    found = both(section(SectionState.LOADED), section(SectionState.LOADED))
    (only,) = found.sections["allergies"].entries
    assert (only.record, found.received) == ("", 1)


def test_a_record_without_a_keeper_is_not_given_one() -> None:
    nobody = somebody("p3", "")
    opened = record(SURGERY, section(SectionState.NONE_RETURNED), nobody)
    found = merged(opened, [record(nobody, section(SectionState.LOADED))])
    (only,) = found.sections["allergies"].entries
    assert found.origin_of(only) == "an organisation that isn't named"


states = st.sampled_from(SectionState)
counts = st.integers(0, 3)


@given(st.lists(st.tuples(states, counts, counts), min_size=1, max_size=4))
def test_shown_and_set_aside_are_all_that_was_received(
    parts: list[tuple[SectionState, int, int]],
) -> None:
    people = [somebody(f"p{number}", f"Organisation {number}") for number in range(len(parts))]
    records = [
        record(
            person,
            section(
                state,
                entries=tuple(
                    Entry("AllergyIntolerance", f"{person.patient}-{each}", "Latex")
                    for each in range(shown if state is SectionState.LOADED else 0)
                ),
                set_aside=aside,
            ),
            *people[1:],
        )
        for person, (state, shown, aside) in zip(people, parts, strict=True)
    ]
    found = merged(records[0], records[1:])
    only = found.sections["allergies"]
    assert len(only.entries) + only.set_aside == found.received
    assert found.received == sum(each.received for each in records)
    assert sum(bool(each.record) for each in only.entries) == sum(
        len(each.sections["allergies"].entries) for each in records[1:]
    )


def test_two_allergy_lists_are_set_side_by_side() -> None:
    (found,) = said_differently(
        both(section(SectionState.ASSERTED_NONE), section(SectionState.LOADED))
    )
    assert (found.what, found.contradicts) == ("Allergies", True)
    assert [(each.keeper, each.says) for each in found.sides] == [
        ("Mill Lane Surgery", ("No known allergies",)),
        ("Royal Fern Hospital", ("Penicillin",)),
    ]
    latex = section(SectionState.LOADED, entries=(Entry("AllergyIntolerance", "x", "Latex"),))
    (listed,) = said_differently(both(latex, section(SectionState.LOADED)))
    assert not listed.contradicts


def test_lists_that_say_the_same_or_nothing_are_no_disagreement() -> None:
    again = section(SectionState.LOADED, entries=(Entry("AllergyIntolerance", "x", "PENICILLIN"),))
    assert said_differently(both(again, section(SectionState.LOADED))) == ()
    silent = section(SectionState.NONE_RETURNED)
    assert said_differently(both(silent, section(SectionState.LOADED))) == ()
    wrong = Entry("AllergyIntolerance", "x", "Latex", status="entered-in-error")
    struck = section(SectionState.LOADED, entries=(wrong,))
    assert said_differently(both(struck, section(SectionState.LOADED))) == ()
    alone = record(SURGERY, section(SectionState.ASSERTED_NONE))
    assert said_differently(alone) == ()


@pytest.mark.parametrize(("code", "differs"), [("450475007", True), ("304253006", False)])
def test_decisions_for_and_against_resuscitation_are_set_side_by_side(
    code: str, differs: bool
) -> None:
    def decided(identity: str, said: str) -> RecordSection:
        flag = Entry("Flag", identity, "CPR decision", (Coding(SNOMED, said, ""),), "active")
        return section(SectionState.LOADED, name="alerts", entries=(flag,))

    found = said_differently(both(decided("f1", "450476008"), decided("f2", code)))
    assert bool(found) is differs
    assert all(each.contradicts for each in found)
