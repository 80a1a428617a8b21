"""Many searches in one exchange; where the record takes no batch, many at once.

With an audit entry there is no way to the answers without it: it travels in the same batch, or
is written first. "No audit entry, no record on screen."
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotInTime
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

from fhir_queries.asking import Resource
from fhir_queries.capability import claims_or_none
from fhir_queries.collector import collecting
from fhir_queries.deadline import Call
from fhir_queries.errors import (
    BadRecord,
    NotFound,
    NotPermitted,
    RecordError,
    RecordUnavailable,
    Refused,
)
from fhir_queries.exact import read_fast, write_exact
from fhir_queries.faults import error_of
from fhir_queries.gathering import Params
from fhir_queries.log import Line, say
from fhir_queries.server import RecordServer

_NOT_THERE = 404
_NO_RECORD = (
    "There is no FHIR record at this address: it has to be the record's base address, such as "
    "https://record.example/fhir."
)
_NOT_NOTED = "The shared record can't note who looks at it, so nothing of it is shown."
_IDENTIFYING = frozenset(
    {
        "identifier",
        "name",
        "family",
        "given",
        "birthdate",
        "phone",
        "email",
        "telecom",
        "address",
        "address-city",
        "address-postalcode",
        "phonetic",
    }
)
_AS_IT_IS = re.compile(r"[A-Za-z0-9_.~/:,-]*", re.ASCII).fullmatch
"""What encoding would leave as it is."""
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Asked:
    """One search as it goes out."""

    resource_type: str
    params: Params

    @property
    def url(self) -> str:
        """Relative to the base."""
        return f"{self.resource_type}?{self.query}" if self.params else self.resource_type

    @property
    def query(self) -> str:
        """The parameters, encoded."""
        for name, value in self.params:
            if not _AS_IT_IS(name) or not _AS_IT_IS(value):
                return urlencode(self.params, quote_via=quote, safe="/:,")
        return "&".join([f"{name}={value}" for name, value in self.params])

    @property
    def identifying(self) -> bool:
        """Whether a parameter holds what identifies a person, and so may not be in a URL."""
        return any(
            name.partition(":")[0].rpartition(".")[2] in _IDENTIFYING for name, _ in self.params
        )


@dataclass(frozen=True, slots=True)
class Got:
    """What came back for one search: status and body, or the error instead of both."""

    status: int
    body: Any = None
    error: RecordError | None = None

    @property
    def ok(self) -> bool:
        """Whether it is an answer."""
        return self.error is None and 200 <= self.status < 300


class BatchRefused(Exception):
    """The record takes no batch. ``because`` is what it said."""

    def __init__(self, because: RecordError) -> None:
        super().__init__(because.detail)
        self.because = because


def ask_in_one(
    server: RecordServer,
    call: Call,
    asked: Sequence[Asked],
    audit: Resource | None,
    read: Callable[[bytes], Any] = read_fast,
) -> list[Got]:
    """All searches, and the audit entry, as one batch; ``read`` makes JSON of the answer.

    Raises BatchRefused, NotPermitted or RecordUnavailable (also where no audit entry was made).
    """
    entries: list[dict[str, Any]] = []
    if audit is not None:
        # Base R4 asks for a fullUrl where an entry refers to others: a record that checks what it
        # is sent refuses the whole batch without it.
        request = {"method": "POST", "url": "AuditEvent"}
        full_url = f"urn:uuid:{uuid4()}"
        entries.append({"fullUrl": full_url, "resource": audit, "request": request})
    entries += [{"request": {"method": "GET", "url": one.url}} for one in asked]
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": entries}
    base = str(server.base_uri).rstrip("/")
    reply = server.exchange(call, "POST", base, body=write_exact(bundle), repeatable=True)
    if not reply.ok:
        error = reply.error()
        refused = isinstance(error, Refused | NotFound | BadRecord) or error.status in (403, 500)
        raise BatchRefused(error) if refused else error
    answers = _batch_entries(reply.content, len(entries), read)
    if audit is not None:
        noted = answers.pop(0)
        if not noted.ok:
            if noted.status in (405, 501):
                raise BatchRefused(BadRecord("a batch entry was not done", status=noted.status))
            raise not_noted(noted.status)
    if asked and all(not got.ok and got.status in (400, 404, 405, 501) for got in answers):
        raise BatchRefused(BadRecord("no entry of the batch was answered"))
    return answers


def _batch_entries(content: bytes, sent: int, read: Callable[[bytes], Any]) -> list[Got]:
    try:
        bundle = read(content)
    except BadRecord as bad:
        raise BatchRefused(bad) from None
    entries = bundle.get("entry") if isinstance(bundle, dict) else None
    if not isinstance(entries, list) or len(entries) != sent:
        raise BatchRefused(BadRecord("the answer to a batch isn't one answer to each entry"))
    return [_got(entry) for entry in entries]


def _got(entry: Any) -> Got:
    if not isinstance(entry, dict):
        return Got(0, error=BadRecord("an entry of a batch is no object"))
    resource = entry.get("resource")
    response = entry.get("response")
    written = response.get("status") if isinstance(response, dict) else None
    digits = str(written or "")[:3]
    if digits.isdigit() and len(digits) == 3:
        status = int(digits)
    else:
        status = 200 if isinstance(resource, dict) else 0
    body = resource if resource is not None else (response or {}).get("outcome")
    if status == 0:
        return Got(0, error=BadRecord("an entry of a batch has no status"))
    return Got(status, body)


def ask_in_parallel(
    server: RecordServer,
    call: Call,
    asked: Sequence[Asked],
    audit: Resource | None,
    *,
    pool: ThreadPoolExecutor,
    read: Callable[[bytes], Any] = read_fast,
) -> list[Got]:
    """The audit entry first, then every search for itself, several at a time.

    Raises NotPermitted or RecordUnavailable where no audit entry was made, BadRecord where there
    is no FHIR record at all.
    """
    if audit is not None:
        body = write_exact(audit)
        reply = server.exchange(call, "POST", "AuditEvent", body=body, repeatable=True)
        if reply.status_code == _NOT_THERE and not claims_or_none(server, call).fhir_version:
            raise BadRecord("no CapabilityStatement at the base", sentence=_NO_RECORD)
        if not reply.ok:
            raise not_noted(reply.status_code)
    return all_of(pool, call, [partial(ask_one, server, call, one, read) for one in asked])


def ask_one(
    server: RecordServer, call: Call, one: Asked, read: Callable[[bytes], Any] = read_fast
) -> Got:
    """One search for itself; what identifies a person goes in the body, not in the URL."""
    try:
        if one.identifying and server.profile.searches.post_identifiers:
            reply = server.exchange(
                call,
                "POST",
                f"{one.resource_type}/_search",
                body=one.query.encode(),
                headers={"Content-Type": _FORM},
                repeatable=True,
            )
        else:
            reply = server.exchange(call, "GET", one.url)
        return Got(reply.status_code, _body(reply.content, reply.ok, read))
    except RecordError as error:
        return Got(0, error=error)


def _body(content: bytes, needed: bool, read: Callable[[bytes], Any]) -> Any:
    try:
        return read(content)
    except BadRecord:
        if needed:
            raise
        return None


def all_of(pool: ThreadPoolExecutor, call: Call, jobs: Sequence[Callable[[], Got]]) -> list[Got]:
    """Every job's answer, in order; those not in time are errors. A lone job runs right here."""
    if len(jobs) == 1:
        return [jobs[0]()]
    with collecting():
        return [_in_time(call, pending) for pending in [pool.submit(job) for job in jobs]]


def _in_time(call: Call, pending: Future[Got]) -> Got:
    try:
        return pending.result(timeout=max(call.left(), 0.001) + 0.25)
    except NotInTime:
        pending.cancel()
        return Got(0, error=RecordUnavailable("the deadline passed"))


def not_noted(status: int) -> RecordError:
    """The error of a read whose audit entry was not made."""
    say(Line.NOT_AUDITED, logging.ERROR, status=status)
    error = error_of(status) if status else BadRecord()
    if isinstance(error, NotPermitted):
        return NotPermitted(f"no audit entry: status {status}", status=status)
    return RecordUnavailable(f"no audit entry: status {status}", sentence=_NOT_NOTED, status=status)


def failures(gots: Iterable[Got]) -> list[RecordError]:
    """The errors among the answers."""
    return [got.error or error_of(got.status, got.body) for got in gots if not got.ok]
