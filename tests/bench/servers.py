"""What asking HAPI through the app's queries costs over asking it with bare ``requests``.

HAPI on PostgreSQL as ``deploy/`` has it, with 60,000 resources. Both ways ask for the same in one
batch, follow its pages one by one, and take turns; the bare way only reads the JSON, and looks
for no other records of the same person. ``python -m tests.bench.servers`` writes
``figures/servers.json``; it takes some ten minutes, most of them loading.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from statistics import median
from time import perf_counter
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from fhir_queries.asking import Search
from fhir_queries.audit import opened_queue, opened_record
from fhir_queries.history import history_searches, read_history
from fhir_queries.waiting import read_waiting, waits_search
from sandbox.people import made_up
from tests.bench.figures import Figure, figure, write_figures
from tests.servers.loading import HEADERS, Resource, load, references_in
from tests.servers.records import HERON, OpenRecord, now, opened, with_deleted_as_errors
from tests.servers.start_hapi import start_hapi

RESOURCES = 60_000
WAITING = 40
ENTRIES = 500
WEEKS = 100
TIMES = 15
WAIT = "wait-01"


def people() -> tuple[list[Resource], str]:
    """60,000 resources and more, and the Patient of whom 500 entries tell."""
    made = with_deleted_as_errors(made_up(seed=3, waiting=WAITING, now=now(), history_weeks=WEEKS))
    patient = next(each for each in made if each.get("id") == WAIT)["subject"]["reference"]
    about = sum(patient in references_in(each) for each in made)
    like = next(
        each
        for each in made
        if each["resourceType"] == "Observation"
        and each["subject"]["reference"] == patient
        and "encounter" not in each
    )
    more = [like | {"id": f"long-{number}"} for number in range(ENTRIES - about)]
    made += more
    if len(made) < RESOURCES:
        raise SystemExit(f"{WEEKS} weeks are {len(made)} resources, too few")
    return made, patient.partition("/")[2]


class Bare:
    """HAPI asked with ``requests`` and nothing else."""

    def __init__(self, server: OpenRecord) -> None:
        self._base = server.base
        self._session = server.session
        self._page = str(server.record.profile.searches.page_size)

    def batch(self, searches: Sequence[Search], audit: Resource) -> Any:
        """The audit entry and the searches as one batch, and every page of them, read as JSON."""
        entries: list[Resource] = [
            {"resource": audit, "request": {"method": "POST", "url": "AuditEvent"}}
        ]
        for search in searches:
            params = (*search.params, ("_count", self._page))
            query = urlencode(params, quote_via=quote, safe="/:,")
            request = {"method": "GET", "url": f"{search.resource_type}?{query}"}
            entries.append({"request": request})
        batch = {"resourceType": "Bundle", "type": "batch", "entry": entries}
        answer = self._session.post(
            self._base, data=orjson.dumps(batch), headers=HEADERS, timeout=120
        )
        answer.raise_for_status()
        pages = [orjson.loads(answer.content)]
        waiting = [each.get("resource") for each in pages[0]["entry"]]
        while waiting:
            page = waiting.pop()
            if page is None or page.get("resourceType") != "Bundle":
                continue
            for link in page.get("link", ()):
                if link["relation"] == "next":
                    following = self._session.get(link["url"], headers=HEADERS, timeout=120)
                    following.raise_for_status()
                    waiting.append(orjson.loads(following.content))
                    pages.append(waiting[-1])
        return pages


def compared(
    name: str, server: OpenRecord, app: Callable[[], Any], raw: Callable[[], Any]
) -> list[Figure]:
    """Both ways in turns, so that a slow moment falls on both."""
    ways = {"app": app, "raw": raw}
    took: dict[str, list[float]] = {"app": [], "raw": []}
    for ask in ways.values():
        ask()
        ask()
    before = server.exchanges
    app()
    exchanges = server.exchanges - before
    for _ in range(TIMES):
        for way, ask in ways.items():
            began = perf_counter()
            ask()
            took[way].append((perf_counter() - began) * 1000)
    ratio = median(took["app"]) / median(took["raw"])
    return [
        figure(f"hapi_{name}_ms", median(took["app"]), "ms", TIMES),
        figure(f"hapi_{name}_raw_ms", median(took["raw"]), "ms", TIMES),
        figure(f"hapi_{name}_vs_raw", ratio, "ratio", TIMES),
        figure(f"hapi_{name}_exchanges", exchanges, "HTTP exchanges", 1),
    ]


def measure(server: OpenRecord, patient: str) -> list[Figure]:
    """The queue of 40 and the history of 500 entries."""
    record = server.record
    bare = Bare(server)
    audit = opened_queue(HERON)
    waiting = read_waiting(record, audit=audit)
    if len(waiting.waiting) != WAITING or not waiting.complete:
        raise SystemExit(f"{len(waiting.waiting)} wait, not {WAITING}: {waiting.warnings}")
    queue = waits_search(record.profile)
    numbers = next(each for each in waiting.waiting if each.encounter == WAIT).person.nhs_numbers
    digits = [number.digits for number in numbers]
    _, told = read_history(record, HERON, WAIT, patient_id=patient, nhs_numbers=digits)
    history = history_searches(record.profile, WAIT, patient)
    opening = opened_record(HERON, patient, WAIT)
    return [
        *compared(
            "queue",
            server,
            lambda: read_waiting(record, audit=audit),
            lambda: bare.batch([queue], audit),
        ),
        *compared(
            "history",
            server,
            lambda: read_history(record, HERON, WAIT, patient_id=patient, nhs_numbers=digits),
            lambda: bare.batch(history, opening),
        ),
        figure("hapi_history_entries", told.received, "entries", 1),
    ]


def main() -> int:
    """Load, measure and write the figures."""
    made, patient = people()
    running = start_hapi()
    try:
        with opened("hapi", running.base, running) as server:
            began = perf_counter()
            loaded = load(server.base, made, chunk=200, session=server.session)
            seconds = perf_counter() - began
            assert running.database is not None
            running.database.sql("VACUUM ANALYZE")
            write_figures(
                "servers",
                [
                    figure("hapi_resources", loaded, "resources", 1),
                    figure("hapi_loaded_per_second", loaded / seconds, "resources/s", 1),
                    *measure(server, patient),
                ],
            )
    finally:
        running.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
