"""What was acknowledged is there after a kill -9, and nothing is half there.

HANDOVER_TEST_KILLS says how many kills; the strict run does 200.
"""

from __future__ import annotations

import os
import random
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.embedded import start_embedded_record
from tests.conftest import STRICT
from tests.sandbox.conftest import client_of

KILLS = int(os.environ.get("HANDOVER_TEST_KILLS") or (200 if STRICT else 24))
_WRITERS = 3
_SITES = 2


def pair(name: str) -> dict[str, Any]:
    """A transaction of two resources that belong together, and a count that both move."""
    entries = [
        {
            "resource": {
                "resourceType": "Basic",
                "id": f"{name}-{half}",
                "code": {"coding": [{"system": "http://example.org/half", "code": half}]},
            },
            "request": {"method": "PUT", "url": f"Basic/{name}-{half}"},
        }
        for half in ("left", "right")
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


@dataclass(slots=True)
class Ledger:
    """What the record acknowledged before it died."""

    acknowledged: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)


def _write_until_it_dies(client: httpx.Client, name: str, ledger: Ledger) -> None:
    for number in range(100_000):
        this = f"{name}-{number}"
        try:
            answer = client.post("", json=pair(this))
        except httpx.TransportError:
            return
        if answer.status_code == 200:
            with ledger.lock:
                ledger.acknowledged.add(this)


def _halves(client: httpx.Client, half: str) -> set[str]:
    names: set[str] = set()
    url: str | None = f"Basic?code=http://example.org/half%7C{half}&_count=1000&_elements=id"
    while url:
        bundle = client.get(url).json()
        names |= {e["resource"]["id"].rpartition("-")[0] for e in bundle.get("entry", [])}
        url = next((k["url"] for k in bundle["link"] if k["relation"] == "next"), None)
    return names


def _killed_again_and_again(db: Path, site: int, kills: int) -> tuple[int, int]:
    """How many transactions were acknowledged over all, and how many are there."""
    chance = random.Random(site)  # noqa: S311 - when to kill
    ledger = Ledger()
    for kill in range(kills + 1):
        record = start_embedded_record(db, arguments=("--empty",))
        try:
            with client_of(record) as client:
                left, right = _halves(client, "left"), _halves(client, "right")
                assert left == right, f"half a transaction after kill {kill}"
                lost = ledger.acknowledged - left
                assert not lost, f"acknowledged and lost after kill {kill}: {sorted(lost)[:5]}"
                if kill == kills:
                    return len(ledger.acknowledged), len(left)
                with ThreadPoolExecutor(_WRITERS) as writers:
                    for writer in range(_WRITERS):
                        name = f"s{site}-k{kill}-w{writer}"
                        writers.submit(_write_until_it_dies, client, name, ledger)
                    threading.Event().wait(chance.uniform(0.02, 0.15))
                    os.kill(record.pid, signal.SIGKILL)
        finally:
            record.stop()
    raise AssertionError("unreachable")


@pytest.mark.timeout(900)
@pytest.mark.skipif(os.name != "posix", reason="kill -9 is a POSIX signal")
def test_every_acknowledged_transaction_survives_a_kill_and_none_is_half_there(
    tmp_path: Path,
) -> None:
    with ThreadPoolExecutor(_SITES) as sites:
        runs = [
            sites.submit(_killed_again_and_again, tmp_path / f"{n}.sqlite", n, KILLS // _SITES)
            for n in range(_SITES)
        ]
        for run in runs:
            acknowledged, there = run.result()
            # Some were done whose answer the kill cut off: at most one for each writer and kill.
            assert acknowledged > KILLS // _SITES
            assert acknowledged <= there <= acknowledged + _WRITERS * (KILLS // _SITES)
