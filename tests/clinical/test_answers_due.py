"""Which reviews need an answer now, how often they were asked for, and which notes are unread."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from clinical.answers_due import (
    AnswerDue,
    AnswerTimes,
    Due,
    answer_due,
    last_asked,
    times_asked,
    unread,
)
from clinical.moments import Moment, at_instant, read_moment
from clinical.person import Caller, Role
from clinical.review import Actor, Note, ReadBy, Review, ReviewStatus
from tests.clinical.ward import NOW

TIMES = AnswerTimes(timedelta(minutes=15), timedelta(minutes=30))
COORDINATOR = Caller("c1", "sds", "Cora Coordinator", Role.ED_COORDINATOR, "ZFR01ED", "Royal Fern")
CLINICIAN = Caller("h1", "sds", "Heron Clinician", Role.COMMUNITY_CLINICIAN, "ZFC01", "Fernshire")


def ago(minutes: float) -> Moment:
    return at_instant(NOW - timedelta(minutes=minutes))


def review(status: ReviewStatus, **changes: Any) -> Review:
    parts: dict[str, Any] = {
        "task": "t1",
        "version": "1",
        "encounter": "e1",
        "patient": "p1",
        "status": status,
        "record_status": "",
        "requested_by": None,
        "requested_at": ago(40),
        "reason": "",
        "owner": None,
        "claimed_at": ago(20),
        "outcome": None,
        "outcome_reason": "",
        "outcome_service": "",
        "decided_at": None,
        "notes": (),
        "response": "",
        "referral": "",
    }
    return Review(**{**parts, **changes})


def due(status: ReviewStatus, **changes: Any) -> AnswerDue | None:
    return answer_due(review(status, **changes), NOW, TIMES)


def test_a_review_that_nobody_takes_is_due_after_the_set_time() -> None:
    assert due(ReviewStatus.REQUESTED, requested_at=ago(14.9)) is None
    found = due(ReviewStatus.REQUESTED, requested_at=ago(15))
    assert found == AnswerDue(Due.NOT_CLAIMED, NOW - timedelta(minutes=15))


def test_a_review_that_somebody_has_is_due_by_when_they_took_it() -> None:
    assert due(ReviewStatus.CLAIMED, claimed_at=ago(29)) is None
    found = due(ReviewStatus.CLAIMED, claimed_at=ago(31))
    assert found == AnswerDue(Due.NOT_DECIDED, NOW - timedelta(minutes=31))


def test_a_deferred_review_is_due_when_its_time_has_come() -> None:
    assert due(ReviewStatus.DEFERRED, review_again_at=ago(-1)) is None
    found = due(ReviewStatus.DEFERRED, review_again_at=ago(3))
    assert found == AnswerDue(Due.LOOK_AGAIN, NOW - timedelta(minutes=3))


def test_a_reversed_redirect_is_due_at_once() -> None:
    found = due(ReviewStatus.REVERSED, reversed_at=ago(0))
    assert found == AnswerDue(Due.REVERSED, NOW)


@pytest.mark.parametrize("status", ReviewStatus)
def test_only_a_review_that_is_open_or_reversed_can_be_due(status: ReviewStatus) -> None:
    answered = {
        ReviewStatus.NONE,
        ReviewStatus.REDIRECTED,
        ReviewStatus.NOT_REDIRECTED,
        ReviewStatus.HANDED_OVER,
        ReviewStatus.WITHDRAWN,
        ReviewStatus.UNKNOWN,
    }
    found = due(status, requested_at=ago(600), claimed_at=ago(600), review_again_at=ago(600))
    assert (found is None) == (status in answered)


@pytest.mark.parametrize("when", [None, read_moment("2026-03-10")])
def test_a_time_that_is_not_known_is_due_rather_than_not(when: Moment | None) -> None:
    assert due(ReviewStatus.REQUESTED, requested_at=when) == AnswerDue(Due.NOT_CLAIMED, None)
    assert due(ReviewStatus.CLAIMED, claimed_at=when) == AnswerDue(Due.NOT_DECIDED, None)
    assert due(ReviewStatus.DEFERRED, review_again_at=when) == AnswerDue(Due.LOOK_AGAIN, None)


def asks(minutes: float) -> Note:
    return Note("Cora", ago(minutes), "?", "c1", "ed-coordinator", asks_again=True)


def test_asking_again_is_counted_from_the_flag_on() -> None:
    assert (times_asked(review(ReviewStatus.REQUESTED)), last_asked(review(ReviewStatus.NONE))) == (
        1,
        NOW - timedelta(minutes=40),
    )
    # The first of these was about an earlier flag of the same wait.
    again = review(ReviewStatus.REQUESTED, notes=(asks(55), asks(30), asks(18)))
    assert times_asked(again) == 3
    assert last_asked(again) == NOW - timedelta(minutes=18)


def test_a_note_is_unread_until_somebody_of_the_other_side_has_read_it() -> None:
    theirs = Note("Cora", ago(5), "Daughter is here", "c1", "ed-coordinator")
    read = Note(
        "Cora", ago(5), "Read", "c1", "ed-coordinator",
        read_by=(ReadBy("community-clinician", Actor("h2", "Another Clinician"), ago(1)),),
    )  # fmt: skip
    own_side = Note("Kit", ago(5), "Ours", "h2", "community-clinician")
    assert unread((theirs, read, own_side), CLINICIAN) == (theirs,)
    assert unread((theirs, read, own_side), COORDINATOR) == (own_side,)


def test_a_note_that_does_not_say_its_side_is_unread_by_all_but_its_author() -> None:
    bare = Note("Cora", ago(5), "From another program", "c1")
    assert unread((bare,), CLINICIAN) == (bare,)
    assert unread((bare,), COORDINATOR) == ()
