"""One transaction: its order, the identities of its entries, and the links between them.

After http://hl7.org/fhir/R4/http.html#transaction (3.1.0.11.2 and 3.1.0.11.4).
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from sandbox.asking import Answer, Asked
from sandbox.problems import Issue, Problem, bad_request
from sandbox.writes import Writes, check_resource, check_type, check_write, condition

ORDER = {"DELETE": 0, "POST": 1, "PUT": 2, "PATCH": 2, "GET": 3, "HEAD": 3}
"""In which turn a transaction does what its entries ask."""
_LINK = re.compile(r"""(\b(?:href|src)\s*=\s*["'])([^"']+)(["'])""")
READING = ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a batch or transaction, understood."""

    position: int
    full_url: str
    asked: Asked


def _refers_conditionally(value: Any) -> bool:
    if isinstance(value, dict):
        reference = value.get("reference")
        return (isinstance(reference, str) and "?" in reference) or any(
            map(_refers_conditionally, value.values())
        )
    return isinstance(value, list) and any(map(_refers_conditionally, value))


def _turn(entry: Entry) -> float:
    """The spec's order; conditional references are resolved when all else is written."""
    turn = ORDER[entry.asked.method]
    return 2.5 if turn < 3 and _refers_conditionally(entry.asked.resource) else turn


class Transaction:
    """One transaction: all of it is done, or the Problem raised says why none of it is."""

    def __init__(
        self,
        entries: list[Entry],
        writes: Writes,
        read: Callable[[sqlite3.Connection, Asked], Answer],
    ) -> None:
        self.entries = entries
        self.writes = writes
        self.read = read
        self.replacements: dict[str, str] = {}
        self.given_ids: dict[int, str] = {}
        self.known: dict[int, Answer] = {}

    def do(self) -> list[Answer]:
        """The answers, in the order of the entries. Raises Problem."""
        answers: dict[int, Answer] = {}
        self._identities()
        self._one_change_each()
        for entry in sorted(self.entries, key=_turn):
            try:
                answers[entry.position] = self._one(entry)
            except Problem as problem:
                raise at_entry(entry.position, problem) from problem
        return [answers[entry.position] for entry in self.entries]

    def _identities(self) -> None:
        """Settle where each entry will be stored, so that others can refer to it."""
        for entry in self.entries:
            try:
                self._identity(entry)
            except Problem as problem:
                raise at_entry(entry.position, problem) from problem

    def _identity(self, entry: Entry) -> None:
        asked = entry.asked
        if asked.method not in {"POST", "PUT"}:
            if asked.method not in READING:
                check_write(asked)
            return
        check_write(asked)
        kind = asked.path[0]
        if asked.method == "POST":
            identity = str(uuid4())
            if asked.conditions.if_none_exist:
                there = self.writes.one_match(kind, condition(asked.conditions.if_none_exist))
                if there is not None:
                    self.known[entry.position] = self.writes.answer(
                        200, self.writes.known(kind, there)
                    )
                    identity = there
        elif len(asked.path) == 2:
            identity = asked.path[1]
        else:
            said = asked.resource.get("id") if isinstance(asked.resource, dict) else None
            found = self.writes.one_match(kind, asked.parameters)
            identity = found or (said if isinstance(said, str) else "") or str(uuid4())
        self.given_ids[entry.position] = identity
        if entry.full_url:
            self._stands_for(entry.full_url, f"{kind}/{identity}", kind)

    def _stands_for(self, full_url: str, stored: str, kind: str) -> None:
        if full_url in self.replacements and self.replacements[full_url] != stored:
            raise bad_request("two entries have the same fullUrl", "duplicate")
        self.replacements[full_url] = stored
        # Relative references resolve against the fullUrl of their entry (bundle.html#references).
        base, slash, identity = full_url.rpartition(f"/{kind}/")
        if slash and base.startswith("http"):
            self.replacements.setdefault(f"{kind}/{identity}", stored)

    def _one_change_each(self) -> None:
        seen: set[tuple[str, str]] = set()
        for entry in self.entries:
            if entry.asked.method in READING or entry.position in self.known:
                continue
            given = self.given_ids.get(entry.position)
            if given is None and len(entry.asked.path) == 2:
                given = entry.asked.path[1]
            if given is None:
                continue
            key = (entry.asked.path[0], given)
            if key in seen:
                raise at_entry(
                    entry.position,
                    bad_request("a transaction changes a resource once only", "duplicate"),
                )
            seen.add(key)

    def _one(self, entry: Entry) -> Answer:
        asked = entry.asked
        if asked.method in READING:
            return self.read(self.writes.connection, asked)
        if entry.position in self.known:
            return self.known[entry.position]
        if asked.method in {"DELETE", "PATCH"}:
            return self.writes.do(asked)
        check_resource(asked.resource, asked.path[0])
        identity = self.given_ids[entry.position]
        resource = self._linked(asked.resource)
        if asked.method == "POST":
            unconditional = replace(asked.conditions, if_none_exist="")
            return self.writes.create(
                replace(asked, resource=resource, conditions=unconditional), identity
            )
        if len(asked.path) == 2:
            return self.writes.update(replace(asked, resource=resource))
        if resource.get("id") not in {None, identity}:
            raise bad_request("the condition finds a resource with another id than the body")
        settled = replace(
            asked, resource={**resource, "id": identity}, path=(asked.path[0], identity)
        )
        return self.writes.update(settled)

    def _linked(self, value: Any, key: str = "") -> Any:
        """The resource with references to other entries, and conditional ones, resolved."""
        if isinstance(value, dict):
            return {name: self._linked(content, name) for name, content in value.items()}
        if isinstance(value, list):
            return [self._linked(each, key) for each in value]
        return self._linked_text(value, key) if isinstance(value, str) else value

    def _linked_text(self, value: str, key: str) -> str:
        if key == "reference":
            return self._reference(value)
        if key == "div":
            return _LINK.sub(
                lambda link: link[1] + self.replacements.get(link[2], link[2]) + link[3], value
            )
        if value.startswith(("urn:uuid:", "urn:oid:")) and key not in {"system", "value", "id"}:
            return self.replacements.get(value, value)
        return value

    def _reference(self, value: str) -> str:
        stored = self.replacements.get(value)
        if stored is not None:
            return stored
        kind, mark, _ = value.partition("?")
        if not mark or "/" in kind or ":" in kind:
            return value
        check_type(kind)
        identity = self.writes.one_match(kind, condition(value))
        if identity is None:
            raise Problem(412, "not-found", f"a conditional reference finds no {kind}")
        return f"{kind}/{identity}"


def at_entry(position: int, problem: Problem) -> Problem:
    """The problem, saying which entry of the Bundle has it."""
    issues = [
        Issue(
            issue.code,
            f"entry {position}: {issue.diagnostics}",
            issue.severity,
            f"Bundle.entry[{position}]"
            + (f".resource.ofType({issue.expression})" if issue.expression else ""),
        )
        for issue in problem.issues
    ]
    return Problem(problem.status, issues[0].code, str(problem), issues=issues)
