"""One search parameter with its values, turned into SQL over the index tables."""

# ruff: noqa: S608 - statements are put together from fixed parts; values are always bound

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox import expressions, schema, values
from sandbox.expressions import Compiled
from sandbox.problems import Problem, bad_request

PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")

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


@dataclass(frozen=True, slots=True)
class Alternative:
    """Rows of one index table any of which makes a resource match."""

    table: str
    where: str
    arguments: tuple[Any, ...]

    def select(self) -> str:
        """SQL for the row numbers of the resources that match."""
        return f"SELECT rid FROM {self.table} WHERE {self.where}"

    def test(self) -> str:
        """SQL for whether the resource `m` matches, by looking at its own rows only."""
        by = "" if self.table == "resource" else f" INDEXED BY {self.table}_rid"
        return f"EXISTS (SELECT 1 FROM {self.table}{by} WHERE rid = m.rid AND ({self.where}))"


@dataclass(frozen=True, slots=True)
class Clause:
    """A condition that a search puts on its matches."""

    alternatives: tuple[Alternative, ...]
    negative: bool = False

    @property
    def arguments(self) -> tuple[Any, ...]:
        """The values of the placeholders, in order."""
        return tuple(value for each in self.alternatives for value in each.arguments)

    def select(self) -> str:
        """SQL for the row numbers that match; only for clauses that are not negative."""
        return " UNION ".join(each.select() for each in self.alternatives)

    def rough_select(self) -> str:
        """As `select`, with some perhaps twice: SQLite need not gather all before the first."""
        return " UNION ALL ".join(each.select() for each in self.alternatives)

    def test(self) -> str:
        """SQL for whether the resource `m` meets the clause."""
        tests = " OR ".join(each.test() for each in self.alternatives) or "0"
        return f"NOT ({tests})" if self.negative else f"({tests})"


def split_unescaped(text: str, separator: str) -> list[str]:
    r"""Split at each separator that no backslash escapes (search.html 2.21.1.5.7)."""
    parts = re.split(rf"((?:[^\\{re.escape(separator)}]|\\.)*)", text, flags=re.DOTALL)
    found, current = [], ""
    for part in parts:
        if part == separator:
            found.append(current)
            current = ""
        else:
            current += part
    return [*found, current]


def unescaped(text: str) -> str:
    r"""The text with `\,`, `\|`, `\$` and `\\` read as the characters they stand for."""
    return re.sub(r"\\([,|$\\])", r"\1", text)


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


def _prefixed(value: str) -> tuple[str, str]:
    return (value[:2], value[2:]) if value[:2] in PREFIXES else ("eq", value)


_RANGES: Mapping[str, tuple[str, ...]] = {
    "eq": ("low >= :low AND high <= :high",),
    "ne": ("low < :low", "high > :high"),
    "gt": ("high > :high",),
    "lt": ("low < :low",),
    "ge": ("low >= :low", "high > :high"),
    "le": ("high <= :high", "low < :low"),
    "sa": ("low >= :high",),
    "eb": ("high <= :low",),
    "ap": ("low < :high AND high > :low",),
}
"""How the range [low, high) of a stored value compares with that of the value asked for."""


def _bound(template: str, low: Any, high: Any) -> tuple[str, tuple[Any, ...]]:
    order = [low if name == ":low" else high for name in re.findall(r":low|:high", template)]
    return re.sub(r":low|:high", "?", template), tuple(order)


def date_bounds(text: str, now: int) -> tuple[str, int, int]:
    """A date as searched for: its prefix and its range in microseconds since 1970."""
    prefix, value = _prefixed(text)
    try:
        low, high = values.date_range(value.replace(" ", "+"))
    except (ValueError, OverflowError) as error:
        raise bad_request("a date is YYYY[-MM[-DD[Thh:mm[:ss[.sss]][Z|+hh:mm]]]]") from error
    if prefix == "ap":
        margin = abs(now - low) // 10
        low, high = low - margin, high + margin
    return prefix, low, high


def _date(parameter: Compiled, given: list[str], now: int) -> list[Alternative]:
    found = []
    for value in given:
        prefix, low, high = date_bounds(unescaped(value), now)
        for template in _RANGES[prefix]:
            where, arguments = _bound(template, low, high)
            found.append(Alternative("date", f"p = ? AND {where}", (parameter.number, *arguments)))
    return found


_NUMBERS: Mapping[str, tuple[str, ...]] = {
    "eq": ("low >= :low AND high < :high",),
    "ne": ("low < :low", "high >= :high"),
    "gt": ("high > :value",),
    "lt": ("low < :value",),
    "ge": ("high >= :value",),
    "le": ("low <= :value",),
    "sa": ("low > :value",),
    "eb": ("high < :value",),
    "ap": ("low <= :high AND high >= :low",),
}


def _number_bounds(text: str) -> tuple[str, float, float, float]:
    """Prefix, value, and the range that the digits given stand for: 5.4 is [5.35, 5.45)."""
    prefix, value = _prefixed(text)
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise bad_request(
            "a number is written like 5.4 or 5.4e-3, perhaps with a prefix"
        ) from error
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or abs(number.adjusted()) > 300 or abs(exponent) > 300:
        raise bad_request("that number can't be searched for")
    half = Decimal(5).scaleb(exponent - 1)
    if "e" not in value.lower() and "." not in value:
        half = Decimal("0.5")
    if prefix == "ap":
        half = abs(number) / 10
    return prefix, float(number), float(number - half), float(number + half)


def _number(parameter: Compiled, given: list[str]) -> list[Alternative]:
    found = []
    for value in given:
        amount, *unit = split_unescaped(value, "|")
        if unit and parameter.type == "number":
            raise bad_request(f"{parameter.code} is a plain number, without a unit")
        prefix, number, low, high = _number_bounds(unescaped(amount))
        condition, extra = _unit_condition([unescaped(part) for part in unit])
        for template in _NUMBERS[prefix]:
            names = re.findall(r":low|:high|:value", template)
            bound = {":low": low, ":high": high, ":value": number}
            where = re.sub(r":low|:high|:value", "?", template) + condition
            arguments = (parameter.number, *(bound[name] for name in names), *extra)
            found.append(Alternative("number", f"p = ? AND {where}", arguments))
    return found


def _unit_condition(unit: list[str]) -> tuple[str, tuple[Any, ...]]:
    if not unit or not any(unit):
        return "", ()
    if len(unit) != 2:
        raise bad_request("a quantity is written as number|system|code")
    system, code = unit
    if not system:
        return " AND (code = ? OR unit = ?)", (code, code)
    if not code:
        return " AND system = ?", (values.system_number(system),)
    return " AND code = ? AND system = ?", (code, values.system_number(system))


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
        for template in _RANGES[prefix]:
            # A resource was last updated at one instant, to the millisecond.
            where, arguments = _bound(template, low, high)
            where = where.replace("high", "updated + 1000").replace("low", "updated")
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
        "date": lambda: _date(parameter, given, now),
        "reference": lambda: _reference(parameter, given, modifier, bases),
        "number": lambda: _number(parameter, given),
        "quantity": lambda: _number(parameter, given),
        "uri": lambda: _uri(parameter, given, modifier),
    }
    alternatives = tuple(build[parameter.type]())
    if len(alternatives) > MAX_RANGES:
        raise Problem(400, "too-costly", f"{parameter.code}: too many values to compare")
    return Clause(alternatives, negative=modifier == "not")
