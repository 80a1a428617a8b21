"""What a fallback may do: ask further searches, read their pages, look at the record's claims."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from fhir_queries.batch import Asked, Got
from fhir_queries.capability import Claims
from fhir_queries.gathering import Gathering


class Asker(Protocol):
    """The record, within one question: its deadline counts on."""

    def ask(self, asked: Sequence[Asked]) -> list[Got]:
        """All of them, in one exchange or in parallel, each with its answer or error."""

    def read_pages(self, gatherings: Sequence[Gathering]) -> None:
        """The further pages of those that have any."""

    def claims(self) -> Claims:
        """The record's CapabilityStatement, empty where it can't be had."""
