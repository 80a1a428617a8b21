"""Opening hours of a HealthcareService, as far as its record holds them."""

from __future__ import annotations

from datetime import time
from typing import Any

from clinical.opening_hours import Closure, OpeningHours, OpenPeriod
from fhir_queries.reading.fields import mapping, moment, objects, strings, text

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""In the order of the week, as ``daysOfWeek`` names them."""
_EVERY_DAY = frozenset(range(7))


def opening(resource: dict[str, Any]) -> OpeningHours:
    """``availableTime`` and ``notAvailable``. Hours that can't be read: incomplete, not shut.

    A ``notAvailable`` without dates ("Bank holidays") is words only: no clock can go by it.
    """
    periods: list[OpenPeriod] = []
    complete = True
    for each in objects(resource.get("availableTime")):
        found = _period(each)
        if found is None:
            complete = False
        else:
            periods.append(found)
    closures = []
    for each in objects(resource.get("notAvailable")):
        during = mapping(each.get("during"))
        starts, ends = moment(during.get("start")), moment(during.get("end"))
        if starts is not None or ends is not None:
            closures.append(Closure(text(each.get("description")), starts, ends))
    return OpeningHours(tuple(periods), tuple(closures), complete)


def _period(given: dict[str, Any]) -> OpenPeriod | None:
    named = strings(given.get("daysOfWeek"))
    days = frozenset(DAYS.index(day) for day in named if day in DAYS)
    if len(days) != len(set(named)):
        return None
    if given.get("allDay") is True:
        return OpenPeriod(days or _EVERY_DAY, time(0), time(0))
    starts, ends = _clock(given.get("availableStartTime")), _clock(given.get("availableEndTime"))
    if starts is None or ends is None:
        return None
    return OpenPeriod(days or _EVERY_DAY, starts, ends)


def _clock(value: Any) -> time | None:
    try:
        read = time.fromisoformat(text(value))
    except ValueError:
        return None
    return read if read.tzinfo is None else None
