"""What was written: documents, forms, lists, and resources of every other type."""

from __future__ import annotations

from typing import Any

from clinical.record import Entry
from fhir_queries.reading.cautions import cautions
from fhir_queries.reading.fields import (
    NO_DESCRIPTION,
    Included,
    concept,
    everyone,
    id_of,
    mapping,
    notes,
    objects,
    strings,
    text,
    when,
    who,
    words,
)
from fhir_queries.reading.observations import category, value_of


def document(resource: dict[str, Any], included: Included) -> Entry:
    """One DocumentReference or Composition: listed, its content opened on demand."""
    kind = text(resource.get("resourceType"))
    said, codes = concept(resource.get("type"))
    title = text(resource.get("description")) or text(resource.get("title"))
    status = text(resource.get("docStatus"))
    if status not in ("entered-in-error", "preliminary"):
        status = text(resource.get("status"))
    parts = []
    for content in objects(resource.get("content")):
        attachment = mapping(content.get("attachment"))
        name = text(attachment.get("title"))
        title = title or name
        parts.append((name or "Attachment", text(attachment.get("contentType"))))
    for section in objects(resource.get("section")):
        if name := text(section.get("title")):
            parts.append((name, ""))
    detail = (said,) if said and title and said != title else ()
    context = mapping(resource.get("context"))
    return Entry(
        kind,
        text(resource.get("id")),
        title or said or words(resource.get("category")) or NO_DESCRIPTION,
        codes,
        status,
        when(resource, "date", "created") or when(context, "period"),
        None,
        "",
        None,
        "",
        who(resource.get("custodian"), resource, included)
        or everyone(resource.get("author"), resource, included),
        category(resource.get("category")),
        detail,
        tuple(parts),
        id_of(mapping(context.get("encounter")) or resource.get("encounter"), "Encounter"),
        cautions(resource, status),
    )


def answered_form(resource: dict[str, Any], included: Included) -> Entry:
    """One QuestionnaireResponse, its answers as parts."""
    status = text(resource.get("status"))
    form = text(resource.get("questionnaire"))
    shown = mapping(resource.get("_questionnaire"))
    title = ""
    for each in objects(shown.get("extension")):
        title = title or text(each.get("valueString"))
    parts: list[tuple[str, str]] = []
    _answers(resource.get("item"), parts)
    return Entry(
        "QuestionnaireResponse",
        text(resource.get("id")),
        title or form.rsplit("/", 1)[-1] or "Assessment form",
        (),
        status,
        when(resource, "authored"),
        None,
        "",
        None,
        "",
        who(resource.get("author"), resource, included)
        or who(resource.get("source"), resource, included),
        "",
        (),
        tuple(parts),
        id_of(resource.get("encounter"), "Encounter"),
        cautions(resource, status),
    )


def _answers(asked: Any, parts: list[tuple[str, str]]) -> None:
    waiting = list(objects(asked))
    while waiting:
        line = waiting.pop(0)
        said = [value for each in objects(line.get("answer")) if (value := value_of(each)[0])]
        if said:
            label = text(line.get("text")) or text(line.get("linkId")) or NO_DESCRIPTION
            parts.append((label, ", ".join(said)))
        follow_up = [
            each for answer in objects(line.get("answer")) for each in objects(answer.get("item"))
        ]
        waiting = [*follow_up, *objects(line.get("item")), *waiting]


LISTED = {
    "52472-8": "allergies",
    "48765-2": "allergies",
    "10160-0": "medicines",
    "11450-4": "problems",
}
"""LOINC codes of lists, by the section whose entries they list."""


def list_of_entries(resource: dict[str, Any], included: Included) -> Entry:
    """One List. An empty one of a known kind whose reason is "nil known" states that there are
    none; one that is empty for another reason states nothing."""
    title, codes = concept(resource.get("code"))
    status = text(resource.get("status"))
    doubts = cautions(resource, status)
    reason, reasons = concept(resource.get("emptyReason"))
    named = [who(each.get("item"), resource, included) for each in objects(resource.get("entry"))]
    denies = any(code.code == "nilknown" for code in reasons) and not objects(resource.get("entry"))
    return Entry(
        "List",
        text(resource.get("id")),
        text(resource.get("title")) or title or "List",
        codes,
        status,
        when(resource, "date"),
        None,
        "",
        None,
        "",
        who(resource.get("source"), resource, included),
        "",
        tuple(said for said in (*named, f"Empty: {reason}" if reason else "") if said),
        (),
        id_of(resource.get("encounter"), "Encounter"),
        doubts,
        denies
        and status == "current"
        and not doubts
        and any(each.code in LISTED for each in codes),
    )


def anything(resource: dict[str, Any], included: Included) -> Entry:
    """A resource of a type that has no reader of its own: shown by what such types share."""
    kind = text(resource.get("resourceType"))
    title, codes = "", concept(resource.get("code"))[1]
    for name in ("code", "title", "name", "description", "type", "category", "vaccineCode"):
        if title := words(resource.get(name)):
            break
    status = text(resource.get("status"))
    source = ""
    for name in ("author", "performer", "requester", "sender", "recorder", "source", "asserter"):
        if (reference := resource.get(name)) is not None and (
            source := everyone(reference, resource, included)
        ):
            break
    detail = [said for each in objects(resource.get("payload")) if (said := _payload(each))]
    detail.extend(strings(words(resource.get("reasonCode"))))
    for member in objects(resource.get("condition")):
        if said := words(member.get("code")):
            detail.append(said)
    if relation := words(resource.get("relationship")):
        title = f"{relation}: {title}" if title else relation
    detail.extend(notes(resource.get("note")))
    return Entry(
        kind,
        text(resource.get("id")),
        title or kind or NO_DESCRIPTION,
        codes,
        status,
        when(
            resource,
            "authoredOn",
            "date",
            "sent",
            "started",
            "created",
            "recordedDate",
            "occurrenceDateTime",
            "effectiveDateTime",
            "performedDateTime",
            "period",
        ),
        None,
        "",
        None,
        "",
        source,
        category(resource.get("category")),
        tuple(detail),
        (),
        id_of(resource.get("encounter"), "Encounter"),
        cautions(resource, status),
    )


def _payload(payload: dict[str, Any]) -> str:
    attached = mapping(payload.get("contentAttachment"))
    return text(payload.get("contentString")) or text(attached.get("title"))
