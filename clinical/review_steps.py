"""The steps of a review: which may follow which, and who may take them.

The table here is the state diagram (``state_diagram`` draws it); nothing reaches a state that it
doesn't give.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from types import MappingProxyType

from clinical.person import Caller, Role
from clinical.review import Outcome, Review, ReviewStatus


class Action(Enum):
    """What somebody may do. Those that change a review are steps of the diagram."""

    FLAG = "flag"
    WITHDRAW = "withdraw"
    CLAIM = "claim"
    RELEASE = "release"
    RELEASE_IDLE = "release for want of activity"
    """Anybody may, once whoever holds a review has done nothing for the set time."""
    TAKE_OVER = "take over"
    DECIDE = "decide"
    UNDO = "undo"
    REVERSE = "reverse a redirect"
    HAND_OVER = "hand over"
    """The emergency department takes the patient; seen in the record, done by nobody here."""
    ANSWER = "answer the checklist"
    OVERRIDE = "override a red flag"
    NOTE = "write a note"
    SEE_QUEUE = "see who waits"
    OPEN_RECORD = "open a shared record"
    SET_CAPACITY = "set a service's capacity"
    SEE_COUNTS = "see the counts"
    SEE_DEPARTMENTS = "see how every department stands, in numbers"
    SET_WEIGHTS = "set the weights of the ranking"


_OUTCOME_STATUS: Mapping[Outcome, ReviewStatus] = MappingProxyType(
    {
        Outcome.REDIRECTED: ReviewStatus.REDIRECTED,
        Outcome.NOT_SUITABLE: ReviewStatus.NOT_REDIRECTED,
        Outcome.PATIENT_DECLINED: ReviewStatus.NOT_REDIRECTED,
        Outcome.NO_CAPACITY: ReviewStatus.NOT_REDIRECTED,
        Outcome.DEFERRED: ReviewStatus.DEFERRED,
        Outcome.HANDED_OVER_FIRST: ReviewStatus.HANDED_OVER,
        Outcome.REDIRECT_REVERSED: ReviewStatus.REVERSED,
    }
)

_S = ReviewStatus
TRANSITIONS: Mapping[ReviewStatus, Mapping[Action, frozenset[ReviewStatus]]] = MappingProxyType(
    {
        _S.NONE: {Action.FLAG: frozenset({_S.REQUESTED})},
        _S.REQUESTED: {
            Action.CLAIM: frozenset({_S.CLAIMED}),
            Action.WITHDRAW: frozenset({_S.WITHDRAWN}),
            Action.HAND_OVER: frozenset({_S.HANDED_OVER}),
        },
        _S.CLAIMED: {
            Action.RELEASE: frozenset({_S.REQUESTED}),
            Action.RELEASE_IDLE: frozenset({_S.REQUESTED}),
            Action.TAKE_OVER: frozenset({_S.CLAIMED}),
            Action.WITHDRAW: frozenset({_S.WITHDRAWN}),
            Action.DECIDE: frozenset({_S.REDIRECTED, _S.NOT_REDIRECTED, _S.DEFERRED}),
            Action.HAND_OVER: frozenset({_S.HANDED_OVER}),
        },
        _S.DEFERRED: {
            Action.FLAG: frozenset({_S.REQUESTED}),
            Action.CLAIM: frozenset({_S.CLAIMED}),
            Action.WITHDRAW: frozenset({_S.WITHDRAWN}),
            Action.HAND_OVER: frozenset({_S.HANDED_OVER}),
        },
        _S.REDIRECTED: {
            Action.UNDO: frozenset({_S.CLAIMED}),
            Action.REVERSE: frozenset({_S.REVERSED}),
        },
        _S.REVERSED: {Action.FLAG: frozenset({_S.REQUESTED})},
        _S.NOT_REDIRECTED: {Action.UNDO: frozenset({_S.CLAIMED})},
        _S.WITHDRAWN: {Action.FLAG: frozenset({_S.REQUESTED})},
        _S.HANDED_OVER: {},
        _S.UNKNOWN: {},
    }
)
"""By status, what may be done and which statuses it may lead to. A redirect that the emergency
department takes over without a word here stays REDIRECTED: that it was reversed is then found when
outcomes are counted. A patient whose redirect was reversed may be flagged again, while they wait:
their wait counts by its last decision, and the reversal stays in the record. A status that isn't
known allows nothing, so that nothing of another program is overwritten."""

_CLINICIAN = frozenset(
    {
        Action.SEE_QUEUE,
        Action.OPEN_RECORD,
        Action.FLAG,
        Action.CLAIM,
        Action.RELEASE,
        Action.TAKE_OVER,
        Action.ANSWER,
        Action.DECIDE,
        Action.UNDO,
        Action.REVERSE,
        Action.RELEASE_IDLE,
        Action.OVERRIDE,
        Action.WITHDRAW,
        Action.NOTE,
        Action.SET_CAPACITY,
    }
)
_COORDINATOR = frozenset(
    {
        Action.SEE_QUEUE,
        Action.FLAG,
        Action.WITHDRAW,
        Action.RELEASE_IDLE,
        Action.REVERSE,
        Action.NOTE,
        Action.SET_CAPACITY,
        Action.SEE_DEPARTMENTS,
    }
)
_MANAGER = frozenset({Action.SEE_COUNTS, Action.SEE_DEPARTMENTS, Action.SET_WEIGHTS})
_ROLES: Mapping[Role, frozenset[Action]] = MappingProxyType(
    {
        Role.COMMUNITY_CLINICIAN: _CLINICIAN,
        Role.ED_COORDINATOR: _COORDINATOR,
        Role.MANAGER: _MANAGER,
    }
)

_ROLE_WORDS: Mapping[Role, str] = MappingProxyType(
    {
        Role.COMMUNITY_CLINICIAN: "a community clinician",
        Role.ED_COORDINATOR: "a coordinator of the emergency department",
        Role.MANAGER: "a manager",
    }
)
_HOLDERS_OWN = frozenset({Action.RELEASE, Action.ANSWER, Action.DECIDE, Action.WITHDRAW})
"""Once somebody holds a review these are theirs alone."""


def may(caller: Caller, action: Action) -> bool:
    """Whether this role may ever do this. A manager sees counts and nobody's record."""
    return action in _ROLES[caller.role]


def transitions(status: ReviewStatus) -> Mapping[Action, frozenset[ReviewStatus]]:
    """What may be done in this status, and which statuses it may lead to."""
    return TRANSITIONS[status]


def follows(before: ReviewStatus, action: Action, after: ReviewStatus) -> bool:
    """Whether ``action`` may lead from one status to the other."""
    return after in TRANSITIONS[before].get(action, frozenset())


def status_of(outcome: Outcome) -> ReviewStatus:
    """The status of a review that was decided so."""
    return _OUTCOME_STATUS[outcome]


def why_not(caller: Caller, action: Action, review: Review | None) -> str:
    """Why ``caller`` can't do this to the review now, in a sentence; empty where they can.

    ``review`` None is a wait that nobody has flagged.
    """
    if not may(caller, action):
        return f"This can't be done as {_ROLE_WORDS[caller.role]}: {action.value}."
    status = ReviewStatus.NONE if review is None else review.status
    on_review = any(action in steps for steps in TRANSITIONS.values())
    if on_review and action not in TRANSITIONS[status]:
        return f"A review that is {status.value} doesn't allow this: {action.value}."
    if action is Action.ANSWER and status is not ReviewStatus.CLAIMED:
        return "The checklist can be answered by whoever has the review."
    if review is not None and status is ReviewStatus.CLAIMED:
        return _not_the_holder(caller, action, review)
    return ""


def undo_until(review: Review, within: timedelta) -> datetime | None:
    """Until when a decision may be undone, in UTC; None where there is none with an exact time.

    From then on, what goes wrong is a redirect reversed, which is an outcome of its own.
    """
    if Action.UNDO not in TRANSITIONS[review.status]:
        return None
    if review.decided_at is None or not review.decided_at.exact:
        return None
    return review.decided_at.earliest.astimezone(UTC) + within


def state_diagram() -> str:
    """The diagram of ``TRANSITIONS`` in Mermaid's language, for the documentation."""
    lines = ["stateDiagram-v2", f"    [*] --> {_state(ReviewStatus.NONE)}"]
    for before, steps in TRANSITIONS.items():
        for action, afters in steps.items():
            lines += [
                f"    {_state(before)} --> {_state(after)}: {action.value}"
                for after in sorted(afters, key=lambda each: each.value)
            ]
    return "\n".join(lines) + "\n"


def _state(status: ReviewStatus) -> str:
    return status.value.replace("-", "_")


def _not_the_holder(caller: Caller, action: Action, review: Review) -> str:
    holder = review.owner
    mine = holder is not None and bool(caller.user) and holder.user == caller.user
    if action in _HOLDERS_OWN and not mine:
        name = holder.name if holder is not None and holder.name else "Somebody else"
        return f"{name} has this review."
    if action is Action.TAKE_OVER and mine:
        return "You have this review already."
    return ""
