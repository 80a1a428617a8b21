"""The books of the counts: facts of reviews and of what came after, joined by person.

They hold what was read of the record and know which cases a change touches. They ask the record
nothing. The same facts give the same cases, in whatever order they came.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from clinical.age import Age, age_at
from clinical.moments import Moment
from clinical.outcomes import Departure, RedirectCase
from clinical.review import Outcome
from fhir_queries.asking import Resource
from fhir_queries.profile import RecordProfile
from fhir_queries.reading.entries import subject_of
from fhir_queries.reading.fields import id_of, text
from fhir_queries.reading.outcome_facts import (
    EncounterFacts,
    FrailtyFacts,
    PatientFacts,
    ReferralFacts,
    ReviewFacts,
    encounter_facts,
    frailty_facts,
    newest_frailty,
    patient_facts,
    referral_facts,
    review_facts,
)
from fhir_queries.reading.sections import UNREADABLE

_PLACES = ("Organization", "Location")


class Index:
    """Which things belong to what: a name to the names filed under it."""

    __slots__ = ("_filed",)

    def __init__(self) -> None:
        self._filed: dict[str, set[str]] = {}

    def __getitem__(self, under: str) -> Iterable[str]:
        """What is filed under a name; nothing where nothing is."""
        return self._filed.get(under, ())

    def __contains__(self, under: str) -> bool:
        """Whether anything is filed under a name."""
        return under in self._filed

    def add(self, under: str, name: str) -> None:
        """File a name."""
        self._filed.setdefault(under, set()).add(name)

    def discard(self, under: str, name: str) -> None:
        """Take a name out again."""
        filed = self._filed.get(under)
        if filed is not None:
            filed.discard(name)
            if not filed:
                del self._filed[under]


class Books:
    """Facts by their ids, and the cases that they make."""

    def __init__(self, profile: RecordProfile) -> None:
        self.profile = profile
        self.reviews: dict[str, ReviewFacts] = {}
        self.encounters: dict[str, EncounterFacts] = {}
        self.patients: dict[str, PatientFacts] = {}
        self.scores: dict[str, FrailtyFacts] = {}
        self.referrals: dict[str, ReferralFacts] = {}
        self.unsure: set[str] = set()
        """Patients of whom a part of what came after could not be read."""
        self._places: dict[str, Resource] = {}
        self._of_patient, self._of_encounter, self._of_referral = Index(), Index(), Index()
        self._holders, self._linking = Index(), Index()
        self._contacts, self._scored = Index(), Index()
        self._touched: set[str] = set()

    def take(self, resource: Resource) -> bool:
        """Take in one resource in place of what was held of it; whether it could be read."""
        kind, own_id = resource.get("resourceType"), text(resource.get("id"))
        try:
            self._take(str(kind), own_id, resource)
        except UNREADABLE:
            return False
        return True

    def _take(self, kind: str, own_id: str, resource: Resource) -> None:
        if kind in _PLACES:
            self._places[f"{kind}/{own_id}"] = resource
            return
        fresh: Any = None
        match kind:
            case "Task":
                fresh = review_facts(resource)
            case "Encounter":
                fresh = encounter_facts(resource, self._places, self.profile)
            case "Patient":
                fresh = patient_facts(resource)
            case "Observation":
                fresh = frailty_facts(resource)
            case "ServiceRequest":
                fresh = referral_facts(resource)
        held = self._held(kind)
        if held is None or held.get(own_id) == fresh:
            return
        self.drop(kind, own_id)
        if fresh is not None:
            held[own_id] = fresh
            self._file(kind, fresh, Index.add)
            self._touch(kind, fresh)

    def drop(self, kind: str, own_id: str) -> None:
        """Forget a resource: it is no longer in the record, or no longer what it was."""
        held = self._held(kind)
        old = None if held is None else held.get(own_id)
        if held is None or old is None:
            return
        self._touch(kind, old)
        self._file(kind, old, Index.discard)
        del held[own_id]

    def _held(self, kind: str) -> dict[str, Any] | None:
        held: dict[str, dict[str, Any]] = {
            "Task": self.reviews,
            "Encounter": self.encounters,
            "Patient": self.patients,
            "Observation": self.scores,
            "ServiceRequest": self.referrals,
        }
        return held.get(kind)

    def _file(self, kind: str, facts: Any, do: Any) -> None:
        match kind:
            case "Task":
                do(self._of_patient, facts.patient, facts.task)
                do(self._of_encounter, facts.encounter, facts.task)
                do(self._of_referral, facts.referral, facts.task)
            case "Encounter":
                do(self._contacts, facts.patient, facts.encounter)
            case "Observation":
                do(self._scored, facts.patient, facts.observation)
            case "Patient":
                for number in facts.numbers:
                    do(self._holders, number, facts.patient)
                for other in facts.linked:
                    do(self._linking, other, facts.patient)

    def _touch(self, kind: str, facts: Any) -> None:
        """Note the tasks whose cases these facts are part of."""
        match kind:
            case "Task":
                self._touched.add(facts.task)
            case "ServiceRequest":
                self._touched.update(self._of_referral[facts.referral])
            case _:
                for one in self.same_person(facts.patient):
                    self._touched.update(self._of_patient[one])
                if kind == "Encounter":
                    self._touched.update(self._of_encounter[facts.encounter])

    def touched(self) -> set[str]:
        """The tasks whose cases may have changed since this was last asked."""
        found, self._touched = self._touched, set()
        return found

    @property
    def touched_so_far(self) -> frozenset[str]:
        """What ``touched`` would give now."""
        return frozenset(self._touched)

    def touch(self, patients: Iterable[str]) -> None:
        """Note that what is known of these people changed otherwise."""
        for patient in patients:
            for one in self.same_person(patient):
                self._touched.update(self._of_patient[one])

    def same_person(self, patient: str) -> set[str]:
        """The ids of every Patient that is the same person, theirs too: by a valid NHS number,
        and by ``Patient.link`` either way.
        """
        same = {patient, *self._linking[patient]}
        known = self.patients.get(patient)
        if known is not None:
            same.update(known.linked)
            for number in known.numbers:
                same.update(self._holders[number])
        return same

    def tasks_of(self, patients: Iterable[str]) -> set[str]:
        """The reviews of these Patients, by those ids themselves."""
        return {task for each in patients for task in self._of_patient[each]}

    def wants(self, resource: Resource) -> bool:
        """Whether a resource is held, is the wait of a review, or is about somebody reviewed."""
        kind, own_id = text(resource.get("resourceType")), text(resource.get("id"))
        if own_id in (self._held(kind) or ()) or (
            kind == "Encounter" and own_id in self._of_encounter
        ):
            return True
        owner = id_of(subject_of(resource), "Patient")
        return any(one in self._of_patient for one in self.same_person(owner))

    def may_concern(self, facts: PatientFacts) -> bool:
        """Whether a Patient is, or is joined to, somebody whose facts are held."""
        return (
            facts.patient in self.patients
            or facts.patient in self._linking
            or any(number in self._holders for number in facts.numbers)
            or any(other in self.patients for other in facts.linked)
        )

    def is_referral(self, referral: str) -> bool:
        """Whether a ServiceRequest came of a review."""
        return bool(referral) and referral in self._of_referral

    def cases(self, tasks: Iterable[str] | None = None) -> Iterator[RedirectCase]:
        """The cases of these reviews, of all where they are left out; none of one not held."""
        for task in self.reviews if tasks is None else tasks:
            read = self.reviews.get(task)
            if read is not None:
                yield self.case(read)

    def case(self, read: ReviewFacts) -> RedirectCase:
        """The case of one review. Only somebody redirected is followed."""
        wait = self.encounters.get(read.encounter)
        arrived = wait.waiting_since if wait is not None else None
        holder = self.patients.get(read.patient)
        records = sorted(self.same_person(read.patient))
        people = [found for each in records if (found := self.patients.get(each)) is not None]
        later = self._later(records, read) if read.outcome is Outcome.REDIRECTED else []
        referred = self.referrals.get(read.referral)
        died = [each for each in people if each.deceased]
        return RedirectCase(
            task=read.task,
            encounter=read.encounter,
            outcome=read.outcome,
            waiting_since=arrived,
            flagged_at=read.flagged_at,
            claimed_at=read.claimed_at,
            decided_at=read.decided_at,
            departure=wait.departure if wait is not None else Departure.NOT_KNOWN,
            left_site_at=wait.left_site_at if wait is not None else None,
            handed_back_at=wait.handed_back_at if wait is not None else None,
            attendances=tuple(each.started for each in later if each.attendance),
            admissions=tuple(each.started for each in later if each.admission),
            deceased=bool(died),
            deceased_at=next((each.deceased_at for each in died if each.deceased_at), None),
            referred_at=referred.authored_on if referred is not None else None,
            contacts=tuple(
                each.contact
                for each in later
                if each.contact is not None and read.referral and read.referral in each.based_on
            ),
            follow_up_visible=self._visible(holder, people) and self.unsure.isdisjoint(records),
            withdrawn=read.withdrawn,
            site=wait.site if wait is not None else "",
            service=(referred.service if referred is not None else "") or read.service,
            reason=wait.reason if wait is not None else "",
            age=_age(holder, arrived),
            frailty=newest_frailty(
                (self.scores[each] for one in records for each in self._scored[one]),
                read.decided_at,
            ),
            ethnicity=holder.ethnicity if holder is not None else "",
            deprivation=holder.deprivation if holder is not None else None,
        )

    def _later(self, records: Iterable[str], read: ReviewFacts) -> list[EncounterFacts]:
        return [
            self.encounters[each]
            for one in records
            for each in sorted(self._contacts[one])
            if each != read.encounter
        ]

    @staticmethod
    def _visible(holder: PatientFacts | None, people: Iterable[PatientFacts]) -> bool:
        """Whether an attendance elsewhere could be joined to them: by a valid NHS number."""
        if holder is None:
            return False
        if holder.numbers and not holder.very_restricted:
            return True
        return any(each.numbers for each in people if each.patient in holder.linked)


def _age(holder: PatientFacts | None, arrived: Moment | None) -> Age | None:
    """On the day of arrival; a range where the birth date is only partly known."""
    if holder is None or arrived is None:
        return None
    return age_at(holder.birth_date, arrived.earliest)
