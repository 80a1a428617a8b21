"""What became of the patients that were reviewed in a period: cases for the definitions to count.

The definitions are those of ``clinical.outcomes``; the shapes are docs/record-shapes.md's. What
can't be seen is unknown: a follow-up search that fails makes its cases unknown, never avoided.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from clinical.moments import Moment, utc_text
from clinical.outcome_counts import OutcomeCounts, count_outcomes
from clinical.outcomes import CommunityContact, OutcomeSettings, RedirectCase
from clinical.person import Caller, Confidentiality, Person
from clinical.review import Outcome, Review, ReviewStatus
from fhir_queries.asking import Answer, Resource, Search
from fhir_queries.audit import counted
from fhir_queries.errors import BadRecord
from fhir_queries.port import Record, page_of
from fhir_queries.profile import RecordProfile
from fhir_queries.reading.codes import CLINICAL_FRAILTY_LEVELS, CLINICAL_FRAILTY_SCORES
from fhir_queries.reading.entries import subject_of
from fhir_queries.reading.fields import id_of, moment, objects, text
from fhir_queries.reading.follow_up import (
    age_on_arrival,
    based_on,
    contact,
    departure,
    deprivation_decile,
    ethnic_category,
    frailty_before,
    is_attendance,
    is_emergency_admission,
    reason_group,
    started,
)
from fhir_queries.reading.people import person, unknown_person
from fhir_queries.reading.reviews import (
    REVIEW_CODE,
    TASK_CODE_SYSTEM,
    is_review,
    review,
)
from fhir_queries.reading.sections import UNREADABLE
from fhir_queries.reading.waits import department, waiting_since

AT_ONCE = 50
"""How many patients or numbers one search names."""
FLAGGED_BEFORE = timedelta(days=3)
"""How long before the period a review may have been asked for that was decided in it."""


@dataclass(frozen=True, slots=True)
class CasesRead:
    """The cases of a period, and how far they can be trusted."""

    as_at: datetime
    cases: tuple[RedirectCase, ...]
    set_aside: int
    """Reviews that couldn't be read."""
    complete: bool
    """Whether every review of the period came. What became of them is told case by case."""
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class _Around:
    """What was read around the reviews, by whom or what it belongs to."""

    patients: dict[str, Resource] = field(default_factory=dict)
    joined: dict[str, set[str]] = field(default_factory=dict)
    """By Patient id, all Patient ids of the same person, their own too."""
    unsure: set[str] = field(default_factory=set)
    """Patients of whom a part of the follow-up could not be read."""
    encounters: dict[str, list[Resource]] = field(default_factory=dict)
    frailty: dict[str, list[Resource]] = field(default_factory=dict)
    referrals: dict[str, Resource] = field(default_factory=dict)


def read_outcomes(
    record: Record,
    caller: Caller,
    start: datetime,
    end: datetime,
    as_at: datetime,
    *,
    settings: OutcomeSettings | None = None,
) -> OutcomeCounts:
    """The counts of the reviews dated from ``start`` to before ``end``, as they stand at ``as_at``.

    Raises BadRecord where not every review of the period could be read (a count of some of them
    would look like a count of all), RecordError where the record doesn't answer.
    """
    found = read_cases(record, caller, start, end)
    if not found.complete or found.set_aside:
        raise BadRecord(
            "not every review of the period was read",
            sentence="Not every review of this period could be read, so no counts are given.",
        )
    return count_outcomes(found.cases, as_at, settings)


def read_cases(record: Record, caller: Caller, start: datetime, end: datetime) -> CasesRead:
    """Every review dated from ``start`` to before ``end``, with what became of the patient.

    Raises RecordError where the reviews themselves can't be read.
    """
    profile = record.profile
    search = Search(
        "reviews",
        "Task",
        (
            ("code", f"{TASK_CODE_SYSTEM}|{REVIEW_CODE}"),
            ("authored-on", f"ge{utc_text(start - FLAGGED_BEFORE)}"),
            ("authored-on", f"lt{utc_text(end)}"),
            ("_include", "Task:patient"),
            ("_include", "Task:encounter"),
            ("_include:iterate", "Encounter:service-provider"),
            *page_of(profile),
        ),
    )
    answers = record.ask([search], audit=counted(caller) if profile.writing.audit else None)
    answer = answers.by_name["reviews"]
    if answer.error is not None:
        raise answer.error
    reviews: list[Review] = []
    aside = answer.set_aside
    for task in answer.matches:
        try:
            if is_review(task) and task.get("status") != "entered-in-error":
                read = review(task)
                if _within(read, start, end):
                    reviews.append(read)
        except UNREADABLE:
            aside += 1
    around = _read_around(record, reviews, answer)
    cases = tuple(_case(each, answer, around, profile) for each in reviews)
    return CasesRead(
        answers.as_at, cases, aside, answer.complete and not answer.withheld, answer.warnings
    )


def _within(read: Review, start: datetime, end: datetime) -> bool:
    at = read.decided_at or read.requested_at
    return at is not None and start <= at.earliest < end


def _read_around(record: Record, reviews: Sequence[Review], answer: Answer) -> _Around:
    around = _Around()
    for key, resource in answer.included.items():
        if key.startswith("Patient/"):
            around.patients[key.partition("/")[2]] = resource
    patients = sorted({each.patient for each in reviews if each.patient})
    around.joined = {patient: {patient} for patient in patients}
    if not patients:
        return around
    _join_records(record, patients, around)
    redirected = [each for each in reviews if each.outcome is Outcome.REDIRECTED]
    _read_follow_up(record, reviews, redirected, around)
    return around


def _join_records(record: Record, patients: Sequence[str], around: _Around) -> None:
    """Find the other Patients who are the same person: by NHS number, and by link either way."""
    numbers: dict[str, set[str]] = {}
    linked: dict[str, set[str]] = {}
    for patient in patients:
        known = _person(patient, around)
        for number in _valid_numbers(known):
            numbers.setdefault(number, set()).add(patient)
        for other in known.linked:
            linked.setdefault(other, set()).add(patient)
    systems = record.profile.person.nhs_number_systems
    searches: list[Search] = []
    page = page_of(record.profile)
    for place, some in enumerate(_some(sorted(numbers))):
        tokens = ",".join(f"{system}|{number}" for number in some for system in systems)
        searches.append(Search(f"number-{place}", "Patient", (("identifier", tokens), *page)))
    for place, some in enumerate(_some(sorted(linked))):
        searches.append(Search(f"linked-{place}", "Patient", (("_id", ",".join(some)),)))
    for place, some in enumerate(_some(patients)):
        named = ",".join(f"Patient/{patient}" for patient in some)
        searches.append(Search(f"links-{place}", "Patient", (("link", named),)))
    for name, answer in record.ask(searches).by_name.items():
        if answer.error is not None or not answer.complete:
            if not name.startswith("links-"):
                around.unsure.update(patients)
            continue
        for resource in answer.matches:
            identity = text(resource.get("id"))
            around.patients.setdefault(identity, resource)
            found = _person(identity, around)
            same = set(linked.get(identity, ())) | {*found.linked} & {*patients}
            for number in _valid_numbers(found):
                same |= numbers.get(number, set())
            for patient in same:
                around.joined[patient].add(identity)


def _read_follow_up(
    record: Record, reviews: Sequence[Review], redirected: Sequence[Review], around: _Around
) -> None:
    everybody = sorted({one for each in reviews for one in around.joined.get(each.patient, ())})
    followed = sorted({one for each in redirected for one in around.joined.get(each.patient, ())})
    searches: list[Search] = []
    page = page_of(record.profile)
    # Without a date: an Encounter whose time isn't recorded may be the one that matters
    for place, some in enumerate(_some(followed)):
        named = ",".join(f"Patient/{patient}" for patient in some)
        searches.append(Search(f"encounters-{place}", "Encounter", (("patient", named), *page)))
    frail = ",".join(sorted({*CLINICAL_FRAILTY_LEVELS, *CLINICAL_FRAILTY_SCORES}))
    for place, some in enumerate(_some(everybody)):
        named = ",".join(f"Patient/{patient}" for patient in some)
        searches.append(
            Search(f"frailty-{place}", "Observation", (("patient", named), ("code", frail), *page))
        )
    for place, some in enumerate(_some(sorted({e.referral for e in redirected if e.referral}))):
        searches.append(
            Search(f"referrals-{place}", "ServiceRequest", (("_id", ",".join(some)), *page))
        )
    if not searches:
        return
    for name, answer in record.ask(searches).by_name.items():
        kind = name.partition("-")[0]
        if kind == "encounters" and (answer.error is not None or not answer.complete):
            around.unsure.update(followed)
        for resource in answer.matches:
            owner = id_of(subject_of(resource), "Patient")
            if kind == "encounters":
                around.encounters.setdefault(owner, []).append(resource)
            elif kind == "frailty":
                around.frailty.setdefault(owner, []).append(resource)
            else:
                around.referrals[text(resource.get("id"))] = resource


def _some(names: Sequence[str]) -> Iterable[Sequence[str]]:
    return (names[first : first + AT_ONCE] for first in range(0, len(names), AT_ONCE))


def _person(patient: str, around: _Around) -> Person:
    resource = around.patients.get(patient)
    try:
        return person(resource, {}) if resource is not None else unknown_person(patient, "")
    except UNREADABLE:
        return unknown_person(patient, "")


def _valid_numbers(known: Person) -> list[str]:
    return [each.digits for each in known.nhs_numbers if each.check_digit_valid]


def _case(read: Review, answer: Answer, around: _Around, profile: RecordProfile) -> RedirectCase:
    encounter = answer.included.get(f"Encounter/{read.encounter}")
    arrived = waiting_since(encounter, profile.wait) if encounter is not None else None
    how, left, handed_back = departure(encounter, profile)
    holder = _person(read.patient, around)
    records = around.joined.get(read.patient, {read.patient})
    patient = around.patients.get(read.patient, {})
    people = [_person(each, around) for each in sorted(records)]
    later = [each for one in records for each in around.encounters.get(one, ())]
    later = [each for each in later if each.get("id") != read.encounter]
    attendances, admissions, contacts = _later(later, read.referral, profile)
    referred = around.referrals.get(read.referral, {})
    died = [each for each in people if each.deceased]
    observed = [each for one in records for each in around.frailty.get(one, ())]
    return RedirectCase(
        task=read.task,
        encounter=read.encounter,
        outcome=read.outcome,
        waiting_since=arrived,
        flagged_at=read.requested_at,
        claimed_at=read.claimed_at,
        decided_at=read.decided_at,
        departure=how,
        left_site_at=left,
        handed_back_at=handed_back,
        attendances=attendances,
        admissions=admissions,
        deceased=bool(died),
        deceased_at=next((each.deceased_at for each in died if each.deceased_at), None),
        referred_at=moment(referred.get("authoredOn")),
        contacts=contacts,
        follow_up_visible=_visible(holder, people) and read.patient not in around.unsure,
        withdrawn=read.status is ReviewStatus.WITHDRAWN,
        site=department(encounter, answer.included).name if encounter is not None else "",
        service=_service(read, referred),
        reason=reason_group(encounter),
        age=age_on_arrival(holder, arrived),
        frailty=frailty_before(observed, read.decided_at),
        ethnicity=ethnic_category(patient),
        deprivation=deprivation_decile(patient),
    )


def _later(
    encounters: Sequence[Resource], referral: str, profile: RecordProfile
) -> tuple[tuple[Moment | None, ...], tuple[Moment | None, ...], tuple[CommunityContact, ...]]:
    """Attendances, emergency admissions, and contacts that follow from the referral."""
    attendances = [started(e) for e in encounters if is_attendance(e, profile.codes)]
    admissions = [started(e) for e in encounters if is_emergency_admission(e, profile.codes)]
    contacts = [
        found
        for each in encounters
        if referral and referral in based_on(each) and (found := contact(each)) is not None
    ]
    return tuple(attendances), tuple(admissions), tuple(contacts)


def _visible(holder: Person, people: Sequence[Person]) -> bool:
    """Whether an attendance elsewhere could be joined to them: by a valid NHS number."""
    own = bool(_valid_numbers(holder))
    if own and holder.confidentiality is not Confidentiality.VERY_RESTRICTED:
        return True
    return any(_valid_numbers(each) for each in people if each.patient in {*holder.linked})


def _service(read: Review, referred: Mapping[str, Any]) -> str:
    for each in objects(referred.get("performer")):
        if said := text(each.get("display")):
            return said
    return read.outcome_service
