"""Places free in a community service: what somebody said, and what its diary shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from clinical.review import Actor, CommunityService
from fhir_queries.reading.codes import LOCAL
from fhir_queries.reading.fields import (
    Included,
    id_of,
    mapping,
    moment,
    notes,
    objects,
    resolve,
    text,
    when,
)
from fhir_queries.reading.review_notes import actor

CAPACITY_SYSTEM = f"{LOCAL}/CodeSystem/service-capacity"
PLACES_FREE = "places-free"
CAPACITY_IDENTIFIER = f"{LOCAL}/Id/service-capacity"

_STRUCK_OUT = frozenset({"entered-in-error", "cancelled"})
PROMISE_NOT_RECORDED = timedelta(hours=2)
"""The response time taken where a service promises none: that of the two-hour response."""


@dataclass(frozen=True, slots=True)
class Said:
    """One number of free places, and where it comes from."""

    free: int | None
    as_at: datetime
    by: Actor | None
    note: str = ""
    version: str = ""


def service_of(observation: dict[str, Any]) -> str:
    """The id of the service that an Observation of places is about, or empty."""
    focused = (id_of(each, "HealthcareService") for each in objects(observation.get("focus")))
    return next((each for each in focused if each), "")


def said_by_hand(observation: dict[str, Any]) -> Said | None:
    """What somebody said of a service's places; None where it is struck out or has no time."""
    at = when(observation, "effectiveDateTime", "effectivePeriod", "issued")
    if text(observation.get("status")) in _STRUCK_OUT or at is None:
        return None
    value = observation.get("valueInteger")
    return Said(
        value if type(value) is int and value >= 0 else None,
        at.earliest,
        _author(observation),
        "; ".join(notes(observation.get("note"))),
        text(mapping(observation.get("meta")).get("versionId")),
    )


def _author(observation: dict[str, Any]) -> Actor | None:
    named = [actor(each) for each in objects(observation.get("performer"))]
    found = [each for each in named if each is not None]
    if not found:
        return None
    organisation = found[1].name if len(found) > 1 else ""
    return Actor(found[0].user, found[0].name, organisation)


def counted_in_diary(
    service: CommunityService, slots: Iterable[dict[str, Any]], included: Included, now: datetime
) -> Said | None:
    """Places by the service's own diary; None where it holds none of the time that counts.

    A Slot counts that has not ended and begins within the promised response time (two hours where
    none is promised); it is a place where its status is ``free``. The number is as old as the
    newest change to one of them.
    """
    promise = PROMISE_NOT_RECORDED
    if service.response_minutes is not None:
        promise = timedelta(minutes=service.response_minutes)
    free = 0
    changed: list[datetime] = []
    for slot in slots:
        starts, ends = moment(slot.get("start")), moment(slot.get("end"))
        status = text(slot.get("status"))
        if starts is None or ends is None or status in ("", "entered-in-error"):
            continue
        if ends.earliest <= now or starts.earliest > now + promise:
            continue
        if not _is_of(service, slot, included):
            continue
        free += status == "free"
        last = moment(mapping(slot.get("meta")).get("lastUpdated"))
        changed.append(last.earliest if last is not None else now)
    if not changed:
        return None
    return Said(free, max(changed), Actor("", service.provider or service.name), "")


def _is_of(service: CommunityService, slot: dict[str, Any], included: Included) -> bool:
    schedule = resolve(slot.get("schedule"), slot, included) or {}
    return any(
        id_of(each, "HealthcareService") == service.id for each in objects(schedule.get("actor"))
    )
