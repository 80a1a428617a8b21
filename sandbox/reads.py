"""Read, vread, history, search and `$everything`, on one unchanging state of the record."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from email.utils import parsedate_to_datetime

import orjson

from sandbox import definitions, expressions, structure
from sandbox.asking import Answer, Asked, Setting
from sandbox.history import history, since_instant
from sandbox.problems import Problem, bad_request, not_found
from sandbox.search.page import PAGE, Snapshots, bundle, entry, first_page, further_page
from sandbox.search.query import read_query
from sandbox.search.shape import shaped
from sandbox.store import instant
from sandbox.writes import check_type, held

_READ_PARAMETERS = {"_summary", "_elements", "_format", "_pretty"}


class Reads:
    """What may be asked of one state of the record."""

    def __init__(
        self, connection: sqlite3.Connection, setting: Setting, snapshots: Snapshots
    ) -> None:
        self.connection = connection
        self.setting = setting
        self.snapshots = snapshots

    def do(self, asked: Asked) -> Answer:
        """Answer one reading interaction. Raises Problem when it can't be done."""
        path = asked.path
        if path and path[-1] == "_history":
            return history(self.connection, self.setting, asked)
        if not path:
            raise Problem(
                400, "not-supported", "a search over all types is not offered: name the type"
            )
        check_type(path[0])
        match path:
            case (kind,) | (kind, "_search"):
                return self.search(kind, asked.parameters)
            case ("Patient", identity, "$everything"):
                return self.everything(identity, asked.parameters)
            case (kind, identity) if not identity.startswith(("$", "_")):
                return self.read(kind, identity, asked)
            case (kind, identity, "_history", version):
                return self.vread(kind, identity, version)
            case _:
                raise Problem(404, "not-supported", "there is nothing at this path")

    def read(self, kind: str, identity: str, asked: Asked) -> Answer:
        """Read (3.1.0.1), conditionally where asked (3.1.0.1.1)."""
        if not structure.is_id(identity):
            raise bad_request("an id is 1 to 64 letters, digits, '-' and '.'", "value")
        current = held(self.connection, kind, identity)
        if current is None:
            raise not_found(kind, identity)
        if current.deleted:
            headers = {"ETag": current.etag}
            raise Problem(410, "deleted", f"{kind}/{identity} was deleted", headers=headers)
        answer = Answer(200, current.body, current.etag, current.updated)
        if self._unchanged(asked, answer):
            return Answer(304, b"", current.etag, current.updated)
        wanted = [pair for pair in asked.parameters if pair[0] in _READ_PARAMETERS]
        if self.setting.strict and len(wanted) < len(asked.parameters):
            raise bad_request("a read takes no search parameters", "not-supported")
        query = read_query(kind, wanted, bases=self.setting.bases, now=self.setting.now)
        body = shaped(current.body, query.summary, frozenset(query.elements))
        return Answer(200, body, current.etag, current.updated)

    @staticmethod
    def _unchanged(asked: Asked, answer: Answer) -> bool:
        if asked.conditions.if_none_match:
            tags = [tag.strip() for tag in asked.conditions.if_none_match.split(",")]
            return answer.etag in tags or answer.etag.removeprefix("W/") in tags or "*" in tags
        if asked.conditions.if_modified_since and answer.updated is not None:
            try:
                since = parsedate_to_datetime(asked.conditions.if_modified_since)
                return answer.updated // 1_000_000 <= since.timestamp()
            except (ValueError, OverflowError):
                return False  # RFC 9110 13.1.3: an invalid date is as if it were not there
        return False

    def vread(self, kind: str, identity: str, version: str) -> Answer:
        """Read one version (3.1.0.2)."""
        current = held(self.connection, kind, identity)
        if current is None:
            raise not_found(kind, identity)
        if version == str(current.version):
            row = (current.deleted, current.updated, current.body)
        elif version.isascii() and version.isdigit() and len(version) < 10:
            row = self.connection.execute(
                "SELECT deleted, updated, body FROM version WHERE rid = ? AND version = ?",
                (current.rid, int(version)),
            ).fetchone()
        else:
            row = None
        if row is None:
            raise not_found(kind, f"{identity}/_history/{version[:20]}")
        deleted, updated, body = row
        if deleted:
            raise Problem(410, "deleted", f"version {version} is a deletion")
        return Answer(200, body, f'W/"{version}"', updated)

    def search(self, kind: str, parameters: Sequence[tuple[str, str]]) -> Answer:
        """Search one type (search.html), or turn a page of an earlier search."""
        base, updated = self.setting.base, instant(self.setting.now)
        pages = [text for name, text in parameters if name == PAGE]
        if pages:
            return Answer(
                200, further_page(self.connection, self.snapshots, base, pages[0], updated)
            )
        query = read_query(
            kind,
            parameters,
            bases=self.setting.bases,
            now=self.setting.now,
            strict=self.setting.strict,
        )
        return Answer(200, first_page(self.connection, self.snapshots, base, query, updated))

    def everything(self, identity: str, parameters: Sequence[tuple[str, str]]) -> Answer:
        """All that belongs to one patient, and what that refers to (patient-everything)."""
        current = held(self.connection, "Patient", identity)
        if current is None:
            raise not_found("Patient", identity)
        if current.deleted:
            raise Problem(410, "deleted", f"Patient/{identity} was deleted")
        names = dict(parameters)
        types = set(filter(None, names.get("_type", "").split(",")))
        for kind in types:
            check_type(kind)
        since = since_instant(names.get("_since", ""))
        rids = [current.rid] if not types or "Patient" in types else []
        rids += self._compartment(identity, types, since)
        listed = orjson.dumps(rids).decode()
        rids += self._supporting(listed, set(rids), types)
        rows = self.connection.execute(
            "SELECT r.type, r.id, r.body FROM json_each(?) s CROSS JOIN resource r "
            "ON r.rid = s.value ORDER BY s.key",
            (orjson.dumps(rids).decode(),),
        ).fetchall()
        base = self.setting.base
        entries = [entry(f"{base}/{kind}/{found}", body, "match") for kind, found, body in rows]
        links = [("self", f"{base}/Patient/{identity}/$everything")]
        return Answer(
            200,
            bundle(
                "searchset",
                total=len(entries),
                links=links,
                entries=entries,
                updated=instant(self.setting.now),
            ),
        )

    def _compartment(self, identity: str, types: set[str], since: int) -> list[int]:
        numbers = [
            parameter.number
            for kind, codes in definitions.patient_compartment().items()
            if not types or kind in types
            for code in codes
            if (parameter := expressions.searchable(kind).parameters.get(code)) is not None
        ]
        rows = self.connection.execute(
            "SELECT DISTINCT x.rid FROM json_each(?) s CROSS JOIN reference x "
            "ON x.p = s.value AND x.target = ? AND x.kind = 'Patient' "
            "CROSS JOIN resource r ON r.rid = x.rid "
            "WHERE r.updated >= ? AND NOT (r.type = 'Patient' AND r.id = ?)",
            (orjson.dumps(numbers).decode(), identity, since, identity),
        )
        return [row[0] for row in rows]

    def _supporting(self, listed: str, known: set[int], types: set[str]) -> list[int]:
        """What the patient's resources refer to, unless it is another patient's."""
        rows = self.connection.execute(
            "SELECT DISTINCT r.rid, r.type FROM json_each(?) s CROSS JOIN reference x "
            "ON x.rid = s.value CROSS JOIN resource r ON r.type = x.kind AND r.id = x.target "
            "WHERE r.deleted = 0",
            (listed,),
        )
        owned = definitions.patient_compartment().keys() - {"Group", "Practitioner"}
        return [
            rid
            for rid, kind in rows
            if rid not in known
            and kind != "Patient"
            and kind not in owned
            and (not types or kind in types)
        ]
