"""A waiting Encounter, with what came with it, as a ``WaitingPatient``."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from clinical.moments import Moment
from clinical.person import Person
from clinical.record import Entry, newest_first
from clinical.review import Review
from clinical.waiting import EmergencyDepartment, Place, PlaceKind, WaitingPatient
from fhir_queries.profile import RecordProfile, Wait
from fhir_queries.reading.fields import (
    Included,
    codings,
    concepts,
    extensions,
    id_of,
    mapping,
    moment,
    name_of,
    objects,
    resolve,
    strings,
    target,
    text,
    when,
    who,
)
from fhir_queries.reading.news2 import news2_readings
from fhir_queries.reading.observations import observation
from fhir_queries.reading.reviews import newest_review
from fhir_queries.reading.sections import UNREADABLE

_NOT_RECORDED = Place(PlaceKind.NOT_RECORDED, "")


def is_waiting(encounter: dict[str, Any], rules: Wait, included: Included) -> bool:
    """Whether this profile calls an Encounter a wait. The record's own filters aren't trusted."""
    return text(encounter.get("status")) in rules.statuses and _is_of_the_kind(
        encounter, rules, included, _current_locations(encounter)
    )


def has_waited(encounter: dict[str, Any], rules: Wait, included: Included) -> bool:
    """Whether an Encounter is a wait, or was one by its status history, wherever it is now."""
    past = {text(each.get("status")) for each in objects(encounter.get("statusHistory"))}
    status = text(encounter.get("status"))
    return (
        status != "entered-in-error"
        and not {status, *past}.isdisjoint(rules.statuses)
        and _is_of_the_kind(encounter, rules, included, objects(encounter.get("location")))
    )


def _is_of_the_kind(
    encounter: dict[str, Any], rules: Wait, included: Included, places: Sequence[dict[str, Any]]
) -> bool:
    systems = {text(each.get("system")) for each in objects(encounter.get("identifier"))}
    class_code = text(mapping(encounter.get("class")).get("code"))
    placed = rules.location_ids or rules.location_physical_types
    return (
        (not rules.classes or class_code in rules.classes)
        and not (rules.only_with_service_provider and not encounter.get("serviceProvider"))
        and not (rules.identifier_system and rules.identifier_system not in systems)
        and not (rules.not_identifier_system and rules.not_identifier_system in systems)
        and not (placed and not _at_a_listed_place(encounter, rules, included, places))
    )


def _at_a_listed_place(
    encounter: dict[str, Any], rules: Wait, included: Included, places: Sequence[dict[str, Any]]
) -> bool:
    for each in places:
        reference = each.get("location")
        if id_of(reference, "Location") in rules.location_ids:
            return True
        found = resolve(reference, encounter, included) or {}
        kinds = {code.code for code in codings(found.get("physicalType"))}
        if not kinds.isdisjoint(rules.location_physical_types):
            return True
    return False


def waiting_patient(
    encounter: dict[str, Any],
    person: Person,
    *,
    observations: Sequence[dict[str, Any]],
    tasks: Sequence[dict[str, Any]],
    included: Included,
    profile: RecordProfile,
) -> WaitingPatient:
    """The wait that an Encounter is. Observations that can't be read are counted, not lost."""
    observed: list[tuple[dict[str, Any], Entry]] = []
    aside = 0
    for each in observations:
        try:
            observed.append((each, observation(each, included)))
        except UNREADABLE:
            aside += 1
    try:
        readings = news2_readings(observed, totals_of(profile))
    except UNREADABLE:
        readings, aside = (), aside + 1
    try:
        review: Review | None = newest_review(tasks)
    except UNREADABLE:
        review, aside = None, aside + 1
    reason, reason_codes = concepts(encounter.get("reasonCode"))
    return WaitingPatient(
        text(encounter.get("id")),
        text(mapping(encounter.get("meta")).get("versionId")),
        person,
        waiting_since(encounter, profile.wait),
        department(encounter, included),
        place(encounter, profile.wait, included),
        reason,
        reason_codes,
        _incident(encounter, profile.wait),
        tuple(newest_first([read for _, read in observed])),
        readings[0] if readings else None,
        readings[1] if len(readings) > 1 else None,
        review,
        aside,
    )


def totals_of(profile: RecordProfile) -> frozenset[str]:
    """The codes that mark a NEWS2 total at this record."""
    return _bare(profile.codes.news2_total)


@lru_cache(maxsize=64)
def _bare(codes: tuple[str, ...]) -> frozenset[str]:
    return frozenset(code.rpartition("|")[2] for code in codes)


def waiting_since(  # noqa: PLR0911 - one return for each way to say it
    encounter: dict[str, Any], rules: Wait
) -> Moment | None:
    """When the wait began, by the time that this profile says starts it."""
    if rules.starts_at == "period.start":
        return moment(mapping(encounter.get("period")).get("start"))
    if rules.starts_at == "status-history":
        for past in objects(encounter.get("statusHistory")):
            if text(past.get("status")) == rules.starts_at_status:
                return moment(mapping(past.get("period")).get("start"))
        return None
    if rules.starts_at == "location.period.start":
        for each in _current_locations(encounter):
            return moment(mapping(each.get("period")).get("start"))
        return None
    for extension in extensions(encounter, rules.starts_at_extension):
        return when(extension, "valueDateTime", "valueInstant", "valuePeriod")
    return None


def _current_locations(encounter: dict[str, Any]) -> Sequence[dict[str, Any]]:
    """The locations of now: the active ones, else those that haven't ended, newest last."""
    places = objects(encounter.get("location"))
    active = [each for each in places if each.get("status") == "active"]
    return active or [
        each
        for each in places
        if each.get("status") not in ("planned", "reserved", "completed")
        and not mapping(each.get("period")).get("end")
    ]


def place(encounter: dict[str, Any], rules: Wait, included: Included) -> Place:
    """Where they wait now: the last of the current locations."""
    current = _current_locations(encounter)
    if not current:
        return _NOT_RECORDED
    reference = current[-1].get("location")
    found = resolve(reference, encounter, included)
    if found is None:
        said = who(reference, encounter, included)
        return Place(PlaceKind.OTHER if said else PlaceKind.NOT_RECORDED, said)
    types = (*codings(found.get("physicalType")), *codings(current[-1].get("physicalType")))
    kinds = {code.code for code in types}
    kind = PlaceKind.OTHER
    for listed, meant in (
        (rules.vehicle_types, PlaceKind.VEHICLE),
        (rules.bay_types, PlaceKind.BAY),
        (rules.corridor_types, PlaceKind.CORRIDOR),
    ):
        if not kinds.isdisjoint(listed):
            kind = meant
            break
    call_sign = _call_sign(found) if kind is PlaceKind.VEHICLE else ""
    said = name_of(found, included) or who(reference, encounter, included)
    return Place(kind, said, call_sign)


def _call_sign(vehicle: dict[str, Any]) -> str:
    for identifier in objects(vehicle.get("identifier")):
        if value := text(identifier.get("value")):
            return value
    return next(iter(strings(vehicle.get("alias"))), "")


def department(encounter: dict[str, Any], included: Included) -> EmergencyDepartment:
    """The ED: the Encounter's serviceProvider, else who manages the place where they wait."""
    reference = mapping(encounter.get("serviceProvider"))
    if not reference:
        for each in _current_locations(encounter):
            there = resolve(each.get("location"), encounter, included) or {}
            reference = mapping(there.get("managingOrganization")) or reference
    if not reference:
        return EmergencyDepartment("", "")
    ods = text(mapping(reference.get("identifier")).get("value"))
    found = resolve(reference, encounter, included)
    for identifier in objects(found.get("identifier")) if found else ():
        if text(identifier.get("system")).lower().endswith("/ods-organization-code"):
            ods = text(identifier.get("value"))
    identity = target(reference).rpartition("/")[2] or ods
    return EmergencyDepartment(identity, who(reference, encounter, included) or identity, ods)


def _incident(encounter: dict[str, Any], rules: Wait) -> str:
    for identifier in objects(encounter.get("identifier")):
        wanted = rules.incident_systems
        value = text(identifier.get("value"))
        if value and (not wanted or text(identifier.get("system")) in wanted):
            return value
    return ""
