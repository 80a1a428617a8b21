"""What the questions need of a record: answered over HTTP in earnest, by a stand-in in a test."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from fhir_queries.asking import Answers, Resource, Search
from fhir_queries.profile import RecordProfile
from fhir_queries.settings import RecordSettings
from fhir_queries.writes import Write


class Record(Protocol):
    """A shared record that can be asked and written to. Every fault is a ``RecordError``."""

    profile: RecordProfile
    """What is particular to this record."""
    settings: RecordSettings

    def ask(
        self,
        searches: Sequence[Search],
        *,
        audit: Resource | None = None,
        deadline: float | None = None,
    ) -> Answers:
        """The answers to all searches; with ``audit`` written first, or no answer at all."""

    def fetch(self, reference: str) -> Resource:
        """The resource at ``Type/id``."""

    def create(self, resource: Resource, *, if_none_exist: str | None = None) -> Resource:
        """The resource as the record holds it now, or the one that already met the condition."""

    def update(self, resource: Resource, *, version: str) -> Resource:
        """The resource as the record holds it after the update, which met ``version``."""

    def transact(self, entries: Sequence[Write]) -> tuple[Resource, ...]:
        """All entries written, or none; each as it stands, in order."""


def page_of(profile: RecordProfile) -> tuple[tuple[str, str], ...]:
    """The parameter that asks for pages of the profile's size; none where it leaves that open."""
    size = profile.searches.page_size
    return (("_count", str(size)),) if size else ()
