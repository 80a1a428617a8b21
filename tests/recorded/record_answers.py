"""Answers recorded from a real server, for the tests that replay them with ``responses``.

``make record-answers`` records them anew. Each file says which server gave it, and a test compares
its shape with what that server answers now, so that no replay drifts from the truth.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import requests

from clinical.person import Caller, Role
from fhir_queries.history import HISTORY_TYPES, read_history
from fhir_queries.record import SharedRecord
from fhir_queries.reviews import read_reviews
from fhir_queries.server import RecordServer, Reply
from fhir_queries.services import read_services
from fhir_queries.settings import RecordSettings
from fhir_queries.waiting import read_waiting
from sandbox.embedded import EmbeddedRecord, start_embedded_record
from sandbox.people import made_up

ANSWERS = Path(__file__).parent / "answers"
BASE = "https://record.example/fhir"
SERVER = "embedded shared record"
NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
"""The moment that the recorded people wait at."""
CAST = ("01", "09", "20")
"""A clear redirect; two records of one person; somebody whose review is asked for."""
CALLER = Caller(
    "999100000011",
    "https://fhir.nhs.uk/Id/sds-user-id",
    "Sorrel Marten",
    Role.COMMUNITY_CLINICIAN,
    "ZFC01",
    "Fernshire Community Health NHS Trust",
)
QUESTIONS: dict[str, Callable[[SharedRecord], Any]] = {
    "waiting": read_waiting,
    "history": lambda record: read_history(record, CALLER, "wait-01"),
    "history-of-two-records": lambda record: read_history(record, CALLER, "wait-09"),
    "reviews": lambda record: read_reviews(record, CALLER, NOW.replace(hour=0)),
    "services": read_services,
}


def small_cast() -> Iterator[dict[str, Any]]:
    """The county and a few of its people: what names nobody else."""
    somebody = re.compile(r'"[A-Za-z]+/(?:person|wait)-(\d\d)|"(?:person|wait)-(\d\d)')
    for resource in made_up(seed=1, now=NOW, history_weeks=0):
        named = {one or other for one, other in somebody.findall(json.dumps(resource))}
        if named <= set(CAST):
            yield resource


@contextmanager
def small_record() -> Iterator[EmbeddedRecord]:
    """The server that is recorded, holding the small cast."""
    record = start_embedded_record(None, arguments=("--empty",))
    try:
        bundle = {
            "resourceType": "Bundle",
            "type": "transaction",
            "entry": [
                {
                    "resource": one,
                    "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"},
                }
                for one in small_cast()
            ],
        }
        answer = requests.post(
            record.base,
            json=bundle,
            headers={
                "Authorization": f"Bearer {record.token}",
                "Content-Type": "application/fhir+json",
            },
            timeout=60,
        )
        answer.raise_for_status()
        yield record
    finally:
        record.stop()


def exchanges_of(
    record: EmbeddedRecord, question: Callable[[SharedRecord], Any]
) -> list[dict[str, Any]]:
    """What goes over the wire for one question to a record that was never asked before."""
    seen: list[dict[str, Any]] = []
    ask = RecordServer.exchange

    def exchange(self: RecordServer, call: Any, method: str, url: str, **named: Any) -> Reply:
        reply = ask(self, call, method, url, **named)
        body = json.loads(reply.content.replace(record.base.encode(), BASE.encode()))
        seen.append(
            {
                "method": method,
                "url": url.removeprefix(record.base).lstrip("/"),
                "status": reply.status_code,
                "body": _pared(body),
            }
        )
        return reply

    given = {"record_url": record.base, "record_token": record.token}
    connection = SharedRecord.connect(RecordSettings.read(given, {}))
    with mock.patch.object(RecordServer, "exchange", exchange):
        question(connection)
    connection.close()
    return seen


def _pared(body: Any) -> Any:
    """A CapabilityStatement of the types asked for alone: whole, it is 700 KiB; others as sent."""
    if body.get("resourceType") != "CapabilityStatement":
        return body
    (rest,) = body["rest"]
    kept = [
        {**one, "searchParam": [{"name": each["name"]} for each in one["searchParam"]]}
        for one in rest["resource"]
        if one["type"] in (*HISTORY_TYPES, "Patient")
    ]
    return {**body, "rest": [{**rest, "resource": kept}]}


def shape_of(value: Any) -> Any:
    """The names and kinds in ``value``: objects by key, lists as the kinds they hold."""
    if isinstance(value, dict):
        return {name: shape_of(each) for name, each in sorted(value.items())}
    if isinstance(value, list):
        kinds = {json.dumps(shape_of(each), sort_keys=True) for each in value}
        return sorted(kinds)
    return type(value).__name__


def main() -> int:
    """Record every question's answers anew."""
    with small_record() as record:
        for name, question in QUESTIONS.items():
            recorded = {"server": SERVER, "exchanges": exchanges_of(record, question)}
            path = ANSWERS / f"{name}.json"
            path.write_text(json.dumps(recorded, separators=(",", ":"), ensure_ascii=False) + "\n")
            sys.stdout.write(f"{path.name}: {len(recorded['exchanges'])} exchanges\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
