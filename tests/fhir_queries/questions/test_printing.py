"""Before a handover sheet: the record is told who takes it away, and without that there is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from clinical.person import Caller, Role
from fhir_queries import audit
from fhir_queries.errors import NotPermitted, RecordUnavailable
from fhir_queries.printing import audit_sheet
from fhir_queries.record import SharedRecord
from tests.fhir_queries.questions.shapes import Told


def test_the_record_is_told_whose_sheet_and_by_whom(bare: SharedRecord, clinician: Caller) -> None:
    since = datetime.now(UTC) - timedelta(seconds=5)
    before = audit.read_counts(bare, since, datetime.now(UTC)).get(audit.PRINTED_SHEET, 0)
    audit_sheet(bare, clinician, "p7", "wait-7")
    found = audit.read_counts(bare, since, datetime.now(UTC) + timedelta(seconds=5))
    assert found[audit.PRINTED_SHEET] == before + 1


def test_the_event_names_the_person_and_the_wait_and_nothing_that_was_read(
    clinician: Caller,
) -> None:
    event = audit.printed_sheet(clinician, "p7", "wait-7")
    told = [each["what"]["reference"] for each in event["entity"]]
    assert told == ["Patient/p7", "Encounter/wait-7"]
    assert event["agent"][0]["who"]["identifier"]["value"] == clinician.user


def test_a_record_that_does_not_take_the_entry_gives_no_sheet(clinician: Caller) -> None:
    silent = Told()
    silent.down = True
    with pytest.raises(RecordUnavailable):
        audit_sheet(silent, clinician, "p7", "wait-7")


def test_a_role_that_sees_counts_only_gets_no_sheet(bare: SharedRecord, clinician: Caller) -> None:
    with pytest.raises(NotPermitted):
        audit_sheet(bare, replace(clinician, role=Role.MANAGER), "p7", "wait-7")
