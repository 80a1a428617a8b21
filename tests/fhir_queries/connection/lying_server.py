"""A small record whose lies can be chosen: what it ignores, refuses or misreads, without a word."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.faults.fault_server import Asked, Sent, batch_of, bundle, http, outcome

Resource = dict[str, Any]


@dataclass
class LyingServer:
    """Searches by equality, includes and pages, except where it lies."""

    resources: list[Resource]
    takes_batch: bool = True
    takes_audit: int = 201
    includes: bool = True
    reverse_includes: bool = True
    refuses: frozenset[str] = frozenset()
    ignores: frozenset[str] = frozenset()
    """Parameters that it passes over, answering with everything."""
    finds_nothing_by: frozenset[str] = frozenset()
    """Parameters by which it finds nothing at all."""
    bare_ids: bool = True
    typed_ids: bool = True
    chains: bool = True
    claims: Resource | None = None
    page: int = 0
    audited: list[Resource] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Sent:
        """Answer one request."""
        if asked.method == "POST" and asked.path == "":
            if not self.takes_batch:
                return http(400, outcome("not-supported", words="no batch here"))
            return batch_of(asked, self._one)
        status, body = self._one(asked)
        return http(status, body)

    def _one(self, asked: Asked) -> tuple[int, Any]:
        if asked.path == "AuditEvent":
            if self.takes_audit == 201:
                self.audited.append(asked.resource)
            return self.takes_audit, None
        if asked.path == "metadata":
            return (200, self.claims) if self.claims else (200, bundle())
        kind, _, own_id = asked.path.removesuffix("/_search").partition("/")
        if own_id:
            found = [one for one in self._of(kind) if one["id"] == own_id]
            return (200, found[0]) if found else (404, outcome("not-found"))
        return self._search(kind, asked.params)

    def _of(self, kind: str) -> Iterable[Resource]:
        return (one for one in self.resources if one["resourceType"] == kind)

    def _search(self, kind: str, params: list[tuple[str, str]]) -> tuple[int, Any]:
        if self.refuses & {name for name, _ in params}:
            return 400, outcome("invalid", words="unknown parameter")
        matches = [one for one in self._of(kind) if self._matches(one, params)]
        entries = [{"resource": one, "search": {"mode": "match"}} for one in matches]
        for name, value in params:
            entries += [
                {"resource": one, "search": {"mode": "include"}}
                for one in self._included(matches, name, value)
            ]
        total = len(matches)
        offset = int(dict(params).get("_offset", "0"))
        entries = entries[offset : offset + self.page] if self.page else entries
        return 200, {**bundle(), "entry": entries, "total": total}

    def _matches(self, resource: Resource, params: list[tuple[str, str]]) -> bool:
        for name, value in params:
            if name in self.finds_nothing_by:
                return False
            if name in self.ignores or (name.startswith("_") and name != "_id"):
                continue
            if not self._fulfils(resource, name, value):
                return False
        return True

    def _fulfils(self, resource: Resource, name: str, value: str) -> bool:
        if name == "_id":
            return resource["id"] in value.split(",")
        link, dot, within = name.partition(".")
        if dot:
            named = _reference(resource, link)
            targets = [one for one in self.resources if _key(one) == named]
            return self.chains and any(self._fulfils(one, within, value) for one in targets)
        reference = _reference(resource, name)
        if reference:
            wanted = [self._as_reference(one) for one in value.split(",")]
            return reference in wanted
        held = resource.get(name)
        if isinstance(held, dict):
            return held.get("code") in [one.rpartition("|")[2] for one in value.split(",")]
        return held in value.split(",")

    def _as_reference(self, value: str) -> str:
        if "/" in value:
            return value if self.typed_ids else ""
        return f"Patient/{value}" if self.bare_ids else ""

    def _included(self, matches: list[Resource], name: str, value: str) -> list[Resource]:
        source, _, link = value.partition(":")
        if name == "_include" and self.includes:
            named = {reference for one in matches for reference in _references(one, link)}
            return [one for one in self.resources if _key(one) in named]
        if name == "_revinclude" and self.reverse_includes:
            keys = {_key(one) for one in matches}
            return [one for one in self._of(source) if _reference(one, link) in keys]
        return []


def _key(resource: Resource) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def _reference(resource: Resource, name: str) -> str:
    for key in {"patient": ("subject", "patient", "for")}.get(name, (name,)):
        value = resource.get(key)
        if isinstance(value, dict):
            return str(value.get("reference", ""))
    return ""


def _references(resource: Resource, name: str) -> list[str]:
    if name == "location":
        places = resource.get("location", [])
        return [str(place["location"]["reference"]) for place in places]
    return [_reference(resource, "serviceProvider" if name == "service-provider" else name)]


def exchanges(asked: list[Asked]) -> list[str]:
    """What went over the wire, as ``GET Encounter`` or ``BATCH 3``."""
    found = []
    for one in asked:
        if one.method == "POST" and one.path == "":
            found.append(f"BATCH {len(json.loads(one.body)['entry'])}")
        else:
            found.append(f"{one.method} {one.path}")
    return found


def params_of(asked: Asked) -> list[tuple[str, str]]:
    """The parameters in the URL only."""
    return parse_qsl(urlsplit(asked.target).query)
