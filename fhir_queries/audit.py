"""Who looked at whom, and why: AuditEvents, shaped as IHE's basic audit patterns shape them.

An event travels in the same exchange as the reads that it tells of. It holds ids and codes, never
what was read.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from clinical.moments import utc_text
from clinical.person import Caller, Role
from fhir_queries.asking import Resource, Search
from fhir_queries.errors import NotPermitted, RecordError
from fhir_queries.port import Record
from fhir_queries.reading.codes import LOCAL

SOFTWARE = "Ambulance handover viewer"
ODS = "https://fhir.nhs.uk/Id/ods-organization-code"

_HL7 = "http://terminology.hl7.org/CodeSystem"
_EVENT_TYPE = f"{_HL7}/audit-event-type"
_INTERACTION = "http://hl7.org/fhir/restful-interaction"
_REASON = f"{_HL7}/v3-ActReason"
_PARTICIPATION = f"{_HL7}/v3-ParticipationType"
_ROLE_CLASS = f"{_HL7}/v3-RoleClass"
_OBJECT = f"{_HL7}/audit-entity-type"
_OBJECT_ROLE = f"{_HL7}/object-role"
ROLE_SYSTEM = f"{LOCAL}/CodeSystem/role"
WHAT_SYSTEM = f"{LOCAL}/CodeSystem/audited"

_COUNTS_ONLY = "Your role sees counts only: this shows people."

OPENED_RECORD = "opened-record"
OPENED_QUEUE = "opened-queue"
OPENED_SOURCE = "opened-source"
PRINTED_SHEET = "printed-sheet"
BROKE_GLASS = "broke-glass"
REFUSED = "refused"
COUNTED = "counted"
TOOK_COUNTS = "took-counts"


def opened_record(
    caller: Caller, patient: str, encounter: str, *, break_glass: str = ""
) -> Resource:
    """That ``caller`` opened a patient's record; with ``break_glass``, the reason they typed."""
    return opened_records(caller, (patient,), encounter, break_glass=break_glass)


def opened_records(
    caller: Caller, patients: Sequence[str], encounter: str, *, break_glass: str = ""
) -> Resource:
    """That ``caller`` opened these records of one person, by their Patient ids, in one go."""
    what = BROKE_GLASS if break_glass else OPENED_RECORD
    event = _event(caller, what, "search-type", "E", "BTG" if break_glass else caller.purpose)
    first, *others = patients
    event["entity"] = _about(first, encounter)
    event["entity"] += [entity for other in others for entity in _about(other, "")]
    if break_glass:
        event["purposeOfEvent"] = _reason(break_glass)
    return event


def opened_queue(caller: Caller, departments: Sequence[str] = ()) -> Resource:
    """That ``caller`` was shown who is waiting, at these departments (at all, where none)."""
    event = _event(caller, OPENED_QUEUE, "search-type", "E", caller.purpose)
    event["entity"] = [
        {
            "what": {"display": "Everybody waiting in ambulances"},
            "type": {"system": _OBJECT, "code": "2"},
            "role": {"system": _OBJECT_ROLE, "code": "24"},
            "detail": [{"type": "department", "valueString": each} for each in departments],
        }
    ]
    if not departments:
        del event["entity"][0]["detail"]
    return event


def opened_source(
    caller: Caller, reference: str, patient: str = "", *, break_glass: str = ""
) -> Resource:
    """That ``caller`` opened one resource as it stands in the record."""
    event = _event(caller, OPENED_SOURCE, "read", "R", "BTG" if break_glass else caller.purpose)
    if break_glass:
        event["purposeOfEvent"] = _reason(break_glass)
    event["entity"] = [
        *(_about(patient, "") if patient else ()),
        {
            "what": {"reference": reference},
            "type": {"system": _OBJECT, "code": "2"},
            "role": {"system": _OBJECT_ROLE, "code": "4"},
        },
    ]
    return event


def printed_sheet(caller: Caller, patient: str, encounter: str) -> Resource:
    """That ``caller`` took a handover sheet of a patient's record away from the screen."""
    event = _event(caller, PRINTED_SHEET, "read", "R", caller.purpose)
    event["entity"] = _about(patient, encounter)
    return event


def counted(caller: Caller) -> Resource:
    """That ``caller`` asked for counts: of nobody in particular."""
    return _event(caller, COUNTED, "search-type", "E", "HOPERAT")


def took_counts(caller: Caller) -> Resource:
    """That ``caller`` took counts away as a file: of nobody in particular."""
    return _event(caller, TOOK_COUNTS, "search-type", "E", "HOPERAT")


def refused(caller: Caller, patient: str, encounter: str, why: str) -> Resource:
    """That ``caller`` asked for a record and was not shown it."""
    event = _event(caller, REFUSED, "search-type", "E", caller.purpose)
    event["outcome"] = "4"
    event["outcomeDesc"] = why
    event["entity"] = _about(patient, encounter)
    return event


def must_see_people(record: Record, caller: Caller, patient: str = "", encounter: str = "") -> None:
    """Raises NotPermitted for a caller whose role is to see counts only, and has it audited.

    Where the record doesn't take the audit entry they are refused all the same.
    """
    if caller.role is not Role.MANAGER:
        return
    if record.profile.writing.audit:
        event = refused(caller, patient, encounter, "this role sees counts only")
        with suppress(RecordError):
            record.ask((), audit=event)
    raise NotPermitted("a role that sees counts only asked for people", sentence=_COUNTS_ONLY)


def read_counts(record: Record, since: datetime, until: datetime) -> dict[str, int]:
    """How often each kind of event was recorded from ``since`` to ``until``, by its code.

    Raises RecordError where the record can't tell.
    """
    search = Search(
        "audit",
        "AuditEvent",
        (("date", f"ge{utc_text(since)}"), ("date", f"lt{utc_text(until)}")),
    )
    answer = record.ask([search]).by_name["audit"]
    if answer.error is not None:
        raise answer.error
    counts: dict[str, int] = {}
    for event in answer.matches:
        for subtype in event.get("subtype") or ():
            if isinstance(subtype, dict) and subtype.get("system") == WHAT_SYSTEM:
                code = str(subtype.get("code"))
                counts[code] = counts.get(code, 0) + 1
    return counts


def _event(caller: Caller, what: str, interaction: str, action: str, purpose: str) -> Resource:
    user: Resource = {
        "type": {"coding": [{"system": _PARTICIPATION, "code": "IRCP"}]},
        "role": [{"coding": [{"system": ROLE_SYSTEM, "code": caller.role.value}]}],
        "who": {
            "identifier": {"system": caller.user_system, "value": caller.user},
            "display": caller.name,
        },
        "requestor": True,
        "purposeOfUse": [{"coding": [{"system": _REASON, "code": purpose}]}],
    }
    agents: list[Any] = [user]
    if caller.organisation:
        agents.append(
            {
                "type": {"coding": [{"system": _ROLE_CLASS, "code": "PROV"}]},
                "who": {
                    "identifier": {"system": ODS, "value": caller.organisation},
                    "display": caller.organisation_name or caller.organisation,
                },
                "requestor": False,
            }
        )
    return {
        "resourceType": "AuditEvent",
        "type": {"system": _EVENT_TYPE, "code": "rest", "display": "RESTful Operation"},
        "subtype": [
            {"system": _INTERACTION, "code": interaction},
            {"system": WHAT_SYSTEM, "code": what},
        ],
        "action": action,
        "recorded": utc_text(datetime.now(UTC)),
        "outcome": "0",
        "agent": agents,
        "source": {"observer": {"display": SOFTWARE}},
    }


def _reason(break_glass: str) -> list[Resource]:
    return [{"coding": [{"system": _REASON, "code": "BTG"}], "text": break_glass}]


def _about(patient: str, encounter: str) -> list[Resource]:
    entities: list[Resource] = [
        {
            "what": {"reference": f"Patient/{patient}"},
            "type": {"system": _OBJECT, "code": "1"},
            "role": {"system": _OBJECT_ROLE, "code": "1"},
        }
    ]
    if encounter:
        entities.append(
            {
                "what": {"reference": f"Encounter/{encounter}"},
                "type": {"system": _OBJECT, "code": "2"},
                "role": {"system": _OBJECT_ROLE, "code": "4"},
            }
        )
    return entities if patient else entities[1:]
