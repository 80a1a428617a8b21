"""``python -m tests.servers.start NAME``: start a server and leave it running.

``make medplum`` and ``make hapi`` come here, and their ``-stop`` targets with ``--stop``.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import requests

from tests.servers.loading import load
from tests.servers.postgres import Cluster, programs
from tests.servers.records import people
from tests.servers.running import STATE, CannotStart, Running
from tests.servers.start_hapi import start_hapi
from tests.servers.start_medplum import start_medplum


def main(arguments: list[str] | None = None) -> int:
    """Start or stop the named server; 0 when it is as asked, 1 with the reason when not."""
    parser = argparse.ArgumentParser(prog="python -m tests.servers.start", description=__doc__)
    parser.add_argument("name", choices=sorted(STARTERS))
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--h2", action="store_true", help="HAPI in memory, for a quick try")
    parser.add_argument("--validate", action="store_true", help="HAPI refuses what isn't base R4")
    parser.add_argument("--empty", action="store_true", help="without the made-up people")
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
        server, database = STARTERS[asked.name](asked)
    except CannotStart as why:
        sys.stderr.write(f"{why}\n")
        return 1
    state.write_text(
        json.dumps(
            {
                "base": server.base,
                "pid": server.process.pid,
                "started": _started(server.process.pid),
                "database": [str(database.folder), database.port] if database else None,
            }
        )
    )
    if not asked.empty:
        with requests.Session() as session:
            loaded = load(server.base, people(), session=session)
        sys.stdout.write(f"{loaded} resources of made-up people are in it\n")
    sys.stdout.write(f"{asked.name} answers at {server.base} (log: {server.log})\n")
    return 0


def _medplum(asked: argparse.Namespace) -> tuple[Running, Cluster | None]:
    return start_medplum(asked.port, stay=True), None


def _hapi(asked: argparse.Namespace) -> tuple[Running, Cluster | None]:
    hapi = start_hapi(asked.port, h2=asked.h2, validating=asked.validate, stay=True)
    return hapi.server, hapi.database


STARTERS: dict[str, Callable[[argparse.Namespace], tuple[Running, Cluster | None]]] = {
    "hapi": _hapi,
    "medplum": _medplum,
}


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
                _stop_database(left.get("database"))
                state.unlink()
                return f"{name} ended"
            time.sleep(0.2)
    return f"{name} (process {left['pid']}) could not be ended"


def _stop_database(left: list[object] | None) -> None:
    found = programs()
    if left is not None and found is not None and Path(str(left[0])).is_dir():
        Cluster(Path(str(left[0])), int(str(left[1])), found).stop()


if __name__ == "__main__":
    sys.exit(main())
