"""Which community services may somebody be redirected to?"""

from __future__ import annotations

from typing import Any

from clinical.review import CommunityService
from fhir_queries.asking import Answer, Search
from fhir_queries.port import Record
from fhir_queries.profile import Services
from fhir_queries.reading.fields import Included, concept, objects, strings, text, who, words
from fhir_queries.reading.opening import DAYS, opening
from fhir_queries.reading.sections import UNREADABLE

_DAY_WORDS = dict(zip(DAYS, ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), strict=True))


def services_search(rules: Services) -> Search:
    """The search for them, named ``services``."""
    params: list[tuple[str, str]] = []
    if rules.category:
        params.append(("service-category", f"{rules.category_system}|{rules.category}"))
    params.append(("_include", "HealthcareService:organization"))
    return Search("services", "HealthcareService", tuple(params))


def read_services(record: Record) -> tuple[CommunityService, ...]:
    """The community services of this record, active ones first, each group by name.

    Raises RecordError where the record doesn't answer: no list is not an empty list.
    """
    rules = record.profile.services
    return services_found(record.ask([services_search(rules)]).by_name["services"], rules)


def services_found(answer: Answer, rules: Services) -> tuple[CommunityService, ...]:
    """The services of an answer to that search, active ones first, each group by name.

    Raises RecordError where there was no answer.
    """
    if answer.error is not None:
        raise answer.error
    found: list[CommunityService] = []
    for resource in answer.matches:
        try:
            if text(resource.get("id")) and _takes_redirects(resource, rules):
                found.append(service(resource, rules, answer.included))
        except UNREADABLE:
            continue
    return tuple(sorted(found, key=lambda each: (not each.active, each.name.lower(), each.id)))


def _takes_redirects(resource: dict[str, Any], rules: Services) -> bool:
    if not rules.category:
        return True
    return any(
        code.code == rules.category
        for category in objects(resource.get("category"))
        for code in concept(category)[1]
    )


def service(resource: dict[str, Any], rules: Services, included: Included) -> CommunityService:
    """One HealthcareService. One that doesn't say whether it is active is taken as active."""
    return CommunityService(
        text(resource.get("id")),
        text(resource.get("name")) or words(resource.get("type")) or text(resource.get("id")),
        who(resource.get("providedBy"), resource, included),
        resource.get("active") is not False,
        opening_hours(resource),
        _response_minutes(resource, rules),
        text(resource.get("comment")) or text(resource.get("extraDetails")),
        opening(resource),
        _phone(resource),
    )


def _phone(resource: dict[str, Any]) -> str:
    return next(
        (
            text(each.get("value"))
            for each in objects(resource.get("telecom"))
            if each.get("system") == "phone" and each.get("use") != "old"
        ),
        "",
    )


def _response_minutes(resource: dict[str, Any], rules: Services) -> int | None:
    for characteristic in objects(resource.get("characteristic")):
        for code in concept(characteristic)[1]:
            if code.system != rules.characteristic_system:
                continue
            minutes = code.code.removeprefix(rules.response_prefix)
            if minutes != code.code and minutes.isdecimal():
                return int(minutes)
    return None


def opening_hours(resource: dict[str, Any]) -> str:
    """Opening hours in words: "Mon to Fri 08:00 to 20:00; Sat, Sun all day"; empty where none."""
    said: list[str] = []
    for time in objects(resource.get("availableTime")):
        days = [day for day in DAYS if day in strings(time.get("daysOfWeek"))]
        start = text(time.get("availableStartTime"))[:5]
        end = text(time.get("availableEndTime"))[:5]
        if time.get("allDay") is True or (start and start == end):
            hours = "all day"
        elif start and end:
            hours = f"{start} to {end}"
        else:
            continue
        said.append(" ".join(part for part in (_day_words(days), hours) if part))
    said += [text(each.get("description")) for each in objects(resource.get("notAvailable"))]
    said.append(text(resource.get("availabilityExceptions")))
    return "; ".join(each for each in said if each)


def _day_words(days: list[str]) -> str:
    if len(days) == 7:
        return "Every day"
    places = [DAYS.index(day) for day in days]
    if len(days) > 2 and places == list(range(places[0], places[-1] + 1)):
        return f"{_DAY_WORDS[days[0]]} to {_DAY_WORDS[days[-1]]}"
    return ", ".join(_DAY_WORDS[day] for day in days)
