"""The allergies in the banner, where the record doesn't speak with one voice."""

from __future__ import annotations

from clinical.record import Entry, PatientRecord, RecordSection, SectionState
from pages.present.alerts import alert_tags
from tests.pages.people import NOW, person

DENIED = Entry("AllergyIntolerance", "a1", "No known allergies", asserts_absence=True)
PENICILLIN = Entry("AllergyIntolerance", "a2", "Penicillin", record="p2")


def said(*entries: Entry, complete: bool = True) -> str:
    allergies = RecordSection("allergies", SectionState.LOADED, entries, complete=complete)
    (tag,) = alert_tags(PatientRecord(NOW, person(), {"allergies": allergies}, len(entries)))
    return str(tag)


def test_an_allergy_stands_before_a_statement_that_there_are_none() -> None:
    assert "Allergies: Penicillin (but also recorded as none known)" in said(DENIED, PENICILLIN)


def test_an_allergy_of_two_records_is_named_once() -> None:
    again = Entry("AllergyIntolerance", "a3", "Penicillin")
    assert "Allergies: Penicillin<" in said(PENICILLIN, again)


def test_none_known_with_another_record_unread_is_not_said_plainly() -> None:
    tag = said(DENIED, complete=False)
    assert "No known allergies; NOT ALL LOADED" in tag
    assert "hv-tag stop" in tag
