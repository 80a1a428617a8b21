"""Where the record is kept: one SQLite file, many readers, one writer.

A write is answered only after its COMMIT has returned with `synchronous=FULL`: what was
acknowledged survives a killed process or a lost machine. Writers that arrive together share
one commit, each within its own savepoint, so one's failure leaves the others whole.
"""

# ruff: noqa: S608 - statements are put together from fixed parts; values are always bound

from __future__ import annotations

import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sandbox import exact_json, expressions, schema

BUSY_SECONDS = 5.0
"""How long a connection waits for another process's lock."""
WAIT_SECONDS = 20.0
"""How long a write waits for its turn before the record says that it is too busy."""
READ_SECONDS = 20.0
"""How long one read may keep SQLite busy before it is broken off."""
_SHARE_A_COMMIT = 64
_QUEUE = 1024


class StoreBusy(Exception):
    """The record could not take the write in a bounded time; it is safe to try again."""


@dataclass(slots=True)
class _Job:
    work: Callable[[sqlite3.Connection], Any]
    answer: Future[Any]


def instant(microseconds: int) -> str:
    """A FHIR instant in UTC, to the millisecond."""
    moment = datetime.fromtimestamp(microseconds // 1_000_000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{microseconds // 1000 % 1000:03d}Z"


def now_microseconds() -> int:
    """Now, in microseconds since 1970, cut to the millisecond that a resource will show."""
    return time.time_ns() // 1_000_000 * 1000


def stamped(resource: dict[str, Any], identity: str, version: int, updated: int) -> bytes:
    """The resource as stored: with its id, version and time, all else as it came."""
    meta = {
        **(resource.get("meta") or {}),
        "versionId": str(version),
        "lastUpdated": instant(updated),
    }
    head = {"resourceType": resource["resourceType"], "id": identity, "meta": meta}
    return exact_json.dumps(head | {k: v for k, v in resource.items() if k not in head})


class Store:
    """A record on file, or in memory when `path` is None."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._memory_lock = threading.RLock()
        self._idle: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        self._jobs: queue.Queue[_Job | None] = queue.Queue(_QUEUE)
        self._closed = False
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = self._connect()
        self._prepare()
        self._thread = threading.Thread(target=self._write_jobs, name="record-writer", daemon=True)
        self._thread.start()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path or ":memory:",
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=512,
        )
        if self.path is not None:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA mmap_size=2147483648")
            connection.execute("PRAGMA journal_size_limit=67108864")
        connection.execute("PRAGMA cache_size=-32768")
        connection.execute("PRAGMA temp_store=MEMORY")
        return connection

    def _prepare(self) -> None:
        self._writer.executescript(f"BEGIN IMMEDIATE; {schema.TABLES} COMMIT;")
        if self.about("indexed-as") not in {None, schema.fingerprint()}:
            self._index_again()
        self._writer.execute(
            "INSERT OR REPLACE INTO about VALUES ('indexed-as', ?)", (schema.fingerprint(),)
        )

    def _index_again(self) -> None:
        writer = self._writer
        writer.execute("BEGIN IMMEDIATE")
        for table in schema.INDEX_TABLES:
            writer.execute(f"DELETE FROM {table}")
        for rid, body in writer.execute("SELECT rid, body FROM resource WHERE deleted = 0"):
            rows = expressions.index_rows(exact_json.loads(body))
            schema.add_index_rows(writer, rid, rows)
        writer.execute("COMMIT")

    def about(self, name: str) -> str | None:
        """A fact noted about the store itself, such as whether it was seeded."""
        found = self._writer.execute("SELECT value FROM about WHERE name = ?", (name,)).fetchone()
        return found[0] if found else None

    def note(self, name: str, value: str) -> None:
        """Note a fact about the store itself."""
        self.write(
            lambda connection: (
                connection.execute(
                    "INSERT OR REPLACE INTO about VALUES (?, ?)", (name, value)
                ).rowcount
            )
        )

    def is_empty(self) -> bool:
        """Whether nothing was ever stored."""
        with self.read() as connection:
            return connection.execute("SELECT 1 FROM resource LIMIT 1").fetchone() is None

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one unchanging state of the record for as long as it is held."""
        if self.path is None:
            with self._memory_lock:
                yield self._writer
            return
        try:
            connection = self._idle.get_nowait()
        except queue.Empty:
            connection = self._connect()
            connection.execute("PRAGMA query_only=1")
        give_up = time.monotonic() + READ_SECONDS
        connection.set_progress_handler(lambda: time.monotonic() > give_up, 100_000)
        try:
            connection.execute("BEGIN")
            yield connection
        finally:
            connection.set_progress_handler(None, 0)
            connection.execute("ROLLBACK")
            self._idle.put(connection)

    def submit(self, work: Callable[[sqlite3.Connection], Any]) -> Future[Any]:
        """Queue a write; the future holds its result once that is durable.

        Raises StoreBusy when too many writes wait already.
        """
        job = _Job(work, Future())
        try:
            self._jobs.put_nowait(job)
        except queue.Full as error:
            raise StoreBusy from error
        return job.answer

    def write(self, work: Callable[[sqlite3.Connection], Any]) -> Any:
        """Do the work in a transaction of its own and return its result once it is durable.

        Whatever `work` raises is raised here, and nothing of it is kept. Raises StoreBusy
        when the record can't take the write in `WAIT_SECONDS`.
        """
        answer = self.submit(work)
        try:
            return answer.result(WAIT_SECONDS)
        except TimeoutError as error:
            if answer.cancel():
                raise StoreBusy from error
            return answer.result()

    def _write_jobs(self) -> None:
        while True:
            first = self._jobs.get()
            if first is None:
                return
            jobs = [first]
            closing = False
            with suppress(queue.Empty):
                while len(jobs) < _SHARE_A_COMMIT:
                    following = self._jobs.get_nowait()
                    if following is None:
                        closing = True
                        break
                    jobs.append(following)
            running = [job for job in jobs if job.answer.set_running_or_notify_cancel()]
            with self._memory_lock:
                self._commit_together(running)
            if closing:
                return

    def _commit_together(self, jobs: list[_Job]) -> None:
        results: list[tuple[_Job, Any, BaseException | None]] = []
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            for job in jobs:
                self._writer.execute("SAVEPOINT job")
                try:
                    results.append((job, job.work(self._writer), None))
                except Exception as error:  # noqa: BLE001 - handed to whoever asked
                    self._writer.execute("ROLLBACK TO job")
                    results.append((job, None, error))
                self._writer.execute("RELEASE job")
            self._writer.execute("COMMIT")
        except sqlite3.Error as error:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            locked = isinstance(error, sqlite3.OperationalError) and "locked" in str(error)
            for job in jobs:
                job.answer.set_exception(StoreBusy() if locked else error)
            return
        for job, result, failure in results:
            if failure is not None:
                job.answer.set_exception(failure)
            else:
                job.answer.set_result(result)

    def load(self, resources: Iterable[dict[str, Any]], *, keep_ids: bool = True) -> int:
        """Put many resources in at once and return how many, all of them or none.

        Each replaces what has its type and id. With `keep_ids` false, or where a resource
        has no id, it is given a new one. They are not validated: the caller vouches for them.
        """
        from sandbox.bulk import load  # noqa: PLC0415 - bulk builds on the store

        loaded: int = self.submit(
            lambda connection: load(connection, resources, keep_ids=keep_ids)
        ).result()
        return loaded

    def close(self) -> None:
        """Finish the writes that wait, then let go of the file."""
        if self._closed:
            return
        self._closed = True
        self._jobs.put(None)
        self._thread.join()
        with suppress(queue.Empty):
            while True:
                self._idle.get_nowait().close()
        self._writer.close()
