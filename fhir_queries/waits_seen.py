"""Everybody who waited in an ambulance in a stretch of time, reviewed or not.

R4 has no search by an Encounter's past statuses, which tell a wait in an ambulance from somebody
who came on foot. Every emergency Encounter of the time has to be read, so that this is done when
a manager asks for it, not at each opening of the page.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock

from clinical.moments import utc_text
from clinical.person import Caller, Role
from fhir_queries.asking import Resource, Search
from fhir_queries.audit import counted
from fhir_queries.errors import BadRecord
from fhir_queries.port import Record, page_of
from fhir_queries.profile import RecordProfile
from fhir_queries.reading.fields import text
from fhir_queries.reading.waits import has_waited, waiting_since
from fhir_queries.waiting import of_the_classes

WINDOW = timedelta(days=28)
"""Of how much time one search asks."""
SECONDS = 120.0
"""How long one exchange may take: a month of Encounters is more than a page of a queue."""
_NOT_ALL = "Not everybody who waited could be read, so they are not counted."


@dataclass(frozen=True, slots=True)
class WaitsSeen:
    """Who waited, by arrival, as it was read."""

    start: datetime
    """The arrivals from then on are here."""
    as_at: datetime
    arrivals: Mapping[str, datetime]
    """The arrival of each Encounter."""
    undated: int
    """How many more waited whose arrival isn't known: they belong to no stretch of time."""

    def without_review(
        self, start: datetime, end: datetime, reviewed: Collection[str]
    ) -> int | None:
        """How many arrived from ``start`` to before ``end`` and are none of the Encounters
        ``reviewed``; None where so long ago wasn't read.
        """
        if start < self.start:
            return None
        return sum(
            start <= arrived < end and encounter not in reviewed
            for encounter, arrived in self.arrivals.items()
        )


class WaitsKeeper:
    """What was read last, for all callers with one right to see. Any thread may call it."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._lock = Lock()
        self._seen: dict[Role, WaitsSeen] = {}

    def seen(self, caller: Caller) -> WaitsSeen | None:
        """What was read last; None where nothing was."""
        return self._seen.get(caller.role)

    def read(self, caller: Caller, start: datetime) -> WaitsSeen:
        """Read everybody who arrived from ``start`` on, and keep it.

        Raises RecordError, and what was read before stays: BadRecord where not everybody could be
        read (a count of some would look like a count of all).
        """
        audit = counted(caller) if self._record.profile.writing.audit else None
        with self._lock:
            found = read_waits(self._record, start, datetime.now(UTC), audit)
            self._seen[caller.role] = found
        return found


def read_waits(record: Record, start: datetime, now: datetime, audit: Resource | None) -> WaitsSeen:
    """Everybody who arrived from ``start`` until ``now``. Raises RecordError."""
    profile = record.profile
    arrivals: dict[str, datetime] = {}
    undated: set[str] = set()
    begin = start
    while begin < now:
        end = min(begin + WINDOW, now)
        answers = record.ask([_search(profile, begin, end)], audit=audit, deadline=SECONDS)
        audit = None
        answer = answers.by_name["waited"]
        if answer.error is not None:
            raise answer.error
        if not answer.complete or answer.withheld or answer.set_aside:
            raise BadRecord("not every wait was read", sentence=_NOT_ALL)
        for encounter in answer.matches:
            if not has_waited(encounter, profile.wait, answer.included):
                continue
            since = waiting_since(encounter, profile.wait)
            if since is None:
                undated.add(text(encounter.get("id")))
            elif start <= since.earliest < now:
                arrivals[text(encounter.get("id"))] = since.earliest
        begin = end
    return WaitsSeen(start, now, arrivals, len(undated))


def _search(profile: RecordProfile, start: datetime, end: datetime) -> Search:
    asked, expect = of_the_classes(profile.wait)
    times = (("date", f"ge{utc_text(start)}"), ("date", f"lt{utc_text(end)}"))
    places = (("_include", "Encounter:location"),) if profile.wait.location_physical_types else ()
    params = (*times, *asked, *places, *page_of(profile))
    return Search("waited", "Encounter", params, expect=expect)
