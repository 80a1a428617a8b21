"""What the record connection costs, beside the floor and beside other clients.

``make bench-connection`` writes ``figures/connection.json``. ``_vs_floor`` and ``_vs_json`` are
ours over theirs; ``_vs_fhirclient...`` and ``_vs_fhirpy`` theirs over ours: of medians, of runs
taken in turn on one machine. The server hands out octets made before, from its own process.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Mapping
from statistics import median
from tempfile import NamedTemporaryFile
from time import perf_counter
from typing import Any

from tests.bench.canned_server import ROOT, canned
from tests.bench.connection_exchanges import exchange_figures
from tests.bench.connection_ways import HISTORY_WAYS, QUEUE_WAYS, history_octets, queue_answers
from tests.bench.figures import Figure, figure, write_figures

QUEUES, HISTORIES, DELAYS = (10, 40, 200), (60, 500, 5000), (0, 20)
ROUNDS = {10: 30, 40: 30, 200: 12, 60: 30, 500: 20, 5000: 5}
NAIVE_ROUNDS = 3


def medians(ways: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, tuple[float, int]]:
    """Median milliseconds of each way and of how many runs, run in turn after a warm-up.

    None has to clear up what the one before it left, nor to fill the processor's caches again:
    each runs once untimed after the collector, and then against the clock.
    """
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for name, way in ways.items():
        way()
        if name == "ours":
            way()
    for turn in range(rounds):
        for name, way in ways.items():
            if name == "fhirclient_naive" and turn >= NAIVE_ROUNDS:
                continue
            gc.collect()
            way()
            began = perf_counter()
            way()
            spent[name].append((perf_counter() - began) * 1000)
    return {name: (median(times), len(times)) for name, times in spent.items()}


def requests_so_far(base: str) -> int:
    """How many requests the canned server has had."""
    with urllib.request.urlopen(base.removesuffix("/fhir") + "/count") as answer:  # noqa: S310
        return int(answer.read())


def queue_figures() -> list[Figure]:
    """The waiting list: sizes, delays, ways, and the ratios that are held to."""
    found: list[Figure] = []
    spent: dict[tuple[int, int], dict[str, tuple[float, int]]] = {}
    for delay in DELAYS:
        for count in QUEUES:
            with canned(queue_answers(count), delay) as base:
                ways = {name: way(base) for name, way in QUEUE_WAYS.items()}
                if count == 200:
                    del ways["fhirclient_naive"]
                measured = medians(ways, ROUNDS[count])
                before = requests_so_far(base)
                ways["ours"]()
                asked = requests_so_far(base) - before
            spent[count, delay] = measured
            for name, (millis, n) in measured.items():
                found.append(figure(f"queue_{count}_{delay}ms_{name}", millis, "ms", n))
            found.append(figure(f"queue_{count}_{delay}ms_exchanges", asked, "exchanges", 1))
    for count, delay in ((40, 0), (40, 20)):
        ours, n = spent[count, delay]["ours"]
        name = f"queue_{count}_{delay}ms_vs"
        floor = spent[count, delay]["floor"][0]
        found.append(figure(f"{name}_floor", ours / floor, "ratio", n))
        for other in ("fhirclient_includes", "fhirpy", "fhirclient_naive"):
            theirs = spent[count, delay][other]
            found.append(figure(f"{name}_{other}", theirs[0] / ours, "ratio", min(n, theirs[1])))
    ratio = spent[200, 0]["ours"][0] / spent[40, 0]["ours"][0]
    found.append(figure("queue_200_vs_queue_40", ratio, "ratio", spent[200, 0]["ours"][1]))
    return found


def history_figures() -> list[Figure]:
    """A patient's history, from octets to dataclasses."""
    found: list[Figure] = []
    for count in HISTORIES:
        octets = history_octets(count)
        measured = medians({name: way(octets) for name, way in HISTORY_WAYS.items()}, ROUNDS[count])
        for name, (millis, n) in measured.items():
            found.append(figure(f"history_{count}_{name}", millis, "ms", n))
        ours, n = measured["ours"]
        found.append(figure(f"history_{count}_vs_floor", ours / measured["floor"][0], "ratio", n))
        for other in ("fhirclient", "fhirpy"):
            theirs = measured[other][0]
            found.append(figure(f"history_{count}_vs_{other}", theirs / ours, "ratio", n))
        found += memory_figures(count)
    return found


def memory_figures(count: int) -> list[Figure]:
    """Peak memory of each way, each in a process of its own."""
    found: list[Figure] = []
    peaks: dict[str, dict[str, float]] = {}
    with NamedTemporaryFile() as file:
        file.write(history_octets(count))
        file.flush()
        for way in ("ours", "floor", "json", "fhirclient"):
            command = [sys.executable, "-m", "tests.bench.connection_memory", way, file.name]
            done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
            peaks[way] = json.loads(done.stdout)
            for kind, mib in peaks[way].items():
                found.append(figure(f"history_{count}_{way}_{kind}", mib, "MiB", 1))
    if count == max(HISTORIES):
        for kind, name in (("traced_peak", "peak_vs_json"), ("resident_peak", "resident_vs_json")):
            ratio = peaks["ours"][kind] / peaks["json"][kind]
            found.append(figure(f"history_{count}_{name}", ratio, "ratio", 1))
    return found


def main() -> int:
    """Measure everything and write the figures."""
    write_figures("connection", [*queue_figures(), *history_figures(), *exchange_figures()])
    return 0


if __name__ == "__main__":
    sys.exit(main())
