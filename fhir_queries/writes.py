"""Writing to the record: nothing is called done before it was read again.

Every write says which version it replaces, or what must not be there yet, so it may be sent
twice. A server that ignores ``If-Match``, or keeps half of a transaction, is found out here.
"""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fhir_queries.asking import Resource
from fhir_queries.batch import Got
from fhir_queries.deadline import Call
from fhir_queries.errors import BadRecord, Conflict, NotFound, RecordError, Refused
from fhir_queries.exact import read_exact, write_exact
from fhir_queries.faults import error_of
from fhir_queries.log import Line, say
from fhir_queries.paging import page_url
from fhir_queries.references import local_reference, values_at
from fhir_queries.server import RecordServer, Reply
from fhir_queries.standing import differences

_REFERENCE = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64}")
_NOT_AS_ONE = (
    "The shared record can't take a decision as one whole, so it was not written. "
    "Nothing was changed."
)
_HALF = "The shared record kept only a part of this. Look again before you go on."
ReadMany = Callable[[Call, Sequence[str]], list[Got]]


@dataclass(frozen=True, slots=True)
class Write:
    """One entry of a transaction. ``url`` is ``Type`` for POST, ``Type/id`` for PUT."""

    method: str
    resource: Resource
    url: str
    if_match: str = ""
    """The version that it replaces."""
    if_none_exist: str = ""
    """A search that has to find nothing; where it finds one, that one stays."""
    full_url: str = ""
    """What other entries call it (``urn:uuid:...``); one is made up where it is empty."""


class Writer:
    """The writing half of a SharedRecord."""

    def __init__(self, server: RecordServer, read_many: ReadMany) -> None:
        self._server = server
        self._read_many = read_many

    def _call(self) -> Call:
        return Call(self._server.settings.write_deadline_seconds)

    def fetch(self, reference: str) -> Resource:
        """See SharedRecord.fetch."""
        return self._fetch(self._call(), reference)

    def _fetch(self, call: Call, reference: str) -> Resource:
        reply = self._server.exchange(call, "GET", _checked(reference))
        return _resource(reply, reference.partition("/")[0])

    def create(self, resource: Resource, if_none_exist: str | None) -> Resource:
        """See SharedRecord.create."""
        call = self._call()
        kind = str(resource["resourceType"])
        headers = self._prefer()
        if if_none_exist:
            headers["If-None-Exist"] = _header_query(if_none_exist)
        reply = self._server.exchange(
            call,
            "POST",
            kind,
            body=write_exact(resource),
            headers=headers,
            repeatable=bool(if_none_exist),
        )
        if not reply.ok:
            raise reply.error()
        written = self._fetch(call, _where(reply, kind))
        if reply.status_code == 201:
            _must_stand(resource, written, BadRecord)
        say(Line.WRITTEN, request=call.request, method="POST", resource_type=kind)
        return written

    def update(self, resource: Resource, version: str) -> Resource:
        """See SharedRecord.update."""
        call = self._call()
        reference = _checked(f"{resource['resourceType']}/{resource['id']}")
        if self._server.profile.writing.if_match == "check":
            before = self._fetch(call, reference)
            if version_of(before) not in ("", version):
                raise Conflict("another version stands", status=412)
        headers = self._prefer() | {"If-Match": f'W/"{version}"'}
        reply = self._server.exchange(
            call, "PUT", reference, body=write_exact(resource), headers=headers, repeatable=True
        )
        if not reply.ok:
            error = reply.error()
            if isinstance(error, Conflict) and call.exchanges > 2:
                return self._mine_after_all(call, reference, resource, version, error)
            raise error
        written = self._fetch(call, reference)
        _must_stand(resource, written, Conflict)
        if version_of(written) == version and version:
            raise BadRecord("the version didn't move with the update")
        say(Line.WRITTEN, request=call.request, method="PUT", resource_type=reference.split("/")[0])
        return written

    def _mine_after_all(
        self, call: Call, reference: str, resource: Resource, version: str, error: RecordError
    ) -> Resource:
        """A conflict with oneself: the first sending arrived, and only its answer was lost."""
        standing = self._fetch(call, reference)
        if version_of(standing) == version or differences(resource, standing):
            raise error
        return standing

    def transact(self, entries: Sequence[Write]) -> tuple[Resource, ...]:
        """See SharedRecord.transact."""
        if not self._server.profile.writing.transaction:
            raise Refused("transactions are not taken", sentence=_NOT_AS_ONE)
        call = self._call()
        full_urls = [entry.full_url or _full_url(self._server, entry) for entry in entries]
        bundle = {
            "resourceType": "Bundle",
            "type": "transaction",
            "entry": [
                _entry(entry, full_url) for entry, full_url in zip(entries, full_urls, strict=True)
            ],
        }
        base = str(self._server.base_uri).rstrip("/")
        safe_twice = all(entry.if_match or entry.if_none_exist for entry in entries)
        reply = self._server.exchange(
            call, "POST", base, body=write_exact(bundle), repeatable=safe_twice
        )
        if not reply.ok:
            if reply.status_code in (404, 405, 501):
                raise Refused("no transaction", sentence=_NOT_AS_ONE, status=reply.status_code)
            raise reply.error()
        where = _where_each(reply, entries)
        names = dict(zip(full_urls, where, strict=True))
        stored = self._read_again(call, where)
        for entry, standing, status in zip(
            entries, stored, _statuses(reply, len(entries)), strict=True
        ):
            found_instead = entry.if_none_exist and status == 200
            if not found_instead:
                _must_stand(entry.resource, standing, BadRecord, names)
        say(Line.WRITTEN, request=call.request, method="POST", entries=len(entries))
        return tuple(stored)

    def _read_again(self, call: Call, where: Sequence[str]) -> list[Resource]:
        stored = []
        for reference, got in zip(where, self._read_many(call, where), strict=True):
            if got.error is not None:
                raise got.error
            kind = reference.partition("/")[0]
            if not got.ok or not isinstance(got.body, dict):
                say(Line.NOT_STANDING, logging.ERROR, resource_type=kind, status=got.status)
                raise BadRecord("a part of a transaction isn't there", sentence=_HALF)
            stored.append(got.body)
        return stored

    def history_of(self, reference: str) -> tuple[Resource, ...]:
        """See SharedRecord.history_of."""
        call = self._call()
        url = f"{_checked(reference)}/_history"
        versions: list[Resource] = []
        followed: set[str] = set()
        while url and url not in followed and len(followed) < self._server.settings.most_pages:
            followed.add(url)
            bundle = _resource(self._server.exchange(call, "GET", url), "Bundle")
            kind = reference.partition("/")[0]
            versions += [
                resource
                for resource in values_at(bundle, "entry.resource")
                if isinstance(resource, dict) and resource.get("resourceType") == kind
            ]
            links = [link for link in values_at(bundle, "link") if isinstance(link, dict)]
            following = [str(link.get("url")) for link in links if link.get("relation") == "next"]
            url = page_url(self._server, reference, following[0]) if following else ""
        return tuple(sorted(_once_each(versions), key=_newness, reverse=True))

    def _prefer(self) -> dict[str, str]:
        preference = self._server.profile.writing.return_preference
        return {"Prefer": preference} if preference else {}


def version_of(resource: Resource) -> str:
    """``meta.versionId``; empty where there is none."""
    meta = resource.get("meta")
    version = meta.get("versionId") if isinstance(meta, dict) else None
    return version if isinstance(version, str) else ""


def _once_each(versions: Sequence[Resource]) -> list[Resource]:
    by_version: dict[str, Resource] = {}
    for number, resource in enumerate(versions):
        by_version.setdefault(version_of(resource) or f"#{number}", resource)
    return list(by_version.values())


def _newness(resource: Resource) -> tuple[int, str]:
    version = version_of(resource)
    meta = resource.get("meta")
    changed = meta.get("lastUpdated") if isinstance(meta, dict) else ""
    return (int(version) if version.isdecimal() else 0, str(changed or ""))


def _checked(reference: str) -> str:
    if not _REFERENCE.fullmatch(reference):
        raise NotFound("a reference isn't Type/id")
    return reference


def _resource(reply: Reply, kind: str) -> Resource:
    if not reply.ok:
        raise reply.error()
    found = read_exact(reply.content)
    if not isinstance(found, dict) or found.get("resourceType") != kind:
        raise BadRecord("the answer is another kind of resource")
    return found


def _header_query(query: str) -> str:
    """A search for a header: what isn't ASCII, or would end the header, is encoded."""
    return quote(query.removeprefix("?"), safe="=&|:/%,.-_~")


def _where(reply: Reply, kind: str) -> str:
    """``Type/id`` of what was created, from its Location or the body that came back."""
    for header in ("Location", "Content-Location"):
        reference = local_reference(reply.headers.get(header, ""))
        if reference.startswith(f"{kind}/"):
            return reference
    try:
        body = read_exact(reply.content)
    except BadRecord:
        body = {}
    if isinstance(body, dict) and body.get("resourceType") == kind and body.get("id"):
        return f"{kind}/{body['id']}"
    raise BadRecord("the record doesn't say where it put what was created")


def _full_url(server: RecordServer, entry: Write) -> str:
    if entry.method == "PUT":
        return f"{server.base_uri}{entry.url}"
    return f"urn:uuid:{uuid.uuid4()}"


def _entry(entry: Write, full_url: str) -> dict[str, Any]:
    request: dict[str, Any] = {"method": entry.method, "url": entry.url}
    if entry.if_match:
        request["ifMatch"] = f'W/"{entry.if_match}"'
    if entry.if_none_exist:
        request["ifNoneExist"] = _header_query(entry.if_none_exist)
    return {"fullUrl": full_url, "resource": entry.resource, "request": request}


def _responses(reply: Reply, sent: int) -> list[dict[str, Any]]:
    bundle = _resource(reply, "Bundle")
    entries = bundle.get("entry")
    if not isinstance(entries, list) or len(entries) != sent:
        raise BadRecord(
            "the answer to a transaction isn't one answer to each entry", sentence=_HALF
        )
    return [entry if isinstance(entry, dict) else {} for entry in entries]


def _statuses(reply: Reply, sent: int) -> list[int]:
    found = []
    for entry in _responses(reply, sent):
        digits = str(next(iter(values_at(entry, "response.status")), ""))[:3]
        found.append(int(digits) if digits.isdigit() else 0)
    return found


def _where_each(reply: Reply, entries: Sequence[Write]) -> list[str]:
    where = []
    responses = _responses(reply, len(entries))
    for entry, answer, status in zip(
        entries, responses, _statuses(reply, len(entries)), strict=True
    ):
        if status >= 400:
            raise error_of(status, next(iter(values_at(answer, "response.outcome")), None))
        kind = entry.url.partition("/")[0].partition("?")[0]
        location = next(iter(values_at(answer, "response.location")), "")
        reference = local_reference(location)
        resource = answer.get("resource")
        if not reference.startswith(f"{kind}/"):
            reference = entry.url if entry.method == "PUT" else ""
        if not reference and isinstance(resource, dict) and resource.get("id"):
            reference = f"{kind}/{resource['id']}"
        if not reference:
            raise BadRecord("a transaction's answer doesn't say where it put something")
        where.append(reference)
    return where


def _must_stand(
    sent: Resource,
    standing: Resource,
    otherwise: type[RecordError],
    names: dict[str, str] | None = None,
) -> None:
    wrong = differences(sent, standing, names)
    if wrong:
        kind = str(sent.get("resourceType"))
        say(Line.NOT_STANDING, logging.ERROR, resource_type=kind, parameter=wrong[0])
        raise otherwise(f"what stands differs at {wrong[0]}")
