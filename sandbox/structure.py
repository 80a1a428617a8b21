"""Whether a resource has the shape that FHIR R4 gives its type.

Checked against HL7's own definitions: known elements, cardinality, primitive formats, real
calendar dates, closed code lists, one of each choice, and the pairing of primitives with
their `_` extensions (http://hl7.org/fhir/R4/json.html). Invariants and profiles are not
checked: a record takes in what other systems hold.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sandbox import definitions
from sandbox.definitions import Element
from sandbox.exact_json import ExactDecimal

MAX_FAULTS = 20
MAX_DEPTH = 100
_MAY_BE_MISSING = frozenset({("Questionnaire.item", "linkId")})
"""Required by R4, yet missing in HL7's own published example (examplescenario-questionnaire)."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a resource: where (a FHIRPath), what, and the IssueType code."""

    path: str
    message: str
    code: str


_YEAR = r"(?!0000)[0-9]{4}"
_ZONE = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?"
_DATE = re.compile(rf"({_YEAR})(?:-(0[1-9]|1[0-2])(?:-([0-2][0-9]|3[01]))?)?")
_DATE_TIME = re.compile(
    rf"({_YEAR})(?:-(0[1-9]|1[0-2])(?:-([0-2][0-9]|3[01])(?:T{_CLOCK}{_ZONE})?)?)?"
)
_INSTANT = re.compile(rf"({_YEAR})-(0[1-9]|1[0-2])-([0-2][0-9]|3[01])T{_CLOCK}{_ZONE}")
_TIME = re.compile(_CLOCK)
_CODE = re.compile(r"[^\s]+(?:\s[^\s]+)*")
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_OID = re.compile(r"urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+")
_UUID = re.compile(r"urn:uuid:[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_BASE64 = re.compile(r"[0-9A-Za-z+/=\s]+")


def _text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _matches(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    whole = pattern.fullmatch
    return lambda value: isinstance(value, str) and whole(value) is not None


def _calendar(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    whole = pattern.fullmatch

    def real(value: object) -> bool:
        found = whole(value) if isinstance(value, str) else None
        if found is None:
            return False
        year, month, day = found.groups()
        if day is None:
            return True
        try:
            date(int(year), int(month), int(day))
        except ValueError:
            return False
        return True

    return real


def _whole_number(least: int) -> Callable[[object], bool]:
    return lambda value: type(value) is int and least <= value <= 2**31 - 1


def _uri(value: object) -> bool:
    return isinstance(value, str) and bool(value) and not any(map(str.isspace, value))


_PRIMITIVES: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "boolean": (lambda value: isinstance(value, bool), "true or false"),
    "integer": (_whole_number(-(2**31)), "a whole number"),
    "unsignedInt": (_whole_number(0), "a whole number, 0 or more"),
    "positiveInt": (_whole_number(1), "a whole number, 1 or more"),
    "decimal": (lambda value: type(value) in (int, float, ExactDecimal), "a number"),
    "string": (_text, "a text that is not empty"),
    "markdown": (_text, "a text that is not empty"),
    "xhtml": (lambda value: isinstance(value, str) and "<div" in value, "an XHTML <div>"),
    "code": (_matches(_CODE), "a code without stray spaces"),
    "id": (_matches(_ID), "1 to 64 letters, digits, '-' and '.'"),
    "uri": (_uri, "a URI without spaces"),
    "url": (_uri, "a URL without spaces"),
    "canonical": (_uri, "a canonical URL without spaces"),
    "oid": (_matches(_OID), "urn:oid:..."),
    "uuid": (_matches(_UUID), "urn:uuid:..."),
    "date": (_calendar(_DATE), "a real date, YYYY, YYYY-MM or YYYY-MM-DD"),
    "dateTime": (_calendar(_DATE_TIME), "a real date, or date and time with its offset"),
    "instant": (_calendar(_INSTANT), "a date and time to the second with its offset"),
    "time": (_matches(_TIME), "hh:mm:ss"),
    "base64Binary": (_matches(_BASE64), "base64"),
}


@cache
def _choices(type_name: str) -> tuple[str, ...]:
    found = {element.choice for element in definitions.elements(type_name).values()}
    return tuple(sorted(found - {""}))


class _Check:
    """One walk over one resource, gathering its faults."""

    __slots__ = ("faults",)

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def fault(self, path: str, message: str, code: str) -> None:
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(Fault(path, message, code))

    def resource(self, value: object, path: str, depth: int) -> None:
        if not isinstance(value, dict):
            self.fault(path, "is not a JSON object", "structure")
            return
        name = value.get("resourceType")
        if not isinstance(name, str) or name not in definitions.resource_types():
            self.fault(path, "has no resourceType that FHIR R4 knows", "structure")
            return
        self.complex(value, name, path or name, depth)

    def complex(self, value: dict[str, Any], type_name: str, path: str, depth: int) -> None:
        if depth > MAX_DEPTH:
            self.fault(path, "is nested too deeply", "too-costly")
            return
        if not value:
            self.fault(path, "is an empty object", "structure")
        known = definitions.elements(type_name)
        for key in value:
            element = known.get(key)
            if element is not None:
                self.element(value, key, element, f"{path}.{key}", depth)
            elif key[:1] == "_" and key[1:] in known:
                self.extended(value, key[1:], known[key[1:]], f"{path}.{key}", depth)
            elif key != "resourceType" or type_name not in definitions.resource_types():
                self.fault(f"{path}.{key}", "is not an element of FHIR R4", "structure")
        for name, keys in definitions.required(type_name):
            if not any(key in value or f"_{key}" in value for key in keys):
                if (type_name, name) in _MAY_BE_MISSING:
                    continue
                self.fault(f"{path}.{name}", "is required and missing", "required")
        for name in _choices(type_name):
            stem = name.removesuffix("[x]")
            held = {
                key.lstrip("_")
                for key in value
                if key.lstrip("_").startswith(stem)
                and (found := known.get(key.lstrip("_"))) is not None
                and found.choice == name
            }
            if len(held) > 1:
                self.fault(f"{path}.{name}", "is there in more than one type", "structure")

    def element(
        self,
        holder: dict[str, Any],
        key: str,
        element: Element,
        path: str,
        depth: int,
    ) -> None:
        content = holder[key]
        if not element.repeats:
            if isinstance(content, list):
                self.fault(path, "is a list, and may be there once only", "structure")
            else:
                self.one(content, element, path, depth)
            return
        if not isinstance(content, list):
            self.fault(path, "may repeat, so JSON writes it as a list", "structure")
            return
        if not content:
            self.fault(path, "is an empty list", "structure")
        extensions = holder.get(f"_{key}")
        for index, each in enumerate(content):
            if each is None and isinstance(extensions, list):
                if index >= len(extensions) or extensions[index] is None:
                    self.fault(f"{path}[{index}]", "is null with no extension", "structure")
                continue
            self.one(each, element, f"{path}[{index}]", depth)

    def one(self, content: object, element: Element, path: str, depth: int) -> None:
        primitive = _PRIMITIVES.get(element.type)
        if primitive is not None:
            fits, wanted = primitive
            if not fits(content):
                self.fault(path, f"is not {wanted} ({element.type})", "value")
            elif element.codes is not None and content not in element.codes:
                self.fault(path, "is not a code of its value set", "code-invalid")
        elif element.type == "Resource":
            self.resource(content, path, depth + 1)
        elif isinstance(content, dict):
            self.complex(content, element.type, path, depth + 1)
        else:
            self.fault(path, f"is not an object ({element.type})", "structure")

    def extended(
        self,
        holder: dict[str, Any],
        key: str,
        element: Element,
        path: str,
        depth: int,
    ) -> None:
        """Check what a `_key` property adds to the primitive `key`."""
        content = holder[f"_{key}"]
        if element.type not in _PRIMITIVES:
            self.fault(path, "extends an element that is not a primitive", "structure")
            return
        if element.repeats != isinstance(content, list):
            self.fault(path, "does not have the same shape as its primitive", "structure")
            return
        values = holder.get(key)
        if isinstance(content, list) and isinstance(values, list) and len(content) != len(values):
            self.fault(path, "is not as long as its primitive", "structure")
        for each in content if isinstance(content, list) else [content]:
            if each is None and isinstance(content, list):
                continue
            if not isinstance(each, dict):
                self.fault(path, "is not an object (Element)", "structure")
            else:
                self.complex(each, "Element", path, depth + 1)


def is_id(text: str) -> bool:
    """Whether the text can be the logical id of a resource."""
    return _ID.fullmatch(text) is not None


def faults(resource: object) -> list[Fault]:
    """What is wrong with a resource, at most `MAX_FAULTS` things; empty when nothing is."""
    check = _Check()
    check.resource(resource, "", 0)
    return check.faults
