"""How many exchanges each question takes, counted at the server: as it should be, and as fallback.

Each figure is of the second time a question is asked, when the server's ways are known.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fhir_queries.record import SharedRecord
from fhir_queries.waiting import read_waiting
from tests.bench.canned_people import history, waits
from tests.bench.connection_ways import ask_history
from tests.bench.figures import Figure, figure
from tests.faults.connecting import connected
from tests.faults.fault_server import serving
from tests.fhir_queries.connection.lying_server import LyingServer

SERVERS: dict[str, dict[str, Any]] = {
    "honest": {},
    "no_batch": {"takes_batch": False},
    "no_includes": {"includes": False, "reverse_includes": False},
    "refuses_includes": {"refuses": frozenset({"_include", "_revinclude"})},
    "bare_ids_only": {"typed_ids": False},
    "nothing_works": {
        "takes_batch": False,
        "refuses": frozenset({"_include", "_revinclude"}),
        "typed_ids": False,
    },
}


def _count(ask: Callable[[SharedRecord], object], lies: dict[str, Any]) -> int:
    held = [*waits(4), *history(16)]
    patience = {"deadline_seconds": 15.0, "read_seconds": 5.0}
    with (
        serving(LyingServer(held, **lies)) as server,
        connected(server.base, **patience) as record,
    ):
        ask(record)
        before = len(server.asked)
        ask(record)
        return len(server.asked) - before


def exchange_figures() -> list[Figure]:
    """The counts, by question and kind of server."""
    found = []
    for name, lies in SERVERS.items():
        queue = _count(read_waiting, lies)
        found.append(figure(f"exchanges_queue_{name}", queue, "exchanges", 1))
        one = _count(ask_history, lies)
        found.append(figure(f"exchanges_history_{name}", one, "exchanges", 1))
    return found
