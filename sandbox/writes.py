"""Create, update, patch and delete, within one open write transaction.

After http://hl7.org/fhir/R4/http.html: the paragraphs are named where a rule comes from one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

import jsonpatch

from sandbox import definitions, exact_json, expressions, schema, structure, values
from sandbox.asking import Answer, Asked, Setting
from sandbox.problems import Issue, Problem, bad_request, not_found, outcome
from sandbox.search.clauses import local
from sandbox.search.find import matching
from sandbox.search.query import clauses_only
from sandbox.store import stamped
from sandbox.values import literal_reference


@dataclass(frozen=True, slots=True)
class Held:
    """A version of a resource as the store holds it."""

    rid: int
    type: str
    id: str
    version: int
    updated: int
    deleted: bool
    body: bytes

    @property
    def etag(self) -> str:
        """The weak entity tag of this version."""
        return f'W/"{self.version}"'


def held(connection: sqlite3.Connection, kind: str, identity: str) -> Held | None:
    """The current version of a resource, also when that is a deletion."""
    row = connection.execute(
        "SELECT rid, type, id, version, updated, deleted, body FROM resource "
        "WHERE type = ? AND id = ?",
        (kind, identity),
    ).fetchone()
    if row is None:
        return None
    rid, _, _, version, updated, deleted, body = row
    return Held(rid, kind, identity, version, updated, bool(deleted), body)


def check_type(kind: str) -> None:
    """Raise Problem (404) unless `kind` is a resource type."""
    if kind not in definitions.resource_types():
        raise Problem(404, "not-supported", f"{kind[:60]!r} is not a resource type of FHIR R4")


def check_resource(resource: Any, kind: str = "") -> None:
    """Raise Problem (400, 422) unless this is a whole resource of the type."""
    if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        raise bad_request("the body is not a FHIR resource", "structure")
    if kind and resource["resourceType"] != kind:
        raise bad_request(f"the body is not a {kind}")
    faults = structure.faults(resource)
    if faults:
        issues = [
            Issue(fault.code, f"{fault.path} {fault.message}", expression=fault.path)
            for fault in faults
        ]
        raise Problem(422, "invalid", "the resource is not valid FHIR R4", issues=issues)


def same_version(tag: str, current: Held | None) -> bool:
    """Whether an entity tag (`W/"3"`, also `"3"` or a list) names the current version."""
    if current is None or current.deleted:
        return False
    tags = [part.strip().removeprefix("W/").strip('"') for part in tag.split(",")]
    return tag.strip() == "*" or str(current.version) in tags


class Writes:
    """What may be done within one write transaction."""

    def __init__(self, connection: sqlite3.Connection, setting: Setting) -> None:
        self.connection = connection
        self.setting = setting

    def matches(self, kind: str, parameters: Sequence[tuple[str, str]]) -> list[str]:
        """The ids of at most two resources that a condition finds. Raises Problem (412)."""
        clauses = list(
            clauses_only(kind, parameters, bases=self.setting.bases, now=self.setting.now)
        )
        rids = matching(self.connection, kind, clauses, limit=2)
        return [
            self.connection.execute("SELECT id FROM resource WHERE rid = ?", (rid,)).fetchone()[0]
            for rid in rids
        ]

    def one_match(self, kind: str, parameters: Sequence[tuple[str, str]]) -> str | None:
        """The id of the one resource that a condition finds. Raises Problem (412) if several."""
        found = self.matches(kind, parameters)
        if len(found) > 1:
            raise Problem(412, "multiple-matches", f"the condition finds more than one {kind}")
        return found[0] if found else None

    def put(self, resource: dict[str, Any], kind: str, identity: str, method: str) -> Held:
        """Store a new version and index it."""
        current = held(self.connection, kind, identity)
        rows = expressions.index_rows(resource)
        rows[values.REFERENCE] = {self._local(*row) for row in rows[values.REFERENCE]}
        if current is None:
            body = stamped(resource, identity, 1, self.setting.now)
            rid = self.connection.execute(
                "INSERT INTO resource (type, id, version, updated, method, deleted, body) "
                "VALUES (?, ?, 1, ?, ?, 0, ?)",
                (kind, identity, self.setting.now, method, body),
            ).lastrowid
            assert rid is not None  # noqa: S101 - an INSERT that did not raise has one
            schema.add_index_rows(self.connection, rid, rows)
            return Held(rid, kind, identity, 1, self.setting.now, False, body)
        updated = max(self.setting.now, current.updated)
        version = current.version + 1
        body = stamped(resource, identity, version, updated)
        self._replace(current, version, updated, method, body)
        before = self._rows(current)
        before[values.REFERENCE] = set()
        added = [new - old for new, old in zip(rows, before, strict=True)]
        gone = [old - new for new, old in zip(rows, before, strict=True)]
        self._forget_references(current.rid)
        schema.remove_index_rows(self.connection, current.rid, gone)
        schema.add_index_rows(self.connection, current.rid, added)
        return Held(current.rid, kind, identity, version, updated, False, body)

    def _local(self, number: int, target: str, kind: str) -> tuple[int, str, str]:
        """A reference to this very record by URL, indexed as the relative one it amounts to."""
        said = local(target, self.setting.bases)
        return (number, target, kind) if said == target else (number, *literal_reference(said))

    def _forget_references(self, rid: int) -> None:
        # Not by their old rows: those depend on the URL the record had when they were written.
        self.connection.execute("DELETE FROM reference WHERE rid = ?", (rid,))

    @staticmethod
    def _rows(current: Held) -> list[set[tuple[Any, ...]]]:
        if current.deleted:
            return [set() for _ in schema.INDEX_TABLES]
        return expressions.index_rows(exact_json.loads(current.body))

    def _replace(self, current: Held, version: int, updated: int, method: str, body: bytes) -> None:
        self.connection.execute(
            "INSERT INTO version SELECT rid, version, type, updated, method, deleted, body "
            "FROM resource WHERE rid = ?",
            (current.rid,),
        )
        self.connection.execute(
            "UPDATE resource SET version = ?, updated = ?, method = ?, deleted = ?, body = ? "
            "WHERE rid = ?",
            (version, updated, method, method == "DELETE", body, current.rid),
        )

    def create(self, asked: Asked, identity: str = "") -> Answer:
        """Create (3.1.0.8), conditionally where asked (3.1.0.8.1); the server gives the id."""
        (kind,) = asked.path
        check_resource(asked.resource, kind)
        if asked.conditions.if_none_exist:
            there = self.one_match(kind, condition(asked.conditions.if_none_exist))
            if there is not None:
                return self.answer(200, self.known(kind, there))
        return self.answer(201, self.put(asked.resource, kind, identity or str(uuid4()), "POST"))

    def known(self, kind: str, identity: str) -> Held:
        """The current version of a resource. Raises Problem (404) if there never was one."""
        current = held(self.connection, kind, identity)
        if current is None:
            raise not_found(kind, identity)
        return current

    def update(self, asked: Asked) -> Answer:
        """Update (3.1.0.4), conditionally where the path has no id (3.1.0.4.3)."""
        kind = asked.path[0]
        check_resource(asked.resource, kind)
        said = asked.resource.get("id")
        if len(asked.path) == 1:
            there = self.one_match(kind, asked.parameters)
            if there is not None and said not in {None, there}:
                raise bad_request("the condition finds a resource with another id than the body")
            identity = there or said or str(uuid4())
        else:
            identity = asked.path[1]
            if said != identity:
                raise bad_request("the id in the body is not the id in the URL")
        current = held(self.connection, kind, identity)
        self._preconditions(asked, current)
        created = current is None or current.deleted
        return self.answer(201 if created else 200, self.put(asked.resource, kind, identity, "PUT"))

    def _preconditions(self, asked: Asked, current: Held | None) -> None:
        """Managing resource contention (3.1.0.5)."""
        wanted = asked.conditions.if_match
        if wanted and not same_version(wanted, current):
            now = f"version {current.version}" if current else "not there"
            raise Problem(412, "conflict", f"If-Match: the resource is {now}")
        refused = asked.conditions.if_none_match
        if refused and same_version(refused, current):
            raise Problem(412, "conflict", "If-None-Match: the resource is there already")

    def _addressed(self, asked: Asked) -> tuple[str, str | None]:
        kind = asked.path[0]
        if len(asked.path) == 2:
            return kind, asked.path[1]
        return kind, self.one_match(kind, asked.parameters)

    def patch(self, asked: Asked) -> Answer:
        """Patch by JSON Patch (3.1.0.6), also conditionally."""
        kind, identity = self._addressed(asked)
        if identity is None:
            raise Problem(404, "not-found", "the condition finds nothing to patch")
        current = self.known(kind, identity)
        self._preconditions(asked, current)
        if current.deleted:
            raise Problem(410, "deleted", f"{kind}/{identity} was deleted")
        try:
            patched = jsonpatch.apply_patch(exact_json.loads(current.body), asked.patch)
        except jsonpatch.JsonPatchTestFailed as error:
            raise Problem(422, "conflict", "a test of the patch failed") from error
        except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException) as error:
            raise Problem(422, "processing", f"the patch can't be applied: {error}") from error
        except (TypeError, ValueError, KeyError, IndexError, AttributeError) as error:
            raise Problem(400, "structure", "this is not a JSON Patch") from error
        check_resource(patched, kind)
        if patched.get("id") != identity:
            raise Problem(422, "business-rule", "a patch can't change the id")
        return self.answer(200, self.put(patched, kind, identity, "PATCH"))

    def delete(self, asked: Asked) -> Answer:
        """Delete (3.1.0.7), conditionally where the path has no id (3.1.0.7.1)."""
        kind, identity = self._addressed(asked)
        current = held(self.connection, kind, identity) if identity else None
        self._preconditions(asked, current)
        if current is None or current.deleted:
            return Answer(204, etag=current.etag if current else "")
        updated = max(self.setting.now, current.updated)
        self._replace(current, current.version + 1, updated, "DELETE", b"")
        schema.remove_index_rows(self.connection, current.rid, self._rows(current))
        self._forget_references(current.rid)
        return Answer(204, etag=f'W/"{current.version + 1}"', updated=updated)

    def answer(self, status: int, now: Held) -> Answer:
        """The answer that tells which version is there now."""
        return Answer(
            status,
            body=now.body,
            etag=now.etag,
            updated=now.updated,
            location=f"{self.setting.base}/{now.type}/{now.id}/_history/{now.version}",
            outcome=outcome([Issue("informational", "stored", "information")]),
        )

    def do(self, asked: Asked) -> Answer:
        """Carry out one writing interaction. Raises Problem when it can't be done."""
        check_write(asked)
        by_method = {
            "POST": self.create,
            "PUT": self.update,
            "PATCH": self.patch,
            "DELETE": self.delete,
        }
        return by_method[asked.method](asked)


def check_write(asked: Asked) -> None:
    """Raise Problem (404, 405) unless the path is one that the method can write to."""
    if not asked.path:
        raise Problem(405, "not-supported", f"{asked.method} needs a resource type")
    kind = asked.path[0]
    check_type(kind)
    if asked.method == "POST":
        fits = len(asked.path) == 1
    else:
        fits = len(asked.path) <= 2
        if len(asked.path) == 2 and not structure.is_id(asked.path[1]):
            raise bad_request("an id is 1 to 64 letters, digits, '-' and '.'", "value")
    if not fits:
        raise Problem(405, "not-supported", f"{asked.method} is not possible at this path")


def condition(text: str) -> list[tuple[str, str]]:
    """The search parameters of an If-None-Exist header or of a conditional URL."""
    return parse_qsl(text.partition("?")[2] if "?" in text else text, keep_blank_values=True)
