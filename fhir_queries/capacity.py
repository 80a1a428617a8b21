"""How many people can each community service still take, who says so, and since when?

A number kept by hand is one Observation a service: the newest version stands, the ones before it
are its history. Where the service's diary is in the record, its free Slots are counted. Of the two
the newer one counts.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from clinical.capacity import CapacitySource, ServiceCapacity
from clinical.moments import LONDON, utc_text
from clinical.opening_hours import openness
from clinical.person import Caller
from clinical.review import CommunityService
from clinical.review_steps import Action, why_not
from fhir_queries.asking import Answer, Reading, Resource, Search
from fhir_queries.errors import Conflict, NotPermitted, Refused
from fhir_queries.port import Record, page_of
from fhir_queries.reading.capacity import (
    CAPACITY_IDENTIFIER,
    CAPACITY_SYSTEM,
    PLACES_FREE,
    PROMISE_NOT_RECORDED,
    Said,
    counted_in_diary,
    said_by_hand,
    service_of,
)
from fhir_queries.reading.fields import mapping, text
from fhir_queries.reading.sections import UNREADABLE
from fhir_queries.review_task import AT_MOST, create_once, reference_to
from fhir_queries.services import services_found, services_search

MOST_PLACES = 99
_LONGEST_SLOT = timedelta(hours=12)
_ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"


def read_capacity(record: Record, now: datetime) -> tuple[ServiceCapacity, ...]:
    """Every community service with its places, active ones first, each group by name.

    Open or closed is as at ``now``. Raises RecordError where the services can't be listed; where
    only the numbers can't be read, each says so (``CapacitySource.FAILED``).
    """
    rules = record.profile.services
    by_hand = Search(
        "capacity",
        "Observation",
        (("code", f"{CAPACITY_SYSTEM}|{PLACES_FREE}"), *page_of(record.profile)),
    )
    answers = record.ask([services_search(rules), by_hand]).by_name
    services = services_found(answers["services"], rules)
    said = _said(answers["capacity"])
    diary = _diary(record, services, now) if rules.diaries and services else None
    return tuple(
        _capacity(each, said, diary, now, failed=answers["capacity"].error is not None)
        for each in services
    )


def set_capacity(
    record: Record,
    caller: Caller,
    service: CommunityService,
    free: int | None,
    *,
    note: str = "",
    seen: str | None = None,
) -> ServiceCapacity:
    """The service with so many places free from now on, said by ``caller``; None: not known.

    ``seen`` is the ``version`` that they looked at, None to overwrite whatever stands. Raises
    Conflict where somebody has said another number since (the sentence says who and when),
    NotPermitted for a role that may not, Refused for a number that can't be.
    """
    if forbidden := why_not(caller, Action.SET_CAPACITY, None):
        raise NotPermitted("this role sets no capacity", sentence=forbidden)
    if free is not None and not 0 <= free <= MOST_PLACES:
        raise Refused("not a number of places", sentence=f"Give 0 to {MOST_PLACES} places.")
    made = _observation(caller, service, free, note)
    stood = create_once(record, made, f"identifier={CAPACITY_IDENTIFIER}|{service.id}")
    if any(stood.get(name) != value for name, value in made.items()):
        stood = _say_anew(record, str(stood.get("id")), made, free, seen=seen)
    found = said_by_hand(stood)
    return _standing(service, found, CapacitySource.BY_HAND, datetime.now(UTC))


def _say_anew(
    record: Record, identity: str, made: Resource, free: int | None, *, seen: str | None
) -> Resource:
    failed = Conflict("the number changed under every try")
    for _ in range(AT_MOST):
        standing = record.fetch(f"Observation/{identity}")
        version = text(mapping(standing.get("meta")).get("versionId"))
        said = said_by_hand(standing)
        if seen is not None and version != seen and said is not None and said.free != free:
            raise Conflict("said anew meanwhile", sentence=_said_meanwhile(said))
        changed = copy.deepcopy(standing)
        for gone in ("valueInteger", "dataAbsentReason", "note"):
            changed.pop(gone, None)
        try:
            return record.update(changed | made, version=version)
        except Conflict as conflict:
            failed = conflict
    raise failed


def _observation(
    caller: Caller, service: CommunityService, free: int | None, note: str
) -> Resource:
    now = utc_text(datetime.now(UTC))
    performer: list[Resource] = [reference_to(caller)]
    if caller.organisation_name or caller.organisation:
        performer.append(
            {"type": "Organization", "display": caller.organisation_name or caller.organisation}
        )
    made: Resource = {
        "resourceType": "Observation",
        "identifier": [{"system": CAPACITY_IDENTIFIER, "value": service.id}],
        "status": "final",
        "code": {
            "coding": [{"system": CAPACITY_SYSTEM, "code": PLACES_FREE}],
            "text": "Places free in a community service",
        },
        "focus": [{"reference": f"HealthcareService/{service.id}", "display": service.name}],
        "effectiveDateTime": now,
        "performer": performer,
    }
    if free is None:
        made["dataAbsentReason"] = {"coding": [{"system": _ABSENT, "code": "unknown"}]}
    else:
        made["valueInteger"] = free
    if note:
        made["note"] = [{"text": note, "time": now, "authorReference": reference_to(caller)}]
    return made


def _said(answer: Answer) -> Mapping[str, Said]:
    """The newest number kept by hand, by service id."""
    found: dict[str, Said] = {}
    for observation in answer.matches:
        try:
            service, said = service_of(observation), said_by_hand(observation)
        except UNREADABLE:
            continue
        if said is not None and (service not in found or said.as_at > found[service].as_at):
            found[service] = said
    return found


def _diary(record: Record, services: Sequence[CommunityService], now: datetime) -> Answer | None:
    """The Slots that may count; None where the record holds no diary of these services."""
    actors = ",".join(f"HealthcareService/{each.id}" for each in services if each.active)
    if not actors:
        return None
    page = page_of(record.profile)
    schedules = record.ask([Search("diaries", "Schedule", (("actor", actors), *page))]).by_name
    answer = schedules["diaries"]
    if answer.reading is not Reading.ANSWERED or not answer.matches:
        return answer if answer.reading is Reading.FAILED else None
    longest = max(
        timedelta(minutes=each.response_minutes)
        if each.response_minutes is not None
        else PROMISE_NOT_RECORDED
        for each in services
    )
    named = ",".join(f"Schedule/{each.get('id')}" for each in answer.matches)
    times = (
        ("start", f"ge{utc_text(now - _LONGEST_SLOT)}"),
        ("start", f"le{utc_text(now + longest)}"),
    )
    slots = record.ask(
        [
            Search(
                "slots", "Slot", (("schedule", named), *times, ("_include", "Slot:schedule"), *page)
            )
        ]
    ).by_name["slots"]
    return None if slots.reading is Reading.NOT_SUPPORTED else slots


def _capacity(
    service: CommunityService,
    by_hand: Mapping[str, Said],
    diary: Answer | None,
    now: datetime,
    *,
    failed: bool,
) -> ServiceCapacity:
    said = by_hand.get(service.id)
    counted = None
    if diary is not None and diary.error is None:
        try:
            counted = counted_in_diary(service, diary.matches, diary.included, now)
        except UNREADABLE:
            counted = None
    if failed:
        return _standing(service, None, CapacitySource.FAILED, now)
    if counted is not None and (said is None or counted.as_at > said.as_at):
        version = said.version if said is not None else ""
        return _standing(service, counted, CapacitySource.DIARY, now, version)
    if said is not None:
        return _standing(service, said, CapacitySource.BY_HAND, now)
    unread = diary is not None and diary.error is not None
    return _standing(
        service, None, CapacitySource.FAILED if unread else CapacitySource.NOT_TOLD, now
    )


def _standing(
    service: CommunityService,
    said: Said | None,
    source: CapacitySource,
    now: datetime,
    version: str = "",
) -> ServiceCapacity:
    return ServiceCapacity(
        service,
        said.free if said is not None else None,
        said.as_at if said is not None else None,
        said.by if said is not None else None,
        source,
        openness(service.opening, now),
        said.note if said is not None else "",
        version or (said.version if said is not None else ""),
    )


def _said_meanwhile(said: Said) -> str:
    name = said.by.name if said.by is not None else "Somebody else"
    places = "that it is not known" if said.free is None else f"{said.free}"
    at = f"{said.as_at.astimezone(LONDON):%H:%M}"
    return f"{name} said {places} at {at}, after you looked. Nothing was changed."
