"""Doors before a record that make it answer in part, or slowly."""

from __future__ import annotations

import gzip
import threading
from typing import Any

import orjson

from tests.bench.queue_counting import Doorkeeper


class Refusing(Doorkeeper):
    """A record that can't say anything of some types just now."""

    refused: tuple[str, ...] = ("Procedure?",)
    """How the searches begin that it has no answer to."""

    def altered(self, body: bytes, told: bytes) -> bytes:
        """The same answer, but a fault where a refused type was asked for."""
        if not body.startswith(b"{") or not any(each.encode() in body for each in self.refused):
            return told
        packed = told[:2] == b"\x1f\x8b"
        asked, answer = orjson.loads(body), orjson.loads(gzip.decompress(told) if packed else told)
        entries: list[dict[str, Any]] = answer.get("entry", [])
        for one, entry in zip(asked["entry"], entries, strict=True):
            if one["request"]["url"].startswith(self.refused):
                entry.pop("resource", None)
                entry["response"] = {
                    "status": "500",
                    "outcome": {
                        "resourceType": "OperationOutcome",
                        "issue": [{"severity": "error", "code": "exception"}],
                    },
                }
        said = orjson.dumps(answer)
        return gzip.compress(said) if packed else said


class Holding(Doorkeeper):
    """A record that is slow to say who waits: its answer is held back for as long as wanted."""

    LONGEST = 120.0

    def __init__(self, record: str) -> None:
        super().__init__(record)
        self._go_on = threading.Event()
        self._go_on.set()
        self._held = threading.Event()

    def hold(self) -> None:
        """Hold the answers back from now on, and come back once the first one is held."""
        self._held.clear()
        self._go_on.clear()
        assert self._held.wait(self.LONGEST), "nobody has asked who waits"

    def let_go(self) -> None:
        """Hand on what is held back, and hold nothing any more."""
        self._go_on.set()

    def altered(self, body: bytes, told: bytes) -> bytes:
        """The same answer, later where it says who waits."""
        if b"status=arrived" in body and not self._go_on.is_set():
            self._held.set()
            self._go_on.wait(self.LONGEST)
        return told
