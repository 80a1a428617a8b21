"""Medicines as entries: what, how to take it, whether they still take it, last issued."""

from __future__ import annotations

from typing import Any

from clinical.codes import Coding
from clinical.moments import Moment
from clinical.record import Entry
from fhir_queries.reading.cautions import cautions
from fhir_queries.reading.codes import ABSENT, NO_INFORMATION
from fhir_queries.reading.fields import (
    NO_DESCRIPTION,
    Included,
    concept,
    everyone,
    extensions,
    id_of,
    mapping,
    moment,
    notes,
    objects,
    quantity,
    resolve,
    strings,
    text,
    when,
    who,
    words,
)
from fhir_queries.reading.observations import category, range_words

LAST_ISSUED = "Last issued: "
"""How the line begins that says when a prescription was last issued (UK Core's extension)."""
_ABSENT = ABSENT["MedicationStatement"]
_INTENTS = frozenset({"", "order", "original-order", "reflex-order", "filler-order"})


def medicine(resource: dict[str, Any], included: Included) -> Entry:
    """One MedicationRequest, -Statement, -Dispense or -Administration."""
    kind = text(resource.get("resourceType"))
    title, codes = _what(resource, included)
    status = text(resource.get("status"))
    said = cautions(resource, status)
    intent = text(resource.get("intent"))
    if kind == "MedicationRequest" and intent not in _INTENTS:
        said += (f"a {intent}, not an order",)
    asserts = False
    for code in codes:
        if code.code in _ABSENT:
            asserts = status in ("active", "completed", "") and not said
        elif code.code in NO_INFORMATION:
            said += ("says that nothing is known, not that there is none",)
    began, ended = _times(resource)
    return Entry(
        kind,
        text(resource.get("id")),
        title or NO_DESCRIPTION,
        codes,
        status,
        began,
        ended,
        "",
        None,
        "",
        _source(resource, included),
        category(resource.get("category")),
        _detail(resource),
        (),
        id_of(resource.get("encounter") or resource.get("context"), "Encounter"),
        said,
        asserts,
    )


def _what(resource: dict[str, Any], included: Included) -> tuple[str, tuple[Coding, ...]]:
    coded = resource.get("medicationCodeableConcept")
    if coded is not None:
        return concept(coded)
    reference = mapping(resource.get("medicationReference"))
    found = resolve(reference, resource, included)
    if found is not None:
        said, codes = concept(found.get("code"))
        if not said:
            said = ", ".join(
                each
                for part in objects(found.get("ingredient"))
                if (each := words(part.get("itemCodeableConcept")))
            )
        if said:
            return text(reference.get("display")) or said, codes
    return who(reference, resource, included), ()


def _times(resource: dict[str, Any]) -> tuple[Moment | None, Moment | None]:
    began = when(
        resource,
        "authoredOn",
        "effectiveDateTime",
        "effectivePeriod",
        "whenHandedOver",
        "whenPrepared",
        "dateAsserted",
    )
    ended = None
    if (period := resource.get("effectivePeriod")) is not None:
        ended = moment(mapping(period).get("end"))
    if ended is None and (dispensed := resource.get("dispenseRequest")) is not None:
        ended = moment(mapping(mapping(dispensed).get("validityPeriod")).get("end"))
    return began, ended


def _source(resource: dict[str, Any], included: Included) -> str:
    for name in ("requester", "informationSource", "recorder"):
        if (reference := resource.get(name)) is not None and (
            said := who(reference, resource, included)
        ):
            return said
    for performer in objects(resource.get("performer")):
        if said := who(performer.get("actor") or performer, resource, included):
            return said
    return everyone(resource.get("derivedFrom"), resource, included)


def _detail(resource: dict[str, Any]) -> tuple[str, ...]:
    detail: list[str] = []
    for name in ("dosageInstruction", "dosage"):
        if (dosage := resource.get(name)) is not None:
            detail.extend(said for each in objects(dosage) if (said := dose_words(each)))
    if (course := resource.get("courseOfTherapyType")) is not None and (said := words(course)):
        detail.append(f"Course: {said}")
    for name in ("reasonCode", "statusReason", "statusReasonCodeableConcept"):
        if (reason := resource.get(name)) is not None and (said := words(reason)):
            detail.append(f"Reason: {said}")
    if (supply := resource.get("dispenseRequest")) is not None:
        amount = quantity(mapping(supply).get("quantity"))[0]
        if amount:
            detail.append(f"Quantity: {amount}")
    if resource.get("extension") is not None:
        for each in extensions(resource, "MedicationStatementLastIssueDate"):
            if issued := text(each.get("valueDateTime")):
                detail.append(f"{LAST_ISSUED}{issued}")
    if (note := resource.get("note")) is not None:
        detail.extend(notes(note))
    return tuple(detail)


def dose_words(dosage: dict[str, Any]) -> str:
    """A Dosage in words: the sender's own text, else what its parts say."""
    if said := text(dosage.get("text")) or text(dosage.get("patientInstruction")):
        return said
    rate = mapping(dosage.get("doseAndRate"))
    dose = quantity(rate.get("doseQuantity"))[0] or range_words(mapping(rate.get("doseRange")))
    timing = mapping(dosage.get("timing"))
    often = words(timing.get("code")) or _repeat(mapping(timing.get("repeat")))
    needed = dosage.get("asNeededBoolean") is True or dosage.get("asNeededCodeableConcept")
    parts = (
        dose,
        often,
        words(dosage.get("route")),
        "as needed" if needed else "",
        ", ".join(strings(words(dosage.get("additionalInstruction")))),
    )
    return " · ".join(part for part in parts if part)


def _repeat(repeat: dict[str, Any]) -> str:
    times, period, unit = repeat.get("frequency"), repeat.get("period"), repeat.get("periodUnit")
    if type(times) is int and type(period) in (int, float) and type(unit) is str:
        return f"{times} every {period} {unit}"
    return ""
