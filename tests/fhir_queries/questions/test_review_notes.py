"""What the two sides say to each other on a review: each note once, and known to be read."""

from __future__ import annotations

from typing import Any

import pytest

from clinical.answers_due import times_asked, unread
from clinical.person import Caller
from clinical.review import Review
from clinical.waiting import WaitingPatient
from fhir_queries import reviews
from fhir_queries.errors import Conflict, RecordUnavailable, Refused
from fhir_queries.record import SharedRecord
from fhir_queries.review_notes import add_note, ask_again, mark_read
from fhir_queries.waiting import read_waiting
from tests.fhir_queries.questions.faulty import Faulty, Interrupted


@pytest.fixture
def asked(ward: SharedRecord, coordinator: Caller, patient: WaitingPatient) -> Review:
    """A review that was asked for, and that nobody has."""
    return reviews.flag(ward, coordinator, patient, "Looks well enough to go home")


def test_a_note_says_its_side_and_is_unread_by_the_other(
    ward: SharedRecord, coordinator: Caller, clinician: Caller, asked: Review
) -> None:
    noted = add_note(ward, coordinator, asked, "  Daughter is here ")
    (note,) = noted.notes
    assert (note.text, note.by_user, note.side) == (
        "Daughter is here",
        coordinator.user,
        "ed-coordinator",
    )
    assert unread(noted.notes, clinician) == (note,)
    assert unread(noted.notes, coordinator) == ()


def test_reading_a_note_is_told_to_the_other_side_and_once(
    ward: SharedRecord, coordinator: Caller, clinician: Caller, colleague: Caller, asked: Review
) -> None:
    noted = add_note(ward, coordinator, asked, "Daughter is here")
    read = mark_read(ward, clinician, noted)
    (note,) = read.notes
    (told,) = note.read_by
    assert told.by is not None
    assert (told.side, told.by.name) == ("community-clinician", clinician.name)
    assert told.at is not None
    assert unread(read.notes, colleague) == ()
    assert mark_read(ward, colleague, read).version == read.version, "read already by this side"
    assert mark_read(ward, coordinator, read).version == read.version, "their own note"


def test_a_note_that_came_while_reading_stays_unread(
    ward: SharedRecord, coordinator: Caller, clinician: Caller, asked: Review
) -> None:
    seen = add_note(ward, coordinator, asked, "First")
    slower: Any = Interrupted(ward, "update", lambda: add_note(ward, coordinator, asked, "Second"))
    read = mark_read(slower, clinician, seen)
    assert [note.text for note in unread(read.notes, clinician)] == ["Second"]


def test_a_note_whose_answer_was_lost_is_told_once(
    ward: SharedRecord, coordinator: Caller, asked: Review
) -> None:
    losing: Any = Faulty(ward, RecordUnavailable("lost"), at=2, after=True)
    with pytest.raises(RecordUnavailable):
        add_note(losing, coordinator, asked, "Daughter is here")
    again = add_note(ward, coordinator, asked, "Daughter is here")
    assert [note.text for note in again.notes] == ["Daughter is here"]


@pytest.mark.parametrize("words", ["", "   ", "x" * 501])
def test_a_note_needs_words_and_not_too_many(
    ward: SharedRecord, coordinator: Caller, asked: Review, words: str
) -> None:
    with pytest.raises(Refused, match="1 to 500"):
        add_note(ward, coordinator, asked, words)


def test_asking_again_is_seen_on_the_queue(
    ward: SharedRecord, coordinator: Caller, asked: Review, patient: WaitingPatient
) -> None:
    ask_again(ward, coordinator, asked)
    ask_again(ward, coordinator, asked, "Ambulance is needed")
    waiting = {each.encounter: each.review for each in read_waiting(ward).waiting}
    seen = waiting[patient.encounter]
    assert seen is not None
    assert times_asked(seen) == 3
    assert [note.text for note in seen.notes] == ["An answer is needed.", "Ambulance is needed"]
    assert seen.status is asked.status


def test_nobody_is_asked_again_for_what_was_answered(
    ward: SharedRecord, coordinator: Caller, asked: Review
) -> None:
    reviews.withdraw(ward, coordinator, asked, "No longer needed")
    with pytest.raises(Conflict, match="has been answered"):
        ask_again(ward, coordinator, asked)


def test_asking_anew_begins_the_count_anew(
    ward: SharedRecord, coordinator: Caller, asked: Review, patient: WaitingPatient
) -> None:
    ask_again(ward, coordinator, asked)
    reviews.withdraw(ward, coordinator, asked, "No longer needed")
    anew = reviews.flag(ward, coordinator, patient, "Better now", "Falls response")
    assert (times_asked(anew), anew.pathway) == (1, "Falls response")
    reviews.withdraw(ward, coordinator, asked, "No longer needed")
    assert reviews.flag(ward, coordinator, patient, "In other words").pathway == ""
