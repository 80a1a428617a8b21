"""``python -m tests.servers.start NAME``: start a server and leave it running.

``make medplum`` and ``make hapi`` come here, and their ``-stop`` targets to ``--stop``.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time

from tests.servers.running import STATE, CannotStart
from tests.servers.start_medplum import start_medplum

STARTERS = {"medplum": start_medplum}


def main(arguments: list[str] | None = None) -> int:
    """Start or stop the named server; 0 when it is as asked, 1 with the reason when not."""
    parser = argparse.ArgumentParser(prog="python -m tests.servers.start", description=__doc__)
    parser.add_argument("name", choices=sorted(STARTERS))
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--stop", action="store_true", help="end the one left running")
    asked = parser.parse_args(arguments)
    state = STATE / f"{asked.name}.json"
    if asked.stop:
        sys.stdout.write(_stop(asked.name) + "\n")
        return 0
    if state.is_file() and _alive(left := json.loads(state.read_text())):
        sys.stdout.write(f"{asked.name} already answers at {left['base']}\n")
        return 0
    try:
        running = STARTERS[asked.name](asked.port, stay=True)
    except CannotStart as why:
        sys.stderr.write(f"{why}\n")
        return 1
    state.write_text(
        json.dumps(
            {
                "base": running.base,
                "pid": running.process.pid,
                "started": _started(running.process.pid),
            }
        )
    )
    sys.stdout.write(f"{asked.name} answers at {running.base} (log: {running.log})\n")
    return 0


def _started(pid: int) -> str | None:
    """When the process began, in clock ticks since boot: tells a reused pid from the same one."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()[19]
    except OSError:
        return None


def _alive(left: dict[str, object]) -> bool:
    began = _started(int(str(left["pid"])))
    return began is not None and began == left["started"]


def _stop(name: str) -> str:
    state = STATE / f"{name}.json"
    if not state.is_file():
        return f"no {name} was left running"
    left = json.loads(state.read_text())
    for how in (signal.SIGTERM, signal.SIGKILL):
        if _alive(left):
            os.kill(left["pid"], how)
        for _ in range(100):
            if not _alive(left):
                state.unlink()
                return f"{name} ended"
            time.sleep(0.2)
    return f"{name} (process {left['pid']}) could not be ended"


if __name__ == "__main__":
    sys.exit(main())
