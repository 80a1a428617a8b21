"""``python -m fhir_queries trace``: how a review came to its decision, from the record alone."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from typing import Any

from clinical.moments import utc_text
from clinical.person import Caller
from fhir_queries.commands.tables import plain
from fhir_queries.traced_answers import RecordWithHistory
from fhir_queries.tracing import Trace, as_json, read_trace

_OWN = "the clinician's own answer; nothing of the record was confirmed for it"


def answer(record: RecordWithHistory, caller: Caller, args: Namespace) -> dict[str, Any]:
    """``{"as_at", "task", "steps", "checklists", "override", "referrals", ...}``; audited."""
    found = read_trace(record, caller, args.task_id)
    return {
        "as_at": utc_text(found.as_at),
        "task": found.review.task,
        "encounter": found.review.encounter,
        "patient": found.review.patient,
        "status": found.review.status.value,
        "outcome": found.review.outcome.value if found.review.outcome is not None else None,
        "steps": as_json(found.steps),
        "checklists": as_json(found.responses),
        "override": _override(found),
        "referrals": as_json(found.referrals),
        "provenance": as_json(found.signed),
        "looked": as_json(found.looked),
        "gaps": list(found.gaps),
    }


def _override(found: Trace) -> dict[str, Any] | None:
    given = found.override
    if given is None:
        return None
    return {
        "by": given.by_name,
        "by_user": given.by_user,
        "at": utc_text(given.at) if given.at is not None else None,
        "reason": given.reason,
        "red_flags": list(given.red_flags),
    }


def words(found: dict[str, Any]) -> str:
    """The trace as a page to read."""
    return "\n".join(_lines(found))


def _lines(found: dict[str, Any]) -> Iterator[str]:
    outcome = found["outcome"] or "not decided"
    yield f"Review Task/{found['task']}: {outcome} (as at {found['as_at']})"
    yield f"Wait Encounter/{found['encounter']}, Patient/{found['patient']}"
    yield ""
    yield "WHAT HAPPENED"
    for each in found["steps"]:
        yield _line(
            each["at"], each["what"], each["by"] or "by whom isn't recorded", each["detail"]
        )
    for response in found["checklists"]:
        yield ""
        yield f"CHECKLIST {response['reference']} ({response['status']})"
        yield f"  Questionnaire {response['questionnaire'] or 'not named'}"
        for each in response["answers"]:
            yield from _answer(each)
    if found["override"] is not None:
        given = found["override"]
        yield ""
        yield "OVERRIDE OF RED FLAGS"
        yield _line(given["at"] or "", given["by"], given["reason"], ", ".join(given["red_flags"]))
    for each in found["referrals"]:
        yield ""
        yield f"REFERRAL {each['reference']} ({each['status']})"
        yield _line(each["authored"], f"to {each['to']}", each["reason"])
        if all(each["within"]):
            yield f"  First contact asked for from {each['within'][0]} until {each['within'][1]}"
        yield from (f"  Note: {plain(note)}" for note in each["notes"])
        yield from (f"  {plain(status)} since {at}" for status, at in each["statuses"])
    yield ""
    yield "SIGNED (Provenance)"
    for each in found["provenance"]:
        agents = "; ".join(f"{part}: {name}" for part, name in each["agents"])
        yield _line(
            each["at"], each["activity"], agents, ", ".join(each["targets"]), each["reason"]
        )
    yield ""
    yield "WHO LOOKED (AuditEvent)"
    for each in found["looked"]:
        refused = "refused" if each["refused"] else ""
        yield _line(each["at"], each["what"], each["by"] or "by whom isn't recorded", refused)
    yield ""
    yield f"CAN'T BE TRACED: {len(found['gaps']) or 'nothing'}"
    yield from (f"  {plain(gap)}" for gap in found["gaps"])


def _answer(each: dict[str, Any]) -> Iterator[str]:
    yield f"  {plain(each['words'])} [{each['link_id']}]"
    yield f"    {plain(', '.join(each['values']))}"
    version = each["questionnaire"].partition("|")[2] or "not recorded"
    by = each["by"] or "author not recorded"
    yield f"    by {plain(by)} at {each['at'] or 'time not recorded'}, Questionnaire {version}"
    if not each["evidence"]:
        yield f"    evidence: {_OWN}"
    for one in each["evidence"]:
        said = [one["value"], one["when"] or "", one["source"], one["reference"]]
        said.append(f"version {one['version']}" if one["version"] else "")
        yield f"    evidence: {plain(' · '.join(part for part in said if part))}"
    if each["before"]:
        yield f"    before: {plain('; '.join(each['before']))}"


def _line(*parts: str) -> str:
    return "  " + plain(" · ".join(part for part in parts if part))
