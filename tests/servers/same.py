"""What two records answered, compared as a person would: versions and time of asking aside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import Any

NOT_COMPARED = frozenset({"version", "encounter_version", "as_at"})


def plain(value: Any) -> Any:
    """``value`` as plain JSON-like data, without what may differ from record to record."""
    if is_dataclass(value):
        return {
            each.name: plain(getattr(value, each.name))
            for each in fields(value)
            if each.name not in NOT_COMPARED
        }
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, str | bool | int | float | Decimal | None):
        return value
    return str(value)


def differences(one: Any, other: Any, where: str = "") -> Iterator[str]:
    """Every place where two plain values differ, in words."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            here = f"{where}.{key}" if where else key
            if key in one and key in other:
                yield from differences(one[key], other[key], here)
            else:
                yield f"{here} is only in one of them"
    elif isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            yield f"{where} has {len(one)} here and {len(other)} there"
        for number, (left, right) in enumerate(zip(one, other, strict=False)):
            yield from differences(left, right, f"{where}[{number}]")
    elif one != other:
        yield f"{where} is {one!r} here and {other!r} there"


def with_numbers_as_floats(value: Any) -> Any:
    """``value`` as of a record that keeps 37.0 as 37: numbers in texts lose the zero too."""
    if isinstance(value, dict):
        return {key: with_numbers_as_floats(each) for key, each in value.items()}
    if isinstance(value, list):
        return [with_numbers_as_floats(each) for each in value]
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, str):
        return " ".join(_shorn(word) for word in value.split(" "))
    return value


def _shorn(word: str) -> str:
    whole, point, decimals = word.partition(".")
    if not point or not whole.lstrip("-").isdigit() or not decimals.isdigit():
        return word
    decimals = decimals.rstrip("0")
    return f"{whole}.{decimals}" if decimals else whole
