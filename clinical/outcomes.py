"""What became of a patient after a decision, and what counts as an admission avoided.

Each definition is a function of one case and the as-at time, and answers yes, no, pending (its
window isn't over, or they haven't left) or unknown (the record can't show it). The words of each
are in ``clinical.outcome_counts``.

No national definition of an avoided admission was found; these are the ones recommended for this
purpose, and always called potential. Windows are spans of real time: 24 hours are 24 hours also
when the clocks change. Conveyance is never avoided here: everybody had been conveyed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from clinical.age import Age
from clinical.moments import Moment, Precision
from clinical.review import Outcome


class Verdict(Enum):
    """What a definition says of one case."""

    YES = "yes"
    NO = "no"
    PENDING = "pending"
    UNKNOWN = "unknown"


class Departure(Enum):
    """How the wait ended."""

    LEFT = "left"
    """Left the site without being handed over."""
    HANDED_OVER = "handed-over"
    """Taken over by the emergency department."""
    STILL_HERE = "still-here"
    NOT_KNOWN = "not-known"
    """Ended, and the record doesn't say how or when."""


@dataclass(frozen=True, slots=True)
class CommunityContact:
    """One contact of the community service that a referral led to."""

    when: Moment | None
    face_to_face: bool
    """A visit; a call by telephone or video is a contact and no visit."""


@dataclass(frozen=True, slots=True)
class RedirectCase:
    """One review of one wait, with everything later that its definitions ask about.

    Later attendances, admissions and the death are those of the same person in any record joined
    to them, entered-in-error and planned ones left out; a None among them is one whose time the
    record doesn't give.
    """

    task: str
    encounter: str
    outcome: Outcome | None
    """The decision, None while there is none."""
    waiting_since: Moment | None
    flagged_at: Moment | None
    claimed_at: Moment | None
    decided_at: Moment | None
    departure: Departure
    left_site_at: Moment | None
    handed_back_at: Moment | None
    """When the emergency department took them over, before or after a decision."""
    attendances: tuple[Moment | None, ...] = ()
    """Other emergency department attendances, however they came."""
    admissions: tuple[Moment | None, ...] = ()
    """Emergency admissions."""
    deceased: bool = False
    deceased_at: Moment | None = None
    referred_at: Moment | None = None
    """When the accepting service was asked."""
    contacts: tuple[CommunityContact, ...] = ()
    follow_up_visible: bool = True
    """Whether a later attendance elsewhere could be joined to this person at all."""
    visible_until: datetime | None = None
    """Up to when follow-up can be seen; None: to the as-at time."""
    withdrawn: bool = False
    site: str = ""
    service: str = ""
    """The community service that took them, or that had no room."""
    reason: str = ""
    age: Age | None = None
    frailty: int | None = None
    """Clinical Frailty Scale, 1 to 9."""
    ethnicity: str = ""
    deprivation: int | None = None
    """Decile of the Index of Multiple Deprivation, 1 the most deprived."""

    @property
    def departed_at(self) -> Moment | None:
        """When the wait ended, by leaving or by handover; None where it hasn't or isn't known."""
        match self.departure:
            case Departure.LEFT:
                return self.left_site_at
            case Departure.HANDED_OVER:
                return self.handed_back_at
            case _:
                return None


HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OutcomeSettings:
    """The windows and thresholds of the definitions, all of them configurable.

    The windows are recommendations, not national definitions: there are none.
    """

    attendance_window: timedelta = 24 * HOUR
    admission_windows: tuple[timedelta, ...] = (72 * HOUR, 7 * DAY, 30 * DAY)
    reattendance_windows: tuple[timedelta, ...] = (72 * HOUR, 7 * DAY)
    readmission_windows: tuple[timedelta, ...] = (7 * DAY, 30 * DAY)
    death_windows: tuple[timedelta, ...] = (7 * DAY, 30 * DAY)
    response_window: timedelta = 2 * HOUR
    waiting_threshold: timedelta = timedelta(minutes=15)
    """Ambulance time is lost from here on; some returns use 30 minutes."""
    small_number: int = 5
    """Counts from 1 to one less than this are suppressed where people could be recognised."""


def accepted(case: RedirectCase) -> bool:
    """Whether a redirect was decided, whatever came of it."""
    return case.outcome in (Outcome.REDIRECTED, Outcome.REDIRECT_REVERSED)


def redirected(case: RedirectCase, as_at: datetime) -> Verdict:
    """Accepted, and left the emergency department's site without attendance or admission.

    Pending while they are still here. Unknown where the record doesn't give the instant at which
    they left. One that was reversed is never a redirect, however the patient left afterwards.
    """
    if case.outcome is not Outcome.REDIRECTED or case.departure is Departure.HANDED_OVER:
        return Verdict.NO
    if case.departure is Departure.STILL_HERE:
        return Verdict.PENDING
    left = case.left_site_at
    if case.departure is not Departure.LEFT or left is None or not left.exact:
        return Verdict.UNKNOWN
    return Verdict.YES if left.earliest <= utc(as_at) else Verdict.PENDING


def redirect_reversed(case: RedirectCase, as_at: datetime) -> Verdict:
    """A redirect was decided, and then reversed or the emergency department took them over."""
    if not accepted(case):
        return Verdict.NO
    if case.outcome is Outcome.REDIRECT_REVERSED:
        return Verdict.YES
    if case.departure is Departure.HANDED_OVER:
        return Verdict.YES
    left = redirected(case, as_at)
    return Verdict.NO if left is Verdict.YES else left


def attended_within(case: RedirectCase, window: timedelta, as_at: datetime) -> Verdict:
    """Redirected, and at an emergency department again within ``window`` of leaving."""
    return _happened(case, case.attendances, window, as_at)[1]


def admitted_within(case: RedirectCase, window: timedelta, as_at: datetime) -> Verdict:
    """Redirected, and admitted as an emergency within ``window`` of leaving."""
    return _happened(case, case.admissions, window, as_at)[1]


def died_within(case: RedirectCase, window: timedelta, as_at: datetime) -> Verdict:
    """Redirected, and died within ``window`` of leaving; unknown where they died and when isn't.

    A date alone counts when any part of it can lie in the window.
    """
    if case.deceased and case.deceased_at is None:
        left = redirected(case, as_at)
        return Verdict.UNKNOWN if left is Verdict.YES else left
    deaths = () if case.deceased_at is None else (case.deceased_at,)
    return _happened(case, deaths, window, as_at)[1]


def attendance_avoided(case: RedirectCase, window: timedelta, as_at: datetime) -> Verdict:
    """Redirected, and no emergency department attendance within ``window`` of leaving.

    Pending until the window is over, unless they came back; unknown where nothing was found and
    follow-up isn't visible.
    """
    return _avoided(case, case.attendances, window, as_at)


def admission_avoided(case: RedirectCase, window: timedelta, as_at: datetime) -> Verdict:
    """Redirected, and no emergency admission within ``window`` of leaving: potentially avoided."""
    return _avoided(case, case.admissions, window, as_at)


def two_hour_response(case: RedirectCase, window: timedelta, as_at: datetime) -> Verdict:
    """Redirected, and first seen face to face within ``window`` of the referral.

    A call by telephone doesn't meet it. Unknown where no contact at all is recorded once the
    window is over, or where the times given could lie on either side of its end: it is never
    claimed for want of a time.
    """
    left = redirected(case, as_at)
    if left is not Verdict.YES:
        return left
    if case.referred_at is None or not case.referred_at.exact:
        return Verdict.UNKNOWN
    as_at = utc(as_at)
    start = utc(case.referred_at.earliest)
    end = start + window
    visits = [contact.when for contact in case.contacts if contact.face_to_face]
    if any(
        when is not None and start <= when.earliest and when.before <= min(end, as_at)
        for when in visits
    ):
        return Verdict.YES
    if as_at <= end:
        return Verdict.PENDING
    if not case.contacts or any(_can_lie(when, start, end, as_at) for when in visits):
        return Verdict.UNKNOWN
    return Verdict.NO


def utc(when: datetime) -> datetime:
    """``when`` in UTC, so that adding a span adds real time and not hands of the clock."""
    return when if when.tzinfo is UTC else when.astimezone(UTC)


def _avoided(
    case: RedirectCase, events: Sequence[Moment | None], window: timedelta, as_at: datetime
) -> Verdict:
    asked, happened = _happened(case, events, window, as_at)
    if asked and happened is Verdict.YES:
        return Verdict.NO
    return Verdict.YES if asked and happened is Verdict.NO else happened


def _happened(
    case: RedirectCase, events: Sequence[Moment | None], window: timedelta, as_at: datetime
) -> tuple[bool, Verdict]:
    """(Whether they were redirected at all, whether one of ``events`` can lie within ``window`` of
    leaving); what is found counts at any time.
    """
    as_at = utc(as_at)
    left = redirected(case, as_at)
    if left is not Verdict.YES or case.left_site_at is None:
        return False, left
    start = utc(case.left_site_at.earliest)
    end = start + window
    for when in events:
        if _can_lie(when, start, end, as_at):
            return True, Verdict.YES
    if not case.follow_up_visible:
        return True, Verdict.UNKNOWN
    if as_at <= end:
        return True, Verdict.PENDING
    if case.visible_until is not None and case.visible_until < end:
        return True, Verdict.UNKNOWN
    return True, Verdict.NO


def _can_lie(when: Moment | None, start: datetime, end: datetime, as_at: datetime) -> bool:
    """Whether any part of ``when`` can lie from ``start`` to ``end``, both included, by now."""
    if when is None:
        return True
    if when.earliest > end or when.earliest > as_at:
        return False
    if when.precision is Precision.INSTANT:
        return start <= when.earliest
    return start < when.before
