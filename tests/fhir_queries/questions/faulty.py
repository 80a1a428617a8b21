"""A real record that fails on purpose: at one call, before or after it was done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from fhir_queries.asking import Answers, Resource, Search
from fhir_queries.errors import RecordError, Refused
from fhir_queries.record import SharedRecord
from fhir_queries.writes import Write


class Faulty:
    """The record behind it; call number ``at`` raises ``error``.

    ``after`` lets that call be done first: the answer was lost. ``lasts`` is how many calls fail,
    from that one on.
    """

    def __init__(
        self,
        record: SharedRecord,
        error: RecordError,
        *,
        at: int,
        after: bool = False,
        lasts: int = 1,
    ) -> None:
        self.record = record
        self.profile = record.profile
        self.settings = record.settings
        self.calls = 0
        self._error, self._at, self._after = error, at, after
        self.lasts = lasts

    def _do(self, call: Callable[[], Any]) -> Any:
        self.calls += 1
        failing = self._at <= self.calls < self._at + self.lasts
        if failing and not self._after:
            raise self._error
        found = call()
        if failing:
            raise self._error
        return found

    def ask(
        self,
        searches: Sequence[Search],
        *,
        audit: Resource | None = None,
        deadline: float | None = None,
    ) -> Answers:
        """As the record behind it."""
        found: Answers = self._do(lambda: self.record.ask(searches, audit=audit, deadline=deadline))
        return found

    def fetch(self, reference: str) -> Resource:
        """As the record behind it."""
        found: Resource = self._do(lambda: self.record.fetch(reference))
        return found

    def create(self, resource: Resource, *, if_none_exist: str | None = None) -> Resource:
        """As the record behind it."""
        found: Resource = self._do(
            lambda: self.record.create(resource, if_none_exist=if_none_exist)
        )
        return found

    def update(self, resource: Resource, *, version: str) -> Resource:
        """As the record behind it."""
        found: Resource = self._do(lambda: self.record.update(resource, version=version))
        return found

    def transact(self, entries: Sequence[Write]) -> tuple[Resource, ...]:
        """As the record behind it."""
        found: tuple[Resource, ...] = self._do(lambda: self.record.transact(entries))
        return found


class WithoutTransactions(Faulty):
    """A record that takes no transaction; told by its profile, or only when it is tried."""

    def __init__(
        self, record: SharedRecord, error: RecordError, *, at: int, after: bool, declared: bool
    ) -> None:
        super().__init__(record, error, at=at, after=after)
        if declared:
            writing = replace(record.profile.writing, transaction=False)
            self.profile = replace(record.profile, writing=writing)

    def transact(self, entries: Sequence[Write]) -> tuple[Resource, ...]:
        """Refused, whatever it is."""
        raise Refused(f"no transaction of {len(entries)}", status=405)


class Interrupted:
    """A record on which something happens just before the first such call: somebody is faster."""

    def __init__(
        self, record: SharedRecord, before: str | Sequence[str], happens: Callable[[], object]
    ) -> None:
        self._record, self._happens = record, happens
        self._before = (before,) if isinstance(before, str) else tuple(before)
        self._happened = False

    def __getattr__(self, name: str) -> Any:
        if name in self._before and not self._happened:
            self._happened = True
            self._happens()
        return getattr(self._record, name)
