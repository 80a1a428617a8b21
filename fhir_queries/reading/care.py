"""Who cares for them: referrals, plans, teams, next of kin."""

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
    text,
    when,
    who,
    words,
)
from fhir_queries.reading.observations import category


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
        weight=text(resource.get("priority")),
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
