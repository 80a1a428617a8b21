"""What is asked of a record and what it answers, before anyone reads a resource.

A question is a set of named searches that travel in one exchange. An answer says, for each, what
came back and how far it can be trusted; it never turns a failure into an empty list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from fhir_queries.errors import RecordError

Resource = dict[str, Any]
"""A FHIR resource as JSON. Only ``fhir_queries`` sees one."""


class Reading(Enum):
    """What became of one search."""

    ANSWERED = "answered"
    FAILED = "failed"
    NOT_SUPPORTED = "not supported"
    """The server doesn't do this search, or doesn't hold the type."""


@dataclass(frozen=True, slots=True)
class Search:
    """One search. Parameters may repeat, so they are pairs.

    ``expect`` are conditions that every match has to fulfil, as (path of keys, accepted values):
    a server that silently ignores a parameter is found out, and the filter is applied here.
    """

    name: str
    resource_type: str
    params: tuple[tuple[str, str], ...]
    every_page: bool = True
    expect: tuple[tuple[str, frozenset[str]], ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for one search, pages joined."""

    name: str
    reading: Reading
    matches: Sequence[Resource] = ()
    """JSON objects with a resourceType, as sent; anything else is counted in ``set_aside``."""
    included: Mapping[str, Resource] = field(default_factory=dict)
    """By ``Type/id``: what came with the matches, or was fetched since it should have."""
    set_aside: int = 0
    complete: bool = True
    """False where pages are known to be unread."""
    warnings: tuple[str, ...] = ()
    """What an OperationOutcome inside the answer said, in words."""
    withheld: bool = False
    """An OperationOutcome said that something is withheld (``suppressed``, ``forbidden``, ...)."""
    error: RecordError | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of one exchange, by search name, and when the record gave them."""

    as_at: datetime
    by_name: Mapping[str, Answer]
    exchanges: int
    """How many HTTP exchanges it took."""
