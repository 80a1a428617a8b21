"""The steps of a review: what may follow what, and whose step it is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical.moments import at_instant, read_moment
from clinical.person import Caller, Role
from clinical.review import Actor, Outcome, Review, ReviewStatus
from clinical.review_steps import (
    TRANSITIONS,
    Action,
    follows,
    may,
    state_diagram,
    status_of,
    transitions,
    undo_until,
    why_not,
)

DECIDED_AT = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def caller(role: Role, user: str = "u1") -> Caller:
    return Caller(user, "https://fhir.nhs.uk/Id/sds-user-id", "Dr A", role, "ZFC01", "Community")


CLINICIAN = caller(Role.COMMUNITY_CLINICIAN)
SECOND = caller(Role.COMMUNITY_CLINICIAN, "u2")
COORDINATOR = caller(Role.ED_COORDINATOR, "u3")
MANAGER = caller(Role.MANAGER, "u4")


def review(status: ReviewStatus, owner: str = "u1") -> Review:
    held = Actor(owner, "Dr A") if owner else None
    return Review(
        "t1", "1", "e1", "p1", status, "", None, None, "", held, None, None, "", "",
        at_instant(DECIDED_AT), (), "", "",
    )  # fmt: skip


def test_the_way_of_a_review_from_flag_to_decision() -> None:
    assert follows(ReviewStatus.NONE, Action.FLAG, ReviewStatus.REQUESTED)
    assert follows(ReviewStatus.REQUESTED, Action.CLAIM, ReviewStatus.CLAIMED)
    assert follows(ReviewStatus.CLAIMED, Action.DECIDE, ReviewStatus.REDIRECTED)
    assert follows(ReviewStatus.DEFERRED, Action.CLAIM, ReviewStatus.CLAIMED)


@pytest.mark.parametrize(
    ("before", "action", "after"),
    [
        (ReviewStatus.REQUESTED, Action.DECIDE, ReviewStatus.REDIRECTED),
        (ReviewStatus.REDIRECTED, Action.DECIDE, ReviewStatus.NOT_REDIRECTED),
        (ReviewStatus.REDIRECTED, Action.CLAIM, ReviewStatus.CLAIMED),
        (ReviewStatus.HANDED_OVER, Action.UNDO, ReviewStatus.CLAIMED),
        (ReviewStatus.WITHDRAWN, Action.CLAIM, ReviewStatus.CLAIMED),
        (ReviewStatus.NONE, Action.CLAIM, ReviewStatus.CLAIMED),
        (ReviewStatus.UNKNOWN, Action.FLAG, ReviewStatus.REQUESTED),
        (ReviewStatus.NOT_REDIRECTED, Action.REVERSE, ReviewStatus.REVERSED),
        (ReviewStatus.REVERSED, Action.UNDO, ReviewStatus.CLAIMED),
        (ReviewStatus.REVERSED, Action.CLAIM, ReviewStatus.CLAIMED),
    ],
)
def test_a_step_that_the_diagram_does_not_have(
    before: ReviewStatus, action: Action, after: ReviewStatus
) -> None:
    assert not follows(before, action, after)


def test_every_status_is_on_the_diagram_and_reached_but_the_unknown_one() -> None:
    assert set(TRANSITIONS) == set(ReviewStatus)
    reached = {ReviewStatus.NONE}
    while True:
        further = {
            after for each in reached for afters in TRANSITIONS[each].values() for after in afters
        }
        if further <= reached:
            break
        reached |= further
    assert reached == set(ReviewStatus) - {ReviewStatus.UNKNOWN}


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_leads_to_a_status_that_a_held_review_may_come_to(outcome: Outcome) -> None:
    step = Action.HAND_OVER if outcome is Outcome.HANDED_OVER_FIRST else Action.DECIDE
    before = ReviewStatus.CLAIMED
    if outcome is Outcome.REDIRECT_REVERSED:
        before, step = ReviewStatus.REDIRECTED, Action.REVERSE
    assert follows(before, step, status_of(outcome))


@given(st.lists(st.tuples(st.sampled_from(Action), st.integers(0, 3)), max_size=30))
def test_no_sequence_of_steps_decides_what_nobody_claimed(
    steps: list[tuple[Action, int]],
) -> None:
    status, claimed = ReviewStatus.NONE, False
    for action, choice in steps:
        afters = sorted(transitions(status).get(action, ()), key=lambda each: each.value)
        if not afters:
            continue
        before, status = status, afters[choice % len(afters)]
        assert follows(before, action, status)
        claimed = claimed or status is ReviewStatus.CLAIMED
        if status in (ReviewStatus.REDIRECTED, ReviewStatus.NOT_REDIRECTED):
            assert claimed
            assert before is ReviewStatus.CLAIMED
        assert status is not ReviewStatus.UNKNOWN


def test_a_manager_sees_counts_and_no_patient() -> None:
    assert {action for action in Action if may(MANAGER, action)} == {
        Action.SEE_COUNTS,
        Action.SEE_DEPARTMENTS,
        Action.SET_WEIGHTS,
    }


def test_only_a_clinician_opens_a_record_and_decides() -> None:
    for action in (Action.OPEN_RECORD, Action.CLAIM, Action.DECIDE, Action.OVERRIDE, Action.UNDO):
        assert may(CLINICIAN, action)
        assert not may(COORDINATOR, action)
    assert may(COORDINATOR, Action.FLAG)
    assert may(COORDINATOR, Action.WITHDRAW)


def test_nobody_here_hands_a_patient_over() -> None:
    assert not any(may(each, Action.HAND_OVER) for each in (CLINICIAN, COORDINATOR, MANAGER))


@pytest.mark.parametrize(
    ("who", "action", "standing", "words"),
    [
        (CLINICIAN, Action.CLAIM, review(ReviewStatus.REQUESTED, ""), ""),
        (CLINICIAN, Action.FLAG, None, ""),
        (CLINICIAN, Action.CLAIM, None, "A review that is none doesn't allow this"),
        (CLINICIAN, Action.DECIDE, review(ReviewStatus.CLAIMED), ""),
        (SECOND, Action.DECIDE, review(ReviewStatus.CLAIMED), "Dr A has this review."),
        (SECOND, Action.DECIDE, review(ReviewStatus.CLAIMED, ""), "Somebody else has"),
        (SECOND, Action.RELEASE, review(ReviewStatus.CLAIMED), "Dr A has this review."),
        (SECOND, Action.TAKE_OVER, review(ReviewStatus.CLAIMED), ""),
        (SECOND, Action.OVERRIDE, review(ReviewStatus.CLAIMED), ""),
        (CLINICIAN, Action.TAKE_OVER, review(ReviewStatus.CLAIMED), "You have this review already"),
        (COORDINATOR, Action.WITHDRAW, review(ReviewStatus.CLAIMED), "Dr A has this review."),
        (COORDINATOR, Action.WITHDRAW, review(ReviewStatus.REQUESTED), ""),
        (COORDINATOR, Action.DECIDE, review(ReviewStatus.CLAIMED), "as a coordinator"),
        (MANAGER, Action.SEE_QUEUE, None, "as a manager"),
        (CLINICIAN, Action.ANSWER, review(ReviewStatus.REQUESTED), "by whoever has the review"),
        (CLINICIAN, Action.ANSWER, review(ReviewStatus.CLAIMED), ""),
        (CLINICIAN, Action.NOTE, review(ReviewStatus.HANDED_OVER), ""),
        (CLINICIAN, Action.CLAIM, review(ReviewStatus.REDIRECTED), "is redirected"),
        (CLINICIAN, Action.CLAIM, review(ReviewStatus.UNKNOWN), "is unknown"),
    ],
)
def test_why_somebody_cannot_do_something_now(
    who: Caller, action: Action, standing: Review | None, words: str
) -> None:
    because = why_not(who, action, standing)
    assert words in because
    assert bool(words) == bool(because)


def test_without_a_user_nobody_is_the_holder() -> None:
    nameless = replace(CLINICIAN, user="")
    assert why_not(nameless, Action.DECIDE, review(ReviewStatus.CLAIMED, ""))


def test_a_decision_may_be_undone_for_a_set_time() -> None:
    within = timedelta(minutes=10)
    assert undo_until(review(ReviewStatus.REDIRECTED), within) == DECIDED_AT + within
    assert undo_until(review(ReviewStatus.CLAIMED), within) is None
    assert undo_until(review(ReviewStatus.HANDED_OVER), within) is None
    dated = replace(review(ReviewStatus.REDIRECTED), decided_at=read_moment("2026-03-10"))
    assert undo_until(dated, within) is None
    assert undo_until(replace(dated, decided_at=None), within) is None


def test_the_diagram_draws_every_step_and_no_other() -> None:
    drawn = state_diagram().splitlines()
    assert drawn[0] == "stateDiagram-v2"
    steps = sum(len(afters) for each in TRANSITIONS.values() for afters in each.values())
    assert len(drawn) == 2 + steps
    assert "    claimed --> not_redirected: decide" in drawn
