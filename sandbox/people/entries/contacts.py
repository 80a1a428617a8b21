"""Attendances, admissions, community contacts, caseloads, plans, teams and referrals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from sandbox.people.county import department, org
from sandbox.people.entries.telling import Teller
from sandbox.people.fhir import (
    HL7,
    UK_CODES,
    UK_CORE,
    Resource,
    coding,
    concept,
    encounter_class,
    later,
    period,
    ref,
    snomed,
    without_empty,
)

ADMISSION_METHOD = f"{UK_CORE}Extension-UKCore-AdmissionMethod"
ADMISSION_METHODS = {
    "11": "Elective Admission: Waiting list",
    "12": "Elective Admission: Booked",
    "13": "Elective Admission: Planned",
    "21": "Emergency Admission: Emergency Care Department or dental casualty department",
    "22": "Emergency Admission: General Practitioner",
    "28": "Emergency Admission: Other means",
    "2A": "Emergency Admission: Emergency Care Department of another provider",
    "31": "Maternity Admission: Admitted ante partum",
    "81": "Other Admission: Transfer from another Hospital Provider",
}


def admission_method(code: str) -> Resource:
    """The `Encounter.hospitalization` extension that says how somebody was admitted."""
    system = f"{UK_CODES}UKCore-AdmissionMethodEngland"
    return {
        "url": ADMISSION_METHOD,
        "valueCodeableConcept": concept("", coding(system, code, ADMISSION_METHODS[code])),
    }


@dataclass(frozen=True, slots=True)
class Attendance:
    """An ED attendance that is over."""

    text: str
    ago: float
    minutes: int = 300
    outcome: str = "Discharged home"
    clock: str = "11:40"

    def told(self, to: Teller) -> Iterator[Resource]:
        """One Encounter of class EMER."""
        start = to.at(self.ago, self.clock)
        yield to.start("Encounter", "acute") | {
            "status": "finished",
            "class": encounter_class("EMER"),
            "subject": to.subject,
            "period": period(start, later(start, minutes=self.minutes)),
            "reasonCode": [concept(self.text)],
            "hospitalization": {"dischargeDisposition": concept(self.outcome)},
            "serviceProvider": org(department(to.site)),
        }


@dataclass(frozen=True, slots=True)
class Admission:
    """A hospital stay that is over; `method` is of the NHS Data Dictionary (21 emergency)."""

    text: str
    ago: float
    nights: int = 4
    method: str = "21"
    specialty: str = "General internal medicine"

    def told(self, to: Teller) -> Iterator[Resource]:
        """One Encounter of class IMP."""
        start = to.at(self.ago, "17:15")
        source = {"admitSource": concept("", coding(f"{HL7}admit-source", "emd"))}
        yield to.start("Encounter", "acute") | {
            "status": "finished",
            "class": encounter_class("IMP"),
            "type": [concept(self.specialty)],
            "subject": to.subject,
            "period": period(start, start + timedelta(days=self.nights)),
            "reasonCode": [concept(self.text)],
            "hospitalization": {"extension": [admission_method(self.method)]}
            | (source if self.method == "21" else {}),
            "serviceProvider": to.org("acute"),
        }


@dataclass(frozen=True, slots=True)
class Contact:
    """A visit, clinic or call: `HH` at home, `AMB` in a clinic, `VR` by telephone or video."""

    text: str
    ago: float
    kind: str = "HH"
    by: str = "community"
    minutes: int = 40
    clock: str = "14:30"

    def told(self, to: Teller) -> Iterator[Resource]:
        """One Encounter."""
        start = to.at(self.ago, self.clock)
        yield to.start("Encounter", self.by) | {
            "status": "finished",
            "class": encounter_class(self.kind),
            "type": [concept(self.text)],
            "subject": to.subject,
            "period": period(start, later(start, minutes=self.minutes)),
            "serviceProvider": to.org(self.by),
        }


@dataclass(frozen=True, slots=True)
class Caseload:
    """An EpisodeOfCare: on a team's caseload since, until."""

    text: str
    ago: float
    by: str = "community"
    ended: float | None = None

    def told(self, to: Teller) -> Iterator[Resource]:
        """One EpisodeOfCare."""
        dates = {"start": to.day(self.ago)}
        if self.ended is not None:
            dates["end"] = to.day(self.ended)
        yield to.start("EpisodeOfCare", self.by) | {
            "status": "active" if self.ended is None else "finished",
            "type": [concept(self.text)],
            "patient": to.subject,
            "managingOrganization": to.org(self.by),
            "period": dates,
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """A CarePlan; `does` are its activities in words."""

    title: str
    ago: float
    by: str = "gp"
    does: tuple[str, ...] = ()
    status: str = "active"
    kind: str = ""
    description: str = ""

    def told(self, to: Teller) -> Iterator[Resource]:
        """One CarePlan."""
        yield without_empty(
            to.start("CarePlan", self.by)
            | {
                "status": self.status,
                "intent": "plan",
                "category": [concept(self.kind)] if self.kind else [],
                "title": self.title,
                "description": self.description,
                "subject": to.subject,
                "period": {"start": to.day(self.ago)},
                "created": to.day(self.ago),
                "author": to.author(self.by),
                "activity": [
                    {"detail": {"status": "in-progress", "description": each}} for each in self.does
                ],
            }
        )


@dataclass(frozen=True, slots=True)
class Team:
    """A CareTeam; `members` are (role, name or organisation's id)."""

    name: str
    members: tuple[tuple[str, str], ...]
    by: str = "community"

    def told(self, to: Teller) -> Iterator[Resource]:
        """One CareTeam."""
        yield to.start("CareTeam", self.by) | {
            "status": "active",
            "name": self.name,
            "subject": to.subject,
            "participant": [
                {"role": [concept(role)], "member": {"display": who}} for role, who in self.members
            ],
            "managingOrganization": [to.org(self.by)],
        }


@dataclass(frozen=True, slots=True)
class Referral:
    """A ServiceRequest to another team."""

    text: str
    ago: float
    by: str = "gp"
    to_service: str = ""
    status: str = "active"
    code: str = ""

    def told(self, to: Teller) -> Iterator[Resource]:
        """One ServiceRequest."""
        yield without_empty(
            to.start("ServiceRequest", self.by)
            | {
                "status": self.status,
                "intent": "order",
                "code": snomed(self.text, self.code),
                "subject": to.subject,
                "authoredOn": to.instant(self.ago),
                "requester": to.author(self.by),
                "performer": [ref("HealthcareService", self.to_service)] if self.to_service else [],
            }
        )
