"""Dates, numbers and quantities: a prefix and a range, compared with the stored range.

After http://hl7.org/fhir/R4/search.html#prefix (2.21.1.5.6, 2.21.1.5.7 and 2.21.1.5.11).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox import values
from sandbox.dates import date_range
from sandbox.expressions import Compiled
from sandbox.problems import bad_request
from sandbox.search.condition import Alternative, split_unescaped, unescaped

PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")


def _prefixed(value: str) -> tuple[str, str]:
    return (value[:2], value[2:]) if value[:2] in PREFIXES else ("eq", value)


RANGES: Mapping[str, tuple[str, ...]] = {
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


def bound(template: str, low: Any, high: Any) -> tuple[str, tuple[Any, ...]]:
    order = [low if name == ":low" else high for name in re.findall(r":low|:high", template)]
    return re.sub(r":low|:high", "?", template), tuple(order)


def date_bounds(text: str, now: int) -> tuple[str, int, int]:
    """A date as searched for: its prefix and its range in microseconds since 1970."""
    prefix, value = _prefixed(text)
    try:
        low, high = date_range(value.replace(" ", "+"))
    except (ValueError, OverflowError) as error:
        raise bad_request("a date is YYYY[-MM[-DD[Thh:mm[:ss[.sss]][Z|+hh:mm]]]]") from error
    if prefix == "ap":
        margin = abs(now - low) // 10
        low, high = low - margin, high + margin
    return prefix, low, high


def date_alternatives(parameter: Compiled, given: list[str], now: int) -> list[Alternative]:
    found = []
    for value in given:
        prefix, low, high = date_bounds(unescaped(value), now)
        for template in RANGES[prefix]:
            where, arguments = bound(template, low, high)
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


def number_alternatives(parameter: Compiled, given: list[str]) -> list[Alternative]:
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
