"""Before anything of a record goes on paper or into a file: who took it is told to the record."""

from __future__ import annotations

from clinical.person import Caller
from fhir_queries.audit import must_see_people, printed_sheet, took_counts
from fhir_queries.port import Record


def audit_sheet(record: Record, caller: Caller, patient_id: str, encounter_id: str) -> None:
    """Have it audited that a handover sheet of this patient is handed over.

    Raises RecordError where the record doesn't take the entry: then there is no sheet. Raises
    NotPermitted for a role that sees counts only. Nothing is asked of a record whose profile has
    it keep no audit.
    """
    must_see_people(record, caller, patient_id, encounter_id)
    if record.profile.writing.audit:
        record.ask((), audit=printed_sheet(caller, patient_id, encounter_id))


def audit_counts(record: Record, caller: Caller) -> None:
    """Have it audited that a file of counts is handed over. Raises RecordError where the record
    doesn't take the entry: then there is no file.
    """
    if record.profile.writing.audit:
        record.ask((), audit=took_counts(caller))
