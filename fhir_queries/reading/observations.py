"""Observations and reports of results as entries."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Any

from clinical.codes import Coding
from clinical.moments import Moment
from clinical.record import Entry
from fhir_queries.reading.cautions import PLAIN, cautions
from fhir_queries.reading.fields import (
    NO_DESCRIPTION,
    Included,
    Json,
    amount_words,
    concept,
    concepts,
    everyone,
    flag,
    id_of,
    mapping,
    moment,
    name_of,
    notes,
    number,
    objects,
    quantity,
    resolve,
    text,
    when,
    words,
)

_NO_CODES: tuple[Coding, ...] = ()
_FURTHER = frozenset(
    {
        "bodySite",
        "component",
        "dataAbsentReason",
        "doNotPerform",
        "hasMember",
        "implicitRules",
        "interpretation",
        "method",
        "modifierExtension",
        "note",
        "verificationStatus",
    }
)
"""What most Observations don't have, and is looked for where one of them is there."""


def observation(resource: dict[str, Any], included: Included) -> Entry:
    """One Observation. A panel's components are its ``parts``."""
    title, codes = concept(resource.get("code"))
    status = text(resource.get("status"))
    measured = resource.get("valueQuantity")
    if measured is not None:
        value, amount, unit = quantity(measured)
    else:
        value, amount, unit, value_codes = value_of(resource)
        codes += value_codes
    detail: tuple[str, ...] = ()
    parts: tuple[tuple[str, str], ...] = ()
    if _FURTHER.isdisjoint(resource):
        said = () if status in PLAIN else cautions(resource, status)
        if (ranges := resource.get("referenceRange")) is not None:
            detail = _ranges(ranges)
    else:
        said = cautions(resource, status)
        detail = _detail(resource)
        if (components := resource.get("component")) is not None:
            parts, doubts = _parts(components)
            said += doubts
    effective = resource.get("effectiveDateTime")
    performer = resource.get("performer")
    encounter = resource.get("encounter")
    return Entry(
        "Observation",
        text(resource.get("id")),
        title or NO_DESCRIPTION,
        codes,
        status,
        moment(effective)
        if effective is not None
        else when(resource, "effectivePeriod", "effectiveInstant", "issued"),
        None,
        value,
        amount,
        unit,
        everyone(performer, resource, included) if performer is not None else "",
        category(resource.get("category")),
        detail,
        parts,
        id_of(encounter, "Encounter") if encounter is not None else "",
        said,
    )


def report(resource: dict[str, Any], included: Included) -> Entry:
    """One DiagnosticReport, with its conclusion and the names of its results."""
    title, codes = concept(resource.get("code"))
    status = text(resource.get("status"))
    conclusion = text(resource.get("conclusion")) or words(resource.get("conclusionCode"))
    detail = [conclusion] if conclusion else []
    parts: list[tuple[str, str]] = []
    for reference in objects(resource.get("result")):
        found = resolve(reference, resource, included)
        if found is not None:
            parts.append((name_of(found, included) or NO_DESCRIPTION, value_of(found)[0]))
        elif said := text(reference.get("display")):
            parts.append((said, ""))
    parts.extend(
        (
            f"Written report: {text(form.get('title'))}".removesuffix(": "),
            text(form.get("contentType")),
        )
        for form in objects(resource.get("presentedForm"))
    )
    return Entry(
        "DiagnosticReport",
        text(resource.get("id")),
        title or NO_DESCRIPTION,
        codes,
        status,
        when(resource, "effectiveDateTime", "effectivePeriod", "issued"),
        None,
        "",
        None,
        "",
        everyone(resource.get("performer"), resource, included)
        or everyone(resource.get("resultsInterpreter"), resource, included),
        category(resource.get("category")),
        tuple(detail),
        tuple(parts),
        id_of(resource.get("encounter"), "Encounter"),
        cautions(resource, status),
    )


def category(value: Json) -> str:
    """The first category's code, else its words: ``laboratory``, ``vital-signs``."""
    if value is None:
        return ""
    try:
        (only,) = value
        (usual,) = only["coding"]
        code = usual["code"]
        if type(code) is str and code:
            return code
    except (KeyError, TypeError, ValueError):
        pass
    said, codes = concepts(value)
    return codes[0].code or said if codes else said


def value_of(
    element: dict[str, Any],
) -> tuple[str, Decimal | None, str, tuple[Coding, ...]]:
    """The value[x] of an Observation or component: words, number, unit, codes."""
    measured = element.get("valueQuantity")
    if measured is not None:
        said, amount, unit = quantity(measured)
        return said, amount, unit, _NO_CODES
    coded = element.get("valueCodeableConcept")
    if coded is not None:
        said, codes = concept(coded)
        return said, None, "", codes
    for name, found in element.items():
        if name.startswith("value"):
            return *_other_value(found), _NO_CODES
    return "", None, "", _NO_CODES


def _other_value(found: Json) -> tuple[str, Decimal | None, str]:
    if type(found) is dict:
        return ("", None, "") if not found else _composed_value(found)
    if (amount := number(found)) is not None:
        return str(found), amount, ""
    if (answer := flag(found)) is not None:
        return ("yes" if answer else "no"), None, ""
    return text(found), None, ""


def _composed_value(found: dict[str, Any]) -> tuple[str, Decimal | None, str]:
    if "value" in found:
        return quantity(found)
    if "numerator" in found or "denominator" in found:
        pair = (quantity(found.get("numerator"))[0], quantity(found.get("denominator"))[0])
        said = " : ".join(part for part in pair if part)
    elif "low" in found or "high" in found:
        said = range_words(found)
    elif "start" in found or "end" in found:
        ends = (text(found.get("start")), text(found.get("end")))
        said = " to ".join(part for part in ends if part)
    elif "data" in found and "origin" in found:
        said = "a series of measurements: open its source"
    else:
        said = words(found)
    return said, None, ""


def range_words(found: dict[str, Any]) -> str:
    """A Range in words: "3.5 to 5.0 mmol/L", "over 4 mmol/L"."""
    try:
        low, high = found["low"], found["high"]
        bottom, top = low["value"], high["value"]
        if bottom and top and "comparator" not in low and "comparator" not in high:
            units = low.get("unit") or low.get("code"), high.get("unit") or high.get("code")
            return _plain_range(bottom, top, *units)
    except (KeyError, TypeError):
        pass
    return _other_range(found)


@lru_cache(maxsize=4096, typed=True)
def _plain_range(bottom: Json, top: Json, low_unit: Json, high_unit: Json) -> str:
    """The Range of two numbers, neither of them 0, which has two signs and one hash.

    Raises TypeError for what is no plain number.
    """
    if {type(bottom), type(top)} - {int, float}:
        raise TypeError("not two plain numbers")
    low, high = {"value": bottom, "unit": low_unit}, {"value": top, "unit": high_unit}
    return _other_range({"low": low, "high": high})


def _other_range(found: dict[str, Any]) -> str:
    low, high = amount_words(found.get("low")), amount_words(found.get("high"))
    if low and high:
        return f"{low} to {high}"
    if low:
        return f"{low} or more"
    return f"{high} or less" if high else ""


def _parts(components: Json) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    parts: list[tuple[str, str]] = []
    doubts: tuple[str, ...] = ()
    for component in objects(components):
        value = value_of(component)[0] or words(component.get("dataAbsentReason"))
        parts.append((words(component.get("code")) or NO_DESCRIPTION, value))
        if component.get("modifierExtension"):
            doubts = ("a part carries a modifier that changes its meaning: read its source",)
    return tuple(parts), doubts


def _ranges(ranges: Json) -> tuple[str, ...]:
    return tuple(
        [
            "Reference range: " + said
            for each in objects(ranges)
            if (said := range_words(each) or text(each.get("text")))
        ]
    )


def _detail(resource: dict[str, Any]) -> tuple[str, ...]:
    detail: list[str] = []
    if (absent := resource.get("dataAbsentReason")) is not None:
        detail.append(f"No value recorded: {words(absent) or 'no reason given'}")
    if (read_as := resource.get("interpretation")) is not None and (said := words(read_as)):
        detail.append(f"Interpretation: {said}")
    if (ranges := resource.get("referenceRange")) is not None:
        detail.extend(_ranges(ranges))
    if (site := resource.get("bodySite")) is not None and (said := words(site)):
        detail.append(f"Site: {said}")
    if (method := resource.get("method")) is not None and (said := words(method)):
        detail.append(f"Method: {said}")
    if (members := resource.get("hasMember")) is not None:
        detail.extend(
            said for each in objects(members) if (said := text(mapping(each).get("display")))
        )
    if (note := resource.get("note")) is not None:
        detail.extend(notes(note))
    return tuple(detail) if detail else ()


def effective(resource: dict[str, Any]) -> Moment | None:
    """When an Observation was true."""
    return when(resource, "effectiveDateTime", "effectivePeriod", "effectiveInstant", "issued")
