"""A record server that somebody else wrote, as a process of ours: started, told apart, ended."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
STATE = HERE.parents[1] / ".handover" / "servers"


class CannotStart(Exception):
    """A server could not be had; the message says what is missing or what it last said."""


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers: its FHIR base URL, its process and where it writes its log."""

    name: str
    base: str
    process: subprocess.Popen[bytes]
    log: Path

    def stop(self, patience: float = 20.0) -> None:
        """End it: standard input closed, then asked to end, then killed after ``patience`` s."""
        if self.process.stdin is not None:
            with suppress(BrokenPipeError):
                self.process.stdin.close()
        end(self.process, patience)
        self._close()

    def kill(self) -> None:
        """End it as a power cut would: no word, no time."""
        self.process.kill()
        self.process.wait()
        self._close()

    def _close(self) -> None:
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()


def end(process: subprocess.Popen[bytes], patience: float = 20.0) -> None:
    """Ask a process to end, and kill it if it hasn't within ``patience`` seconds."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def start(
    name: str,
    command: Sequence[str],
    *,
    patience: float,
    stay: bool = False,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Running:
    """Start a server that writes ``{"base": URL}`` as one line of standard output when ready.

    ``patience`` is how many seconds it has to become ready. Unless ``stay``, it ends when the
    process that started it does (its standard input closes). Raises CannotStart with the last
    lines of its log when it ends or is not ready in time.
    """
    STATE.mkdir(parents=True, exist_ok=True)
    log = STATE / f"{name}-{os.getpid()}.log"
    with log.open("wb") as written:
        process = subprocess.Popen(
            [*command, *(["--stay"] if stay else [])],
            stdin=subprocess.DEVNULL if stay else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=written,
            cwd=cwd,
            env={**os.environ, **(environment or {})},
            start_new_session=stay,
        )
    line = _first_line(process, patience)
    if line is None:
        end(process, 5)
        said = log.read_text(errors="replace").splitlines()[-25:]
        raise CannotStart(f"{name} was not ready in {patience:.0f} s; it said:\n" + "\n".join(said))
    return Running(name, json.loads(line)["base"], process, log)


def _first_line(process: subprocess.Popen[bytes], patience: float) -> bytes | None:
    assert process.stdout is not None
    until = time.monotonic() + patience
    read = b""
    with selectors.DefaultSelector() as ready:
        ready.register(process.stdout, selectors.EVENT_READ)
        while (left := until - time.monotonic()) > 0:
            if not ready.select(left):
                continue
            part = os.read(process.stdout.fileno(), 65536)
            if not part:
                return None
            read += part
            for line in read.split(b"\n")[:-1]:
                if line.startswith(b'{"base"'):
                    return line
    return None
