"""Python's garbage collector, put off while an answer of the record is read.

JSON is a tree: its last reference gone, all of it is freed at once, without the collector. Yet each
some hundred new objects set the collector going, and every so often it looks through everything
that the process holds: a third of the time that a queue of 200 took to read, and the more, the
larger the process. So it rests while one is read, and catches up afterwards on what was kept.

It goes on while a reading waits for the record, and is never put off for long: no reading begins
without it once too many new objects are there that it hasn't looked at.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from threading import Lock, local
from typing import ParamSpec, TypeVar

_Asked = ParamSpec("_Asked")
_Given = TypeVar("_Given")

MOST_UNSEEN = 200_000
"""So many new objects may wait for the collector: some 50 MiB, four queues of 200 at once."""


class _Readings:
    """How many threads are reading just now. The last to end lets the collector run again."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._count = 0

    def begin(self) -> bool:
        """Put the collector off, or join those that have; False where it has to stay on.

        Where somebody else has switched it off, it is left to them.
        """
        if gc.get_count()[0] > MOST_UNSEEN:
            return False
        with self._lock:
            if not self._count:
                if not gc.isenabled():
                    return False
                gc.disable()
            self._count += 1
            return True

    def end(self) -> None:
        """Let it run again, where nobody else is reading."""
        with self._lock:
            self._count -= 1
            if not self._count:
                gc.enable()


class _Mine(local):
    """Whether this thread is among those that put the collector off."""

    reading = False


_readings, _mine = _Readings(), _Mine()


def collected_afterwards(read: Callable[_Asked, _Given]) -> Callable[_Asked, _Given]:
    """``read``, with the collector put off until it returns, when the JSON it read is gone."""

    @wraps(read)
    def reading(*args: _Asked.args, **named: _Asked.kwargs) -> _Given:
        if _mine.reading or not _readings.begin():
            return read(*args, **named)
        _mine.reading = True
        try:
            return read(*args, **named)
        finally:
            # Not where it waits, and may not begin again
            if _mine.reading:
                _mine.reading = False
                _readings.end()

    return reading


@contextmanager
def collecting() -> Iterator[None]:
    """Let the collector run meanwhile: for the time in which this thread waits for the record."""
    if not _mine.reading:
        yield
        return
    _mine.reading = False
    _readings.end()
    try:
        yield
    finally:
        _mine.reading = _readings.begin()
