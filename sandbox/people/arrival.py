"""An ambulance that arrives: the Encounter of a wait, and how it is handed over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from sandbox.people.cast.member import Call
from sandbox.people.county import (
    AMBULANCE,
    BAYS_PER_SITE,
    VEHICLES,
    bay,
    corridor,
    department,
    org,
    organisation_name,
    source,
    trust,
    vehicle,
)
from sandbox.people.fhir import (
    LOCAL,
    SNOMED,
    UK_CORE,
    Resource,
    coding,
    concept,
    encounter_class,
    instant,
    later,
    london_date,
    ref,
)

CALL_REASON = f"{LOCAL}CodeSystem/call-reason"
_TRANSPORT = {
    "url": f"{UK_CORE}Extension-UKCore-EncounterTransport",
    "extension": [
        {
            "url": "transportType",
            "valueCodeableConcept": concept(
                "", coding(SNOMED, "1048031000000100", "Arrival by emergency road ambulance")
            ),
        }
    ],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Somebody brought to a site by an ambulance."""

    encounter: str
    patient: str
    name: str
    site: int
    at: datetime
    call: Call
    places: tuple[tuple[str, str], ...]
    """(id of a Location, its name)."""
    incident: str = ""
    timed: bool = True


def places(kind: str, site: int, number: int) -> tuple[tuple[str, str], ...]:
    """Where somebody waits who waits in a `vehicle`, a `bay`, both, or the `corridor`."""
    unit = number % VEHICLES + 1
    stand = number % BAYS_PER_SITE + 1
    found: tuple[tuple[str, str], ...] = ()
    if "vehicle" in kind:
        found += ((vehicle(unit), f"Ambulance F{100 + unit}"),)
    if "bay" in kind:
        found += ((bay(site, stand), f"Ambulance bay {stand}"),)
    return found or ((corridor(site), "Ambulance corridor"),)


def reason(call: Call) -> Resource:
    """`Encounter.reasonCode`: the words, our own code of the reason, SNOMED where it is sure."""
    codings = [coding(CALL_REASON, call.need)]
    if call.snomed:
        codings.append(coding(SNOMED, call.snomed))
    return concept(call.text, *codings)


def waiting(arrival: Arrival) -> Resource:
    """The Encounter while they wait."""
    start = instant(arrival.at) if arrival.timed else london_date(arrival.at).isoformat()
    made: Resource = {
        "resourceType": "Encounter",
        "id": arrival.encounter,
        "meta": {
            "profile": [f"{UK_CORE}UKCore-Encounter"],
            "source": source(trust(arrival.site)),
        },
        "extension": [_TRANSPORT],
        "status": "arrived",
        "statusHistory": [{"status": "arrived", "period": {"start": start}}],
        "class": encounter_class("EMER"),
        "subject": ref("Patient", arrival.patient, arrival.name),
        "period": {"start": start},
        "reasonCode": [reason(arrival.call)],
        "location": [
            {"location": ref("Location", place, name), "status": "active"}
            | ({"period": {"start": start}} if arrival.timed else {})
            for place, name in arrival.places
        ],
        "serviceProvider": org(department(arrival.site)),
    }
    if arrival.incident:
        made["identifier"] = [
            {
                "system": f"{LOCAL}Id/ambulance-call-identifier",
                "value": arrival.incident,
                "assigner": {"display": organisation_name(AMBULANCE)},
            }
        ]
    return made


def _start_of(encounter: Resource, end: datetime) -> datetime:
    text = encounter.get("period", {}).get("start", "")
    if "T" in text:
        return min(datetime.fromisoformat(text), end)
    return later(end, minutes=-30)


def handed_over(encounter: Resource, *, seed: int, now: datetime) -> Resource:
    """A waiting Encounter as it stands once the ED has taken the patient over, before `now`."""
    chance = Random(f"{seed}/handover/{encounter['id']}")  # noqa: S311 - nothing secret
    latest = later(now, minutes=-1)
    start = _start_of(encounter, latest)
    over = min(later(start, minutes=chance.randint(35, 190)), latest)
    began = encounter.get("period", {}).get("start")
    waited: dict[str, Any] = {"start": began} if began else {}
    return encounter | {
        "status": "in-progress",
        "statusHistory": [
            {"status": "arrived", "period": waited | {"end": instant(over)}},
            {"status": "in-progress", "period": {"start": instant(over)}},
        ],
        "location": [
            {
                **each,
                "status": "completed",
                "period": each.get("period", {}) | {"end": instant(over)},
            }
            for each in encounter.get("location", [])
        ],
    }
