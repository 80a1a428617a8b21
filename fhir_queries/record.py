"""The shared record, as everything else in the program sees it: ask, fetch, create, update.

One ``SharedRecord`` a process and server; any number of threads may use it together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fhir_queries import fallbacks
from fhir_queries.asking import Answers, Resource, Search
from fhir_queries.batch import (
    Asked,
    BatchRefused,
    Got,
    ask_in_one,
    ask_in_parallel,
    ask_one,
    failures,
)
from fhir_queries.capability import Claims, claims_or_none
from fhir_queries.chained import in_two_steps, is_postponed
from fhir_queries.deadline import Call
from fhir_queries.declared import WrongSetting
from fhir_queries.deletions import deleted_since
from fhir_queries.exact import read_exact, read_fast
from fhir_queries.gathering import Gathering, begin
from fhir_queries.includes import fetch_what_is_missing
from fhir_queries.log import Line, say
from fhir_queries.memory import Memory
from fhir_queries.paging import read_pages
from fhir_queries.profile import RecordProfile, load_profile
from fhir_queries.server import RecordServer
from fhir_queries.settings import RecordSettings
from fhir_queries.writes import Write, Writer

__all__ = ["SharedRecord", "Write"]


class SharedRecord:
    """One FHIR R4 server, spoken to as its profile says."""

    def __init__(
        self,
        server: RecordServer,
        memory: Memory | None = None,
        pool: ThreadPoolExecutor | None = None,
    ) -> None:
        self.server = server
        self.base = server.settings.record_url.rstrip("/")
        self.profile: RecordProfile = server.profile
        self.settings: RecordSettings = server.settings
        self.memory = memory or Memory(server.profile.searches)
        self._pool = pool or ThreadPoolExecutor(
            server.settings.parallel, thread_name_prefix="record"
        )
        self._writer = Writer(server, self._read_many)

    @classmethod
    def connect(cls, settings: RecordSettings) -> SharedRecord:
        """The record that ``settings`` name. Nothing is sent yet.

        Raises WrongSetting where no record is named, or its profile is wrong.
        """
        if not settings.record_url:
            raise WrongSetting(
                "No record is named. Set HANDOVER_RECORD_URL to its FHIR base address, such as "
                "https://record.example/fhir."
            )
        return cls(RecordServer(settings, load_profile(settings.profile)))

    def on_behalf_of(self, token: Callable[[], str]) -> SharedRecord:
        """The same record and connections, asked with somebody's own token."""
        memory = self.memory.for_somebody()
        return SharedRecord(self.server.with_token(token), memory, self._pool)

    def close(self) -> None:
        """End all connections and threads. The record can't be asked afterwards."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self.server.close()

    def ask(
        self,
        searches: Sequence[Search],
        *,
        audit: Resource | None = None,
        deadline: float | None = None,
    ) -> Answers:
        """Ask all ``searches`` in one exchange, and whatever pages and fallbacks they need.

        ``audit`` is an AuditEvent to be created with it: where the record doesn't take it,
        nothing is given. ``deadline`` is in seconds, for everything together. Each search that
        alone fails is an Answer that says so. Raises RecordUnavailable, NotPermitted or BadRecord
        where no search was answered at all.
        """
        call = Call(deadline or self.settings.deadline_seconds)
        as_at = datetime.now(UTC)
        memory = self.memory
        gatherings = [begin(search, fallbacks.as_sent(search, memory)) for search in searches]
        for one in gatherings:
            one.postponed = is_postponed(one.search.resource_type, one.params, memory)
        sent = [one for one in gatherings if not one.postponed]
        asked = [Asked(one.search.resource_type, one.params) for one in sent]
        for one, got in zip(sent, self.exchange(call, asked, audit), strict=True):
            _take(one, got)

        asker = _Asking(self, call)
        fallbacks.without_optional(gatherings, memory, asker)
        fallbacks.in_other_forms(gatherings, memory, asker)
        in_two_steps(gatherings, memory, asker)
        asker.read_pages(gatherings)
        fetch_what_is_missing(gatherings, memory, asker)
        errors = [one.error for one in gatherings if one.error and not one.unsupported]
        if errors and len(errors) == len(gatherings):
            raise errors[0]
        answers = {one.search.name: one.answer() for one in gatherings}
        return Answers(as_at=as_at, by_name=answers, exchanges=call.exchanges)

    def exchange(
        self,
        call: Call,
        asked: Sequence[Asked],
        audit: Resource | None,
        read: Callable[[bytes], Any] = read_fast,
    ) -> list[Got]:
        """All of ``asked``, in the fewest exchanges this server allows."""
        if not asked and audit is None:
            return []
        call.must_be_in_time()
        memory = self.memory
        if audit is None and len(asked) == 1 and not asked[0].identifying:
            return [ask_one(self.server, call, asked[0], read)]
        if memory.takes_batch is False:
            return ask_in_parallel(self.server, call, asked, audit, pool=self._pool, read=read)
        try:
            answers = ask_in_one(self.server, call, asked, audit, read)
        except BatchRefused as refused:
            if self.profile.searches.batch == "yes":
                raise refused.because from None
            answers = ask_in_parallel(self.server, call, asked, audit, pool=self._pool, read=read)
            if len(failures(answers)) < len(answers):
                memory.takes_batch = False
                memory.note_way("no batch: several requests at a time")
                say(Line.BATCH_REFUSED, searches=len(asked))
            return answers
        memory.takes_batch = True
        return answers

    def read_pages(self, call: Call, gatherings: Sequence[Gathering]) -> None:
        """Follow the pages of every gathering that has more."""
        read_pages(self.server, call, gatherings, self._pool)

    def _read_many(self, call: Call, references: Sequence[str]) -> list[Got]:
        """Each of ``references`` (``Type/id``) read, in one exchange where that is possible."""
        asked = [Asked(reference, ()) for reference in references]
        return self.exchange(call, asked, None, read_exact)

    def fetch(self, reference: str) -> Resource:
        """The resource at ``reference`` (``Type/id``), its decimals exact. Raises NotFound etc."""
        return self._writer.fetch(reference)

    def create(self, resource: Resource, *, if_none_exist: str | None = None) -> Resource:
        """Create ``resource`` and give it as the record holds it, read again.

        ``if_none_exist`` is a search (``identifier=system|value``): where one is there already,
        that one is given. Raises Refused, NotPermitted, Conflict, RecordUnavailable, BadRecord.
        """
        return self._writer.create(resource, if_none_exist)

    def update(self, resource: Resource, *, version: str) -> Resource:
        """Put ``resource`` in place of its ``version``, and give what then stands, read again.

        Raises Conflict where another version stands, or what stands isn't what was sent.
        """
        return self._writer.update(resource, version)

    def transact(self, entries: Sequence[Write]) -> tuple[Resource, ...]:
        """Write all ``entries`` or none, and give each as it stands, read again, in order.

        Raises Conflict, Refused, NotPermitted, RecordUnavailable, and BadRecord where the record
        wrote only a part.
        """
        return self._writer.transact(entries)

    def deleted_since(self, kind: str, since: datetime) -> frozenset[str] | None:
        """See ``deletions.deleted_since``."""
        return deleted_since(self.server, kind, since)

    def history_of(self, reference: str) -> tuple[Resource, ...]:
        """Every version of ``reference``, newest first; deleted versions are left out."""
        return self._writer.history_of(reference)


@dataclass(frozen=True, slots=True)
class _Asking:
    """One question under way, as its fallbacks see it."""

    record: SharedRecord
    call: Call

    def ask(self, asked: Sequence[Asked]) -> list[Got]:
        return self.record.exchange(self.call, asked, None)

    def read_pages(self, gatherings: Sequence[Gathering]) -> None:
        self.record.read_pages(self.call, gatherings)

    def claims(self) -> Claims:
        return claims_or_none(self.record.server, self.call)


def _take(one: Gathering, got: Got) -> None:
    if got.error is not None:
        one.take_failure(got.error)
    else:
        one.take_status(got.status, got.body)
