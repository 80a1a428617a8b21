"""A record to ask, closed again, so that no test leaves a socket open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fhir_queries.record import SharedRecord
from fhir_queries.settings import RecordSettings


@contextmanager
def connected(base: str, **settings: Any) -> Iterator[SharedRecord]:
    """A connection with short time limits; further settings by name."""
    said = {
        "record_url": base,
        "connect_seconds": 1.0,
        "read_seconds": 0.4,
        "deadline_seconds": 1.5,
        "write_deadline_seconds": 1.5,
        **settings,
    }
    record = SharedRecord.connect(RecordSettings.read(said, {}))
    try:
        yield record
    finally:
        record.close()
