"""Whose record is being told, when, and by whom: what each entry needs to become resources."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from sandbox.people.county import COMMUNITY, gp_of, org, source, trust
from sandbox.people.fhir import Resource, instant, later, london_date, midnight, ref


@dataclass(slots=True)
class Teller:
    """Tells one person's record as it stands at `now`; numbers the resources of each type."""

    patient: str
    now: datetime
    practice: str
    site: int
    key: str
    """What the ids of the resources carry: the person's number."""
    _count: dict[str, int] = field(default_factory=dict)

    def id(self, kind: str) -> str:
        """A new id for a resource of this type."""
        self._count[kind] = self._count.get(kind, 0) + 1
        return f"{kind.lower()}-{self.key}-{self._count[kind]}"

    def start(self, kind: str, by: str, identity: str = "") -> Resource:
        """The head of a resource: type, id and the system it came from."""
        return {
            "resourceType": kind,
            "id": identity or self.id(kind),
            "meta": {"source": source(self.organisation(by))},
        }

    def organisation(self, by: str) -> str:
        """The organisation meant by `gp` (their practice), `acute` (the hospital) or an id."""
        return {"gp": self.practice, "acute": trust(self.site), "community": COMMUNITY}.get(by, by)

    def org(self, by: str) -> Resource:
        """A Reference to that organisation."""
        return org(self.organisation(by))

    def author(self, by: str) -> Resource:
        """A Reference to whoever wrote it: a general practitioner, else the organisation."""
        return gp_of(self.practice) if by == "gp" and self.practice else self.org(by)

    def recorder(self, by: str) -> Resource:
        """The same where R4 takes people only: an organisation by its name alone."""
        author = self.author(by)
        literal = author["reference"].startswith("Organization/")
        return {"display": author["display"]} if literal else author

    @property
    def subject(self) -> Resource:
        """A Reference to the person."""
        return ref("Patient", self.patient)

    def day(self, ago: float) -> str:
        """The FHIR date of so many days ago."""
        return london_date(self.now - timedelta(days=ago)).isoformat()

    def partial(self, ago: float, precision: str) -> str:
        """That date as a `year`, a `month`, a `day`, or an `instant` in the forenoon."""
        if precision == "instant":
            return self.instant(ago)
        return self.day(ago)[: {"year": 4, "month": 7, "day": 10}[precision]]

    def at(self, ago: float, clock: str = "10:20") -> datetime:
        """So many days ago at this time of day in England; never later than now."""
        hour, minute = clock.split(":")
        first = midnight(london_date(self.now - timedelta(days=ago)))
        return min(first.replace(hour=int(hour), minute=int(minute)), later(self.now, minutes=-1))

    def instant(self, ago: float, clock: str = "10:20") -> str:
        """The same as a FHIR instant."""
        return instant(self.at(ago, clock))


class Entry(Protocol):
    """One thing that a record says of somebody."""

    def told(self, to: Teller) -> Iterator[Resource]:
        """The resources that say it."""
        ...


@dataclass(frozen=True, slots=True)
class Raw:
    """Resources written out by hand, for shapes that no other entry makes."""

    make: Callable[[Teller], Iterator[Resource]]

    def told(self, to: Teller) -> Iterator[Resource]:
        """What `make` makes."""
        yield from self.make(to)
