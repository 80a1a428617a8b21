"""How many people a community service can still take, who says so, and how old that is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from clinical.opening_hours import Openness
from clinical.review import Actor, CommunityService


class CapacitySource(Enum):
    """Where the number of free places comes from."""

    BY_HAND = "by-hand"
    """Somebody said so."""
    DIARY = "diary"
    """Counted in the service's own diary in the record."""
    NOT_TOLD = "not-told"
    """Nobody has said, and the record holds no diary of it."""
    FAILED = "failed"
    """It could not be read, which says nothing of the places."""


@dataclass(frozen=True, slots=True)
class ServiceCapacity:
    """A community service as it stands now."""

    service: CommunityService
    free: int | None
    """Places free; None where that isn't known."""
    as_at: datetime | None
    """When the number was so; None where nobody has said."""
    said_by: Actor | None
    """Who said so: a person, or the service whose diary it is."""
    source: CapacitySource
    openness: Openness
    note: str = ""
    """What whoever said so added, in words."""
    version: str = ""
    """The version of the number kept by hand, to set it anew; empty where there is none."""

    def age(self, now: datetime) -> timedelta | None:
        """How old the number is at ``now``, None where there is none; never negative."""
        if self.as_at is None:
            return None
        return max(now.astimezone(UTC) - self.as_at.astimezone(UTC), timedelta())

    def old(self, now: datetime, after: timedelta) -> bool:
        """Whether the number is older than ``after``, so that one should ask."""
        age = self.age(now)
        return age is not None and age > after


class Taking(Enum):
    """What the board says of a service, at a glance."""

    HAS_PLACES = "has-places"
    FULL = "full"
    ASK = "ask"
    """Open, and the number is old or not known."""
    CLOSED = "closed"


def taking(capacity: ServiceCapacity, now: datetime, old_after: timedelta) -> Taking:
    """What to say of a service at a glance.

    A number that is older than ``old_after`` is asked about, whatever it says; so is a service
    whose hours aren't recorded and of whose places nothing is known. Never a rule against anybody:
    a clinician may choose any service.
    """
    if not capacity.service.active or capacity.openness.open is False:
        return Taking.CLOSED
    if capacity.free is None or capacity.old(now, old_after):
        return Taking.ASK
    return Taking.HAS_PLACES if capacity.free > 0 else Taking.FULL
