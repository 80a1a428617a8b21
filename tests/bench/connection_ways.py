"""The same question asked in different ways: ours, the floor, and other people's clients."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

import orjson
import requests
from fhirclient.client import FHIRClient
from fhirclient.models.bundle import Bundle
from fhirclient.models.encounter import Encounter
from fhirclient.models.location import Location
from fhirclient.models.observation import Observation
from fhirclient.models.patient import Patient
from fhirclient.models.task import Task
from fhirpy import AsyncFHIRClient

from clinical.person import Caller, Role
from fhir_queries.asking import Search
from fhir_queries.batch import Asked
from fhir_queries.check import searches_of
from fhir_queries.deadline import Call
from fhir_queries.history import read_history
from fhir_queries.profile import load_profile
from fhir_queries.reading.people import person
from fhir_queries.record import SharedRecord
from fhir_queries.server import RecordServer, Reply
from fhir_queries.settings import RecordSettings
from fhir_queries.waiting import CAME_WITH, read_waiting, waits_search
from tests.bench.canned_people import Resource, history, of_type, searchset, waits

CALLER = Caller(
    "555000000001",
    "https://fhir.nhs.uk/Id/sds-user-id",
    "Bench",
    Role.COMMUNITY_CLINICIAN,
    "ZZZ01",
    "",
)
PROFILE = load_profile("uk_core")
KNOWN = person(next(of_type(waits(1), "Patient")), {})
STRUCT = {"status": "arrived", "class": "EMER"}


def queue_answers(count: int) -> dict[str, Any]:
    """What a server of ``count`` waits answers: in one, in a batch, or one read at a time."""
    resources = waits(count)
    whole = searchset(resources, "Encounter")
    answers: dict[str, Any] = {
        "GET /fhir/Encounter?*_include": whole,
        "GET /fhir/Encounter?*": searchset(list(of_type(resources, "Encounter")), "Encounter"),
        "POST /fhir": {
            "resourceType": "Bundle",
            "type": "batch-response",
            "entry": [
                {"response": {"status": "201 Created"}},
                {"response": {"status": "200 OK"}, "resource": whole},
            ],
        },
    }
    for one in resources:
        answers[f"GET /fhir/{one['resourceType']}/{one['id']}"] = one
    for number in range(count):
        for kind in ("Observation", "Task"):
            own = [
                one
                for one in of_type(resources, kind)
                if one["encounter"]["reference"] == f"Encounter/e{number}"
            ]
            answers[f"GET /fhir/{kind}?encounter=e{number}"] = searchset(own, kind)
    return answers


def connect(base: str) -> SharedRecord:
    """Our connection to the server at ``base``, as it comes."""
    return SharedRecord.connect(RecordSettings.read({"record_url": base}, {}))


def queue_ours(base: str) -> Callable[[], Any]:
    """JSON to WaitingPatients."""
    record = connect(base)
    return lambda: read_waiting(record)


def queue_floor(base: str) -> Callable[[], Any]:
    """``requests.Session`` and ``orjson.loads`` of the same octets, nothing else."""
    session = requests.Session()
    url = f"{base}/{Asked('Encounter', waits_search(PROFILE).params).url}"
    return lambda: orjson.loads(session.get(url).content)


def queue_fhirpy(base: str) -> Callable[[], Any]:
    """fhirpy's asynchronous client, one search with includes."""
    client = AsyncFHIRClient(base)

    async def ask() -> Any:
        search = client.resources("Encounter").search(**STRUCT)
        search = search.include("Encounter", "subject").include("Encounter", "location")
        search = search.revinclude("Observation", "encounter").revinclude("Task", "encounter")
        return await search.fetch_raw()

    return lambda: asyncio.run(ask())


def _client(base: str) -> Any:
    return FHIRClient(settings={"app_id": "bench", "api_base": base})


def queue_fhirclient_includes(base: str) -> Callable[[], Any]:
    """fhirclient, one search with includes."""
    server = _client(base).server
    included = {"_include": "Encounter:subject", "_revinclude": "Observation:encounter"}
    search = Encounter.where({**STRUCT, **included})
    return lambda: list(search.perform_resources_iter(server))


def queue_fhirclient_naive(base: str) -> Callable[[], Any]:
    """fhirclient as a newcomer uses it: a read or search for each thing on the screen."""
    server = _client(base).server

    def ask() -> int:
        received = 0
        for encounter in Encounter.where(STRUCT).perform_resources_iter(server):
            Patient.read(encounter.subject.reference.partition("/")[2], server)
            where = encounter.location[0].location.reference
            Location.read(where.partition("/")[2], server)
            for kind in (Observation, Task):
                search = kind.where({"encounter": encounter.id})
                received += len(list(search.perform_resources_iter(server)))
        return received

    return ask


QUEUE_WAYS: Mapping[str, Callable[[str], Callable[[], Any]]] = {
    "ours": queue_ours,
    "floor": queue_floor,
    "fhirpy": queue_fhirpy,
    "fhirclient_includes": queue_fhirclient_includes,
    "fhirclient_naive": queue_fhirclient_naive,
}


def ask_history(record: Any) -> Any:
    """The history of somebody on the queue, as a tap on their card asks for it."""
    return read_history(record, CALLER, "e0", known=KNOWN)


def _asked_first() -> list[Search]:
    """What read_history asks of somebody on the queue, in its one exchange."""
    return searches_of(PROFILE, ask_history)


def history_octets(count: int) -> bytes:
    """A batch's answer with a history of ``count`` resources."""
    by_type: dict[str, list[Resource]] = {}
    for resource in history(count):
        by_type.setdefault(resource["resourceType"], []).append(resource)
    entries: list[Any] = [{"response": {"status": "201 Created"}}]
    for search in _asked_first():
        found = by_type.get(search.resource_type, [])
        if search.name == "wait":
            found = waits(1)
        answer = searchset(found, search.resource_type)
        entries.append({"response": {"status": "200 OK"}, "resource": answer})
    bundle = {"resourceType": "Bundle", "type": "batch-response", "entry": entries}
    return json.dumps(bundle).encode()


class _Canned(RecordServer):
    """Our connection with the wire cut out: what is measured begins at the octets."""

    octets = b""
    searches = 0

    def exchange(self, call: Call, method: str, url: str, **named: Any) -> Reply:
        """The same octets to the history's batch; to any other question, nothing found."""
        del method, url
        call.count()
        asked = (named.get("body") or b"").count(b'"method":"GET"')
        if asked == self.searches:
            return Reply(200, {}, self.octets)
        nothing = {"resourceType": "Bundle", "type": "searchset"}
        if not asked:
            return Reply(200, {}, orjson.dumps(nothing))
        entries = [{"response": {"status": "200"}, "resource": nothing}] * asked
        return Reply(200, {}, orjson.dumps({"resourceType": "Bundle", "entry": entries}))


def history_ours(octets: bytes) -> Callable[[], Any]:
    """Octets to the dataclasses of a PatientRecord."""
    settings = RecordSettings.read({"record_url": "http://127.0.0.1:1/fhir"}, {})
    server = _Canned(settings, PROFILE)
    server.octets = octets
    server.searches = len(_asked_first())
    record = SharedRecord(server)
    for search in _asked_first():
        record.memory.trust(f"{search.resource_type}?patient=Patient/ID")
    for pair in CAME_WITH:
        if pair[0] == "_revinclude":
            record.memory.trust(f"Encounter<{pair[1]}")
    return lambda: ask_history(record)


def history_floor(octets: bytes) -> Callable[[], Any]:
    """``orjson.loads`` and nothing else."""
    return lambda: orjson.loads(octets)


def history_json(octets: bytes) -> Callable[[], Any]:
    """``json.loads`` and nothing else."""
    return lambda: json.loads(octets)


def history_fhirclient(octets: bytes) -> Callable[[], Any]:
    """fhirclient's Bundle of the same resources."""
    return lambda: Bundle(json.loads(octets))


def history_fhirpy(octets: bytes) -> Callable[[], Any]:
    """fhirpy's resources of the same JSON."""
    client = AsyncFHIRClient("http://127.0.0.1:1/fhir")

    def read() -> list[Any]:
        return [
            client.resource(entry["resource"]["resourceType"], **entry["resource"])
            for answer in json.loads(octets)["entry"]
            for entry in answer.get("resource", {}).get("entry", ())
        ]

    return read


HISTORY_WAYS: Mapping[str, Callable[[bytes], Callable[[], Any]]] = {
    "ours": history_ours,
    "floor": history_floor,
    "json": history_json,
    "fhirpy": history_fhirpy,
    "fhirclient": history_fhirclient,
}
