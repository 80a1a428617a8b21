"""How a wait ended, as its Encounter shows it, and the other Encounters of a life."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sandbox.people.arrival import reason
from sandbox.people.cast.member import Call
from sandbox.people.county import bay, department, org, source, trust
from sandbox.people.entries.contacts import admission_method
from sandbox.people.fhir import (
    HL7,
    Resource,
    coding,
    concept,
    encounter_class,
    instant,
    london_date,
    period,
    ref,
)

LEFT = "Left with community service"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """A wait that is over: until `ended`, when they left or were handed over."""

    encounter: str
    patient: str
    site: int
    call: Call
    arrived: datetime
    ended: datetime
    stand: int
    """Number of the bay."""


def _wait(stay: Stay, status: str, start: str, end: str) -> Resource:
    return {
        "resourceType": "Encounter",
        "id": stay.encounter,
        "meta": {"source": source(trust(stay.site))},
        "status": status,
        "class": encounter_class("EMER"),
        "subject": ref("Patient", stay.patient),
        "reasonCode": [reason(stay.call)],
        "location": [
            {
                "location": ref("Location", bay(stay.site, stay.stand)),
                "status": "completed",
                "period": {"start": start, "end": end},
            }
        ],
        "serviceProvider": org(department(stay.site)),
    }


def left(stay: Stay, *, status: str = "finished", timed: bool = True) -> Resource:
    """The Encounter of somebody who left with community care at `stay.ended`."""
    start, end = instant(stay.arrived), instant(stay.ended)
    whole = {"start": start, "end": end} if timed else {"start": start}
    return _wait(stay, status, start, end) | {
        "statusHistory": [{"status": "arrived", "period": whole}],
        "period": whole,
        "hospitalization": {"dischargeDisposition": concept(LEFT)},
    }


def handed_over_to_ed(
    stay: Stay, *, discharged: datetime | None, as_triaged: bool = False
) -> Resource:
    """The Encounter of somebody the ED took over at `stay.ended`; still there without an end."""
    start, over = instant(stay.arrived), instant(stay.ended)
    within = "triaged" if as_triaged else "in-progress"
    history = [{"status": "arrived", "period": {"start": start, "end": over}}]
    history.append({"status": within, "period": period(stay.ended, discharged)})
    status = "finished" if discharged else within
    return _wait(stay, status, start, over) | {
        "statusHistory": history,
        "period": period(stay.arrived, discharged),
    }


def attendance(
    identity: str, patient: str, site: int, start: datetime, text: str, *, kind: str = "timed"
) -> Resource:
    """An ED attendance, by whatever way they came; `kind` is `timed`, `dated` or `untimed`."""
    made: Resource = {
        "resourceType": "Encounter",
        "id": identity,
        "meta": {"source": source(trust(site))},
        "status": "finished",
        "class": encounter_class("EMER"),
        "subject": ref("Patient", patient),
        "reasonCode": [concept(text)],
        "serviceProvider": org(department(site)),
    }
    return made | _times(start, kind)


def _times(start: datetime, kind: str) -> Resource:
    if kind == "untimed":
        return {}
    return {
        "period": {"start": london_date(start).isoformat() if kind == "dated" else instant(start)}
    }


def admission(
    identity: str,
    patient: str,
    site: int,
    start: datetime,
    *,
    method: str = "",
    from_ed: bool = True,
    kind: str = "timed",
) -> Resource:
    """A hospital stay; `method` is the NHS Data Dictionary's, empty where nobody wrote it."""
    hospitalization: Resource = {}
    if method:
        hospitalization["extension"] = [admission_method(method)]
    if from_ed:
        hospitalization["admitSource"] = concept("", coding(f"{HL7}admit-source", "emd"))
    made: Resource = {
        "resourceType": "Encounter",
        "id": identity,
        "meta": {"source": source(trust(site))},
        "status": "finished",
        "class": encounter_class("IMP"),
        "subject": ref("Patient", patient),
        "serviceProvider": org(trust(site)),
    }
    if hospitalization:
        made["hospitalization"] = hospitalization
    return made | _times(start, kind)


def contact(
    identity: str, patient: str, provider: str, referral: str, start: datetime, *, visit: bool
) -> Resource:
    """A contact of the accepting service: a visit, or a call by telephone or video."""
    return {
        "resourceType": "Encounter",
        "id": identity,
        "meta": {"source": source(provider)},
        "status": "finished",
        "class": encounter_class("HH" if visit else "VR"),
        "subject": ref("Patient", patient),
        "basedOn": [ref("ServiceRequest", referral)],
        "period": {"start": instant(start)},
        "serviceProvider": org(provider),
    }


def deletion(kind: str, identity: str) -> Resource:
    """What says, among resources, that one is to be deleted.

    The shape of the `deleted` files of a Bulk Data export: a transaction of DELETEs.
    """
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [{"request": {"method": "DELETE", "url": f"{kind}/{identity}"}}],
    }


def deleted(resource: Resource) -> str | None:
    """`Type/id` of what `deletion` says is to be deleted; None for any other resource."""
    if resource["resourceType"] != "Bundle":
        return None
    address: str = resource["entry"][0]["request"]["url"]
    return address
