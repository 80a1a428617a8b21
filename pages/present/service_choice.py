"""A community service to choose from: whether it is open, its room now, and what it promises."""

from __future__ import annotations

from datetime import datetime, timedelta

from clinical.capacity import ServiceCapacity
from pages.present import times
from pages.present.capacity import capacity_words


def choice_words(capacity: ServiceCapacity, now: datetime, old_after: timedelta) -> str:
    """What stands under a service's name: its places, promise, hours, whom it takes.

    A number older than ``old_after`` says to ask.
    """
    service = capacity.service
    promise = "Promised response not recorded"
    if service.response_minutes is not None:
        within = times.span(timedelta(minutes=service.response_minutes))
        promise = f"Responds within {within.removesuffix(' 00 min')}"
    hours = service.hours or "Opening hours not recorded"
    room = capacity_words(capacity, now, old_after)
    said = (room, promise, hours, service.comment, service.provider)
    return ". ".join(part.rstrip(" .") for part in said if part)
