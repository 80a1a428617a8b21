# ruff: noqa: S608 - statements are put together from fixed parts; values are always bound
"""The versions of a resource, a type or the whole record (http.html 3.1.0.9)."""

from __future__ import annotations

import sqlite3

import orjson

from sandbox.asking import Answer, Asked, Setting
from sandbox.dates import date_range
from sandbox.problems import Problem, bad_request, not_found
from sandbox.search.page import PAGE, bundle
from sandbox.search.query import MAX_COUNT
from sandbox.store import instant
from sandbox.writes import check_type, held

_HISTORY_PARAMETERS = {"_count", "_since", "_format", "_pretty", PAGE}
_STATUS = {"POST": "201 Created", "PUT": "200 OK", "PATCH": "200 OK", "DELETE": "204 No Content"}


def history(connection: sqlite3.Connection, setting: Setting, asked: Asked) -> Answer:
    """The versions of a resource, a type or the whole record, newest first (3.1.0.9)."""
    kind = asked.path[0] if len(asked.path) > 1 else ""
    identity = asked.path[1] if len(asked.path) > 2 else ""
    if len(asked.path) > 3:
        raise Problem(404, "not-supported", "there is nothing at this path")
    if kind:
        check_type(kind)
    current = held(connection, kind, identity) if identity else None
    if identity and current is None:
        raise not_found(kind, identity)
    names = dict(asked.parameters)
    unknown = set(names) - _HISTORY_PARAMETERS
    if unknown and setting.strict:
        raise bad_request("a history takes _count and _since only", "not-supported")
    count = _count(names.get("_count", "50"))
    conditions, arguments = ["updated >= ?"], [since_instant(names.get("_since", ""))]
    if kind:
        conditions.append("type = ?")
        arguments.append(kind)  # type: ignore[arg-type]
    if current is not None:
        conditions.append("rid = ?")
        arguments.append(current.rid)
    where = " AND ".join(conditions)
    versions = (
        f"SELECT rid, version, updated FROM resource WHERE {where} UNION ALL "
        f"SELECT rid, version, updated FROM version WHERE {where}"
    )
    both = [*arguments, *arguments]
    (total,) = connection.execute(
        f"SELECT count(*) FROM ({versions})",
        both,
    ).fetchone()
    after = _cursor(names.get(PAGE, ""))
    keys = connection.execute(
        f"SELECT rid, version, updated FROM ({versions}) "
        "WHERE (updated, rid, version) < (?, ?, ?) "
        "ORDER BY updated DESC, rid DESC, version DESC LIMIT ?",
        [*both, *after, count + 1],
    ).fetchall()
    path = "/".join((setting.base, *asked.path))
    links = [("self", path)]
    if len(keys) > count > 0:
        rid, version, updated = keys[count - 1]
        since = f"&_since={names['_since'].replace('+', '%2B')}" if "_since" in names else ""
        at = f"{updated}.{rid}.{version}"
        links.append(("next", f"{path}?_count={count}{since}&{PAGE}={at}"))
    entries = [_version_entry(connection, setting, *key[:2]) for key in keys[:count]]
    return Answer(
        200,
        bundle(
            "history",
            total=total,
            links=links,
            entries=entries,
            updated=instant(setting.now),
        ),
    )


def _version_entry(
    connection: sqlite3.Connection, setting: Setting, rid: int, version: int
) -> bytes:
    kind, identity, latest = connection.execute(
        "SELECT type, id, version FROM resource WHERE rid = ?", (rid,)
    ).fetchone()
    table = "resource" if version == latest else "version"
    updated, method, deleted, body = connection.execute(
        f"SELECT updated, method, deleted, body FROM {table} WHERE rid = ? AND version = ?",
        (rid, version),
    ).fetchone()
    status = "201 Created" if version == 1 else _STATUS[method]
    rest = {
        "fullUrl": f"{setting.base}/{kind}/{identity}",
        "request": {
            "method": method,
            "url": kind if method == "POST" else f"{kind}/{identity}",
        },
        "response": {
            "status": status,
            "etag": f'W/"{version}"',
            "lastModified": instant(updated),
        },
    }
    if deleted:
        return orjson.dumps(rest)
    return b'%b,"resource":%b}' % (orjson.dumps(rest)[:-1], body)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise bad_request("_count is a whole number, 0 or more")
    return min(int(text), MAX_COUNT)


def since_instant(text: str) -> int:
    """`_since` in microseconds since 1970, long ago if empty. Raises Problem (400)."""
    if not text:
        return -(2**62)
    try:
        return date_range(text.replace(" ", "+"))[0]
    except (ValueError, OverflowError) as error:
        raise bad_request("_since is an instant") from error


def _cursor(text: str) -> tuple[int, int, int]:
    if not text:
        return (2**62, 2**62, 2**62)
    try:
        updated, rid, version = map(int, text.split("."))
        if max(abs(updated), abs(rid), abs(version)) > 2**62:
            raise ValueError(text)
    except ValueError as error:
        raise Problem(410, "expired", "this page is not known: start again") from error
    return updated, rid, version
