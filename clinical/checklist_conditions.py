"""The conditions of a checklist: whether one holds, and which of them run in a circle."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from operator import ge, gt, le, lt
from typing import Any

from clinical.checklist import AnswerValue, EnableWhen, Quantity
from clinical.codes import Coding

OPERATORS = frozenset({"exists", "=", "!=", ">", "<", ">=", "<="})
_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {">": gt, "<": lt, ">=": ge, "<=": le}


def holds(condition: EnableWhen, values: tuple[AnswerValue, ...]) -> bool:
    """Whether one condition holds of the values that count.

    ``!=`` holds where no answer equals the value, so also where there is none; the others need
    one answer that does. Values that can't be compared (a date with a number) don't compare.
    """
    match condition.operator:
        case "exists":
            return bool(values) == condition.value
        case "=":
            return any(_equal(value, condition.value) for value in values)
        case "!=":
            return not any(_equal(value, condition.value) for value in values)
        case operator if operator in _COMPARED:
            return any(_compares(operator, value, condition.value) for value in values)
        case _:
            return True


def _equal(value: AnswerValue, wanted: AnswerValue) -> bool:
    if isinstance(value, Coding) and isinstance(wanted, Coding):
        systems = {value.system, wanted.system}
        return value.code == wanted.code and (len(systems) == 1 or "" in systems)
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    if isinstance(value, Quantity) and isinstance(wanted, Quantity):
        return _same_unit(value, wanted) and value.value == wanted.value
    return value == wanted


def _same_unit(one: Quantity, other: Quantity) -> bool:
    return (one.system, one.code or one.unit) == (other.system, other.code or other.unit)


def _compares(operator: str, value: AnswerValue, wanted: AnswerValue) -> bool:
    numbers = (int, Decimal)
    if isinstance(value, Quantity) and isinstance(wanted, Quantity):
        return _same_unit(value, wanted) and _COMPARED[operator](value.value, wanted.value)
    comparable = (
        (
            isinstance(value, numbers)
            and isinstance(wanted, numbers)
            and not isinstance(value, bool)
            and not isinstance(wanted, bool)
        )
        or (
            isinstance(value, datetime)
            and isinstance(wanted, datetime)
            and (value.tzinfo is None) == (wanted.tzinfo is None)
        )
        or (type(value) is date and type(wanted) is date)
        or (isinstance(value, time) and isinstance(wanted, time))
    )
    return comparable and _COMPARED[operator](value, wanted)


def circular(needs: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """The items whose state depends on itself; ``needs`` is what each one's depends on."""

    def reaches(start: str) -> bool:
        seen: set[str] = set()
        ahead = list(needs[start])
        while ahead:
            link_id = ahead.pop()
            if link_id == start:
                return True
            if link_id not in seen:
                seen.add(link_id)
                ahead.extend(needs.get(link_id, ()))
        return False

    return tuple(link_id for link_id in needs if reaches(link_id))
