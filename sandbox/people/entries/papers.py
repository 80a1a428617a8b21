"""Documents, resuscitation decisions, alerts, relatives, consents and assessments."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha1

from sandbox.people.entries.telling import Teller
from sandbox.people.fhir import (
    HL7,
    LOCAL,
    SNOMED,
    Resource,
    category,
    coding,
    concept,
    without_empty,
)
from sandbox.people.paper import pdf

RESPECT_FORM = ("1382601000000107", "ReSPECT (Recommended Summary Plan for Emergency Care) form")
HAS_RESPECT = ("1107891000000106", "Has ReSPECT (Recommended Summary Plan for Emergency Care)")
_CPR = {
    False: ("450476008", "Not for attempted cardiopulmonary resuscitation"),
    True: ("450475007", "For attempted cardiopulmonary resuscitation"),
}


@dataclass(frozen=True, slots=True)
class Document:
    """A DocumentReference with its text, as `text/plain` or as a PDF of one page."""

    title: str
    text: str
    ago: float
    by: str = "acute"
    kind: tuple[str, str] = ("", "Clinical letter")
    """SNOMED code (empty where there is none) and words."""
    as_pdf: bool = False
    status: str = "current"

    def told(self, to: Teller) -> Iterator[Resource]:
        """One DocumentReference."""
        code, words = self.kind
        content = pdf(self.title, self.text) if self.as_pdf else self.text.encode()
        attachment = {
            "contentType": "application/pdf" if self.as_pdf else "text/plain; charset=utf-8",
            "language": "en-GB",
            "data": b64encode(content).decode(),
            "size": len(content),
            "hash": b64encode(sha1(content, usedforsecurity=False).digest()).decode(),
            "title": self.title,
            "creation": to.instant(self.ago, "15:00"),
        }
        yield to.start("DocumentReference", self.by) | {
            "status": self.status,
            "docStatus": "final",
            "type": concept(words, *([coding(SNOMED, code, words)] if code else [])),
            "subject": to.subject,
            "date": to.instant(self.ago, "15:05"),
            "author": [to.author(self.by)],
            "custodian": to.org(self.by),
            "description": self.title,
            "content": [{"attachment": attachment}],
        }


@dataclass(frozen=True, slots=True)
class Filed:
    """A DocumentReference with a file of any kind, in it or in a Binary of the record."""

    title: str
    content_type: str
    content: bytes
    ago: float
    by: str = "community"
    in_binary: bool = False

    def told(self, to: Teller) -> Iterator[Resource]:
        """One DocumentReference, and the Binary where there is one."""
        attachment: Resource = {
            "contentType": self.content_type,
            "size": len(self.content),
            "hash": b64encode(sha1(self.content, usedforsecurity=False).digest()).decode(),
            "title": self.title,
        }
        data = b64encode(self.content).decode()
        if self.in_binary:
            binary = to.start("Binary", self.by)
            attachment["url"] = f"Binary/{binary['id']}"
            yield binary | {"contentType": self.content_type, "data": data}
        else:
            attachment["data"] = data
        yield to.start("DocumentReference", self.by) | {
            "status": "current",
            "docStatus": "final",
            "type": concept(self.title),
            "subject": to.subject,
            "date": to.instant(self.ago, "14:10"),
            "author": [to.author(self.by)],
            "custodian": to.org(self.by),
            "description": self.title,
            "content": [{"attachment": attachment}],
        }


@dataclass(frozen=True, slots=True)
class Resuscitation:
    """A CPR decision, as a Flag, and with `respect` the ReSPECT form that it stands in."""

    attempt: bool
    ago: float
    by: str = "gp"
    respect: str = ""
    """The form's recommendations in words."""

    def told(self, to: Teller) -> Iterator[Resource]:
        """A Flag; with a form also a second Flag and the form."""
        yield self._flag(to, _CPR[self.attempt])
        if self.respect:
            yield self._flag(to, HAS_RESPECT)
            yield from Document(
                "ReSPECT form", self.respect, self.ago, self.by, RESPECT_FORM, as_pdf=True
            ).told(to)

    def _flag(self, to: Teller, code: tuple[str, str]) -> Resource:
        return to.start("Flag", self.by) | {
            "status": "active",
            "category": category(f"{LOCAL}CodeSystem/flag-category", "resuscitation"),
            "code": concept(code[1], coding(SNOMED, *code)),
            "subject": to.subject,
            "period": {"start": to.day(self.ago)},
            "author": to.author(self.by),
        }


@dataclass(frozen=True, slots=True)
class Alert:
    """A Flag in words, of a BaRS category (SG safeguarding, SS scene safety, RA, IR, RT, API)."""

    text: str
    ago: float = 200
    by: str = "gp"
    kind: str = "API"
    status: str = "active"

    def told(self, to: Teller) -> Iterator[Resource]:
        """One Flag."""
        yield to.start("Flag", self.by) | {
            "status": self.status,
            "category": category("https://fhir.nhs.uk/CodeSystem/flag-categories-bars", self.kind),
            "code": concept(self.text),
            "subject": to.subject,
            "period": {"start": to.day(self.ago)},
            "author": to.author(self.by),
        }


@dataclass(frozen=True, slots=True)
class Relative:
    """A RelatedPerson."""

    family: str
    given: str
    relation: str
    code: str = ""
    """HL7 v3-RoleCode."""
    phone: str = ""
    by: str = "gp"
    note: str = ""
    """What they are besides: next of kin, attorney, key holder."""

    def told(self, to: Teller) -> Iterator[Resource]:
        """One RelatedPerson."""
        codings = [coding(f"{HL7}v3-RoleCode", self.code)] if self.code else []
        yield without_empty(
            to.start("RelatedPerson", self.by)
            | {
                "active": True,
                "patient": to.subject,
                "relationship": [concept(self.relation, *codings)]
                + ([concept(self.note)] if self.note else []),
                "name": [{"family": self.family, "given": [self.given]}],
                "telecom": [{"system": "phone", "value": self.phone}] if self.phone else [],
            }
        )


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """A Consent to sharing the record: given, or with `permit` False refused."""

    text: str
    ago: float
    permit: bool = True
    by: str = "gp"

    def told(self, to: Teller) -> Iterator[Resource]:
        """One Consent."""
        yield to.start("Consent", self.by) | {
            "status": "active",
            "scope": concept("", coding(f"{HL7}consentscope", "patient-privacy")),
            "category": [concept(self.text)],
            "patient": to.subject,
            "dateTime": to.day(self.ago),
            "organization": [to.org(self.by)],
            "policyRule": concept(self.text),
            "provision": {"type": "permit" if self.permit else "deny"},
        }


@dataclass(frozen=True, slots=True)
class Assessment:
    """A completed QuestionnaireResponse: (question, answer in words)."""

    title: str
    ago: float
    answers: tuple[tuple[str, str], ...]
    by: str = "community"

    def told(self, to: Teller) -> Iterator[Resource]:
        """One QuestionnaireResponse."""
        name = self.title.lower().replace(" ", "-")
        yield to.start("QuestionnaireResponse", self.by) | {
            "questionnaire": f"{LOCAL}Questionnaire/{name}",
            "status": "completed",
            "subject": to.subject,
            "authored": to.instant(self.ago, "11:00"),
            "author": to.author(self.by),
            "item": [
                {"linkId": str(number), "text": question, "answer": [{"valueString": answer}]}
                for number, (question, answer) in enumerate(self.answers, 1)
            ],
        }
