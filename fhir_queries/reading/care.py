"""Who cares for them and where: encounters, referrals, plans, teams, documents and the rest."""

from __future__ import annotations

from typing import Any

from clinical.record import Entry
from fhir_queries.reading.cautions import cautions
from fhir_queries.reading.fields import (
    NO_DESCRIPTION,
    Included,
    concept,
    concepts,
    everyone,
    human_name,
    id_of,
    mapping,
    moment,
    notes,
    objects,
    strings,
    text,
    when,
    who,
    words,
)
from fhir_queries.reading.observations import category, value_of

_CLASS = {
    "EMER": "Emergency department attendance",
    "IMP": "Hospital admission",
    "ACUTE": "Hospital admission",
    "NONAC": "Hospital admission",
    "OBSENC": "Observation stay",
    "SS": "Short stay",
    "AMB": "Clinic or surgery contact",
    "HH": "Home visit",
    "VR": "Telephone or video contact",
    "FLD": "Contact in the field",
}
HOSPITAL_CLASSES = frozenset({"EMER", "IMP", "ACUTE", "NONAC", "OBSENC", "SS"})
"""v3-ActCode classes of ED attendances and admissions."""


def encounter(resource: dict[str, Any], included: Included) -> Entry:
    """One Encounter. ``category`` is the code of its class."""
    class_code = text(mapping(resource.get("class")).get("code"))
    kinds, codes = concepts(resource.get("type"))
    reason, reasons = concepts(resource.get("reasonCode"))
    status = text(resource.get("status"))
    period = mapping(resource.get("period"))
    hospital = mapping(resource.get("hospitalization"))
    detail = [
        f"{label}: {found}"
        for label, found in (
            ("Reason", reason),
            ("From", words(hospital.get("admitSource"))),
            ("Discharged to", words(hospital.get("dischargeDisposition"))),
            ("Service", words(resource.get("serviceType"))),
            ("Where", _places(resource, included)),
        )
        if found
    ]
    for each in objects(hospital.get("extension")):
        if text(each.get("url")).endswith("AdmissionMethod") and (
            said := words(each.get("valueCodeableConcept"))
        ):
            detail.append(f"Admission method: {said}")
    return Entry(
        "Encounter",
        text(resource.get("id")),
        kinds or _CLASS.get(class_code) or reason or class_code or NO_DESCRIPTION,
        codes + reasons,
        status,
        moment(period.get("start")),
        moment(period.get("end")),
        "",
        None,
        "",
        who(resource.get("serviceProvider"), resource, included)
        or _participants(resource, included),
        class_code,
        tuple(detail),
        (),
        text(resource.get("id")),
        cautions(resource, status),
    )


def _places(resource: dict[str, Any], included: Included) -> str:
    places = objects(resource.get("location"))
    return ", ".join(
        said for each in places if (said := who(each.get("location"), resource, included))
    )


def _participants(resource: dict[str, Any], included: Included) -> str:
    for each in objects(resource.get("participant")):
        if said := who(each.get("individual") or each.get("actor"), resource, included):
            return said
    return ""


def episode(resource: dict[str, Any], included: Included) -> Entry:
    """One EpisodeOfCare: somebody is (or was) on a team's caseload."""
    title, codes = concepts(resource.get("type"))
    status = text(resource.get("status"))
    period = mapping(resource.get("period"))
    manager = who(resource.get("careManager"), resource, included)
    source = who(resource.get("managingOrganization"), resource, included)
    return Entry(
        "EpisodeOfCare",
        text(resource.get("id")),
        title or source or "Episode of care",
        codes,
        status,
        moment(period.get("start")),
        moment(period.get("end")),
        "",
        None,
        "",
        source or manager,
        "",
        (f"Care manager: {manager}",) if manager else (),
        (),
        "",
        cautions(resource, status),
    )


def appointment(resource: dict[str, Any], included: Included) -> Entry:
    """One Appointment."""
    title, codes = concepts(resource.get("serviceType"))
    status = text(resource.get("status"))
    reason = words(resource.get("reasonCode"))
    people = [
        said
        for each in objects(resource.get("participant"))
        if not text(mapping(each.get("actor")).get("reference")).startswith("Patient/")
        and (said := who(each.get("actor"), resource, included))
    ]
    return Entry(
        "Appointment",
        text(resource.get("id")),
        title or text(resource.get("description")) or reason or NO_DESCRIPTION,
        codes,
        status,
        when(resource, "start"),
        moment(resource.get("end")),
        "",
        None,
        "",
        ", ".join(people),
        words(resource.get("appointmentType")),
        (f"Reason: {reason}",) if reason else (),
        (),
        "",
        cautions(resource, status),
    )


def referral(resource: dict[str, Any], included: Included) -> Entry:
    """One ServiceRequest: what was asked for, by whom, of whom."""
    title, codes = concept(resource.get("code"))
    status = text(resource.get("status"))
    detail = [
        f"{label}: {found}"
        for label, found in (
            ("To", everyone(resource.get("performer"), resource, included)),
            ("Kind of performer", words(resource.get("performerType"))),
            ("Reason", words(resource.get("reasonCode"))),
            ("Priority", text(resource.get("priority"))),
            ("Detail", words(resource.get("orderDetail"))),
        )
        if found
    ]
    detail.extend(notes(resource.get("note")))
    said = cautions(resource, status)
    if (intent := text(resource.get("intent"))) in ("proposal", "plan", "option"):
        said += (f"a {intent}, not an order",)
    return Entry(
        "ServiceRequest",
        text(resource.get("id")),
        title or words(resource.get("category")) or NO_DESCRIPTION,
        codes,
        status,
        when(resource, "authoredOn", "occurrenceDateTime", "occurrencePeriod"),
        None,
        "",
        None,
        "",
        who(resource.get("requester"), resource, included),
        category(resource.get("category")),
        tuple(detail),
        (),
        id_of(resource.get("encounter"), "Encounter"),
        said,
    )


def plan(resource: dict[str, Any], included: Included) -> Entry:
    """One CarePlan or Goal."""
    kind = text(resource.get("resourceType"))
    said, codes = concepts(resource.get("category"))
    title = text(resource.get("title")) or words(resource.get("description"))
    detail = [text(resource.get("description"))] if title != resource.get("description") else []
    for activity in objects(resource.get("activity")):
        step = mapping(activity.get("detail"))
        done = words(step.get("code")) or text(step.get("description"))
        detail.append(done or who(activity.get("reference"), resource, included))
    for aim in objects(resource.get("target")):
        detail.append(words(aim.get("measure")) or text(aim.get("dueDate")))
    detail.extend(notes(resource.get("note")))
    status = text(resource.get("status")) or text(resource.get("lifecycleStatus"))
    period = mapping(resource.get("period"))
    return Entry(
        kind,
        text(resource.get("id")),
        title or said or NO_DESCRIPTION,
        codes,
        status,
        when(resource, "period", "created", "startDate", "statusDate"),
        moment(period.get("end")),
        "",
        None,
        "",
        who(resource.get("author"), resource, included)
        or everyone(resource.get("contributor"), resource, included)
        or who(resource.get("expressedBy"), resource, included),
        category(resource.get("category")),
        tuple(each for each in detail if each),
        (),
        id_of(resource.get("encounter"), "Encounter"),
        cautions(resource, status),
    )


def team(resource: dict[str, Any], included: Included) -> Entry:
    """One CareTeam, with who is on it."""
    said, codes = concepts(resource.get("category"))
    status = text(resource.get("status"))
    members = []
    for each in objects(resource.get("participant")):
        role = words(each.get("role"))
        name = who(each.get("member"), resource, included)
        members.append((role or "Member", name))
    period = mapping(resource.get("period"))
    return Entry(
        "CareTeam",
        text(resource.get("id")),
        text(resource.get("name")) or said or "Care team",
        codes,
        status,
        moment(period.get("start")),
        moment(period.get("end")),
        "",
        None,
        "",
        everyone(resource.get("managingOrganization"), resource, included),
        category(resource.get("category")),
        notes(resource.get("note")),
        tuple(members),
        id_of(resource.get("encounter"), "Encounter"),
        cautions(resource, status),
    )


def related_person(resource: dict[str, Any], _included: Included) -> Entry:
    """One RelatedPerson: next of kin, carer."""
    role, codes = concepts(resource.get("relationship"))
    name = human_name(resource.get("name")) or text(resource.get("name"))
    period = mapping(resource.get("period"))
    reached = [
        said for each in objects(resource.get("telecom")) if (said := text(each.get("value")))
    ]
    active = resource.get("active")
    status = "inactive" if active is False else ""
    return Entry(
        "RelatedPerson",
        text(resource.get("id")),
        " · ".join(part for part in (role, name) if part) or NO_DESCRIPTION,
        codes,
        status,
        moment(period.get("start")),
        moment(period.get("end")),
        "",
        None,
        "",
        "",
        "",
        tuple(reached),
        (),
        "",
        cautions(resource, status),
    )


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
