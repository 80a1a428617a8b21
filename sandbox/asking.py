"""What was asked and what is answered, apart from how it travels.

The same asking comes alone over HTTP or as an entry of a batch or transaction; the same
answer goes back alone or as an entry of the response Bundle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from sandbox import exact_json
from sandbox.problems import Problem
from sandbox.store import now_microseconds

FHIR_JSON = "application/fhir+json"


@dataclass(frozen=True, slots=True)
class Setting:
    """What holds for all that one HTTP request asks."""

    base: str
    """The URL that links and locations start with."""
    bases: tuple[str, ...]
    """All URLs under which this record knows itself."""
    strict: bool = False
    """`Prefer: handling=strict`."""
    may_write: bool = True
    now: int = field(default_factory=now_microseconds)


@dataclass(frozen=True, slots=True)
class Conditions:
    """The preconditions of one interaction."""

    if_match: str = ""
    if_none_match: str = ""
    if_modified_since: str = ""
    if_none_exist: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """One interaction: method, path below the base, parameters, preconditions and body."""

    method: str
    path: tuple[str, ...]
    parameters: tuple[tuple[str, str], ...] = ()
    conditions: Conditions = Conditions()
    resource: Any = None
    patch: Any = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What an interaction came to."""

    status: int
    body: bytes = b""
    """JSON, or nothing."""
    etag: str = ""
    updated: int | None = None
    """When the resource last changed, in microseconds since 1970."""
    location: str = ""
    outcome: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = FHIR_JSON

    @property
    def last_modified(self) -> str:
        """The Last-Modified header; empty where it has no meaning."""
        if self.updated is None:
            return ""
        return format_datetime(datetime.fromtimestamp(self.updated // 1_000_000, UTC), usegmt=True)


def refusal(problem: Problem) -> Answer:
    """The answer that tells a problem."""
    outcome = problem.outcome()
    return Answer(
        problem.status,
        body=exact_json.dumps(outcome),
        outcome=outcome,
        headers=problem.headers,
    )
