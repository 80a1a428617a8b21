"""What does the record propose as answers to this checklist? Asked when a clinician has the form.

Everything an expression may see is read in one exchange, audited, for this patient and this wait
alone. What couldn't be read whole, is withheld, or isn't held makes every expression that names it
unknown: nothing that is missing is ever taken for a no.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from clinical.checklist import Checklist, Item, Quantity, Variable
from clinical.checklist_rules import lines
from clinical.codes import Coding
from clinical.evidence import Evidence, Indicator
from clinical.person import Caller, Confidentiality
from clinical.prefill import Found, Proposal, WorkedOut, evidence_named, proposals
from clinical.review import Review
from fhir_queries.asking import Answer, Resource, Search
from fhir_queries.audit import must_see_people, opened_record
from fhir_queries.port import Record, page_of
from fhir_queries.reading.answer_values import quantity_value
from fhir_queries.reading.entries import READERS, entry, subject_of
from fhir_queries.reading.expressions import (
    ENCOUNTER_ID,
    PATIENT_ID,
    OutOfTime,
    named_in,
    work_out,
)
from fhir_queries.reading.fields import coding, id_of, mapping, text, when, words
from fhir_queries.reading.people import confidentiality_of
from fhir_queries.reading.sections import UNREADABLE

MOST_RESOURCES = 500
"""More of one kind than this aren't gone through: the answer is unknown then."""
_MOST_EVIDENCE = 5
_OUT_OF_TIME = "It could not be worked out in time."
_WITHHELD = "This record is restricted: nothing of it is proposed."
_EVIDENCE = " evidence"


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read for one name, or why it can't be gone by."""

    given: Any = None
    unknown: str = ""


def read_proposals(
    record: Record,
    caller: Caller,
    review: Review,
    checklist: Checklist,
    indicators: Mapping[str, Indicator],
) -> Mapping[str, Proposal]:
    """By link id, what the record says to each line that asks it, with the evidence and its
    version; nothing is asked where no line does.

    Raises RecordError where the record gives no answer at all, NotPermitted for a role that sees
    counts only.
    """
    asking = {item.link_id: item for item, _ in lines(checklist) if item.expression}
    judged = proposals(checklist, indicators, {})
    wanted = evidence_named(tuple(judged.values()))
    if not asking and not wanted:
        return judged
    must_see_people(record, caller, review.patient, review.encounter)
    searches = [*_launched(review), *_variables(record, review, checklist, asking.values())]
    searches += _versions(wanted)
    audit = opened_record(caller, review.patient, review.encounter)
    answers = record.ask(searches, audit=audit if record.profile.writing.audit else None).by_name
    read = _given(answers, review, checklist.variables)
    found = proposals(checklist, indicators, _work_out(asking, read))
    versions = _versions_read(answers.values())
    return {link_id: _with_versions(each, versions) for link_id, each in found.items()}


def _launched(review: Review) -> list[Search]:
    return [
        Search("patient", "Patient", (("_id", review.patient),)),
        Search("encounter", "Encounter", (("_id", review.encounter),)),
    ]


def _variables(
    record: Record, review: Review, checklist: Checklist, asking: Iterable[Item]
) -> list[Search]:
    """The searches of the variables that some expression names."""
    named = {
        name for item in asking for name in (*named_in(item.expression), *named_in(item.evidence))
    }

    def filled(value: str) -> str:
        return value.replace(PATIENT_ID, review.patient).replace(ENCOUNTER_ID, review.encounter)

    return [
        Search(
            each.name,
            each.resource_type,
            (*((key, filled(value)) for key, value in each.params), *page_of(record.profile)),
        )
        for each in checklist.variables
        if each.name in named
    ]


def _versions(references: Iterable[str]) -> list[Search]:
    by_type: dict[str, list[str]] = {}
    for reference in sorted(references):
        kind, _, identity = reference.partition("/")
        by_type.setdefault(kind, []).append(identity)
    return [
        Search(f"versions {kind}", kind, (("_id", ",".join(ids)),)) for kind, ids in by_type.items()
    ]


def _given(
    answers: Mapping[str, Answer], review: Review, variables: Sequence[Variable]
) -> Mapping[str, _Read]:
    read = {
        "patient": _one(answers["patient"], review.patient),
        "encounter": _one(answers["encounter"], review.encounter),
    }
    patient = read["patient"]
    for each in variables:
        if each.name in answers:
            read[each.name] = _bundle(answers[each.name], review)
    open_to_view = confidentiality_of(patient.given or {}) is Confidentiality.NORMAL
    if patient.unknown or open_to_view:
        return read
    return dict.fromkeys(read, _Read(unknown=_WITHHELD))


def _one(answer: Answer, identity: str) -> _Read:
    found = [each for each in answer.matches if each.get("id") == identity]
    if answer.error is not None or not found:
        return _Read(unknown=f"The {answer.name} could not be loaded.")
    return _Read(found[0])


def _newest_first(resource: Resource) -> float:
    at = when(
        resource,
        "effectiveDateTime",
        "effectivePeriod",
        "effectiveInstant",
        "onsetDateTime",
        "performedDateTime",
        "authoredOn",
        "period",
        "recordedDate",
        "date",
        "issued",
    )
    return math.inf if at is None else -at.earliest.timestamp()


def _bundle(answer: Answer, review: Review) -> _Read:
    """The searchset of a variable, as SDC has it, newest first and what has no time last; unknown
    where it isn't all of it."""
    of_others = [
        each
        for each in answer.matches
        if id_of(subject_of(each), "Patient") not in ("", review.patient)
    ]
    withheld = any(
        confidentiality_of(each) is not Confidentiality.NORMAL for each in answer.matches
    )
    if answer.error is not None:
        return _Read(unknown=f"The {answer.name} could not be loaded.")
    if answer.withheld or withheld:
        return _Read(unknown=f"Some of the {answer.name} are withheld.")
    if answer.set_aside or not answer.complete or of_others:
        return _Read(unknown=f"Not all of the {answer.name} could be read.")
    if len(answer.matches) > MOST_RESOURCES:
        return _Read(unknown=f"There are too many {answer.name} to go through.")
    standing = [each for each in answer.matches if each.get("status") != "entered-in-error"]
    standing.sort(key=_newest_first)
    return _Read(
        {
            "resourceType": "Bundle",
            "type": "searchset",
            "total": len(standing),
            "entry": [{"resource": each} for each in standing],
        }
    )


def _work_out(asking: Mapping[str, Item], read: Mapping[str, _Read]) -> Mapping[str, WorkedOut]:
    found: dict[str, WorkedOut] = {}
    expressions: dict[str, str] = {}
    for link_id, item in asking.items():
        names = named_in(item.expression) | named_in(item.evidence)
        unknown = [read[name].unknown for name in sorted(names) if read[name].unknown]
        if unknown:
            found[link_id] = WorkedOut(unknown=unknown[0])
        else:
            expressions[link_id] = item.expression
            expressions[link_id + _EVIDENCE] = item.evidence
    if not expressions:
        return found
    given = {name: each.given for name, each in read.items() if not each.unknown}
    try:
        values = work_out(expressions, given)
    except OutOfTime:
        late = WorkedOut(unknown=_OUT_OF_TIME)
        return {**dict.fromkeys(asking, late), **found}
    for link_id in asking:
        if link_id in values:
            found[link_id] = _worked_out(values[link_id], values[link_id + _EVIDENCE])
    return found


def _worked_out(values: Sequence[Any] | None, evidence: Sequence[Any] | None) -> WorkedOut:
    if values is None or evidence is None:
        return WorkedOut(unknown="What the record holds could not be worked out.")
    read = [_value(each) for each in values]
    if None in read:
        return WorkedOut(unknown="What the record holds is no answer to this line.")
    rests_on = tuple(_evidence(each) for each in evidence if _is_resource(each))[:_MOST_EVIDENCE]
    return WorkedOut(tuple(each for each in read if each is not None), rests_on)


def _value(found: Any) -> Found | None:
    if isinstance(found, bool | int | Decimal):
        return found
    if isinstance(found, float):
        return Decimal(repr(found))
    if isinstance(found, dict):
        made: Coding | Quantity | None = (
            quantity_value(found) if "value" in found else coding(found)
        )
        return made
    return str(found) if found is not None else None


def _is_resource(found: Any) -> bool:
    return isinstance(found, dict) and bool(text(found.get("resourceType")))


def _evidence(resource: Resource) -> Evidence:
    kind, identity = str(resource["resourceType"]), text(resource.get("id"))
    version = text(mapping(resource.get("meta")).get("versionId"))
    reference = f"{kind}/{identity}" if identity else ""
    if kind not in READERS or kind == "Encounter":
        said = words(resource.get("reasonCode"))
        value = f"Reason for the call: {said}" if said else f"What the record holds as {kind}"
        return Evidence(value, None, "", reference, version)
    try:
        read = entry(kind, resource, {})
    except UNREADABLE:
        return Evidence(f"A {kind} that can't be read", None, "", reference, version)
    value = f"{read.title}: {read.value}" if read.value else read.title
    if read.caution:
        value += f" ({'; '.join(read.caution)})"
    return Evidence(value, read.when, read.source, reference, version)


def _versions_read(answers: Iterable[Answer]) -> Mapping[str, str]:
    return {
        f"{each.get('resourceType')}/{each.get('id')}": text(
            mapping(each.get("meta")).get("versionId")
        )
        for answer in answers
        for each in answer.matches
    }


def _with_versions(proposal: Proposal, versions: Mapping[str, str]) -> Proposal:
    evidence = tuple(
        each if each.version else replace(each, version=versions.get(each.reference, ""))
        for each in proposal.evidence
    )
    return replace(proposal, evidence=evidence)
