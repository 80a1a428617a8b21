"""One search parameter with its values, turned into SQL over the index tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sandbox import expressions, schema, values
from sandbox.expressions import Compiled
from sandbox.problems import Problem, bad_request
from sandbox.search.condition import Alternative, Clause, split_unescaped, unescaped
from sandbox.search.ranges import (
    RANGES,
    bound,
    date_alternatives,
    date_bounds,
    number_alternatives,
)

MODIFIERS: Mapping[str, tuple[str, ...]] = {
    "token": ("missing", "not", "text", "of-type"),
    "string": ("missing", "exact", "contains"),
    "reference": ("missing", "identifier"),
    "uri": ("missing", "below", "above"),
    "date": ("missing",),
    "number": ("missing",),
    "quantity": ("missing",),
}
"""Per search type, the modifiers that are understood (and `:Type` on references)."""

MAX_VALUES = 2000
MAX_RANGES = 200
"""At most so many values where each needs a comparison of its own."""


def _marks(count: int) -> str:
    return ", ".join("?" * count)


def _token(parameter: Compiled, given: list[str], modifier: str) -> list[Alternative]:
    if modifier == "text":
        return _string(parameter, given, "", offset=expressions.TEXT)
    number = parameter.number
    if modifier == "of-type":
        return [_of_type(number + expressions.OF_TYPE, value) for value in given]
    if modifier == "identifier":
        number += expressions.IDENTIFIER
    by_system: dict[int | None, list[str]] = {}
    whole_systems: list[int] = []
    only_codes = parameter.element_types == {"code"}
    for value in given:
        system, *rest = split_unescaped(value, "|")
        if len(rest) > 1:
            raise bad_request(f"{parameter.code}: a token has one '|', as system|code")
        if not rest:
            by_system.setdefault(None, []).append(unescaped(system))
        elif rest[0]:
            number_of_system = values.system_number(unescaped(system))
            key = None if only_codes and not system else number_of_system
            by_system.setdefault(key, []).append(unescaped(rest[0]))
        elif system:
            whole_systems.append(values.system_number(unescaped(system)))
        else:
            raise bad_request(f"{parameter.code}: '|' alone names neither system nor code")
    found = []
    for wanted, codes in by_system.items():
        where = f"p = ? AND code IN ({_marks(len(codes))})"
        if wanted is not None:
            where += " AND system = ?"
        arguments = (number, *codes) if wanted is None else (number, *codes, wanted)
        found.append(Alternative("token", where, arguments))
    if whole_systems:
        where = f"p = ? AND system IN ({_marks(len(whole_systems))})"
        found.append(Alternative("token", where, (number, *whole_systems)))
    return found


def _of_type(number: int, value: str) -> Alternative:
    parts = [unescaped(part) for part in split_unescaped(value, "|")]
    if len(parts) != 3 or not all(parts):
        raise bad_request("identifier:of-type takes system|code|value")
    system, code, identifier = parts
    return Alternative(
        "token",
        "p = ? AND code = ? AND system = ?",
        (number, f"{code}|{identifier}", values.system_number(system)),
    )


def _string(
    parameter: Compiled, given: list[str], modifier: str, offset: int = 0
) -> list[Alternative]:
    number = parameter.number + offset
    found = []
    arguments: tuple[Any, ...]
    for value in map(unescaped, given):
        folded = values.folded(value)
        if modifier == "exact":
            where, arguments = "p = ? AND folded = ? AND exact = ?", (number, folded, value)
        elif modifier == "contains":
            where, arguments = "p = ? AND instr(folded, ?)", (number, folded)
        else:
            where = "p = ? AND folded >= ? AND folded < ?"
            arguments = (number, folded, folded + "\U0010ffff")
        found.append(Alternative("string", where, arguments))
    return found


def _reference(
    parameter: Compiled, given: list[str], modifier: str, bases: Iterable[str]
) -> list[Alternative]:
    if modifier == "identifier":
        return _token(parameter, given, modifier)
    by_kind: dict[str | None, list[str]] = {}
    for value in map(unescaped, given):
        text = local(value, bases)
        target, kind = values.literal_reference(text)
        if "://" in target or target.startswith("urn:"):
            url, bar, version = target.partition("|")
            by_kind.setdefault(f"|{version}" if bar else None, []).append(url)
        elif kind:
            if modifier and modifier != kind:
                raise bad_request(f"{parameter.code}:{modifier} can't be a {kind}")
            by_kind.setdefault(kind, []).append(target)
        else:
            by_kind.setdefault(modifier or None, []).append(target)
    found = []
    for kind_wanted, targets in by_kind.items():
        where = f"p = ? AND target IN ({_marks(len(targets))})"
        arguments: tuple[Any, ...] = (parameter.number, *targets)
        if kind_wanted is not None:
            where, arguments = f"{where} AND kind = ?", (*arguments, kind_wanted)
        found.append(Alternative("reference", where, arguments))
    return found


def local(reference: str, bases: Iterable[str]) -> str:
    """A reference as this record keeps it: relative, when it lies under one of `bases`."""
    for base in bases:
        if reference.startswith(f"{base}/"):
            return reference[len(base) + 1 :]
    return reference


def _uri(parameter: Compiled, given: list[str], modifier: str) -> list[Alternative]:
    found = []
    for value in map(unescaped, given):
        if modifier == "below":
            where = "p = ? AND uri >= ? AND uri < ?"
            found.append(Alternative("uri", where, (parameter.number, value, value + "\U0010ffff")))
            continue
        wanted = [value]
        if modifier == "above":
            wanted += [value[: slash.start()] for slash in re.finditer("/", value)]
            wanted += [value[: slash.end()] for slash in re.finditer("/", value)]
        where = f"p = ? AND uri IN ({_marks(len(wanted))})"
        found.append(Alternative("uri", where, (parameter.number, *wanted)))
    return found


def _missing(parameter: Compiled, given: list[str]) -> Clause:
    if given not in (["true"], ["false"]):
        raise bad_request(f"{parameter.code}:missing is true or false")
    table = schema.INDEX_TABLES[parameter.table]
    there = Alternative(table, "p = ?", (parameter.number,))
    return Clause((there,), negative=given == ["true"])


def _on_the_resource(
    resource_type: str, parameter: Compiled, given: list[str], now: int
) -> list[Alternative]:
    if parameter.code == "_id":
        where = f"type = ? AND id IN ({_marks(len(given))}) AND deleted = 0"
        return [Alternative("resource", where, (resource_type, *map(unescaped, given)))]
    found = []
    for value in given:
        prefix, low, high = date_bounds(unescaped(value), now)
        for template in RANGES[prefix]:
            # A resource was last updated at one instant, to the millisecond. The column stands
            # alone, so that its index is used.
            where, arguments = bound(template, low, high)
            where = re.sub(r"high (\S+) \?", r"updated \1 ? - 1000", where)
            where = where.replace("low", "updated")
            found.append(
                Alternative(
                    "resource", f"type = ? AND deleted = 0 AND {where}", (resource_type, *arguments)
                )
            )
    return found


def clause(
    resource_type: str,
    parameter: Compiled,
    modifier: str,
    text: str,
    *,
    now: int,
    bases: Iterable[str],
) -> Clause:
    """The clause for `parameter[:modifier]=text`. Raises Problem (400) for a wrong value."""
    given = split_unescaped(text, ",")
    if len(given) > MAX_VALUES:
        raise Problem(400, "too-costly", f"{parameter.code}: at most {MAX_VALUES} values")
    if not all(given):
        raise bad_request(f"{parameter.code} has an empty value")
    if parameter.code in expressions.ON_THE_RESOURCE:
        if modifier:
            raise bad_request(f"{parameter.code} takes no modifier", "not-supported")
        if parameter.code == "_lastUpdated" and len(given) > MAX_RANGES:
            raise Problem(400, "too-costly", f"{parameter.code}: too many values to compare")
        return Clause(tuple(_on_the_resource(resource_type, parameter, given, now)))
    if modifier == "missing":
        return _missing(parameter, given)
    build: Mapping[str, Callable[[], list[Alternative]]] = {
        "token": lambda: _token(parameter, given, modifier),
        "string": lambda: _string(parameter, given, modifier),
        "date": lambda: date_alternatives(parameter, given, now),
        "reference": lambda: _reference(parameter, given, modifier, bases),
        "number": lambda: number_alternatives(parameter, given),
        "quantity": lambda: number_alternatives(parameter, given),
        "uri": lambda: _uri(parameter, given, modifier),
    }
    alternatives = tuple(build[parameter.type]())
    if len(alternatives) > MAX_RANGES:
        raise Problem(400, "too-costly", f"{parameter.code}: too many values to compare")
    return Clause(alternatives, negative=modifier == "not")
