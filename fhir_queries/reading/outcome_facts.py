"""What the counts need of each resource, and nothing else of it: small enough to keep for years.

No name, no address, no words of anybody are kept here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from clinical.moments import Moment
from clinical.outcomes import CommunityContact, Departure
from clinical.person import Confidentiality
from clinical.review import Outcome, Review, ReviewStatus
from fhir_queries.profile import RecordProfile
from fhir_queries.reading.entries import subject_of
from fhir_queries.reading.fields import Included, id_of, moment, objects, text
from fhir_queries.reading.follow_up import (
    based_on,
    contact,
    departure,
    deprivation_decile,
    ethnic_category,
    frailty_level,
    is_attendance,
    is_emergency_admission,
    reason_group,
    started,
)
from fhir_queries.reading.observations import effective
from fhir_queries.reading.people import confidentiality_of, deceased, linked, nhs_numbers
from fhir_queries.reading.reviews import is_review, review
from fhir_queries.reading.waits import department, waiting_since


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """One review, as the counts need it."""

    task: str
    encounter: str
    patient: str
    outcome: Outcome | None
    withdrawn: bool
    flagged_at: Moment | None
    claimed_at: Moment | None
    decided_at: Moment | None
    referral: str
    service: str


@dataclass(frozen=True, slots=True)
class EncounterFacts:
    """One Encounter: as the wait that it may be, and as what it is to other waits."""

    encounter: str
    patient: str
    waiting_since: Moment | None
    departure: Departure
    left_site_at: Moment | None
    handed_back_at: Moment | None
    site: str
    reason: str
    started: Moment | None
    attendance: bool
    admission: bool
    contact: CommunityContact | None
    based_on: frozenset[str]


@dataclass(frozen=True, slots=True)
class PatientFacts:
    """One Patient: what joins them to others, and what the groups are made by."""

    patient: str
    numbers: tuple[str, ...]
    """NHS numbers whose check digit holds."""
    linked: tuple[str, ...]
    very_restricted: bool
    birth_date: Moment | None
    deceased: bool
    deceased_at: Moment | None
    ethnicity: str
    deprivation: int | None


@dataclass(frozen=True, slots=True)
class FrailtyFacts:
    """One score of the Clinical Frailty Scale. ``at`` is in seconds since 1970."""

    observation: str
    patient: str
    level: int
    at: float


@dataclass(frozen=True, slots=True)
class ReferralFacts:
    """One ServiceRequest to a community service."""

    referral: str
    authored_on: Moment | None
    service: str


def review_facts(task: dict[str, Any]) -> ReviewFacts | None:
    """The review that a Task is; None where it is none, or never was."""
    if not is_review(task) or task.get("status") == "entered-in-error":
        return None
    return facts_of_review(review(task))


def facts_of_review(read: Review) -> ReviewFacts:
    """What the counts need of a review."""
    return ReviewFacts(
        read.task,
        read.encounter,
        read.patient,
        read.outcome,
        read.status is ReviewStatus.WITHDRAWN,
        read.requested_at,
        read.claimed_at,
        read.decided_at,
        read.referral,
        read.outcome_service,
    )


def encounter_facts(
    encounter: dict[str, Any], included: Included, profile: RecordProfile
) -> EncounterFacts:
    """The facts of an Encounter; ``included`` holds its Organization, for the site's name."""
    how, left, handed_back = departure(encounter, profile)
    return EncounterFacts(
        text(encounter.get("id")),
        id_of(subject_of(encounter), "Patient"),
        waiting_since(encounter, profile.wait),
        how,
        left,
        handed_back,
        department(encounter, included).name,
        reason_group(encounter),
        started(encounter),
        is_attendance(encounter, profile.codes),
        is_emergency_admission(encounter, profile.codes),
        contact(encounter),
        based_on(encounter),
    )


def patient_facts(patient: dict[str, Any]) -> PatientFacts:
    """The facts of a Patient."""
    died, died_at = deceased(patient)
    return PatientFacts(
        text(patient.get("id")),
        tuple(each.digits for each in nhs_numbers(patient) if each.check_digit_valid),
        linked(patient),
        confidentiality_of(patient) is Confidentiality.VERY_RESTRICTED,
        moment(patient.get("birthDate")),
        bool(died),
        died_at,
        ethnic_category(patient),
        deprivation_decile(patient),
    )


def frailty_facts(observation: dict[str, Any]) -> FrailtyFacts | None:
    """The score that an Observation is; None where it is none, or has no time."""
    level, at = frailty_level(observation), effective(observation)
    if level is None or at is None:
        return None
    owner = id_of(subject_of(observation), "Patient")
    return FrailtyFacts(text(observation.get("id")), owner, level, at.earliest.timestamp())


def referral_facts(request: Mapping[str, Any]) -> ReferralFacts:
    """The facts of a ServiceRequest."""
    named = (text(each.get("display")) for each in objects(request.get("performer")))
    return ReferralFacts(
        text(request.get("id")),
        moment(request.get("authoredOn")),
        next((name for name in named if name), ""),
    )


def newest_frailty(scores: Iterable[FrailtyFacts], decided: Moment | None) -> int | None:
    """The newest level that was known at the decision; of two of one time the frailer."""
    known = [
        (each.at, each.level)
        for each in scores
        if decided is None or each.at <= decided.earliest.timestamp()
    ]
    return max(known)[1] if known else None
