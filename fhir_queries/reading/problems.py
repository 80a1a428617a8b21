"""What is the matter and what was done: problems, allergies, alerts, procedures, immunisations."""

from __future__ import annotations

from typing import Any

from clinical.codes import Coding
from clinical.record import Entry
from fhir_queries.reading.cautions import cautions, clinical_status
from fhir_queries.reading.codes import ABSENT, NO_INFORMATION, SOME_ALLERGIES_DENIED
from fhir_queries.reading.fields import (
    NO_DESCRIPTION,
    Included,
    code_of,
    concept,
    concepts,
    everyone,
    id_of,
    mapping,
    moment,
    notes,
    objects,
    quantity,
    strings,
    text,
    when,
    who,
    words,
)
from fhir_queries.reading.observations import category, range_words

_NOTHING_KNOWN = "says that nothing is known, not that there is none"


def condition(resource: dict[str, Any], included: Included) -> Entry:
    """One Condition. Its status is the clinical one; no clinical status stays empty."""
    title, codes = concept(resource.get("code"))
    status = clinical_status(resource)
    said, asserts = _denial("Condition", codes, cautions(resource, status), status)
    detail: list[str] = []
    if (severity := resource.get("severity")) is not None and (words_of := words(severity)):
        detail.append(f"Severity: {words_of}")
    if (site := resource.get("bodySite")) is not None and (words_of := words(site)):
        detail.append(f"Site: {words_of}")
    if (note := resource.get("note")) is not None:
        detail.extend(notes(note))
    began = when(resource, "onsetDateTime", "onsetPeriod", "recordedDate")
    if began is None and (described := _onset_words(resource)):
        detail.append(described)
    return Entry(
        "Condition",
        text(resource.get("id")),
        title or NO_DESCRIPTION,
        codes,
        status,
        began,
        when(resource, "abatementDateTime", "abatementPeriod"),
        "",
        None,
        "",
        _asserted_by(resource, included),
        category(resource.get("category")),
        tuple(detail),
        (),
        id_of(resource.get("encounter"), "Encounter"),
        said,
        asserts,
        _significance(resource),
    )


def _significance(resource: dict[str, Any]) -> str:
    """How significant a problem is to its practice (GP Connect, Care Connect): major or minor."""
    for each in objects(resource.get("extension")):
        if "ProblemSignificance" in text(each.get("url")):
            return text(each.get("valueCode")) or code_of(each.get("valueCodeableConcept"))
    return ""


def allergy(resource: dict[str, Any], included: Included) -> Entry:
    """One AllergyIntolerance, with its reactions."""
    title, codes = concept(resource.get("code"))
    status = clinical_status(resource)
    said, asserts = _denial("AllergyIntolerance", codes, cautions(resource, status), status)
    if any(code.code in SOME_ALLERGIES_DENIED for code in codes):
        said += ("says nothing of allergies of other kinds",)
    detail: list[str] = []
    if text(resource.get("criticality")):
        detail.append(f"Criticality: {text(resource.get('criticality'))}")
    if text(resource.get("type")):
        detail.append(f"Type: {text(resource.get('type'))}")
    for reaction in objects(resource.get("reaction")):
        shown = words(reaction.get("manifestation")) or text(reaction.get("description"))
        severity = text(reaction.get("severity"))
        if not title:
            title, codes = concept(reaction.get("substance"))
        if shown or severity:
            detail.append(
                f"Reaction: {shown or 'not described'}" + (f" ({severity})" * bool(severity))
            )
    detail.extend(notes(resource.get("note")))
    kinds = ", ".join(strings(resource.get("category")))
    return Entry(
        "AllergyIntolerance",
        text(resource.get("id")),
        title or NO_DESCRIPTION,
        codes,
        status,
        when(resource, "onsetDateTime", "onsetPeriod", "recordedDate", "lastOccurrence"),
        None,
        "",
        None,
        "",
        _asserted_by(resource, included),
        kinds,
        tuple(detail),
        (),
        id_of(resource.get("encounter"), "Encounter"),
        said,
        asserts,
        text(resource.get("criticality")),
    )


def procedure(resource: dict[str, Any], included: Included) -> Entry:
    """One Procedure."""
    title, codes = concept(resource.get("code"))
    status = text(resource.get("status"))
    said, asserts = _denial("Procedure", codes, cautions(resource, status), status)
    detail = [
        f"{label}: {found}"
        for label, name in (
            ("Reason", "reasonCode"),
            ("Outcome", "outcome"),
            ("Site", "bodySite"),
            ("Complication", "complication"),
        )
        if resource.get(name) is not None and (found := words(resource[name]))
    ]
    detail.extend(notes(resource.get("note")))
    source = ""
    for performer in objects(resource.get("performer")):
        on_behalf = who(performer.get("onBehalfOf"), resource, included)
        source = source or on_behalf or who(performer.get("actor"), resource, included)
    return Entry(
        "Procedure",
        text(resource.get("id")),
        title or NO_DESCRIPTION,
        codes,
        status,
        when(resource, "performedDateTime", "performedPeriod"),
        moment(mapping(resource.get("performedPeriod")).get("end")),
        "",
        None,
        "",
        source
        or who(resource.get("asserter"), resource, included)
        or who(resource.get("recorder"), resource, included)
        or who(resource.get("location"), resource, included),
        category(resource.get("category")),
        tuple(detail),
        (),
        id_of(resource.get("encounter"), "Encounter"),
        said,
        asserts,
    )


def immunisation(resource: dict[str, Any], included: Included) -> Entry:
    """One Immunization; one that was not given says so."""
    title, codes = concept(resource.get("vaccineCode"))
    status = text(resource.get("status"))
    said, asserts = _denial("Immunization", codes, cautions(resource, status), status)
    detail = [
        f"{label}: {found}"
        for label, found in (
            ("Reason", words(resource.get("statusReason")) or words(resource.get("reasonCode"))),
            ("Dose", quantity(resource.get("doseQuantity"))[0]),
            ("Batch", text(resource.get("lotNumber"))),
        )
        if found
    ]
    detail.extend(notes(resource.get("note")))
    performers = (each.get("actor") for each in objects(resource.get("performer")))
    return Entry(
        "Immunization",
        text(resource.get("id")),
        title or NO_DESCRIPTION,
        codes,
        status,
        when(resource, "occurrenceDateTime", "recorded"),
        None,
        text(resource.get("occurrenceString")),
        None,
        "",
        everyone([each for each in performers if each], resource, included)
        or who(resource.get("location"), resource, included),
        "",
        tuple(detail),
        (),
        id_of(resource.get("encounter"), "Encounter"),
        said,
        asserts,
    )


def alert(resource: dict[str, Any], included: Included) -> Entry:
    """One Flag: a warning that somebody wants seen."""
    title, codes = concept(resource.get("code"))
    status = text(resource.get("status"))
    period = mapping(resource.get("period"))
    return Entry(
        "Flag",
        text(resource.get("id")),
        title or words(resource.get("category")) or NO_DESCRIPTION,
        codes,
        status,
        moment(period.get("start")),
        moment(period.get("end")),
        "",
        None,
        "",
        who(resource.get("author"), resource, included),
        category(resource.get("category")),
        (),
        (),
        id_of(resource.get("encounter"), "Encounter"),
        cautions(resource, status),
    )


def consent(resource: dict[str, Any], included: Included) -> Entry:
    """One Consent: what the person allows or refuses."""
    title, codes = concepts(resource.get("category"))
    status = text(resource.get("status"))
    provision = mapping(resource.get("provision"))
    kind = text(provision.get("type"))
    scope = words(resource.get("scope"))
    detail = [f"{kind.capitalize()}: {words(provision.get('code')) or 'as described'}"] * bool(kind)
    detail.extend(said for said in (scope,) if said)
    return Entry(
        "Consent",
        text(resource.get("id")),
        title or scope or NO_DESCRIPTION,
        codes,
        status,
        when(resource, "dateTime"),
        moment(mapping(provision.get("period")).get("end")),
        "",
        None,
        "",
        everyone(resource.get("organization"), resource, included)
        or everyone(resource.get("performer"), resource, included),
        category(resource.get("category")),
        tuple(detail),
        (),
        "",
        cautions(resource, status),
    )


def _denial(
    kind: str, codes: tuple[Coding, ...], said: tuple[str, ...], status: str
) -> tuple[tuple[str, ...], bool]:
    """What to say of a coded negative, and whether it plainly asserts that there are none."""
    for code in codes:
        if code.code in NO_INFORMATION:
            return (*said, _NOTHING_KNOWN), False
        if code.code in ABSENT[kind]:
            return said, not said and status in ("active", "completed", "")
    return said, False


def _asserted_by(resource: dict[str, Any], included: Included) -> str:
    for name in ("recorder", "asserter"):
        if (reference := resource.get(name)) is not None and (
            said := who(reference, resource, included)
        ):
            return said
    return ""


def _onset_words(resource: dict[str, Any]) -> str:
    for name in ("onsetString", "onsetAge", "onsetRange"):
        found: Any = resource.get(name)
        if found is None:
            continue
        said = text(found) or quantity(found)[0] or range_words(mapping(found))
        if said:
            return f"Began: {said}"
    return ""
