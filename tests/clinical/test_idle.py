"""Since when the holder of a review has shown no sign."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from clinical.checklist import ItemAnswer, Override
from clinical.checklist_rules import covered_by
from clinical.idle import idle_for, is_idle, may_be_idle
from clinical.moments import at_instant
from clinical.review import Actor, Note, OverrideRequest, Review, ReviewStatus

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
AFTER = timedelta(minutes=20)
HOLDER = Actor("111", "Dr A")


def ago(minutes: int) -> datetime:
    return NOW - timedelta(minutes=minutes)


HELD = Review(
    task="t1",
    version="1",
    encounter="e1",
    patient="p1",
    status=ReviewStatus.CLAIMED,
    record_status="in-progress",
    requested_by=None,
    requested_at=None,
    reason="",
    owner=HOLDER,
    claimed_at=at_instant(ago(24)),
    outcome=None,
    outcome_reason="",
    outcome_service="",
    decided_at=None,
    notes=(),
    response="",
    referral="",
)


def test_a_holder_who_has_answered_nothing_is_idle_since_they_took_it() -> None:
    assert idle_for(HELD, None, NOW) == timedelta(minutes=24)
    assert is_idle(HELD, None, NOW, AFTER)
    assert is_idle(HELD, None, NOW, timedelta(minutes=24))
    assert not is_idle(HELD, None, NOW, timedelta(minutes=24, seconds=1))


def test_an_answer_a_note_or_an_asking_of_the_holders_is_a_sign() -> None:
    assert idle_for(HELD, ago(3), NOW) == timedelta(minutes=3)
    noted = replace(HELD, notes=(Note("Dr A", at_instant(ago(5)), "Ringing", HOLDER.user),))
    assert not may_be_idle(noted, NOW, AFTER)
    asked = replace(HELD, override_asked=OverrideRequest(HOLDER, at_instant(ago(7)), ()))
    assert idle_for(asked, None, NOW) == timedelta(minutes=7)


def test_what_somebody_else_writes_says_nothing_of_the_holder() -> None:
    noted = replace(HELD, notes=(Note("Sister B", at_instant(ago(1)), "Any answer?", "222"),))
    assert idle_for(noted, None, NOW) == timedelta(minutes=24)


def test_nobody_is_idle_on_a_review_that_nobody_holds_or_whose_start_is_not_known() -> None:
    assert idle_for(replace(HELD, status=ReviewStatus.REQUESTED), None, NOW) is None
    assert idle_for(replace(HELD, claimed_at=None), None, NOW) is None
    assert not may_be_idle(replace(HELD, owner=None), NOW, AFTER)


def test_a_clock_that_runs_ahead_is_no_idleness() -> None:
    assert idle_for(HELD, NOW + timedelta(minutes=2), NOW) == timedelta()


def test_a_red_flag_that_is_answered_anew_needs_the_second_clinicians_word_again() -> None:
    given = Override("222", "Dr B", "Seen", ("lie", "fall"), ago(10))
    answers = (
        ItemAnswer("lie", (True,), at=ago(20)),
        ItemAnswer("fall", (True,), at=ago(5)),
    )
    assert covered_by(given, answers) == {"lie"}
    assert covered_by(replace(given, at=None), answers) == {"lie", "fall"}
