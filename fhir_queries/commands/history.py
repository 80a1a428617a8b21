"""``python -m fhir_queries history``: the shared record of the patient whose wait this is."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from clinical.moments import Moment, utc_text
from clinical.person import Caller
from clinical.record import Entry, RecordSection
from fhir_queries.commands.tables import plain
from fhir_queries.history import read_history
from fhir_queries.port import Record


def answer(record: Record, caller: Caller, args: Namespace) -> dict[str, Any]:
    """``{"as_at", "patient", "sections": [...], "received"}``; audited as on the screen."""
    _, found = read_history(record, caller, args.encounter_id)
    return {
        "as_at": utc_text(found.as_at),
        "patient": found.person.patient,
        "sections": [_section(section) for section in found.sections.values()],
        "received": found.received,
    }


def _section(section: RecordSection) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": section.name,
        "state": section.state.value,
        "entries": [_entry(entry) for entry in section.entries],
        "set_aside": section.set_aside,
        "sources": list(section.sources),
    }
    if section.explanation:
        told["explanation"] = section.explanation
    if section.warnings:
        told["warnings"] = list(section.warnings)
    if not section.complete:
        told["complete"] = False
    return told


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "reference": entry.reference,
        "title": entry.title,
        "codes": [
            {"system": each.system, "code": each.code, "display": each.display}
            for each in entry.codes
        ],
        "status": entry.status,
        "when": _text(entry.when),
        "ended": _text(entry.ended),
        "value": entry.value,
        "source": entry.source,
        "category": entry.category,
        "detail": list(entry.detail),
        "parts": [{"what": what, "value": value} for what, value in entry.parts],
        "encounter": entry.encounter,
        "caution": list(entry.caution),
    }


def _text(moment: Moment | None) -> str | None:
    return moment.text if moment is not None else None


def words(found: dict[str, Any]) -> str:
    """The record section by section, each with its state in words."""
    lines = [f"Record of Patient/{found['patient']}, as at {found['as_at']}"]
    for section in found["sections"]:
        count = len(section["entries"])
        lines.append("")
        lines.append(f"{section['name'].upper()} ({section['state']}, {count})")
        if section.get("explanation"):
            lines.append(f"  {plain(section['explanation'])}")
        lines.extend(f"  ! {plain(said)}" for said in section.get("warnings", ()))
        for entry in section["entries"]:
            said = [entry["when"] or "time not recorded", entry["title"], entry["value"]]
            said += [entry["status"], entry["source"], *entry["caution"]]
            lines.append("  " + plain(" · ".join(each for each in said if each)))
        if section["set_aside"]:
            lines.append(f"  Could not be read: {section['set_aside']}")
    lines.append("")
    lines.append(f"Received: {found['received']}")
    return "\n".join(lines)
