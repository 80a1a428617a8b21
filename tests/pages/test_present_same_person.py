"""Other records of one person on the screen: how each is tied, and what they say differently."""

from __future__ import annotations

from typing import Any

import pytest

from clinical.merging import merged
from clinical.person import NhsNumber
from clinical.record import Entry, PatientRecord, RecordSection, SectionState
from pages.present.same_person import differences, relation, same_person_html
from tests.pages.people import NOW, moment, person

HOSPITAL = "Royal Fern Hospital"
UNVERIFIED = (NhsNumber("9990000026", True, "02"),)


def other(**changes: Any) -> Any:
    return person(**{"patient": "p2", "organisation": HOSPITAL, **changes})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "same NHS number, verified in both"),
        ({"linked": ("p1",)}, "linked as the same person's"),
        ({"nhs_numbers": UNVERIFIED}, "not verified: not proven"),
        ({"nhs_numbers": ()}, "may be the same person: not proven"),
        ({"birth_date": moment("1983-03-05")}, "the details contradict each other"),
    ],
)
def test_each_other_record_says_how_it_is_tied_to_this_one(
    changes: dict[str, Any], words: str
) -> None:
    assert words in relation(person(), other(**changes))


def test_details_that_differ_are_set_side_by_side_and_those_not_recorded_are_not() -> None:
    here = person(address=("1 Mill Lane",))
    there = other(address=("1 Fern Road",), general_practice="Weir House")
    assert dict(differences(here, (there,), NOW)) == {"Address": ("1 Mill Lane", "1 Fern Road")}


def record(changes: dict[str, Any], *entries: Entry, joined: bool = True) -> PatientRecord:
    denied = Entry("AllergyIntolerance", "a1", "No known allergies", asserts_absence=True)
    here = RecordSection("allergies", SectionState.ASSERTED_NONE, (denied,))
    opened = PatientRecord(NOW, person(), {"allergies": here}, 1, (other(**changes),))
    if not joined:
        return opened
    there = RecordSection("allergies", SectionState.LOADED, entries)
    return merged(opened, [PatientRecord(NOW, other(**changes), {"allergies": there}, 1)])


def test_two_allergy_lists_that_contradict_each_other_stand_side_by_side() -> None:
    penicillin = Entry("AllergyIntolerance", "a2", "<b>Penicillin</b>")
    markup = same_person_html(record({}, penicillin), NOW)
    assert "1 other record of this person is shown together with this one." in markup
    for words in ("contradict each other", "No known allergies", HOSPITAL):
        assert words in markup
    assert "&lt;b&gt;Penicillin&lt;/b&gt;" in markup
    assert "same NHS number, verified in both; shown here" in markup


def test_a_record_that_is_only_alike_is_said_not_to_be_shown() -> None:
    markup = same_person_html(record({"nhs_numbers": ()}, joined=False), NOW)
    assert "1 other record may be of this person." in markup
    assert "not shown among the sections below" in markup
    assert "do not contradict each other" in markup


def test_one_record_alone_says_nothing() -> None:
    alone = PatientRecord(NOW, person(), {}, 0)
    assert same_person_html(alone, NOW) == ""
