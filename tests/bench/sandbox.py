"""What the embedded record does in a second, at two sizes, and beside the Medplum router.

``make bench-sandbox`` writes ``figures/sandbox.json``. ``..._vs_medplum`` is Medplum's median time
over ours for the same question, asked in turn on one machine by one client: above 1, ours is
faster. The Medplum router keeps its resources in memory and validates nothing; ours writes to a
file and waits for the disk. It takes no ``_include``, so there the same question is a search and
a read for each patient.
"""

from __future__ import annotations

import http.client
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import orjson

from sandbox.embedded import start_embedded_record
from sandbox.people import made_up
from tests.bench.figures import ROOT, Figure, figure, write_figures
from tests.servers.start_medplum import start_medplum

YEARS, TEN_TIMES = 2, 20
QUEUE = (
    "Encounter?status=arrived"
    "&class=http://terminology.hl7.org/CodeSystem/v3-ActCode%7CEMER"
    "&_include=Encounter:subject&_include=Encounter:location&_include=Encounter:service-provider"
    "&_revinclude=Observation:encounter&_revinclude=Task:encounter&_revinclude=Task:focus"
    "&_count=200"
)
LOOKED = {
    "resourceType": "AuditEvent",
    "type": {"system": "http://terminology.hl7.org/CodeSystem/audit-event-type", "code": "rest"},
    "recorded": "2026-01-01T00:00:00Z",
    "agent": [{"requestor": True, "who": {"display": "Benchmark"}}],
    "source": {"observer": {"display": "Benchmark"}},
}


class Asker:
    """One kept connection to a FHIR server."""

    def __init__(self, base: str, token: str = "") -> None:
        where = urlsplit(base)
        self._path = where.path
        self._connection = http.client.HTTPConnection(str(where.hostname), where.port, timeout=300)
        self._headers = {"Content-Type": "application/fhir+json", "Accept": "application/fhir+json"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON answered; raises AssertionError unless it is a success."""
        content = None if body is None else orjson.dumps(body)
        path = f"{self._path}/{path}" if path else self._path
        self._connection.request(method, path, content, self._headers)
        answer = self._connection.getresponse()
        told = answer.read()
        assert answer.status < 300, f"{method} {path}: {answer.status} {told[:200]!r}"
        return orjson.loads(told) if told else None

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()


@contextmanager
def embedded(db: Path | None, *arguments: str) -> Iterator[Asker]:
    """An asker of the embedded record over this file."""
    record = start_embedded_record(db, arguments=arguments)
    asker = Asker(record.base, record.token)
    try:
        yield asker
    finally:
        asker.close()
        record.stop()


@contextmanager
def medplum() -> Iterator[Asker]:
    """An asker of the Medplum router."""
    server = start_medplum()
    asker = Asker(server.base)
    try:
        yield asker
    finally:
        asker.close()
        server.stop()


def in_turn(ways: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Median milliseconds of each way, run in turn after a warm-up."""
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(rounds + 2):
        for name, way in ways.items():
            began = perf_counter()
            way()
            if turn >= 2:
                spent[name].append((perf_counter() - began) * 1000)
    return {name: median(times) for name, times in spent.items()}


def seed(db: Path, years: int) -> tuple[float, int]:
    """Seconds to write so many years at two sites, and how many resources that is."""
    began = perf_counter()
    done = subprocess.run(
        [
            *(sys.executable, "-m", "sandbox", "seed", "--db", str(db), "--seed", "1"),
            *("--waiting", "40", "--years", str(years), "--sites", "2"),
        ],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return perf_counter() - began, int(done.stdout.split()[0])


def queue_batch() -> dict[str, Any]:
    """The batch that the waiting list is: who looked, and who waits with all that belongs."""
    return {
        "resourceType": "Bundle",
        "type": "batch",
        "entry": [
            {"resource": LOOKED, "request": {"method": "POST", "url": "AuditEvent"}},
            {"request": {"method": "GET", "url": QUEUE}},
        ],
    }


def size_figures(folder: Path) -> Iterator[Figure]:
    """Seeding, starting, and the waiting list at the usual size and at ten times that."""
    for years in (YEARS, TEN_TIMES):
        db = folder / f"{years}.sqlite"
        took, resources = seed(db, years)
        yield figure(f"seed_{years}_years_resources", resources, "resources", 1)
        yield figure(f"seed_{years}_years", took, "s", 1)
        starts = []
        for _ in range(5):
            began = perf_counter()
            with embedded(db):
                starts.append(perf_counter() - began)
        yield figure(f"start_at_{years}_years", median(starts), "s", len(starts))
    with (
        embedded(folder / f"{YEARS}.sqlite") as usual,
        embedded(folder / f"{TEN_TIMES}.sqlite") as large,
    ):
        for asker in (usual, large):
            told = asker.ask("POST", "", queue_batch())["entry"][1]["resource"]
            assert told["total"] >= 40, "nobody waits"
        medians = in_turn(
            {
                f"queue_batch_at_{YEARS}_years": lambda: usual.ask("POST", "", queue_batch()),
                f"queue_batch_at_{TEN_TIMES}_years": lambda: large.ask("POST", "", queue_batch()),
            },
            100,
        )
    for name, milliseconds in medians.items():
        yield figure(name, milliseconds, "ms", 100)
    first, second = medians.values()
    yield figure("queue_batch_growth_at_ten_times_the_size", second / first, "ratio", 100)


def put_all(asker: Asker, resources: list[dict[str, Any]]) -> float:
    """Seconds to put these in, 40 in a batch (the router takes at most 50)."""
    began = perf_counter()
    for start in range(0, len(resources), 40):
        entries = [
            {
                "resource": each,
                "request": {"method": "PUT", "url": f"{each['resourceType']}/{each['id']}"},
            }
            for each in resources[start : start + 40]
        ]
        asker.ask("POST", "", {"resourceType": "Bundle", "type": "batch", "entry": entries})
    return perf_counter() - began


def decision(number: int, person: str) -> dict[str, Any]:
    """A transaction as a decision is: an answered checklist, a done task, who and when."""
    subject = {"reference": person}
    resources: list[dict[str, Any]] = [
        {"resourceType": "QuestionnaireResponse", "status": "completed", "subject": subject},
        {"resourceType": "Task", "status": "completed", "intent": "order", "for": subject},
        {
            "resourceType": "ServiceRequest",
            "status": "active",
            "intent": "order",
            "subject": subject,
        },
        {
            "resourceType": "Provenance",
            "target": [{"reference": f"urn:uuid:00000000-0000-4000-8000-{number:012}"}],
            "recorded": "2026-01-01T00:00:00Z",
            "agent": [{"who": {"display": "Benchmark"}}],
        },
    ]
    entries: list[dict[str, Any]] = [
        {"resource": each, "request": {"method": "POST", "url": each["resourceType"]}}
        for each in resources
    ]
    entries[1]["fullUrl"] = f"urn:uuid:00000000-0000-4000-8000-{number:012}"
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def search_and_read_each(asker: Asker) -> None:
    """Who waits, and each patient, of a server that takes no ``_include``."""
    found = asker.ask("GET", "Encounter?status=arrived&_count=200")
    for entry in found["entry"]:
        asker.ask("GET", entry["resource"]["subject"]["reference"])


def beside_medplum(folder: Path) -> Iterator[Figure]:
    """The same resources and questions on both servers, in turn."""
    resources = list(made_up(seed=1, waiting=40, now=datetime.now(UTC)))
    with embedded(folder / "beside.sqlite", "--empty") as ours, medplum() as theirs:
        seeds = {"embedded": put_all(ours, resources), "medplum": put_all(theirs, resources)}
        for name, seconds in seeds.items():
            yield figure(f"put_{name}", len(resources) / seconds, "resources/s", len(resources))
        yield figure("put_vs_medplum", seeds["medplum"] / seeds["embedded"], "ratio", 1)
        numbers = iter(range(10**9))
        patient = next(each for each in resources if each["resourceType"] == "Patient")
        person = f"Patient/{patient['id']}"
        found = f"Observation?subject={person}&_sort=-date&_count=20"
        with_patients = "Encounter?status=arrived&_include=Encounter:patient&_count=200"
        questions: dict[str, tuple[Callable[[], Any], Callable[[], Any], int]] = {
            "read": (lambda: ours.ask("GET", person), lambda: theirs.ask("GET", person), 300),
            "search": (lambda: ours.ask("GET", found), lambda: theirs.ask("GET", found), 200),
            "search_with_patients": (
                lambda: ours.ask("GET", with_patients),
                lambda: search_and_read_each(theirs),
                30,
            ),
            "transaction": (
                lambda: ours.ask("POST", "", decision(next(numbers), person)),
                lambda: theirs.ask("POST", "", decision(next(numbers), person)),
                100,
            ),
        }
        for name, (our_way, their_way, rounds) in questions.items():
            medians = in_turn({"embedded": our_way, "medplum": their_way}, rounds)
            for server, milliseconds in medians.items():
                yield figure(f"{name}_{server}", milliseconds, "ms", rounds)
            yield figure(f"{name}_embedded_a_second", 1000 / medians["embedded"], "1/s", rounds)
            yield figure(
                f"{name}_vs_medplum", medians["medplum"] / medians["embedded"], "ratio", rounds
            )


def main() -> int:
    """Measure all of it and write the figures."""
    with tempfile.TemporaryDirectory(prefix="bench-sandbox-") as name:
        folder = Path(name)
        write_figures("sandbox", [*beside_medplum(folder), *size_figures(folder)])
    return 0


if __name__ == "__main__":
    sys.exit(main())
