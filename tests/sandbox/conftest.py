"""A record to ask: the real server, in a process of its own, on a free port."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from sandbox.embedded import EmbeddedRecord, start_embedded_record


@pytest.fixture(scope="session")
def record() -> Iterator[EmbeddedRecord]:
    """An empty record in memory that all tests of the session share."""
    started = start_embedded_record(None, arguments=("--empty",))
    yield started
    started.stop()


@pytest.fixture(scope="session")
def http(record: EmbeddedRecord) -> Iterator[httpx.Client]:
    """A client of that record: paths are below the FHIR base."""
    with client_of(record) as client:
        yield client


def client_of(record: EmbeddedRecord) -> httpx.Client:
    """An HTTP client signed in to a record."""
    return httpx.Client(
        base_url=record.base + "/",
        headers={
            "Authorization": f"Bearer {record.token}",
            "Content-Type": "application/fhir+json",
        },
        timeout=30,
        trust_env=False,
    )
