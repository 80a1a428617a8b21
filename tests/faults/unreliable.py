"""A door before a real record at which one request, or several, goes wrong as it is told to."""

from __future__ import annotations

import contextlib
import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from urllib.parse import urlsplit

from tests.faults.fault_server import Asked, Sent, outcome, serving
from tests.faults.fault_server import http as answer

_NOT_PASSED_ON = ("connection", "keep-alive", "transfer-encoding", "content-length")
SILENCE_SECONDS = 0.6
"""How long nothing is heard: longer than whoever asks here waits."""


class Wrong(Enum):
    """What goes wrong with a request. Where it may be after the record did it, that is said."""

    NOTHING = "nothing"
    NEVER_ARRIVES = "the request never arrives"
    ANSWER_LOST = "done, and the answer lost"
    CONFLICT = "412"
    TOO_MANY = "429"
    BROKEN = "500"
    BROKEN_AFTER = "done, and answered 500"
    AWAY = "503"
    SILENT = "timeout"
    SILENT_AFTER = "done, and then a timeout"
    KILLED = "the record killed before it commits"
    KILLED_AFTER = "the record killed after it commits"
    ASKER_KILLED = "the app killed before the record commits"
    ASKER_KILLED_AFTER = "the app killed after the record commits"


_STATUS = {
    Wrong.CONFLICT: (412, "conflict"),
    Wrong.TOO_MANY: (429, "throttled"),
    Wrong.BROKEN: (500, "exception"),
    Wrong.BROKEN_AFTER: (500, "exception"),
    Wrong.AWAY: (503, "transient"),
}
_DONE_FIRST = {
    Wrong.NOTHING,
    Wrong.ANSWER_LOST,
    Wrong.BROKEN_AFTER,
    Wrong.SILENT_AFTER,
    Wrong.KILLED_AFTER,
    Wrong.ASKER_KILLED_AFTER,
}


@dataclass(slots=True)
class Plan:
    """Which requests go wrong, counted from when it was told."""

    wrong: Wrong = Wrong.NOTHING
    at: int = 0
    lasts: int = 1
    writes_only: bool = False
    """Whether only POST (other than of a batch of reads) and PUT are counted."""


class UnreliableDoor:
    """The door. ``kill`` and ``kill_the_asker`` are called where the plan says so."""

    def __init__(
        self,
        record: str,
        kill: Callable[[], None],
        kill_the_asker: Callable[[], None] = lambda: None,
    ) -> None:
        self._record = urlsplit(record)
        self._kill = kill
        self._lock = threading.Lock()
        self._plan = Plan()
        self.kill_the_asker = kill_the_asker
        self.passed = 0
        """How many requests were counted since ``plan`` was last called."""
        self.went_wrong = 0
        """How many of them went wrong."""
        self.base = ""
        self.refuse_transactions = False
        """Whether a transaction is answered as by a record that takes none."""

    def plan(self, plan: Plan | None = None) -> None:
        """From now on this goes wrong; nothing without a plan."""
        with self._lock:
            self._plan = plan or Plan()
            self.passed = self.went_wrong = 0

    def respond(self, asked: Asked) -> Sent:
        """What the record answers, or what goes wrong."""
        wrong = self._next(asked)
        if self.refuse_transactions and b'"transaction"' in asked.body:
            return answer(405, outcome("not-supported"))
        if wrong is Wrong.KILLED:
            self._kill()
        if wrong is Wrong.ASKER_KILLED:
            self.kill_the_asker()
        told = self._ask(asked) if wrong in _DONE_FIRST else None
        if wrong is Wrong.KILLED_AFTER:
            self._kill()
        if wrong is Wrong.ASKER_KILLED_AFTER:
            self.kill_the_asker()
        if wrong in _STATUS:
            status, code = _STATUS[wrong]
            return answer(status, outcome(code))
        if wrong in (Wrong.SILENT, Wrong.SILENT_AFTER):
            return Sent([SILENCE_SECONDS], close=True)
        if told is None or wrong is not Wrong.NOTHING:
            return Sent([], close=True)
        return told

    def _next(self, asked: Asked) -> Wrong:
        with self._lock:
            plan = self._plan
            if plan.writes_only and not _is_write(asked):
                return Wrong.NOTHING
            self.passed += 1
            if plan.at <= self.passed < plan.at + plan.lasts and plan.wrong is not Wrong.NOTHING:
                self.went_wrong += 1
                return plan.wrong
            return Wrong.NOTHING

    def _ask(self, asked: Asked) -> Sent | None:
        """What the record says to it; None where it is down."""
        connection = http.client.HTTPConnection(
            str(self._record.hostname), self._record.port, timeout=30
        )
        headers = {
            name: value for name, value in asked.headers.items() if name not in _NOT_PASSED_ON
        }
        with contextlib.closing(connection):
            try:
                connection.request(asked.method, asked.target, asked.body or None, headers)
                got = connection.getresponse()
                content = got.read()
            except (OSError, http.client.HTTPException):
                return None
        kept = {
            name: value for name, value in got.getheaders() if name.lower() not in _NOT_PASSED_ON
        }
        return answer(got.status, content, {**kept, "Content-Length": str(len(content))})


def _is_write(asked: Asked) -> bool:
    if asked.method == "PUT":
        return True
    return asked.method == "POST" and b'"batch"' not in asked.body


@contextmanager
def unreliable_door(record: str, kill: Callable[[], None]) -> Iterator[UnreliableDoor]:
    """A door before the record of this base URL; ``base`` is its own."""
    door = UnreliableDoor(record, kill)
    with serving(door.respond) as listening:
        door.base = listening.base
        yield door
