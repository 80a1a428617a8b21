"""Paths of ViewDefinitions as expressions of DuckDB's SQL.

The part of FHIRPath that SQL on FHIR asks of every runner and that our views use: members,
``where``, ``exists``, ``first``, ``extension``, ``ofType``, ``getResourceKey``,
``getReferenceKey``, ``=``, ``!=``, ``and``, ``or`` (https://sql-on-fhir.org/ig/, ViewDefinition).
Anything else is refused by name, never guessed.

A collection is a list of JSON values, as in FHIRPath: no path needs to know which elements repeat,
and what a sender left out is an empty list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count

_TOKENS = re.compile(r"\s*(?:(?P<name>[A-Za-z_]\w*)|'(?P<text>[^'\\]*)'|(?P<mark>!=|[=().]))")
_KEYWORDS = frozenset({"and", "or"})
_ID = "[A-Za-z0-9.-]{1,64}"


class WrongView(ValueError):
    """A ViewDefinition asks for something that this runner doesn't do; the message says what."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A piece of SQL. ``truth``: it gives true, false or null; otherwise a list of JSON values."""

    sql: str
    truth: bool = False
    member: str = ""
    """The member that was asked for last, and of what: ``ofType`` asks for its typed name."""
    of: str = ""

    def as_truth(self) -> str:
        """Whether it holds: of a list, its only value as a boolean."""
        if self.truth:
            return self.sql
        return f"TRY_CAST(json_extract_string({self.sql}[1], '$') AS BOOLEAN)"

    def as_text(self) -> str:
        """Its only value as text, or null. More than one is an error, as it should be."""
        return f"only_one({self.sql})"


def compiled(path: str, resource: str, item: str, *, at_root: bool) -> Expression:
    """The SQL of a path, read from the JSON value that the SQL ``item`` gives.

    ``resource`` is the type of the view. Raises WrongView.
    """
    return _Reader(path, resource, count(1)).whole(item, at_root)


def quoted(text: str) -> str:
    """``text`` as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def _tokens(path: str) -> Iterator[tuple[str, str]]:
    place, end = 0, len(path.rstrip())
    while place < end:
        found = _TOKENS.match(path, place)
        if found is None:
            raise WrongView(f"{path[place:].strip()[:40]!r} in {path!r} is no path of this runner")
        place = found.end()
        yield str(found.lastgroup), found[str(found.lastgroup)]


class _Reader:
    """Reads one path from left to right."""

    def __init__(self, path: str, resource: str, names: count[int]) -> None:
        self._path = path
        self._resource = resource
        self._names = names
        self._left = [*_tokens(path), ("end", "")]

    def whole(self, item: str, at_root: bool) -> Expression:
        """The whole path, with nothing left over."""
        found = self._either(item, at_root)
        if self._left[0][0] != "end":
            raise self._wrong(self._left[0][1])
        return found

    def _wrong(self, what: str) -> WrongView:
        return WrongView(f"{what or 'the end'!r} isn't expected there in {self._path!r}")

    def _takes(self, text: str) -> bool:
        kind, found = self._left[0]
        if kind != "text" and found == text:
            del self._left[0]
            return True
        return False

    def _expect(self, text: str) -> None:
        if not self._takes(text):
            raise self._wrong(self._left[0][1])

    def _either(self, item: str, at_root: bool) -> Expression:
        found = self._both(item, at_root)
        while self._takes("or"):
            other = self._both(item, at_root)
            found = Expression(f"({found.as_truth()} OR {other.as_truth()})", truth=True)
        return found

    def _both(self, item: str, at_root: bool) -> Expression:
        found = self._compared(item, at_root)
        while self._takes("and"):
            other = self._compared(item, at_root)
            found = Expression(f"({found.as_truth()} AND {other.as_truth()})", truth=True)
        return found

    def _compared(self, item: str, at_root: bool) -> Expression:
        found = self._walked(item, at_root)
        for sign, in_sql in (("=", "="), ("!=", "<>")):
            if self._takes(sign):
                kind, text = self._left.pop(0)
                if kind != "text":
                    raise self._wrong(text)
                return Expression(f"({found.as_text()} {in_sql} {quoted(text)})", truth=True)
        return found

    def _walked(self, item: str, at_root: bool) -> Expression:
        if self._takes("("):
            found = self._either(item, at_root)
            self._expect(")")
            return found
        found = self._step(Expression(f"[{item}]"), at_root)
        while self._takes("."):
            found = self._step(found, False)
        return found

    def _step(self, before: Expression, at_root: bool) -> Expression:
        kind, name = self._left.pop(0)
        if kind != "name" or name in _KEYWORDS or before.truth:
            raise self._wrong(name)
        if not self._takes("("):
            return _member(before.sql, name)
        if name == "getResourceKey":
            if not at_root:
                raise self._wrong(name)
            self._expect(")")
            return Expression(f"key_of({quoted(self._resource)}, {before.sql})")
        do = _FUNCTIONS.get(name)
        if do is None:
            raise WrongView(f"this runner has no function {name!r} ({self._path!r})")
        return do(self, before)

    def _where(self, before: Expression) -> Expression:
        each = f"x{next(self._names)}"
        holds = self._either(each, False).as_truth()
        self._expect(")")
        return Expression(f"list_filter({before.sql}, lambda {each}: {holds})")

    def _exists(self, before: Expression) -> Expression:
        self._expect(")")
        return Expression(f"(len({before.sql}) > 0)", truth=True)

    def _first(self, before: Expression) -> Expression:
        self._expect(")")
        return Expression(f"{before.sql}[1:1]")

    def _extension(self, before: Expression) -> Expression:
        url = self._argument("text")
        each = f"x{next(self._names)}"
        found = _member(before.sql, "extension").sql
        holds = f"json_extract_string({each}, '$.url') = {quoted(url)}"
        return Expression(f"list_filter({found}, lambda {each}: {holds})")

    def _of_type(self, before: Expression) -> Expression:
        """``value.ofType(Quantity)`` is the element ``valueQuantity`` of JSON."""
        kind = self._argument("name")
        if not before.member:
            raise self._wrong("ofType")
        return replace(_member(before.of, before.member + kind[:1].upper() + kind[1:]), member="")

    def _reference_key(self, before: Expression) -> Expression:
        kind = self._argument("name")
        pattern = quoted(f"(?:^|/)({kind}/{_ID})(?:/_history/.*)?$")
        return Expression(f"keys_in({before.sql}, {pattern})")

    def _argument(self, wanted: str) -> str:
        kind, text = self._left.pop(0)
        if kind != wanted:
            raise self._wrong(text)
        self._expect(")")
        return text


def _member(of: str, name: str) -> Expression:
    return Expression(f"members({of}, {quoted('$.' + name)})", member=name, of=of)


_FUNCTIONS: Mapping[str, Callable[[_Reader, Expression], Expression]] = {
    "where": _Reader._where,
    "exists": _Reader._exists,
    "first": _Reader._first,
    "extension": _Reader._extension,
    "ofType": _Reader._of_type,
    "getReferenceKey": _Reader._reference_key,
}

MACROS = (
    "CREATE OR REPLACE MACRO members(found, path) AS flatten(list_transform(found, lambda x: "
    "CASE json_type(x, path) WHEN 'ARRAY' THEN json_extract(x, path || '[*]') "
    "WHEN 'NULL' THEN [] ELSE list_filter([json_extract(x, path)], lambda y: y IS NOT NULL) END))",
    "CREATE OR REPLACE MACRO key_of(kind, found) AS list_transform(found, lambda x: "
    "to_json(kind || '/' || json_extract_string(x, '$.id')))",
    "CREATE OR REPLACE MACRO keys_in(found, pattern) AS list_filter(list_transform(found, "
    "lambda x: to_json(nullif("
    "regexp_extract(json_extract_string(x, '$.reference'), pattern, 1), ''))), "
    "lambda y: json_type(y) <> 'NULL')",
    "CREATE OR REPLACE MACRO only_one(found) AS CASE WHEN len(found) > 1 "
    "THEN error('a path gave several values where one is wanted') "
    "ELSE json_extract_string(found[1], '$') END",
)
"""What the expressions call, to be made before they are run."""
