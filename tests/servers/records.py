"""The three records that the same questions are put to, filled with the same made-up people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import requests

from clinical.person import Caller, Role
from fhir_queries.memory import Memory
from fhir_queries.record import SharedRecord
from fhir_queries.settings import RecordSettings
from sandbox.embedded import start_embedded_record
from sandbox.people import made_up
from tests.servers.loading import Resource, load, reference_of
from tests.servers.start_hapi import RunningHapi, start_hapi
from tests.servers.start_medplum import start_medplum

SEED = 1
HISTORY_WEEKS = 2
"""Enough for counts that are not nothing; each week is 600 resources, and Medplum reads all."""
NAMES = ("embedded", "medplum", "hapi")
TITLES = {
    "embedded": "Embedded record",
    "medplum": "Medplum FHIR router (in memory)",
    "hapi": "HAPI FHIR JPA on PostgreSQL",
}
_SDS_USER = "https://fhir.nhs.uk/Id/sds-user-id"
_COMMUNITY = ("RXF99", "Fernshire Community Health")
_HOSPITAL = ("RXF01", "Fernshire Hospitals")


def _caller(user: str, name: str, role: Role, works_for: tuple[str, str], purpose: str) -> Caller:
    return Caller(user, _SDS_USER, name, role, *works_for, purpose)


HERON = _caller("999000000201", "Rowan Heron", Role.COMMUNITY_CLINICIAN, _COMMUNITY, "TREAT")
ACHEBE = _caller("999000000202", "Linnet Achebe", Role.COMMUNITY_CLINICIAN, _COMMUNITY, "TREAT")
ORCHARD = _caller("999000000101", "Marsh Orchard", Role.ED_COORDINATOR, _HOSPITAL, "TREAT")
MANAGER = _caller("999000000301", "Fen Bittern", Role.MANAGER, _HOSPITAL, "HOPERAT")


@cache
def now() -> datetime:
    """The moment that the made-up people of this run are made up for."""
    return datetime.now(UTC).replace(second=0, microsecond=0)


@cache
def people() -> tuple[Resource, ...]:
    """The made-up people, the same for every record of this run."""
    return tuple(with_deleted_as_errors(made_up(seed=SEED, now=now(), history_weeks=HISTORY_WEEKS)))


def with_deleted_as_errors(made: Iterable[Resource]) -> list[Resource]:
    """These resources, and an Encounter that its sender deleted as one entered in error.

    HAPI deletes nothing that others refer to, and takes no reference to what isn't there.
    """
    kept = list(made)
    there = {reference_of(each) for each in kept}
    gone = {
        each["encounter"]["reference"]: each["for"]
        for each in kept
        if each["resourceType"] == "Task" and each["encounter"]["reference"] not in there
    }
    return [*kept, *(_in_error(encounter, whose) for encounter, whose in gone.items())]


def _in_error(encounter: str, whose: Resource) -> Resource:
    return {
        "resourceType": "Encounter",
        "id": encounter.partition("/")[2],
        "status": "entered-in-error",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "EMER"},
        "subject": whose,
    }


def period() -> tuple[datetime, datetime]:
    """The weeks that outcomes are counted over: all before anything that a test writes."""
    return now() - timedelta(weeks=9), now()


@dataclass(slots=True)
class OpenRecord:
    """A record that answers and holds the people, and what it took to ask it."""

    name: str
    base: str
    record: SharedRecord
    session: requests.Session
    hapi: RunningHapi | None = None
    exchanges: int = 0
    notes: dict[str, Any] = field(default_factory=dict)

    def fresh(self) -> SharedRecord:
        """The same record as somebody sees it who knows nothing of its ways yet."""
        return SharedRecord(self.record.server, Memory(self.record.profile.searches))

    def count(self, response: requests.Response, **_: object) -> None:
        """Note one exchange."""
        del response
        self.exchanges += 1


@contextmanager
def opened(name: str, base: str, hapi: RunningHapi | None = None) -> Iterator[OpenRecord]:
    """The record at ``base``, connected to as the app does, with more patience."""
    settings = RecordSettings(
        record_url=base, read_seconds=60, deadline_seconds=120, write_deadline_seconds=120
    )
    with requests.Session() as session:
        record = SharedRecord.connect(settings)
        found = OpenRecord(name, base, record, session, hapi)
        record.server.session.hooks["response"].append(found.count)
        try:
            yield found
        finally:
            record.close()


@contextmanager
def embedded() -> Iterator[OpenRecord]:
    """The embedded record, empty but for the people, spoken to over HTTP."""
    running = start_embedded_record(None, token="", arguments=("--empty",))
    try:
        with opened("embedded", running.base) as found:
            load(found.base, people(), session=found.session)
            yield found
    finally:
        running.stop()


@contextmanager
def medplum() -> Iterator[OpenRecord]:
    """Medplum's router with the people. Raises CannotStart."""
    running = start_medplum()
    try:
        with opened("medplum", running.base) as found:
            load(found.base, people(), session=found.session)
            yield found
    finally:
        running.stop()


@contextmanager
def hapi(*, validating: bool = True) -> Iterator[OpenRecord]:
    """HAPI on PostgreSQL with the people, refusing what isn't base R4. Raises CannotStart."""
    running = start_hapi(validating=validating)
    try:
        with opened("hapi", running.base, running) as found:
            load(found.base, people(), session=found.session)
            yield found
    finally:
        running.stop()


OPENERS: Mapping[str, Callable[[], Any]] = {
    "embedded": embedded,
    "medplum": medplum,
    "hapi": hapi,
}
