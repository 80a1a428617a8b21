"""Peak memory of one way of reading a history, measured in a process that does nothing else."""

from __future__ import annotations

import gc
import json
import sys
import tracemalloc
from pathlib import Path

from tests.bench.connection_ways import HISTORY_WAYS

MIB = 1 << 20


def resident() -> float:
    """The most memory that this process has held so far, in MiB."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def main(way: str, file: str) -> None:
    """Print the peaks over what was held before, as JSON. ``file`` holds the octets to read."""
    octets = Path(file).read_bytes()
    read = HISTORY_WAYS[way](octets)
    gc.collect()
    before = resident()
    kept = read()
    grown = resident() - before
    del kept
    gc.collect()
    tracemalloc.start()
    read()
    _, peak = tracemalloc.get_traced_memory()
    sys.stdout.write(json.dumps({"traced_peak": peak / MIB, "resident_peak": max(grown, 0.01)}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
