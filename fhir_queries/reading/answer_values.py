"""One answer as the JSON of its ``value[x]``, and that JSON as an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from clinical.checklist import AnswerValue, ItemKind, Quantity, ServiceChosen
from clinical.codes import Coding
from fhir_queries.reading.fields import coding, flag, id_of, mapping, number, target, text


def answer_value(element: dict[str, Any], prefix: str = "value") -> AnswerValue | None:
    """The value of an answer (``valueBoolean``, ``answerCoding``, ...), or None where it is none
    that a checklist can hold."""
    for name, read in _READ.items():
        if (found := element.get(prefix + name)) is not None:
            return read(found)
    return None


def _words(found: Any) -> str | None:
    return found if type(found) is str else None


def _whole(found: Any) -> int | None:
    return found if type(found) is int else None


def quantity_value(element: Any) -> Quantity | None:
    """A Quantity with a plain number; None where it has none, or a comparator."""
    found = mapping(element)
    amount = number(found.get("value"))
    if amount is None or found.get("comparator"):
        return None
    code = text(found.get("code"))
    return Quantity(amount, text(found.get("unit")) or code, text(found.get("system")), code)


def _service(reference: Any) -> ServiceChosen | None:
    identity = id_of(reference, "HealthcareService")
    if not identity:
        return None
    return ServiceChosen(identity, text(mapping(reference).get("display")) or target(reference))


def _time(kind: type[date] | type[time]) -> Callable[[Any], AnswerValue | None]:
    def read(found: Any) -> AnswerValue | None:
        try:
            return kind.fromisoformat(found)
        except (TypeError, ValueError):
            return None

    return read


_READ: Mapping[str, Callable[[Any], AnswerValue | None]] = {
    "Coding": coding,
    "String": _words,
    "Boolean": flag,
    "Integer": _whole,
    "Decimal": number,
    "Quantity": quantity_value,
    "Reference": _service,
    "Date": _time(date),
    "DateTime": _time(datetime),
    "Time": _time(time),
}


def value_json(value: AnswerValue, kind: ItemKind) -> dict[str, Any]:
    """One answer as the JSON of its value[x]."""
    if isinstance(value, int) and not isinstance(value, bool) and kind is ItemKind.DECIMAL:
        return {"valueDecimal": value}
    for types, name, write in _WRITTEN:
        if isinstance(value, types):
            return {f"value{name}": write(value)}
    raise TypeError(f"no answer can hold a {type(value).__name__}")


def _as_it_is(value: Any) -> Any:
    return value


def _coding_json(value: Coding) -> dict[str, str]:
    parts = {"system": value.system, "code": value.code, "display": value.display}
    return {name: part for name, part in parts.items() if part}


def _quantity_json(value: Quantity) -> dict[str, Any]:
    parts = {"unit": value.unit, "system": value.system, "code": value.code}
    return {"value": value.value, **{name: part for name, part in parts.items() if part}}


def _service_json(value: ServiceChosen) -> dict[str, str]:
    return {"reference": f"HealthcareService/{value.service}", "display": value.name}


_WRITTEN: tuple[tuple[type, str, Callable[[Any], Any]], ...] = (
    (Coding, "Coding", _coding_json),
    (Quantity, "Quantity", _quantity_json),
    (ServiceChosen, "Reference", _service_json),
    (bool, "Boolean", _as_it_is),
    (datetime, "DateTime", datetime.isoformat),
    (date, "Date", date.isoformat),
    (time, "Time", lambda value: value.isoformat(timespec="seconds")),
    (int, "Integer", _as_it_is),
    (Decimal, "Decimal", _as_it_is),
    (str, "String", _as_it_is),
)
"""A boolean is an int and a datetime is a date: the narrower one comes first."""


def value_words(value: AnswerValue) -> str:
    """One answer as plain words; times as FHIR writes them."""
    match value:
        case bool():
            return "Yes" if value else "No"
        case Coding():
            return value.display or value.code
        case Quantity():
            return f"{value.value} {value.unit}".strip()
        case ServiceChosen():
            return value.name
        case _:
            return str(value)
