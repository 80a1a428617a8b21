"""Flagging, claiming, releasing: one review per wait and one holder, however fast two are."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from clinical.person import Caller
from clinical.review import Review, ReviewStatus
from clinical.waiting import WaitingPatient
from fhir_queries import review_notes, reviews
from fhir_queries.asking import Search
from fhir_queries.errors import Conflict, NotFound, RecordUnavailable
from fhir_queries.reading.reviews import review as read_task
from fhir_queries.record import SharedRecord
from fhir_queries.waiting import read_waiting
from tests.fhir_queries.questions.faulty import Interrupted
from tests.fhir_queries.questions.shapes import Told


@pytest.fixture
def asked(ward: SharedRecord, coordinator: Caller, patient: WaitingPatient) -> Review:
    """A review that was asked for, and that nobody has."""
    return reviews.flag(ward, coordinator, patient, "Looks well enough to go home")


def test_a_wait_has_one_review_however_often_it_is_flagged(
    ward: SharedRecord, coordinator: Caller, clinician: Caller, patient: WaitingPatient
) -> None:
    with ThreadPoolExecutor(8) as at_once:
        found = list(
            at_once.map(
                lambda number: reviews.flag(
                    ward, clinician if number % 2 else coordinator, patient, f"Reason {number}"
                ),
                range(16),
            )
        )
    assert len({each.task for each in found}) == 1
    assert {each.status for each in found} == {ReviewStatus.REQUESTED}
    waiting = {each.encounter: each for each in read_waiting(ward).waiting}
    review = waiting[patient.encounter].review
    assert review is not None
    assert review.task == found[0].task
    assert review.patient == patient.person.patient


def test_the_reason_and_the_pathway_are_both_told(
    ward: SharedRecord, coordinator: Caller, patient: WaitingPatient
) -> None:
    review = reviews.flag(ward, coordinator, patient, "Uninjured fall", "Falls response")
    assert (review.reason, review.pathway) == ("Uninjured fall", "Falls response")
    assert review.requested_by is not None
    assert review.requested_by.name == coordinator.name


def test_claiming_names_the_owner(ward: SharedRecord, clinician: Caller, asked: Review) -> None:
    held = reviews.claim(ward, clinician, asked)
    assert held.status is ReviewStatus.CLAIMED
    assert held.owner is not None
    assert (held.owner.user, held.owner.name) == (clinician.user, clinician.name)
    assert reviews.claim(ward, clinician, asked).version == held.version, (
        "claiming again is no change"
    )


def test_the_loser_is_told_who_has_it(
    ward: SharedRecord, clinician: Caller, colleague: Caller, asked: Review
) -> None:
    reviews.claim(ward, clinician, asked)
    with pytest.raises(Conflict, match=f"{clinician.name} has this one, since [0-9:]{{5}}") as told:
        reviews.claim(ward, colleague, asked)
    assert told.value.exit_code == 5


def test_somebody_faster_between_reading_and_writing_wins(
    ward: SharedRecord, clinician: Caller, colleague: Caller, asked: Review
) -> None:
    slower: Any = Interrupted(ward, "update", lambda: reviews.claim(ward, clinician, asked))
    with pytest.raises(Conflict, match=clinician.name):
        reviews.claim(slower, colleague, asked)
    owner = reviews.read_review(ward, asked.task).owner
    assert owner is not None
    assert owner.user == clinician.user


def test_two_claims_at_the_same_instant_have_one_holder(
    ward: SharedRecord,
    clinician: Caller,
    colleague: Caller,
    coordinator: Caller,
    next_patient: Callable[[], WaitingPatient],
) -> None:
    for _ in range(20):
        asked = reviews.flag(ward, coordinator, next_patient(), "Two at once")

        def try_it(caller: Caller, asked: Review = asked) -> Review | Conflict:
            try:
                return reviews.claim(ward, caller, asked)
            except Conflict as conflict:
                return conflict

        with ThreadPoolExecutor(2) as at_once:
            both = list(at_once.map(try_it, (clinician, colleague)))
        won = [each for each in both if isinstance(each, Review)]
        lost = [each for each in both if isinstance(each, Conflict)]
        assert (len(won), len(lost)) == (1, 1)
        assert won[0].owner is not None
        assert won[0].owner.name in str(lost[0])


def test_a_released_review_can_be_claimed_by_another(
    ward: SharedRecord, clinician: Caller, colleague: Caller, asked: Review
) -> None:
    held = reviews.claim(ward, clinician, asked)
    with pytest.raises(Conflict, match=clinician.name):
        reviews.release(ward, colleague, held)
    free = reviews.release(ward, clinician, held)
    assert (free.status, free.owner) == (ReviewStatus.REQUESTED, None)
    assert reviews.claim(ward, colleague, free).status is ReviewStatus.CLAIMED


def test_taking_over_needs_a_reason_and_leaves_it_as_a_note(
    ward: SharedRecord, clinician: Caller, colleague: Caller, asked: Review
) -> None:
    held = reviews.claim(ward, clinician, asked)
    taken = reviews.take_over(ward, colleague, held, "Shift change")
    assert taken.owner is not None
    assert taken.owner.user == colleague.user
    assert taken.notes[-1].text == f"Taken over from {clinician.name}: Shift change"
    assert taken.notes[-1].by == colleague.name
    third = Caller(
        "900000000009", clinician.user_system, "Third Person", clinician.role, "ZFC01", ""
    )
    with pytest.raises(Conflict, match=colleague.name):
        reviews.take_over(ward, third, held, "I saw another holder")


def test_a_withdrawn_review_is_asked_for_again_as_the_same_task(
    ward: SharedRecord, coordinator: Caller, patient: WaitingPatient, asked: Review
) -> None:
    gone = reviews.withdraw(ward, coordinator, asked, "Wrong patient")
    assert gone.status is ReviewStatus.WITHDRAWN
    assert reviews.withdraw(ward, coordinator, asked, "Twice").version == gone.version
    again = reviews.flag(ward, coordinator, patient, "Right patient after all")
    assert (again.task, again.status) == (asked.task, ReviewStatus.REQUESTED)
    assert again.reason == "Right patient after all"
    assert (again.decided_at, again.outcome_reason) == (None, "")
    assert [note.text for note in again.notes] == ["Withdrawn: Wrong patient"]


def test_a_review_that_a_clinician_has_is_not_withdrawn(
    ward: SharedRecord, clinician: Caller, coordinator: Caller, asked: Review
) -> None:
    reviews.claim(ward, clinician, asked)
    with pytest.raises(Conflict, match=clinician.name):
        reviews.withdraw(ward, coordinator, asked, "Changed my mind")


def test_a_withdrawn_review_is_not_claimed(
    ward: SharedRecord, clinician: Caller, coordinator: Caller, asked: Review
) -> None:
    reviews.withdraw(ward, coordinator, asked, "Gone")
    with pytest.raises(Conflict, match="withdrawn"):
        reviews.claim(ward, clinician, asked)


def test_notes_of_both_sides_stand_in_the_order_written(
    ward: SharedRecord, clinician: Caller, coordinator: Caller, asked: Review
) -> None:
    review_notes.add_note(ward, coordinator, asked, "Daughter is here")
    both = review_notes.add_note(ward, clinician, asked, "Thank you")
    assert [(note.by, note.text) for note in both.notes] == [
        (coordinator.name, "Daughter is here"),
        (clinician.name, "Thank you"),
    ]


def test_two_notes_at_once_are_both_kept(
    ward: SharedRecord, clinician: Caller, coordinator: Caller, asked: Review
) -> None:
    slower: Any = Interrupted(
        ward, "update", lambda: review_notes.add_note(ward, coordinator, asked, "First")
    )
    both = review_notes.add_note(slower, clinician, asked, "Second")
    assert [note.text for note in both.notes] == ["First", "Second"]


def test_what_others_wrote_into_the_task_stays(
    ward: SharedRecord, clinician: Caller, asked: Review
) -> None:
    task = ward.fetch(f"Task/{asked.task}")
    task["_description"] = {
        "extension": [{"url": "https://x.example", "valueDecimal": Decimal("1.10")}]
    }
    task["priority"] = "asap"
    ward.update(task, version=asked.version)
    reviews.claim(ward, clinician, asked)
    kept = ward.fetch(f"Task/{asked.task}")
    assert kept["priority"] == "asap"
    assert kept["_description"] == task["_description"]


def test_the_coordinator_sees_every_review_with_its_person(
    ward: SharedRecord, coordinator: Caller, patient: WaitingPatient, asked: Review
) -> None:
    rows = reviews.read_reviews(ward, coordinator, datetime.now(UTC) - timedelta(hours=1))
    row = next(each for each in rows if each.review.task == asked.task)
    assert row.person.family == patient.person.family
    assert row.department == patient.department
    assert row.place == patient.place
    assert row.still_waiting is True
    times = [each.review.requested_at for each in rows]
    known = [each.earliest for each in times if each is not None]
    assert known == sorted(known, reverse=True)
    later = reviews.read_reviews(ward, coordinator, datetime.now(UTC) + timedelta(hours=1))
    assert later == ()


def test_reading_reviews_is_audited(ward: SharedRecord, coordinator: Caller) -> None:
    search = Search("a", "AuditEvent", (("agent:identifier", coordinator.user),))

    def events() -> int:
        answer = ward.ask([search]).by_name["a"]
        assert answer.error is None
        return len(answer.matches)

    before = events()
    reviews.read_reviews(ward, coordinator, datetime.now(UTC))
    assert events() == before + 1


def test_a_record_that_is_silent_is_no_empty_list_of_reviews(coordinator: Caller) -> None:
    silent = Told({"reviews": RecordUnavailable("timeout")})
    with pytest.raises(RecordUnavailable):
        reviews.read_reviews(silent, coordinator, datetime.now(UTC))


def test_a_review_that_is_not_there_is_said(ward: SharedRecord) -> None:
    with pytest.raises(NotFound):
        reviews.read_review(ward, "no-such-task")


@pytest.mark.parametrize(
    ("status", "outcome", "meaning"),
    [
        ("requested", "", ReviewStatus.REQUESTED),
        ("received", "", ReviewStatus.REQUESTED),
        ("accepted", "", ReviewStatus.CLAIMED),
        ("in-progress", "", ReviewStatus.CLAIMED),
        ("on-hold", "deferred", ReviewStatus.DEFERRED),
        ("completed", "redirected", ReviewStatus.REDIRECTED),
        ("completed", "", ReviewStatus.UNKNOWN),
        ("completed", "new-outcome", ReviewStatus.UNKNOWN),
        ("rejected", "no-capacity", ReviewStatus.NOT_REDIRECTED),
        ("cancelled", "handed-over-first", ReviewStatus.HANDED_OVER),
        ("cancelled", "withdrawn", ReviewStatus.WITHDRAWN),
        ("cancelled", "", ReviewStatus.WITHDRAWN),
        ("half-done", "", ReviewStatus.UNKNOWN),
        ("", "", ReviewStatus.UNKNOWN),
    ],
)
def test_what_each_status_means(status: str, outcome: str, meaning: ReviewStatus) -> None:
    system = "https://handover-viewer.example/fhir/CodeSystem/review-outcome"
    task: dict[str, Any] = {"resourceType": "Task", "id": "t1", "status": status}
    if outcome:
        task["businessStatus"] = {"coding": [{"system": system, "code": outcome}]}
    found = read_task(task)
    assert found.status is meaning
    assert found.record_status == status
