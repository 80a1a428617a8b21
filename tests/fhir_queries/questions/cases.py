"""One review from its wait to its decision, as the tests of decisions need it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from clinical.checklist import Draft
from clinical.person import Caller
from clinical.review import Decision, Outcome, Review
from clinical.waiting import WaitingPatient
from fhir_queries.asking import Resource, Search
from fhir_queries.checklist import CHECKLIST_IDENTIFIER, load_checklist
from fhir_queries.decision_resources import REFERRAL_IDENTIFIER
from fhir_queries.record import SharedRecord

CHECKLIST = load_checklist()


@dataclass(frozen=True, slots=True)
class Case:
    """One review, claimed and with its checklist filled in."""

    patient: WaitingPatient
    review: Review
    draft: Draft


def decision(case: Case, outcome: Outcome, by: Caller, **more: Any) -> Decision:
    """A decision made now."""
    parts: dict[str, Any] = {"reason_code": "", "reason_text": "", "service": None, **more}
    now = datetime.now(UTC)
    return Decision(case.review, outcome, by_user=by.user, by_name=by.name, decided_at=now, **parts)


def found(record: SharedRecord, kind: str, *params: tuple[str, str]) -> list[Resource]:
    """What a search finds."""
    answer = record.ask([Search("found", kind, params)]).by_name["found"]
    assert answer.error is None
    return list(answer.matches)


def parts_of(record: SharedRecord, review: Review) -> dict[str, list[Resource]]:
    """Every resource that belongs to the decision on a review."""
    return {
        "responses": found(
            record,
            "QuestionnaireResponse",
            ("identifier", f"{CHECKLIST_IDENTIFIER}|{review.task}"),
        ),
        "referrals": found(
            record, "ServiceRequest", ("identifier", f"{REFERRAL_IDENTIFIER}|{review.task}")
        ),
        "provenances": found(record, "Provenance", ("target", f"Task/{review.task}")),
    }


def hand_over(record: SharedRecord, case: Case) -> None:
    """The emergency department takes the patient over."""
    encounter = record.fetch(f"Encounter/{case.patient.encounter}")
    encounter["status"] = "in-progress"
    version = encounter["meta"]["versionId"]
    record.update(encounter, version=version)
