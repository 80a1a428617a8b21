"""How each FHIR data type is found by each kind of search: values into index rows.

One function per data type and search type, after the tables of
http://hl7.org/fhir/R4/search.html (2.21.1.4 to 2.21.1.14).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from sandbox.dates import EARLIEST, LATEST, date_range

Row = tuple[Any, ...]
Convert = Callable[[Any], Iterable[Row]]

TOKEN, STRING, DATE, REFERENCE, NUMBER, URI = range(6)
"""The index tables, in the order in which `expressions.index_rows` returns their rows."""

INFINITE = 1e308


@lru_cache(maxsize=4096)
def system_number(system: str) -> int:
    """A stable number for a code system's URI, never 0 (which means: no system)."""
    if not system:
        return 0
    digest = blake2b(system.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True) or 1


@lru_cache(maxsize=16384)
def folded(text: str) -> str:
    """The text as a search compares it: no case, no accents, single spaces."""
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(text.casefold().split())


# Tokens: (code, system number)


def _token(value: object) -> Iterator[Row]:
    yield (str(value), 0)


def _boolean_token(value: object) -> Iterator[Row]:
    yield ("true" if value else "false", 0)


def code_token(system: str) -> Convert:
    """How a bare `code` is found, whose system its definition gives."""
    number = system_number(system)
    return lambda value: ((value, number),)


def _coding(value: dict[str, Any]) -> Iterator[Row]:
    if "code" in value or "system" in value:
        yield (value.get("code", ""), system_number(value.get("system", "")))


def _concept(value: dict[str, Any]) -> Iterator[Row]:
    for coding in value.get("coding", ()):
        yield from _coding(coding)


def _identifier(value: dict[str, Any]) -> Iterator[Row]:
    if "value" in value or "system" in value:
        yield (value.get("value", ""), system_number(value.get("system", "")))


def _value(value: dict[str, Any]) -> Iterator[Row]:
    if "value" in value:
        yield (value["value"], 0)


def identifier_of_type(value: dict[str, Any]) -> Iterator[Row]:
    """Rows for `:of-type`: the value with each type's code, under the type's system."""
    for coding in value.get("type", {}).get("coding", ()):
        if "value" in value:
            yield (
                f"{coding.get('code', '')}|{value['value']}",
                system_number(coding.get("system", "")),
            )


def token_text(value: dict[str, Any]) -> Iterator[Row]:
    """Rows for `:text` on a token: the words people read."""
    texts = [value.get("text"), value.get("display")]
    texts += [coding.get("display") for coding in value.get("coding", ())]
    texts.append(value.get("type", {}).get("text") if "value" in value else None)
    for text in texts:
        if text:
            yield (folded(text), text)


# Strings: (folded, exact)


def _string(value: str) -> Iterator[Row]:
    yield (folded(value), value)


def _parts(value: dict[str, Any], names: Iterable[str]) -> Iterator[Row]:
    for name in names:
        part = value.get(name)
        for text in part if isinstance(part, list) else [part]:
            if text:
                yield (folded(text), text)


def _human_name(value: dict[str, Any]) -> Iterator[Row]:
    return _parts(value, ("text", "family", "given", "prefix", "suffix"))


def _address(value: dict[str, Any]) -> Iterator[Row]:
    return _parts(value, ("text", "line", "city", "district", "state", "postalCode", "country"))


# Dates: (low, high)


def _date(value: str) -> Iterator[Row]:
    try:
        yield date_range(value)
    except (ValueError, OverflowError):
        return


def _period(value: dict[str, Any]) -> Iterator[Row]:
    if "start" in value or "end" in value:
        try:
            low = date_range(value["start"])[0] if "start" in value else EARLIEST
            high = date_range(value["end"])[1] if "end" in value else LATEST
        except (ValueError, OverflowError):
            return
        yield (low, high)


def _timing(value: dict[str, Any]) -> Iterator[Row]:
    events = [row for event in value.get("event", ()) for row in _date(event)]
    if events:
        yield (min(low for low, _ in events), max(high for _, high in events))
    bounds = value.get("repeat", {}).get("boundsPeriod")
    if bounds:
        yield from _period(bounds)


# References: (id or URL, type or |version)

_LITERAL = re.compile(
    r"(?P<base>https?://.+/)?(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9\-.]{1,64})"
    r"(?:/_history/[A-Za-z0-9\-.]{1,64})?(?:#.*)?"
)


def reference_parts(text: str) -> tuple[str, str, str]:
    """(base, type, id) of a literal reference to a resource; three empty texts otherwise."""
    found = _LITERAL.fullmatch(text)
    return (found["base"] or "", found["type"], found["id"]) if found else ("", "", "")


def literal_reference(text: str) -> tuple[str, str]:
    """The row for a reference as written; an absolute one keeps its whole URL as id."""
    base, kind, identity = reference_parts(text)
    if not kind:
        return (text, "")
    return (f"{base}{kind}/{identity}", "") if base else (identity, kind)


def _reference(value: dict[str, Any]) -> Iterator[Row]:
    text = value.get("reference")
    if isinstance(text, str) and text and not text.startswith("#"):
        yield literal_reference(text)


def _canonical(value: str) -> Iterator[Row]:
    if value.startswith("#"):
        return
    base, kind, _ = reference_parts(value)
    if kind and not base:
        yield literal_reference(value)
        return
    url, bar, version = value.partition("|")
    yield (url, f"|{version}" if bar else "")


def reference_identifier(value: dict[str, Any]) -> Iterator[Row]:
    """Rows for `:identifier` on a reference."""
    yield from _identifier(value.get("identifier") or {})


def reference_is(kind: str) -> Callable[[Any], bool]:
    """A filter for `resolve() is Kind`, by what the reference says of itself."""

    def is_kind(value: dict[str, Any]) -> bool:
        said = reference_parts(str(value.get("reference", "")))[1]
        return (said or value.get("type")) == kind

    return is_kind


# Numbers and quantities: (low, high, code, system number, unit)


def _finite(value: Any) -> bool:
    return isinstance(value, (int, float)) and -INFINITE < value < INFINITE


def _number(value: Any) -> Iterator[Row]:
    if _finite(value):
        yield (float(value), float(value), "", 0, "")


def _quantity(value: dict[str, Any]) -> Iterator[Row]:
    if not _finite(value.get("value")):
        return
    low = high = float(value["value"])
    comparator = value.get("comparator", "")
    if comparator.startswith("<"):
        low = -INFINITE
    elif comparator.startswith(">"):
        high = INFINITE
    yield (low, high, *_unit(value))


def _unit(value: dict[str, Any]) -> Row:
    return (value.get("code", ""), system_number(value.get("system", "")), value.get("unit", ""))


def _money(value: dict[str, Any]) -> Iterator[Row]:
    if _finite(value.get("value")):
        number = float(value["value"])
        yield (number, number, value.get("currency", ""), system_number("urn:iso:std:iso:4217"), "")


def _range(value: dict[str, Any]) -> Iterator[Row]:
    low, high = value.get("low", {}), value.get("high", {})
    if low or high:
        yield (
            float(low["value"]) if _finite(low.get("value")) else -INFINITE,
            float(high["value"]) if _finite(high.get("value")) else INFINITE,
            *_unit(low or high),
        )


# URIs: (uri,)


def _uri(value: str) -> Iterator[Row]:
    yield (value,)


_QUANTITIES = ("Quantity", "Age", "Duration", "Count", "Distance", "SimpleQuantity")
_TEXTS = ("string", "markdown", "code", "id", "uri", "url", "canonical")

CONVERSIONS: Mapping[str, tuple[int, Mapping[str, Convert]]] = {
    "token": (
        TOKEN,
        {
            **dict.fromkeys((*_TEXTS, "integer", "positiveInt", "unsignedInt", "oid"), _token),
            "boolean": _boolean_token,
            "Coding": _coding,
            "CodeableConcept": _concept,
            "Identifier": _identifier,
            "ContactPoint": _value,
        },
    ),
    "string": (
        STRING,
        {
            **dict.fromkeys(_TEXTS, _string),
            "HumanName": _human_name,
            "Address": _address,
        },
    ),
    "date": (
        DATE,
        {
            **dict.fromkeys(("date", "dateTime", "instant"), _date),
            "Period": _period,
            "Timing": _timing,
        },
    ),
    "reference": (
        REFERENCE,
        {"Reference": _reference, **dict.fromkeys(("canonical", "uri", "url"), _canonical)},
    ),
    "number": (
        NUMBER,
        dict.fromkeys(("integer", "positiveInt", "unsignedInt", "decimal"), _number),
    ),
    "quantity": (
        NUMBER,
        {**dict.fromkeys(_QUANTITIES, _quantity), "Money": _money, "Range": _range},
    ),
    "uri": (URI, dict.fromkeys(("uri", "url", "canonical", "oid", "uuid"), _uri)),
}
"""Per search type: its table, and how each data type it may meet is indexed there."""
