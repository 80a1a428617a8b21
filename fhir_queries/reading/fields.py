"""One field of a resource, whatever the sender put there.

Every function takes any JSON and gives a plain value: words, a moment, codes. What isn't there, or
isn't what it should be, is empty. Nothing here raises. Codes and moments repeat a thousandfold in
one history, so each distinct one is made once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from html import unescape
from typing import Any

from clinical.codes import Coding
from clinical.moments import Moment, read_moment

Json = Any
"""Whatever ``json.loads`` may return."""

Included = Mapping[str, dict[str, Any]]
"""Resources that came with the ones being read, by ``Type/id``."""

NOTHING: dict[str, Any] = {}
NO_DESCRIPTION = "no description recorded"

_PLAIN_NUMBERS = frozenset({int, float})
_MARKUP = re.compile(r"<[^>]*>")
_moment = lru_cache(maxsize=16384)(read_moment)


@lru_cache(maxsize=16384)
def _coding(system: str, code: str, display: str) -> Coding:
    return Coding(system, code, display)


def text(value: Json) -> str:
    """``value`` where it is a string, without blanks around it; otherwise empty."""
    return value.strip() if type(value) is str else ""


def mapping(value: Json) -> dict[str, Any]:
    """``value`` where it is an object; the first object of a list; otherwise an empty one."""
    if type(value) is dict:
        return value
    if type(value) is list and value and type(value[0]) is dict:
        return value[0]
    return NOTHING


def objects(value: Json) -> Sequence[dict[str, Any]]:
    """The objects of a list; one object where the sender forgot the list; otherwise none."""
    if type(value) is list:
        for element in value:
            if type(element) is not dict:
                return [element for element in value if type(element) is dict]
        return value
    return (value,) if type(value) is dict else ()


def strings(value: Json) -> Sequence[str]:
    """The strings of a list; one string where the sender forgot the list; otherwise none."""
    if type(value) is list:
        return [element.strip() for element in value if type(element) is str and element.strip()]
    return (value.strip(),) if type(value) is str and value.strip() else ()


def flag(value: Json) -> bool | None:
    """``value`` where it is a boolean, otherwise None."""
    return value if type(value) is bool else None


def number(value: Json) -> Decimal | None:
    """``value`` where it is a JSON number, as written; otherwise None (a string is no number)."""
    kind = type(value)
    if kind is int or kind is Decimal:
        return Decimal(value)
    if kind is float:
        # 0.0 and -0.0 are one key of a cache, and two numbers as written
        return _exactly(value) if value else Decimal(repr(value))
    return None


@lru_cache(maxsize=16384)
def _exactly(value: float) -> Decimal | None:
    exact = Decimal(repr(value))
    return exact if exact.is_finite() else None


def moment(value: Json) -> Moment | None:
    """The moment that a date, dateTime or instant means, or None."""
    return _moment(value) if type(value) is str and len(value) <= 40 else None


def when(resource: dict[str, Any], *names: str) -> Moment | None:
    """The first of the named elements that holds a moment, or a Period with a start."""
    for name in names:
        value = resource.get(name)
        if value is None:
            continue
        if type(value) is str:
            found = moment(value)
        else:
            period = mapping(value)
            found = moment(period.get("start")) or moment(period.get("end"))
        if found is not None:
            return found
    return None


def coding(value: Json) -> Coding | None:
    """One ``Coding``; None where it holds neither code nor words."""
    if type(value) is not dict:
        return None
    system, code, display = value.get("system"), value.get("code"), value.get("display")
    if type(system) is str and type(code) is str and code and type(display) is str:
        return _coding(system, code, display)
    code = code if type(code) is str else ""
    display = display if type(display) is str else ""
    if not code and not display:
        return None
    return _coding(system if type(system) is str else "", code, display)


def codings(concept: Json) -> tuple[Coding, ...]:
    """The codings of a CodeableConcept, in the sender's order."""
    if type(concept) is not dict:
        return ()
    found = concept.get("coding")
    if type(found) is list:
        if len(found) == 1:
            only = coding(found[0])
            return () if only is None else (only,)
        return tuple([read for each in found if (read := coding(each)) is not None])
    only = coding(found)
    return () if only is None else (only,)


def concept(value: Json) -> tuple[str, tuple[Coding, ...]]:
    """The words and the codings of a CodeableConcept (or of a Coding or string in its place).

    Words are the sender's text, else the first display, else the first code; empty where there is
    none of them.
    """
    if value is None:
        return "", ()
    try:
        (only,) = value["coding"]
        return _usual_concept(only["system"], only["code"], only["display"], value.get("text"))
    except (KeyError, TypeError, ValueError):
        return _other_concept(value)


@lru_cache(maxsize=16384)
def _usual_concept(
    system: Json, code: Json, display: Json, said: Json
) -> tuple[str, tuple[Coding, ...]]:
    """A CodeableConcept of one whole coding. Raises TypeError where a part isn't a string."""
    if type(system) is not str or type(code) is not str or type(display) is not str or not code:
        raise TypeError("not the usual CodeableConcept")
    return text(said) or display or code, (_coding(system, code, display),)


def _other_concept(value: Json) -> tuple[str, tuple[Coding, ...]]:
    if type(value) is not dict:
        return concepts(value) if type(value) is list else (text(value), ())
    codes = codings(value)
    said = value.get("text")
    if type(said) is str and (said := said.strip()):
        return said, codes
    if codes:
        for code in codes:
            if code.display:
                return code.display, codes
        return codes[0].code, codes
    only = coding(value)
    return ("", ()) if only is None else (only.display or only.code, (only,))


def concepts(value: Json) -> tuple[str, tuple[Coding, ...]]:
    """The words, joined by commas, and all codings of a list of CodeableConcepts."""
    if type(value) is not list:
        return concept(value) if value is not None else ("", ())
    if len(value) == 1:
        return concept(value[0]) if type(value[0]) is not list else ("", ())
    read = [concept(each) for each in value if type(each) is not list]
    return (
        ", ".join(words for words, _ in read if words),
        tuple(code for _, codes in read for code in codes),
    )


def words(value: Json) -> str:
    """The words of a CodeableConcept or of a list of them."""
    return concept(value)[0]


def code_of(value: Json) -> str:
    """The first code of a CodeableConcept, a list of them, a Coding or a plain code."""
    if type(value) is str:
        return value.strip()
    try:
        (only,) = value["coding"]
        code = only["code"]
        if type(code) is str and code:
            return code
    except (KeyError, TypeError, ValueError):
        pass
    found = concept(value)[1]
    return found[0].code if found else ""


def target(reference: Json) -> str:
    """``Type/id`` of what a Reference names; its text where that is neither; empty where none.

    Absolute and versioned references come down to ``Type/id``; ``#contained`` and ``urn:`` stay.
    """
    if type(reference) is not dict:
        return ""
    named = reference.get("reference")
    if type(named) is not str:
        return ""
    if named.count("/") <= 1:
        return named
    if "/_history/" in named:
        named = named[: named.index("/_history/")]
    parts = named.rsplit("/", 2)
    return "/".join(parts[-2:])


def id_of(reference: Json, kind: str) -> str:
    """The id of the ``kind`` that a Reference names, or empty where it names no such thing."""
    if type(reference) is not dict or type(named := reference.get("reference")) is not str:
        return ""
    found, _, identity = named.partition("/")
    if "/" in identity:
        found, _, identity = target(reference).partition("/")
    return identity if found == kind else ""


def resolve(reference: Json, resource: dict[str, Any], included: Included) -> dict[str, Any] | None:
    """The resource that a Reference names, where it is contained or came along; else None."""
    named = target(reference)
    if not named:
        return None
    if named[0] == "#":
        for contained in objects(resource.get("contained")):
            if contained.get("id") == named[1:]:
                return contained
        return None
    return included.get(named)


def who(reference: Json, resource: dict[str, Any], included: Included) -> str:
    """The name of what a Reference names, in words; empty where nothing tells it.

    The sender's display, else the name of the resource where it came along, else the value of its
    identifier.
    """
    if type(reference) is not dict:
        return ""
    display = reference.get("display")
    if type(display) is str and (display := display.strip()):
        return display
    found = resolve(reference, resource, included)
    if found is not None and (name := name_of(found, included)):
        return name
    return text(mapping(reference.get("identifier")).get("value"))


def everyone(references: Json, resource: dict[str, Any], included: Included) -> str:
    """The names of a list of References, joined by commas."""
    if references is None:
        return ""
    if type(references) is list and len(references) == 1:
        only = references[0]
        if type(only) is dict and type(display := only.get("display")) is str:
            return display.strip() or who(only, resource, included)
        return who(only, resource, included)
    names = [who(each, resource, included) for each in objects(references)]
    return ", ".join([name for name in names if name])


def name_of(resource: dict[str, Any], included: Included) -> str:
    """What a resource that is referred to is called, in words."""
    kind = resource.get("resourceType")
    name = resource.get("name")
    if type(name) is str:
        return name.strip()
    if kind in ("Practitioner", "Patient", "RelatedPerson", "Person"):
        return human_name(name)
    if kind == "PractitionerRole":
        people = (resource.get("practitioner"), resource.get("organization"))
        named = [who(each, resource, included) for each in people]
        return ", ".join(part for part in named if part)
    return words(resource.get("code")) or words(resource.get("type"))


def human_name(names: Json) -> str:
    """The first HumanName of a list, as one line."""
    name = mapping(names)
    if said := text(name.get("text")):
        return said
    parts = [*strings(name.get("prefix")), *strings(name.get("given")), text(name.get("family"))]
    return " ".join(part for part in parts if part)


def notes(value: Json) -> tuple[str, ...]:
    """The texts of a list of Annotations."""
    if value is None:
        return ()
    return tuple(said for each in objects(value) if (said := text(each.get("text"))))


def quantity(value: Json) -> tuple[str, Decimal | None, str]:
    """The words ("82 /min"), the number and the unit of a Quantity.

    A comparator stays in the words, and then there is no number: "<5" isn't 5.
    """
    if type(value) is not dict:
        return "", None, ""
    found = value.get("value")
    unit = value.get("unit") or value.get("code")
    unit = unit if type(unit) is str else ""
    if found and type(found) in _PLAIN_NUMBERS and "comparator" not in value:
        return _plain_quantity(found, unit)
    amount = number(found)
    if amount is None:
        return text(found), None, unit
    comparator = value.get("comparator")
    if type(comparator) is str and comparator:
        return f"{comparator}{found} {unit}".rstrip(), None, unit
    return (f"{found} {unit}" if unit else f"{found}"), amount, unit


@lru_cache(maxsize=16384, typed=True)
def _plain_quantity(found: float, unit: str) -> tuple[str, Decimal | None, str]:
    """Words, number and unit of a number that isn't 0, which has two signs and one hash."""
    amount = number(found)
    if amount is None:
        return "", None, unit
    return (f"{found} {unit}" if unit else f"{found}"), amount, unit


def amount_words(value: Json) -> str:
    """The words of a Quantity alone."""
    return quantity(value)[0]


def narrative(resource: dict[str, Any]) -> str:
    """The words of a resource's narrative, without its markup; at most 500 characters."""
    written = text(mapping(resource.get("text")).get("div"))
    if not written:
        return ""
    said = " ".join(unescape(_MARKUP.sub(" ", written[:20_000])).split())
    return said if len(said) <= 500 else said[:499] + "…"


def extensions(element: dict[str, Any], ending: str) -> Sequence[dict[str, Any]]:
    """The extensions of ``element`` whose URL ends with ``ending``."""
    found = element.get("extension")
    if found is None:
        return ()
    return [each for each in objects(found) if text(each.get("url")).endswith(ending)]
