"""Starting the embedded record beside the app, and keeping it running.

It is a process of its own, spoken to over HTTP like any other record. It stops when the
process that started it does, however that ends, because its standard input closes then.
"""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
from collections import deque
from pathlib import Path
from secrets import token_urlsafe
from typing import IO, Any
from urllib.parse import urlsplit

import orjson

from sandbox.cli import READ_TOKEN_VARIABLE, TOKEN_VARIABLE

READY_SECONDS = 120.0
"""Seeding years of history takes a while; an existing file is ready in a second."""
RESTART_SECONDS = 30.0
_STOP_SECONDS = 8.0


class RecordDidNotStart(Exception):
    """The embedded record did not come up; the text holds the end of what it said."""


class EmbeddedRecord:
    """A record running as a child process."""

    def __init__(
        self, db: Path | None, *, port: int, seed: int, token: str, arguments: tuple[str, ...]
    ) -> None:
        self._db = db
        self._port = port
        self._seed = seed
        self._arguments = arguments
        self.token = token
        self.base = ""
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self._said: deque[str] = deque(maxlen=30)
        self._process: subprocess.Popen[bytes] | None = None
        self._supervisor: threading.Thread | None = None
        self._listeners: list[threading.Thread] = []

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        process = self._process
        return process is not None and process.poll() is None

    @property
    def pid(self) -> int:
        """Its process id, 0 when it was never started."""
        return self._process.pid if self._process else 0

    def start(self, wait: float = READY_SECONDS) -> None:
        """Start it and wait until it answers. Raises RecordDidNotStart."""
        with self._lock:
            if self._stopping.is_set() or self.alive:
                return
            if self._process is not None:
                self._end(self._process)
            command = [sys.executable, "-m", "sandbox", "serve", "--ready-json"]
            command += ["--until-stdin-closes", "--port", str(self._port)]
            command += ["--seed", str(self._seed)]
            if self._db is not None:
                command += ["--db", str(self._db)]
            environment = {**os.environ, TOKEN_VARIABLE: self.token, READ_TOKEN_VARIABLE: ""}
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [*command, *self._arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment,
                cwd=Path(__file__).parent.parent,
            )
            ready = self._ready(self._process, wait)
            self.base = ready["base"]
            self._port = urlsplit(self.base).port or self._port

    def _ready(self, process: subprocess.Popen[bytes], wait: float) -> dict[str, Any]:
        lines: queue.Queue[bytes] = queue.Queue()
        self._listeners = [
            threading.Thread(target=self._listen, args=(process.stderr,), daemon=True),
            threading.Thread(target=_pass_lines, args=(process.stdout, lines), daemon=True),
        ]
        for listener in self._listeners:
            listener.start()
        try:
            line = lines.get(timeout=wait)
        except queue.Empty:
            line = b""
        try:
            ready: dict[str, Any] = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            self._end(process)
            said = "\n".join(self._said) or "it said nothing"
            raise RecordDidNotStart(f"the embedded record did not start: {said}") from error
        return ready

    def _listen(self, stream: IO[bytes]) -> None:
        with stream:
            for line in stream:
                self._said.append(line.decode(errors="replace").rstrip())

    def keep_running(self, delay: float = RESTART_SECONDS) -> None:
        """Start it again, `delay` seconds after each time it is found dead."""
        if self._supervisor is None:
            self._supervisor = threading.Thread(
                target=self._supervise, args=(delay,), name="record-supervisor", daemon=True
            )
            self._supervisor.start()

    def _supervise(self, delay: float) -> None:
        while not self._stopping.is_set():
            process = self._process
            if process is not None:
                process.wait()
            if self._stopping.wait(delay):
                return
            # If it does not come up now, it may after the next delay.
            with contextlib.suppress(RecordDidNotStart):
                self.start()

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        """Have a process end, by closing its standard input, and let go of what it held."""
        if process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for listener in self._listeners:
            listener.join(1)

    def stop(self) -> None:
        """End it, for good; returns when it is gone."""
        self._stopping.set()
        with self._lock:
            if self._process is not None:
                self._end(self._process)
        if self._supervisor is not None and self._supervisor is not threading.current_thread():
            self._supervisor.join(_STOP_SECONDS)


def _pass_lines(stream: IO[bytes], lines: queue.Queue[bytes]) -> None:
    with stream:
        for line in stream:
            lines.put(line)
    lines.put(b"")


def start_embedded_record(
    db: Path | None,
    *,
    port: int = 0,
    seed: int = 1,
    token: str | None = None,
    wait: float = READY_SECONDS,
    arguments: tuple[str, ...] = (),
) -> EmbeddedRecord:
    """Start a record of its own process and return it once it answers.

    `db` is its file, None for one in memory; `port` 0 chooses a free one; without `token`
    a fresh one is made; `arguments` go to `python -m sandbox serve` as they are.
    Raises RecordDidNotStart.
    """
    record = EmbeddedRecord(
        db,
        port=port,
        seed=seed,
        token=token_urlsafe(24) if token is None else token,
        arguments=arguments,
    )
    record.start(wait)
    return record


def start_for_app(state_dir: Path) -> EmbeddedRecord:
    """Start the record that the app uses where no other is named, and tell the app by environment.

    It is kept in ``state_dir``, so that what people write outlives the process, and started again
    when it dies. Everybody in it is made up, so anybody may choose whom to be.
    Raises RecordDidNotStart.
    """
    state_dir.mkdir(parents=True, exist_ok=True)
    record = start_embedded_record(state_dir / "record.sqlite")
    record.keep_running()
    os.environ["HANDOVER_RECORD_URL"] = record.base
    os.environ["HANDOVER_RECORD_TOKEN"] = record.token
    os.environ.setdefault("HANDOVER_DEMONSTRATION", "true")
    os.environ.setdefault("HANDOVER_BREAK_GLASS", "true")
    return record
