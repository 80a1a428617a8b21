"""Serving the record: the socket, the tokens, the people, and when to stop."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import ipaddress
import logging
import os
import signal
import socket
import sqlite3
import sys
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import uvicorn

from sandbox import exact_json
from sandbox.dates import date_range
from sandbox.http import RecordApp
from sandbox.negotiation import Tokens
from sandbox.record import Record
from sandbox.search.find import matching
from sandbox.search.query import read_query
from sandbox.store import Store, now_microseconds

NEW_SHIFT_AFTER = timedelta(hours=6)


class CannotServe(Exception):
    """Why the record can't be served; the text is for whoever started it."""


@dataclass(frozen=True, slots=True)
class Serving:
    """How to serve the record."""

    host: str = "127.0.0.1"
    port: int = 0
    db: Path | None = None
    seed: int = 1
    waiting: int | None = None
    empty: bool = False
    token: str = ""
    read_only_token: str = ""
    ready_json: bool = False
    until_stdin_closes: bool = False


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's algorithm off on accepted sockets only if the protocol is named.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(256)
    except OSError as error:
        listening.close()
        raise CannotServe(f"can't listen on {host} port {port}: {error.strerror}") from error
    return listening


def _people() -> Any:
    """The made-up people, or None where they are not there."""
    try:
        people = importlib.import_module("sandbox.people")
    except ModuleNotFoundError as error:
        if error.name != "sandbox.people":
            raise
        return None
    return people if hasattr(people, "made_up") else None


def seed_store(store: Store, serving: Serving, now: datetime) -> bool:
    """Fill an empty store with made-up people, or begin a new shift in one filled before.

    Returns whether the store was filled now.
    """
    people = None if serving.empty else _people()
    if people is None:
        return False
    if store.is_empty():
        waiting = {} if serving.waiting is None else {"waiting": serving.waiting}
        store.load(people.made_up(seed=serving.seed, now=now, **waiting))
        store.note("seed", str(serving.seed))
        return True
    seed = store.about("seed")
    if seed is not None and hasattr(people, "new_shift"):
        waiting_now = _arrived(store)
        if waiting_now and all(now - _arrival(each) > NEW_SHIFT_AFTER for each in waiting_now):
            store.load(people.new_shift(waiting_now, seed=int(seed), now=now))
    return False


def _arrived(store: Store) -> list[dict[str, Any]]:
    """The Encounters of all who wait in ambulances."""
    emergency = [("status", "arrived"), ("class", "EMER")]
    query = read_query("Encounter", emergency, bases=(), now=now_microseconds())
    with store.read() as connection:
        found = matching(connection, "Encounter", query.clauses)
        return [
            exact_json.loads(
                connection.execute("SELECT body FROM resource WHERE rid = ?", (rid,)).fetchone()[0]
            )
            for rid in found
        ]


def _arrival(encounter: dict[str, Any]) -> datetime:
    start = encounter.get("period", {}).get("start", "1970")
    return datetime.fromtimestamp(date_range(start)[0] / 1_000_000, UTC)


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def _warn_of_openness(serving: Serving) -> None:
    if not _loopback(serving.host):
        if not serving.token:
            raise CannotServe(
                f"refusing to listen on {serving.host} without a token: anyone on the network "
                "could read the record. Set HANDOVER_SANDBOX_TOKEN, or use --host 127.0.0.1"
            )
        _say(
            f"WARNING: this record listens on {serving.host}, beyond this machine, without "
            "encryption. It is for made-up people only; put TLS in front of it."
        )
    elif not serving.token:
        _say("This record is open to every program on this machine: no token is set.")


class _Server(uvicorn.Server):
    """A uvicorn server that says when it is ready and stops when its parent is gone."""

    def __init__(self, config: uvicorn.Config, serving: Serving, base: str, seeded: bool) -> None:
        super().__init__(config)
        self._serving = serving
        self._base = base
        self._seeded = seeded

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._serving.ready_json:
            ready = {"base": self._base, "pid": os.getpid(), "seeded": self._seeded}
            sys.stdout.write(orjson.dumps(ready).decode() + "\n")
        else:
            sys.stdout.write(f"FHIR R4 record at {self._base}\n")
        sys.stdout.flush()
        if self._serving.until_stdin_closes:
            loop = asyncio.get_running_loop()
            threading.Thread(target=self._watch_stdin, args=(loop,), daemon=True).start()

    def _watch_stdin(self, loop: asyncio.AbstractEventLoop) -> None:
        with contextlib.suppress(OSError, ValueError):
            while sys.stdin.buffer.raw.read(4096):  # type: ignore[union-attr]
                pass
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(self._stop)

    def _stop(self) -> None:
        self.should_exit = True


def _opened(db: Path | None) -> Store:
    try:
        return Store(db)
    except sqlite3.DatabaseError as error:
        raise CannotServe(f"{db} is not a record, or is in use: {error}") from error
    except OSError as error:
        raise CannotServe(f"{db} can't be made: {error.strerror}") from error


def serve(serving: Serving) -> None:
    """Serve until told to stop. Raises CannotServe."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    _warn_of_openness(serving)
    listening = _listen(serving.host, serving.port)
    host, port = listening.getsockname()[:2]
    base = f"http://{f'[{host}]' if ':' in host else host}:{port}/fhir"
    store = _opened(serving.db)
    # uvicorn raises the signal that stopped it once more; by then it is ours to end orderly.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        seeded = seed_store(store, serving, datetime.now(UTC))
        tokens = Tokens(serving.token, serving.read_only_token)
        record = Record(store, secured=bool(serving.token))
        app = RecordApp(record, base=base, tokens=tokens)
        config = uvicorn.Config(
            app,
            lifespan="off",
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=5,
            backlog=256,
        )
        server = _Server(config, serving, base, seeded)
        with contextlib.suppress(KeyboardInterrupt):
            server.run(sockets=[listening])
        record.exports.close()
    finally:
        store.close()
        listening.close()
