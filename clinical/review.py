"""A review of one wait: asked for, held by one clinician, decided.

Which step may follow which, and whose it is, is in ``clinical.review_steps``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from clinical.checklist import Override
from clinical.moments import Moment
from clinical.opening_hours import OpeningHours
from clinical.quick import quick


class ReviewStatus(Enum):
    """Where a review stands. The values are the words of the command line's JSON."""

    NONE = "none"
    REQUESTED = "requested"
    """Flagged: nobody has it yet."""
    CLAIMED = "claimed"
    DEFERRED = "deferred"
    REDIRECTED = "redirected"
    REVERSED = "redirect-reversed"
    """Redirected once, and back with the emergency department: the service couldn't come, or the
    patient got worse."""
    NOT_REDIRECTED = "not-redirected"
    HANDED_OVER = "handed-over"
    WITHDRAWN = "withdrawn"
    UNKNOWN = "unknown"
    """The record holds a status that this program doesn't know; shown as it is."""


class Outcome(Enum):
    """What a clinician may decide."""

    REDIRECTED = "redirected"
    NOT_SUITABLE = "not-suitable"
    PATIENT_DECLINED = "patient-declined"
    NO_CAPACITY = "no-capacity"
    DEFERRED = "deferred"
    HANDED_OVER_FIRST = "handed-over-first"
    REDIRECT_REVERSED = "redirect-reversed"
    """A redirect that was decided and then reversed; found by reversing one, never chosen."""


@quick
@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody named in the record. ``user`` is their identifier's value, or empty."""

    user: str
    name: str
    organisation: str = ""


@dataclass(frozen=True, slots=True)
class ReadBy:
    """That somebody said they have read a note. ``side`` is the value of their ``Role``."""

    side: str
    by: Actor | None
    at: Moment | None


@quick
@dataclass(frozen=True, slots=True)
class Note:
    """One note on a review."""

    by: str
    at: Moment | None
    text: str
    by_user: str = ""
    """The identifier's value of whoever wrote it, or empty."""
    side: str = ""
    """The ``Role`` of whoever wrote it, as its value; empty where the record doesn't say."""
    asks_again: bool = False
    """Whether it asks for an answer once more."""
    read_by: tuple[ReadBy, ...] = ()


@dataclass(frozen=True, slots=True)
class OverrideRequest:
    """That the holder of a review asks for a second clinician's word in spite of red flags."""

    by: Actor | None
    at: Moment | None
    red_flags: tuple[tuple[str, str], ...]
    """Each red flag that stands: its link id or indicator's name, and its words."""


@quick
@dataclass(frozen=True, slots=True)
class Review:
    """The Task of one wait, as read."""

    task: str
    version: str
    encounter: str
    patient: str
    status: ReviewStatus
    record_status: str
    """``Task.status`` as it stands in the record."""
    requested_by: Actor | None
    requested_at: Moment | None
    reason: str
    """Why it was flagged, in words."""
    owner: Actor | None
    claimed_at: Moment | None
    outcome: Outcome | None
    outcome_reason: str
    outcome_service: str
    decided_at: Moment | None
    notes: tuple[Note, ...]
    response: str
    """The id of the QuestionnaireResponse that holds the checklist, or empty."""
    referral: str
    """The id of the ServiceRequest to the accepting service, or empty."""
    changed_at: Moment | None = None
    """``Task.lastModified``: when anybody last changed the review itself."""
    review_again_at: Moment | None = None
    """Of a deferred one, when somebody is to look again."""
    reversed_at: Moment | None = None
    """When a redirect was last reversed; it stays when the patient is flagged again."""
    override: Override | None = None
    """A second clinician's word in spite of red flags, given to whoever holds or held it."""
    override_asked: OverrideRequest | None = None
    """What a second clinician is asked for, None while nothing is."""
    pathway: str = ""
    """The pathway that whoever flagged it suggests, in words; empty where none."""


@dataclass(frozen=True, slots=True)
class CommunityService:
    """A HealthcareService that a patient may be redirected to."""

    id: str
    name: str
    provider: str
    active: bool
    hours: str
    """Opening hours in words; empty where none are recorded."""
    response_minutes: int | None
    """The response time it promises, None where it isn't recorded."""
    comment: str = ""
    opening: OpeningHours = field(default_factory=OpeningHours)
    phone: str = ""
    """Where one may ask; empty where no number is recorded."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a clinician decided about one review, ready to be written as one transaction."""

    review: Review
    outcome: Outcome
    reason_code: str
    """A code of the site's decline list; empty for a redirect."""
    reason_text: str
    service: CommunityService | None
    """Required for a redirect and for no-capacity."""
    by_user: str
    by_name: str
    decided_at: datetime
    review_again_at: datetime | None = None
