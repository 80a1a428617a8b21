"""Problems, allergies, medicines, immunisations and operations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.people.entries.telling import Teller
from sandbox.people.fhir import (
    DMD,
    HL7,
    Resource,
    category,
    coding,
    concept,
    snomed,
    without_empty,
)

DAYS = 365.25


@dataclass(frozen=True, slots=True)
class Problem:
    """A Condition. `ago` in days; `by` is `gp`, `acute`, `community` or an organisation's id."""

    text: str
    code: str = ""
    ago: float = 5 * DAYS
    by: str = "gp"
    status: str = "active"
    verification: str = "confirmed"
    precision: str = "day"
    severity: str = ""
    note: str = ""
    kind: str = "problem-list-item"
    ended: float | None = None

    def told(self, to: Teller) -> Iterator[Resource]:
        """One Condition."""
        made = to.start("Condition", self.by) | {
            "verificationStatus": concept(
                "", coding(f"{HL7}condition-ver-status", self.verification)
            ),
            "category": category(f"{HL7}condition-category", self.kind),
            "severity": concept(self.severity) if self.severity else {},
            "code": snomed(self.text, self.code),
            "subject": to.subject,
            "onsetDateTime": to.partial(self.ago, self.precision),
            "abatementDateTime": "" if self.ended is None else to.day(self.ended),
            "recordedDate": to.partial(self.ago, self.precision),
            "recorder": to.recorder(self.by),
            "asserter": to.recorder(self.by),
            "note": [{"text": self.note}] if self.note else [],
        }
        if self.verification != "entered-in-error":
            made["clinicalStatus"] = concept("", coding(f"{HL7}condition-clinical", self.status))
        yield without_empty(made)


@dataclass(frozen=True, slots=True)
class Allergy:
    """An AllergyIntolerance."""

    text: str
    code: str = ""
    ago: float = 10 * DAYS
    by: str = "gp"
    reaction: str = ""
    severity: str = ""
    """`mild`, `moderate` or `severe`: of the reaction."""
    criticality: str = ""
    status: str = "active"
    verification: str = "confirmed"
    kind: str = "allergy"
    about: str = "medication"
    note: str = ""

    def told(self, to: Teller) -> Iterator[Resource]:
        """One AllergyIntolerance."""
        reaction = without_empty(
            {"manifestation": [snomed(self.reaction)], "severity": self.severity}
        )
        made = to.start("AllergyIntolerance", self.by) | {
            "verificationStatus": concept(
                "", coding(f"{HL7}allergyintolerance-verification", self.verification)
            ),
            "type": self.kind,
            "category": [self.about],
            "criticality": self.criticality,
            "code": snomed(self.text, self.code),
            "patient": to.subject,
            "recordedDate": to.day(self.ago),
            "recorder": to.recorder(self.by),
            "reaction": [reaction] if self.reaction else [],
            "note": [{"text": self.note}] if self.note else [],
        }
        if self.verification != "entered-in-error":
            made["clinicalStatus"] = concept(
                "", coding(f"{HL7}allergyintolerance-clinical", self.status)
            )
        yield without_empty(made)


@dataclass(frozen=True, slots=True)
class NoKnownAllergies:
    """The coded statement that there are none known, with its date and author."""

    ago: float = 2 * DAYS
    by: str = "gp"

    def told(self, to: Teller) -> Iterator[Resource]:
        """One AllergyIntolerance that says there are none."""
        yield to.start("AllergyIntolerance", self.by) | {
            "clinicalStatus": concept("", coding(f"{HL7}allergyintolerance-clinical", "active")),
            "verificationStatus": concept(
                "", coding(f"{HL7}allergyintolerance-verification", "confirmed")
            ),
            "code": snomed("No known allergy", "716186003"),
            "patient": to.subject,
            "recordedDate": to.day(self.ago),
            "recorder": to.recorder(self.by),
        }


@dataclass(frozen=True, slots=True)
class Medicine:
    """A MedicationRequest, or a MedicationStatement with `statement`."""

    text: str
    dose: str
    ago: float = DAYS
    by: str = "gp"
    status: str = "active"
    reason: str = ""
    statement: bool = False
    dmd: str = ""
    ended: float | None = None
    as_needed: bool = False
    note: str = ""

    def told(self, to: Teller) -> Iterator[Resource]:
        """One resource."""
        dosage = {"text": self.dose} | ({"asNeededBoolean": True} if self.as_needed else {})
        what = concept(self.text, *([coding(DMD, self.dmd, self.text)] if self.dmd else []))
        common = {
            "status": self.status,
            "medicationCodeableConcept": what,
            "subject": to.subject,
            "reasonCode": [concept(self.reason)] if self.reason else [],
            "note": [{"text": self.note}] if self.note else [],
        }
        times = without_empty(
            {
                "start": to.day(self.ago),
                "end": "" if self.ended is None else to.day(self.ended),
            }
        )
        if self.statement:
            made = to.start("MedicationStatement", self.by) | common
            made |= {
                "effectivePeriod": times,
                "dateAsserted": to.day(self.ago),
                "informationSource": to.org(self.by),
                "dosage": [dosage],
            }
        else:
            made = to.start("MedicationRequest", self.by) | common
            made |= {
                "intent": "order",
                "authoredOn": to.day(self.ago),
                "requester": to.author(self.by),
                "dosageInstruction": [dosage],
                "courseOfTherapyType": concept(
                    "", coding(f"{HL7}medicationrequest-course-of-therapy", "continuous")
                ),
                "dispenseRequest": {"validityPeriod": times},
            }
        yield without_empty(made)


@dataclass(frozen=True, slots=True)
class Immunised:
    """An Immunization."""

    text: str
    ago: float = 60
    by: str = "gp"
    status: str = "completed"

    def told(self, to: Teller) -> Iterator[Resource]:
        """One Immunization."""
        yield to.start("Immunization", self.by) | {
            "status": self.status,
            "vaccineCode": concept(self.text),
            "patient": to.subject,
            "occurrenceDateTime": to.day(self.ago),
            "primarySource": True,
            "performer": [{"actor": to.org(self.by)}],
        }


@dataclass(frozen=True, slots=True)
class Operation:
    """A Procedure."""

    text: str
    code: str = ""
    ago: float = 8 * DAYS
    by: str = "acute"
    status: str = "completed"
    precision: str = "day"

    def told(self, to: Teller) -> Iterator[Resource]:
        """One Procedure."""
        yield to.start("Procedure", self.by) | {
            "status": self.status,
            "code": snomed(self.text, self.code),
            "subject": to.subject,
            "performedDateTime": to.partial(self.ago, self.precision),
            "performer": [{"actor": to.org(self.by)}],
        }
