"""A search as asked for, understood: clauses, order, page size, includes and shape."""

# ruff: noqa: S608 - statements are put together from fixed parts; values are always bound

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox import definitions, expressions
from sandbox.expressions import Compiled
from sandbox.problems import Issue, Problem, bad_request
from sandbox.search.clauses import MODIFIERS, clause
from sandbox.search.condition import Alternative, Clause

DEFAULT_COUNT = 50
MAX_COUNT = 1000
MAX_CHAIN = 4
MAX_CLAUSES = 60
MAX_ALTERNATIVES = 400
"""Bounds of what SQLite can put into one statement."""

_SUMMARIES = ("true", "text", "data", "count", "false")
_TOTALS = ("none", "estimate", "accurate")
RESULT_PARAMETERS = (
    "_count",
    "_elements",
    "_format",
    "_include",
    "_pretty",
    "_revinclude",
    "_sort",
    "_summary",
    "_total",
)
"""Parameters that shape the answer rather than choose what is in it."""


@dataclass(frozen=True, slots=True)
class Include:
    """One `_include` or `_revinclude`."""

    source: str
    parameters: tuple[Compiled, ...]
    target: str
    """The only type to bring in (`_include`) or that is pointed to (`_revinclude`), if given."""
    reverse: bool
    iterate: bool


@dataclass(frozen=True, slots=True)
class SortKey:
    """One key of `_sort`."""

    parameter: Compiled
    descending: bool


@dataclass(slots=True)
class Query:
    """Everything a search of one type asks for."""

    type: str
    clauses: list[Clause] = field(default_factory=list)
    sort: list[SortKey] = field(default_factory=list)
    includes: list[Include] = field(default_factory=list)
    count: int = DEFAULT_COUNT
    summary: str = "false"
    elements: tuple[str, ...] = ()
    total: str = "accurate"
    applied: list[tuple[str, str]] = field(default_factory=list)
    """The parameters that were used, for the self link."""
    ignored: list[Issue] = field(default_factory=list)
    """What was not understood, and passed over."""


class _Reader:
    def __init__(self, resource_type: str, bases: Sequence[str], now: int) -> None:
        self.query = Query(resource_type)
        self.bases = bases
        self.now = now

    def parameter(self, name: str, text: str) -> None:
        base_name, _, modifier = name.partition(":")
        if base_name in RESULT_PARAMETERS:
            self.result_parameter(base_name, modifier, text)
            return
        if not text.strip():
            self.ignore(name, "has no value")
            return
        found = self.condition(self.query.type, name, text, MAX_CHAIN)
        if found is None:
            self.ignore(name, f"is not a search parameter of {self.query.type}")
            return
        self.query.clauses.append(found)
        self.query.applied.append((name, text))

    def ignore(self, name: str, why: str) -> None:
        # A chain or _has carries no value here: the name alone tells nobody's details.
        self.query.ignored.append(
            Issue("not-supported", f"{name[:100]} {why}; it was not applied", "warning")
        )

    def condition(self, kind: str, name: str, text: str, depth: int) -> Clause | None:
        """The clause for one parameter of a type, None if there is no such parameter."""
        if depth < 0:
            raise Problem(400, "too-costly", f"a chain has at most {MAX_CHAIN} links")
        if name.startswith("_has:"):
            return self.has(kind, name, text, depth)
        head, dot, rest = name.partition(".")
        code, _, modifier = head.partition(":")
        parameter = expressions.searchable(kind).parameters.get(code)
        if parameter is None:
            return None
        if dot:
            targets = self.chained(kind, parameter, modifier)
            return self.chain(parameter, targets, rest, text, depth)
        if modifier and not self.modifier_fits(parameter, modifier):
            raise bad_request(
                f"{code}:{modifier[:40]} is not supported for a {parameter.type} parameter",
                "not-supported",
            )
        return clause(kind, parameter, modifier, text, now=self.now, bases=self.bases)

    @staticmethod
    def modifier_fits(parameter: Compiled, modifier: str) -> bool:
        if modifier == "of-type":
            return "Identifier" in parameter.element_types
        if modifier in MODIFIERS[parameter.type]:
            return True
        return parameter.type == "reference" and modifier in definitions.resource_types()

    @staticmethod
    def chained(kind: str, parameter: Compiled, modifier: str) -> Sequence[str]:
        """The types that a chain through this parameter leads to. Raises Problem (400)."""
        if parameter.type != "reference":
            raise bad_request(f"{kind}.{parameter.code} is no reference: nothing can be chained")
        if modifier and modifier not in parameter.targets:
            raise bad_request(f"{parameter.code}:{modifier[:40]} is not a type it may point to")
        return (modifier,) if modifier else parameter.targets

    def chain(
        self, parameter: Compiled, targets: Sequence[str], rest: str, text: str, depth: int
    ) -> Clause | None:
        alternatives: list[Alternative] = []
        known = False
        for target in targets:
            inner = self.condition(target, rest, text, depth - 1)
            if inner is None:
                continue
            known = True
            select, arguments = _resources_meeting(target, inner)
            alternatives.append(
                Alternative(
                    "reference",
                    "p = ? AND kind = ? AND target IN "
                    f"(SELECT id FROM resource WHERE rid IN ({select}))",
                    (parameter.number, target, *arguments),
                )
            )
        return Clause(tuple(alternatives)) if known else None

    def has(self, kind: str, name: str, text: str, depth: int) -> Clause | None:
        parts = name.split(":", 3)
        if len(parts) != 4:
            raise bad_request("_has is written as _has:Type:reference:parameter")
        _, source, code, rest = parts
        if source not in definitions.resource_types():
            raise bad_request(f"_has: {source[:40]} is not a resource type")
        reference = expressions.searchable(source).parameters.get(code)
        if reference is None or reference.type != "reference":
            raise bad_request(f"_has: {source} has no reference parameter {code[:40]}")
        if reference.targets and kind not in reference.targets:
            raise bad_request(f"_has: {source}.{code} can't point to a {kind}")
        inner = self.condition(source, rest, text, depth - 1)
        if inner is None:
            return None
        select, arguments = _resources_meeting(source, inner)
        where = (
            "type = ? AND deleted = 0 AND id IN (SELECT target FROM reference WHERE p = ? "
            f"AND kind = ? AND rid IN ({select}))"
        )
        return Clause((Alternative("resource", where, (kind, reference.number, kind, *arguments)),))

    def result_parameter(self, name: str, modifier: str, text: str) -> None:
        query = self.query
        if name in {"_include", "_revinclude"}:
            query.includes.append(self.include(name == "_revinclude", modifier, text))
            query.applied.append((f"{name}:{modifier}" if modifier else name, text))
            return
        if modifier:
            raise bad_request(f"{name} takes no modifier", "not-supported")
        if name in {"_format", "_pretty"}:
            return
        if name == "_count":
            if not text.isascii() or not text.isdigit() or len(text) > 9:
                raise bad_request("_count is a whole number, 0 or more")
            query.count = min(int(text), MAX_COUNT)
            text = str(query.count)
        elif name == "_summary":
            query.summary = _one_of(name, text, _SUMMARIES)
        elif name == "_total":
            query.total = _one_of(name, text, _TOTALS)
        elif name == "_elements":
            query.elements = tuple(part.strip() for part in text.split(",") if part.strip())
        elif name == "_sort":
            self.sort(text)
            return
        query.applied.append((name, text))

    def sort(self, text: str) -> None:
        used = []
        for key in filter(None, text.split(",")):
            code = key.removeprefix("-")
            parameter = expressions.searchable(self.query.type).parameters.get(code)
            if parameter is None:
                self.ignore("_sort", f"by {code[:60]} is not possible for {self.query.type}")
                continue
            self.query.sort.append(SortKey(parameter, key.startswith("-")))
            used.append(key)
        if used:
            self.query.applied.append(("_sort", ",".join(used)))

    def include(self, reverse: bool, modifier: str, text: str) -> Include:
        name = "_revinclude" if reverse else "_include"
        if modifier not in {"", "iterate", "recurse"}:
            raise bad_request(f"{name}:{modifier[:40]} is not supported", "not-supported")
        if text == "*" and not reverse:
            text = f"{self.query.type}:*"
        source, _, rest = text.partition(":")
        code, _, target = rest.partition(":")
        if source not in definitions.resource_types() or not code:
            raise bad_request(f"{name} is written as {name}=Type:parameter[:Type]")
        if target and target not in definitions.resource_types():
            raise bad_request(f"{name}: {target[:40]} is not a resource type")
        held = expressions.searchable(source).parameters
        if code == "*":
            chosen = tuple(each for each in held.values() if each.type == "reference")
        elif code in held and held[code].type == "reference":
            chosen = (held[code],)
        else:
            raise bad_request(f"{name}: {source} has no reference parameter {code[:40]}")
        return Include(source, chosen, target, reverse, bool(modifier))


def _one_of(name: str, text: str, allowed: Sequence[str]) -> str:
    if text not in allowed:
        raise bad_request(f"{name} is one of {', '.join(allowed)}")
    return text


def _resources_meeting(kind: str, inner: Clause) -> tuple[str, tuple[Any, ...]]:
    """SQL for the row numbers of the resources of a type that meet a clause."""
    if inner.negative:
        sql = f"SELECT m.rid FROM resource m WHERE m.type = ? AND m.deleted = 0 AND {inner.test()}"
        return sql, (kind, *inner.arguments)
    return inner.select(), inner.arguments


def read_query(
    resource_type: str,
    parameters: Iterable[tuple[str, str]],
    *,
    bases: Sequence[str],
    now: int,
    strict: bool = False,
) -> Query:
    """The search that these parameters ask for.

    `bases` are the URLs under which this record is known, so that absolute references to
    it are found. Raises Problem (400) for what can't be understood, and with `strict` also
    for parameters that would otherwise be passed over.
    """
    reader = _Reader(resource_type, bases, now)
    for name, text in parameters:
        reader.parameter(name, text)
    clauses = reader.query.clauses
    if len(clauses) > MAX_CLAUSES or sum(len(c.alternatives) for c in clauses) > MAX_ALTERNATIVES:
        raise Problem(400, "too-costly", "the search has too many conditions")
    if strict and reader.query.ignored:
        issues = [Issue(i.code, i.diagnostics) for i in reader.query.ignored]
        raise Problem(400, "not-supported", "unknown search parameters", issues=issues)
    return reader.query


def clauses_only(
    resource_type: str, parameters: Iterable[tuple[str, str]], *, bases: Sequence[str], now: int
) -> Iterator[Clause]:
    """The clauses of a conditional create, update or delete: nothing may be passed over.

    Raises Problem (412) when a parameter is not understood, as ignoring it could change
    the wrong resource.
    """
    query = read_query(resource_type, parameters, bases=bases, now=now)
    if query.ignored:
        raise Problem(412, "not-supported", query.ignored[0].diagnostics)
    if not query.clauses:
        raise Problem(412, "required", "the condition names no search parameter")
    yield from query.clauses
