"""How long a question may still take. One deadline bounds all the exchanges it needs."""

from __future__ import annotations

import uuid
from contextvars import ContextVar
from dataclasses import dataclass, field
from threading import Lock
from time import perf_counter

from fhir_queries.errors import RecordUnavailable


class Call:
    """One question or write: until when, how many exchanges so far, may it be sent twice.

    ``perf_counter`` is the clock: it never jumps, and a test that freezes the time of day
    doesn't stop it.
    """

    __slots__ = ("_lock", "ends", "exchanges", "request")

    def __init__(self, seconds: float) -> None:
        self.ends = perf_counter() + seconds
        self.request = uuid.uuid4().hex
        self.exchanges = 0
        self._lock = Lock()

    def left(self) -> float:
        """Seconds left; zero or less when it is over."""
        return self.ends - perf_counter()

    def must_be_in_time(self) -> float:
        """Seconds left. Raises RecordUnavailable when there are none."""
        left = self.left()
        if left <= 0:
            raise RecordUnavailable("the deadline passed")
        return left

    def count(self) -> int:
        """Count one exchange more."""
        with self._lock:
            self.exchanges += 1
            return self.exchanges


@dataclass(slots=True)
class OnTheWire:
    """What the socket needs to know of the exchange in this thread."""

    ends: float
    read_seconds: float
    most_octets: int
    repeatable: bool
    received: int = field(default=0)

    def left(self) -> float:
        """Seconds left until the call has to end."""
        return self.ends - perf_counter()


on_the_wire: ContextVar[OnTheWire | None] = ContextVar("on_the_wire", default=None)
