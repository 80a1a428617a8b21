"""The official search parameters, compiled: from a resource to its index rows in one walk.

The FHIRPath that HL7's search parameters use is a small part of the language: paths, `|`,
`as` and `.ofType()`, `.where(resolve() is X)`, `.where(name='value')`, and one `.exists()`.
All parameters of a type are merged into one tree of element names, so that a resource is
walked once, however many parameters its type has.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sandbox import definitions, values
from sandbox.definitions import Parameter
from sandbox.values import Row

TEXT, IDENTIFIER, OF_TYPE = 1, 2, 3
"""Offsets of a parameter's number under which its modifiers find their rows."""

ON_THE_RESOURCE = ("_id", "_lastUpdated")
"""Parameters kept as columns of the resource itself."""

_CAST = re.compile(r"\((?P<path>[\w.]+) as (?P<cast>\w+)\)(?P<rest>(?:\.\w+)*)")
_AS = re.compile(r"(?P<path>[\w.]+)\.(?:as|ofType)\((?P<cast>\w+)\)(?P<rest>(?:\.\w+)*)")
_RESOLVES = re.compile(r"(?P<path>[\w.]+)\.where\(resolve\(\) is (?P<kind>\w+)\)")
_WHERE = re.compile(r"(?P<path>[\w.]+)\.where\((?P<name>\w+) ?= ?'(?P<value>[^']+)'\)(?P<rest>.*)")
_DECEASED = "Patient.deceased.exists() and Patient.deceased != false"


@dataclass(slots=True)
class Compiled:
    """One search parameter of one resource type, ready to be searched."""

    code: str
    type: str
    number: int
    table: int
    targets: tuple[str, ...]
    url: str
    element_types: set[str] = field(default_factory=set)
    """The data types its path leads to."""


_Emit = tuple[int, int, values.Convert, Callable[[Any], bool] | None]
"""Table, parameter number, conversion, and a test the value must pass."""


class _Node:
    """One element name in the tree: what to emit there, and the names below."""

    __slots__ = ("below", "emits", "guarded")

    def __init__(self) -> None:
        self.emits: list[_Emit] = []
        self.below: dict[str, _Node] = {}
        self.guarded: dict[tuple[str, str], _Node] = {}

    def walk(self, value: Any, out: list[set[Row]]) -> None:
        if isinstance(value, list):
            for each in value:
                self.walk(each, out)
            return
        if value is None:
            return
        for table, number, convert, passes in self.emits:
            if passes is None or passes(value):
                for row in convert(value):
                    out[table].add((number, *row))
        if self.below:
            below = self.below
            for key, content in value.items():
                node = below.get(key)
                if node is not None:
                    node.walk(content, out)
        for (name, wanted), node in self.guarded.items():
            if value.get(name) == wanted:
                node.walk(value, out)


_Step = str | tuple[str, str]
"""An element's name, or a (name, value) that the element reached must have."""


@dataclass(frozen=True, slots=True)
class _Path:
    steps: tuple[_Step, ...]
    kind: str
    system: str = ""
    resolves_to: str = ""


def _follow(type_name: str, names: list[str], cast: str = "") -> Iterator[_Path]:
    """The JSON paths that a chain of element names may mean, with the type each ends in."""
    if not names:
        yield _Path((), type_name)
        return
    name, rest = names[0], names[1:]
    if type_name in definitions.primitives():
        return
    for key, element in definitions.elements(type_name).items():
        chosen = element.choice == f"{name}[x]"
        if key != name and not chosen:
            continue
        if chosen and not rest and cast and element.type != cast:
            continue
        for path in _follow(element.type, rest, cast):
            system = path.system if rest else element.system
            yield _Path((key, *path.steps), path.kind, system)


def _paths(resource_type: str, expression: str) -> Iterator[_Path]:
    for part in re.split(r"\s+\|\s+", expression.strip()):
        yield from _alternative(resource_type, part.strip())


def _alternative(resource_type: str, part: str) -> Iterator[_Path]:
    cast, rest, kind = "", "", ""
    guard: tuple[str, str] | None = None
    path = part
    if found := _CAST.fullmatch(part) or _AS.fullmatch(part):
        path, cast, rest = found["path"], found["cast"], found["rest"]
    elif found := _RESOLVES.fullmatch(part):
        path, kind = found["path"], found["kind"]
    elif found := _WHERE.fullmatch(part):
        path, guard, rest = found["path"], (found["name"], found["value"]), found["rest"]
    elif not re.fullmatch(r"[\w.]+", part):
        return
    root, *names = path.split(".")
    if root[0].islower():  # InsurancePlan's `name | alias` leaves its own type out
        root, names = resource_type, [root, *names]
    if root not in {resource_type, "Resource", "DomainResource"}:
        return
    following = rest.strip(".").split(".") if rest else []
    for start in _follow(resource_type, names, cast):
        steps = (*start.steps, guard) if guard else start.steps
        for end in _follow(start.kind, following):
            system = end.system if following else start.system
            yield _Path((*steps, *end.steps), end.kind, system, kind)


def _compile(parameter: Parameter, number: int, paths: list[_Path], root: _Node) -> Compiled | None:
    if parameter.type not in values.CONVERSIONS:
        return None
    table, conversions = values.CONVERSIONS[parameter.type]
    compiled = Compiled(
        parameter.code, parameter.type, number, table, parameter.targets, parameter.url
    )
    for path in paths:
        convert = conversions.get(path.kind)
        if convert is None:
            continue
        compiled.element_types.add(path.kind)
        node = root
        for step in path.steps:
            held = node.below if isinstance(step, str) else node.guarded
            node = held.setdefault(step, _Node())  # type: ignore[arg-type]
        passes = values.reference_is(path.resolves_to) if path.resolves_to else None
        if path.system and parameter.type == "token":
            convert = values.code_token(path.system)
        node.emits.append((table, number, convert, passes))
        if table == values.TOKEN and path.kind in {"Coding", "CodeableConcept", "Identifier"}:
            node.emits.append((values.STRING, number + TEXT, values.token_text, None))
        if path.kind == "Identifier":
            node.emits.append((values.TOKEN, number + OF_TYPE, values.identifier_of_type, None))
        if path.kind == "Reference":
            node.emits.append(
                (values.TOKEN, number + IDENTIFIER, values.reference_identifier, passes)
            )
    return compiled if compiled.element_types else None


def _deceased(number: int) -> Callable[[dict[str, Any], list[set[Row]]], None]:
    def emit(resource: dict[str, Any], out: list[set[Row]]) -> None:
        dead = bool(resource.get("deceasedBoolean")) or "deceasedDateTime" in resource
        out[values.TOKEN].add((number, "true" if dead else "false", 0))

    return emit


@dataclass(frozen=True, slots=True)
class Searchable:
    """How one resource type is indexed and searched."""

    parameters: Mapping[str, Compiled]
    root: _Node
    extra: tuple[Callable[[dict[str, Any], list[set[Row]]], None], ...]


@cache
def _type_numbers() -> Mapping[str, int]:
    return {name: index for index, name in enumerate(sorted(definitions.resource_types()))}


def type_number(resource_type: str) -> int:
    """A number for the resource type, the same for every store with these definitions."""
    return _type_numbers()[resource_type]


@cache
def searchable(resource_type: str) -> Searchable:
    """The compiled search parameters of a type. Raises KeyError for an unknown type."""
    root = _Node()
    extra = []
    found: dict[str, Compiled] = {}
    base = type_number(resource_type) << 12
    for index, (code, parameter) in enumerate(
        sorted(definitions.parameters(resource_type).items())
    ):
        number = base + (index << 2)
        if code in ON_THE_RESOURCE:
            table, _ = values.CONVERSIONS[parameter.type]
            found[code] = Compiled(code, parameter.type, number, table, (), parameter.url)
            continue
        if parameter.expression == _DECEASED:
            extra.append(_deceased(number))
            found[code] = Compiled(
                code, "token", number, values.TOKEN, (), parameter.url, {"boolean"}
            )
            continue
        paths = list(_paths(resource_type, parameter.expression))
        compiled = _compile(parameter, number, paths, root)
        if compiled is not None:
            found[code] = compiled
    return Searchable(found, root, tuple(extra))


def index_rows(resource: dict[str, Any]) -> list[set[Row]]:
    """All index rows of a resource: one set a table, in the order of `values`' table names.

    Each row starts with the number of its parameter.
    """
    how = searchable(resource["resourceType"])
    out: list[set[Row]] = [set(), set(), set(), set(), set(), set()]
    how.root.walk(resource, out)
    for emit in how.extra:
        emit(resource, out)
    return out
