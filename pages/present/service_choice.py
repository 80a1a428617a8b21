"""A community service to choose from: whether it is open, its room now, and what it promises."""

from __future__ import annotations

from datetime import datetime, timedelta

from clinical.capacity import CapacitySource, ServiceCapacity
from pages.present import times


def room_words(capacity: ServiceCapacity, now: datetime) -> str:
    """How many it can take, who said so and how old that is; never "none" for not known."""
    if capacity.source is CapacitySource.FAILED:
        return "Its room could not be read"
    age = capacity.age(now)
    if capacity.free is None or age is None:
        return "Its room is not known: ask"
    places = "No room" if capacity.free == 0 else f"Room for {capacity.free}"
    by = f" by {capacity.said_by.name}" if capacity.said_by is not None else ""
    return f"{places}, said{by} {times.span(age)} ago"


def choice_words(capacity: ServiceCapacity, now: datetime) -> str:
    """What stands under a service's name: open or closed, room, promise, hours, whom it takes."""
    service = capacity.service
    promise = "Promised response not recorded"
    if service.response_minutes is not None:
        within = times.span(timedelta(minutes=service.response_minutes))
        promise = f"Responds within {within.removesuffix(' 00 min')}"
    is_open = capacity.openness.open
    state = "Closed now" if is_open is False else "Open now" if is_open else ""
    hours = service.hours or "Opening hours not recorded"
    said = (state, room_words(capacity, now), promise, hours, service.comment, service.provider)
    return ". ".join(part.rstrip(" .") for part in said if part)
