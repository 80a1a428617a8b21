"""Every question that the app puts to a record, by the name that docs/servers.md gives it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from clinical.waiting import WaitingPatient
from fhir_queries.audit import opened_queue, read_counts
from fhir_queries.evidence import read_evidence
from fhir_queries.history import read_history, read_source
from fhir_queries.outcomes import read_outcomes
from fhir_queries.record import SharedRecord
from fhir_queries.reviews import read_reviews
from fhir_queries.services import read_services
from fhir_queries.waiting import read_waiting
from tests.servers.records import HERON, MANAGER, ORCHARD, now, people, period

Question = Callable[[SharedRecord], Any]


def who_is_waiting(record: SharedRecord) -> Any:
    """The waiting list, audited."""
    return read_waiting(record, audit=opened_queue(HERON))


def record_of(record: SharedRecord, wait: WaitingPatient) -> Any:
    """The wait and the whole record of its patient, audited."""
    return read_history(
        record,
        HERON,
        wait.encounter,
        patient_id=wait.person.patient,
        nhs_numbers=[number.digits for number in wait.person.nhs_numbers],
    )


def longest_history() -> tuple[str, str]:
    """The Encounter and Patient, of those waiting, of whom the record says most."""
    told: dict[str, int] = {}
    for resource in people():
        named = resource.get("subject") or resource.get("patient") or {}
        told[named.get("reference", "")] = told.get(named.get("reference", ""), 0) + 1
    waits = [
        each
        for each in people()
        if each["resourceType"] == "Encounter"
        and each["status"] == "arrived"
        and each["class"]["code"] == "EMER"
    ]
    most = max(waits, key=lambda each: told[each["subject"]["reference"]])
    return most["id"], most["subject"]["reference"].partition("/")[2]


def _one_record(record: SharedRecord) -> Any:
    encounter, patient = longest_history()
    return read_history(record, HERON, encounter, patient_id=patient)


def _source(record: SharedRecord) -> Any:
    encounter, patient = longest_history()
    source = read_source(record, HERON, f"Encounter/{encounter}", patient_id=patient)
    return {key: value for key, value in source.items() if key not in ("meta", "text")}


def _evidence(record: SharedRecord) -> Any:
    return read_evidence(record, read_waiting(record).waiting)


def _reviews(record: SharedRecord) -> Any:
    start, _ = period()
    rows = read_reviews(record, ORCHARD, start)
    return [row for row in rows if _asked_before_the_run(row.review.requested_at)]


def _asked_before_the_run(moment: Any) -> bool:
    return moment is not None and moment.earliest < now()


def _outcomes(record: SharedRecord) -> Any:
    start, end = period()
    return read_outcomes(record, MANAGER, start, end, as_at=now())


def _audit(record: SharedRecord) -> Any:
    soon = datetime.now(tz=now().tzinfo) + timedelta(minutes=1)
    return sorted(read_counts(record, now() - timedelta(minutes=5), soon))


QUESTIONS: Mapping[str, Question] = {
    "who is waiting": who_is_waiting,
    "one patient's record": _one_record,
    "the source of an entry": _source,
    "evidence for everybody waiting": _evidence,
    "community services": read_services,
    "reviews and decisions": _reviews,
    "outcome counts": _outcomes,
}
"""What is read, in the order of docs/servers.md."""

COUNTED_LAST: Mapping[str, Question] = {"who looked": _audit}
"""Read after the others: what it finds is what they left."""
