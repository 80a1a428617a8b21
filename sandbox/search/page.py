"""Searchset Bundles: one page of a search, with links to the others.

A search is answered once. What matched, and in which order, is kept for a while under an
opaque name, so that the pages that follow are of the same search whatever is written in
between (http://hl7.org/fhir/R4/http.html#paging).
"""

from __future__ import annotations

import sqlite3
import threading
from array import array
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlencode

import orjson

from sandbox import exact_json
from sandbox.problems import Issue, Problem, outcome
from sandbox.search.find import matching
from sandbox.search.include import MAX_INCLUDED, included
from sandbox.search.query import Query
from sandbox.search.shape import shaped

_KEPT_SEARCHES = 500
_KEPT_ROWS = 5_000_000
PAGE = "_page"
"""The one parameter of a link to another page."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a search found, for its further pages."""

    query: Query
    rids: array[int]


class Snapshots:
    """The searches whose further pages can still be asked for; the oldest give way."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Snapshot] = OrderedDict()
        self._rows = 0

    def keep(self, snapshot: Snapshot) -> str:
        """Keep a search and return its name."""
        name = token_urlsafe(12)
        with self._lock:
            self._kept[name] = snapshot
            self._rows += len(snapshot.rids)
            while len(self._kept) > 1 and (
                len(self._kept) > _KEPT_SEARCHES or self._rows > _KEPT_ROWS
            ):
                _, oldest = self._kept.popitem(last=False)
                self._rows -= len(oldest.rids)
        return name

    def find(self, page: str) -> tuple[str, Snapshot, int]:
        """(name, search, offset) of a page. Raises Problem (410) if it is no longer kept."""
        name, _, offset = page.rpartition(".")
        with self._lock:
            snapshot = self._kept.get(name)
            if snapshot is not None:
                self._kept.move_to_end(name)
        if snapshot is None or not offset.isascii() or not offset.isdigit() or len(offset) > 9:
            raise Problem(
                410, "expired", "this page is no longer kept: repeat the search from its start"
            )
        return name, snapshot, int(offset)


def _bodies(connection: sqlite3.Connection, rids: Sequence[int]) -> list[tuple[str, str, bytes]]:
    rows = connection.execute(
        "SELECT r.type, r.id, r.body FROM json_each(?) s CROSS JOIN resource r "
        "ON r.rid = s.value WHERE r.deleted = 0 ORDER BY s.key",
        (orjson.dumps(list(rids)).decode(),),
    )
    return rows.fetchall()


def entry(full_url: str, body: bytes, mode: str) -> bytes:
    """One searchset entry around a stored resource's JSON."""
    return b'{"fullUrl":%b,"resource":%b,"search":{"mode":"%b"}}' % (
        orjson.dumps(full_url),
        body,
        mode.encode(),
    )


def bundle(
    kind: str,
    *,
    total: int | None,
    links: Iterable[tuple[str, str]],
    entries: Sequence[bytes],
    updated: str,
) -> bytes:
    """A Bundle around entries that are JSON already."""
    head: dict[str, Any] = {
        "resourceType": "Bundle",
        "id": token_urlsafe(12).replace("_", "."),
        "meta": {"lastUpdated": updated},
        "type": kind,
    }
    if total is not None:
        head["total"] = total
    listed = [{"relation": relation, "url": url} for relation, url in links]
    if listed:
        head["link"] = listed
    opening = orjson.dumps(head)[:-1]
    if not entries:
        return opening + b"}"
    return b'%b,"entry":[%b]}' % (opening, b",".join(entries))


def _page_entries(
    connection: sqlite3.Connection, base: str, query: Query, rids: Sequence[int]
) -> list[bytes]:
    plain = frozenset(
        name.rpartition(".")[2]
        for name in query.elements
        if "." not in name or name.startswith(f"{query.type}.")
    )
    entries = [
        entry(f"{base}/{kind}/{identity}", shaped(body, query.summary, plain), "match")
        for kind, identity, body in _bodies(connection, rids)
    ]
    more, complete = included(connection, rids, query.includes)
    entries += [
        entry(f"{base}/{kind}/{identity}", shaped(body, query.summary), "include")
        for kind, identity, body in _bodies(connection, more)
    ]
    if not complete:
        said = f"more than {MAX_INCLUDED} resources belong to this page; not all are here"
        warning = exact_json.dumps(outcome([Issue("incomplete", said, "warning")]))
        entries.append(b'{"resource":%b,"search":{"mode":"outcome"}}' % warning)
    return entries


def first_page(
    connection: sqlite3.Connection, snapshots: Snapshots, base: str, query: Query, updated: str
) -> bytes:
    """Run a search and answer with its first page. Raises Problem (400)."""
    rids = matching(connection, query.type, query.clauses, query.sort)
    counted = query.summary == "count" or query.count == 0
    links = [("self", _self_link(base, query))]
    total = len(rids) if query.total != "none" or counted else None
    if counted:
        return bundle("searchset", total=total, links=links, entries=[], updated=updated)
    if len(rids) > query.count:
        name = snapshots.keep(Snapshot(query, rids))
        links += _page_links(base, query, name, len(rids), 0)
    entries = _page_entries(connection, base, query, rids[: query.count])
    return bundle("searchset", total=total, links=links, entries=entries, updated=updated)


def further_page(
    connection: sqlite3.Connection, snapshots: Snapshots, base: str, page: str, updated: str
) -> bytes:
    """Answer with another page of a search. Raises Problem (410) if it is no longer kept."""
    name, snapshot, offset = snapshots.find(page)
    query, rids = snapshot.query, snapshot.rids
    links = [("self", f"{base}/{query.type}?{PAGE}={name}.{offset}")]
    links += _page_links(base, query, name, len(rids), offset)
    entries = _page_entries(connection, base, query, rids[offset : offset + query.count])
    total = len(rids) if query.total != "none" else None
    return bundle("searchset", total=total, links=links, entries=entries, updated=updated)


def _self_link(base: str, query: Query) -> str:
    asked = urlencode(query.applied)
    return f"{base}/{query.type}" + (f"?{asked}" if asked else "")


def _page_links(
    base: str, query: Query, name: str, matches: int, offset: int
) -> list[tuple[str, str]]:
    at = f"{base}/{query.type}?{PAGE}={name}."
    links = [("first", f"{at}0")]
    if offset > 0:
        links.append(("previous", f"{at}{max(0, offset - query.count)}"))
    if offset + query.count < matches:
        links.append(("next", f"{at}{offset + query.count}"))
    links.append(("last", f"{at}{(matches - 1) // query.count * query.count}"))
    return links
