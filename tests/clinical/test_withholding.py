"""Ways into a home are for whoever visits; how to reach somebody in hiding is for nobody."""

from __future__ import annotations

import pytest

from clinical.person import Role
from clinical.record import Entry, RecordSection, SectionState
from clinical.withholding import (
    HIDDEN,
    may_see_access_codes,
    without_access_codes,
    without_contacts,
)


def only(entry: Entry) -> RecordSection:
    return RecordSection("social", SectionState.LOADED, (entry,))


def all_said(section: RecordSection) -> str:
    (entry,) = section.entries
    return " ".join(
        (entry.title, entry.value, *entry.detail, *(f"{a} {b}" for a, b in entry.parts))
    )


@pytest.mark.parametrize(
    "entry",
    [
        Entry("Observation", "1", "Key safe", value="Left of the door, 4719"),
        Entry("Observation", "2", "Key-safe code 4719"),
        Entry("Flag", "3", "Access", value="keysafe: 4719"),
        Entry("CarePlan", "4", "Home care", detail=("Door code 4719", "Twice a day")),
        Entry("QuestionnaireResponse", "5", "Home visit", parts=(("Key code", "4719"),)),
        Entry("Observation", "6", "Entry", detail=("Entrance code is 4719",)),
    ],
)
def test_what_opens_a_door_is_left_out_and_that_it_is_recorded_is_said(entry: Entry) -> None:
    hidden = without_access_codes(only(entry))
    assert "4719" not in all_said(hidden)
    assert HIDDEN in all_said(hidden)
    assert hidden.entries[0].reference == entry.reference


def test_the_rest_of_an_entry_stays() -> None:
    plan = Entry("CarePlan", "4", "Home care", detail=("Door code 4719", "Twice a day"))
    assert "Twice a day" in all_said(without_access_codes(only(plan)))
    plain = only(Entry("Observation", "7", "Lives alone"))
    assert without_access_codes(plain) is plain


def test_only_the_community_clinician_may_see_them() -> None:
    assert [role for role in Role if may_see_access_codes(role)] == [Role.COMMUNITY_CLINICIAN]


def test_a_restricted_record_keeps_back_how_to_reach_relatives() -> None:
    son = Entry("RelatedPerson", "1", "Son · Giles", detail=("01632 960152",))
    hidden = without_contacts(only(son))
    assert "01632" not in all_said(hidden)
    assert "Giles" in all_said(hidden)
    note = only(Entry("Observation", "2", "Note", detail=("Plain",)))
    assert without_contacts(note) is note
