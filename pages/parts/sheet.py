"""The crew's handover sheet: made when asked for, audited, and handed to this browser alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import streamlit as st

from clinical.evidence import Indicator
from clinical.medicine_marks import high_risk
from clinical.person import Caller
from clinical.record import Entry
from fhir_queries.indicator_file import indicator_settings
from fhir_queries.printing import audit_sheet
from pages.parts import opening
from pages.parts.connection import record_settings, shared_record
from pages.parts.guard import guarded
from pages.parts.handing_over import hand_over
from pages.parts.opened import Opened, opened_now
from pages.parts.style import show
from pages.parts.trends import trends_of
from pages.present import times
from pages.present.escape import html
from pages.present.sheet import sheet_of, why_not_printed

PDF = "application/pdf"


def show_sheet(opened: Opened, indicators: Mapping[str, Indicator], caller: Caller) -> None:
    """The way to a handover sheet, a fragment of its own."""
    fragment = st.fragment(_show_sheet, key=f"sheet|{opened.encounter}")
    fragment(opened, indicators, caller)


@guarded("handover sheet")
def _show_sheet(opened: Opened, indicators: Mapping[str, Indicator], caller: Caller) -> None:
    why_not = why_not_printed(opened.record)
    if opened.waiting is None:
        why_not = "This wait could not be read, so no handover sheet can be made."
    if why_not:
        show(html('<p class="quiet">{why}</p>', why=why_not))
        return
    if not st.button(
        "Make the handover sheet (PDF, one page)",
        key=f"make-sheet|{opened.encounter}",
        width="stretch",
    ):
        return
    if not opening.is_active(opened.encounter):
        return
    now = datetime.now(UTC)
    pdf = _sheet(opened_now(opened), indicators, caller, now)
    hand_over(
        pdf,
        name=f"handover-sheet-{times.clock(now)[:5].replace(':', '')}.pdf",
        kind=PDF,
        label=f"Save or print the sheet of {times.clock(now)}",
        key=f"sheet-file|{opened.encounter}",
    )
    show(html('<p class="quiet" role="status">Made, and noted in the record\'s audit.</p>'))


def _sheet(
    opened: Opened, indicators: Mapping[str, Indicator], caller: Caller, now: datetime
) -> bytes:
    """The sheet as PDF, once the record has taken the audit entry. Raises RecordError otherwise."""
    from pages.present.sheet_pdf import sheet_pdf  # noqa: PLC0415 - only who prints needs it

    waiting = opened.waiting
    if waiting is None:
        raise ValueError("a sheet is of a wait that could be read")
    audit_sheet(shared_record(), caller, opened.record.person.patient, opened.encounter)
    lists = indicator_settings(record_settings().indicators).high_risk_medicines

    def marks_of(entry: Entry) -> tuple[str, ...]:
        return high_risk(entry, lists)

    organisation = f", {caller.organisation_name}" if caller.organisation_name else ""
    return sheet_pdf(
        sheet_of(
            waiting,
            opened.record,
            trends_of(opened, waiting),
            indicators,
            marks_of=marks_of,
            printed_by=f"{caller.name}{organisation}",
            now=now,
        )
    )
