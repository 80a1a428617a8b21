"""Everything the record says of one patient, in one exchange and its pages, and who looked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from clinical.identity import Sameness, sameness
from clinical.merging import merged
from clinical.person import Caller, Person
from clinical.record import PatientRecord
from clinical.waiting import WaitingPatient
from fhir_queries.asking import Answer, Answers, Resource, Search
from fhir_queries.audit import must_see_people, opened_record, opened_records, opened_source
from fhir_queries.collector import collected_afterwards
from fhir_queries.errors import BadRecord, NotFound, RecordError
from fhir_queries.one_record import (
    as_may_be_seen,
    failed_record,
    is_withheld,
    record_of,
    withheld_record,
)
from fhir_queries.other_records import other_records, searches_for_others
from fhir_queries.port import Record, page_of
from fhir_queries.profile import RecordProfile
from fhir_queries.reading.fields import id_of
from fhir_queries.wait_of_history import wait_of
from fhir_queries.waiting import CAME_WITH, person_of

HISTORY_TYPES: tuple[str, ...] = (
    "AllergyIntolerance",
    "Appointment",
    "CarePlan",
    "CareTeam",
    "ClinicalImpression",
    "Communication",
    "Condition",
    "Consent",
    "DeviceUseStatement",
    "DiagnosticReport",
    "DocumentReference",
    "Encounter",
    "EpisodeOfCare",
    "FamilyMemberHistory",
    "Flag",
    "Goal",
    "ImagingStudy",
    "Immunization",
    "List",
    "MedicationRequest",
    "MedicationStatement",
    "Observation",
    "Procedure",
    "QuestionnaireResponse",
    "RelatedPerson",
    "RiskAssessment",
    "ServiceRequest",
    "Task",
)
"""What is asked for by patient, each type in one search: one that fails costs only itself."""

_BROUGHT: Mapping[str, tuple[tuple[str, str], ...]] = {
    "MedicationRequest": (("_include", "MedicationRequest:medication"),),
    "MedicationStatement": (("_include", "MedicationStatement:medication"),),
    "Encounter": (("_include", "Encounter:service-provider"),),
}
MOST_MERGED = 5
"""The most other records read together with the opened one; further ones are offered singly."""
_DATED = ("DiagnosticReport", "Observation")


@collected_afterwards
def read_history(
    record: Record,
    caller: Caller,
    encounter_id: str,
    *,
    patient_id: str = "",
    nhs_numbers: Sequence[str] = (),
    known: Person | None = None,
    break_glass: str = "",
) -> tuple[WaitingPatient | None, PatientRecord]:
    """The wait and the whole record of the patient whose wait it is, audited in the same batch.

    With ``known``, the person as the queue has them, it is one exchange and the pages. With
    ``patient_id`` (and ``nhs_numbers``) alone, other records that may be theirs are looked for in
    one exchange more; without either, the Encounter is read first. What is asked for by what
    turns out to have changed is asked for again. The wait is None where the Encounter no longer
    is one that can be read.

    Other records that are certainly the same person's are read in one exchange more, and their
    entries stand among these with their origin; where that exchange fails, the sections say so.

    All of ``SECTION_NAMES`` are there, each with the state that the answers allow. Of a restricted
    record they are withheld, unless ``break_glass`` gives the reason why they are opened all the
    same (the site decides who may); address and telephone stay withheld. Key safe and door codes
    are left out for a role that doesn't visit.

    Raises RecordError where the record gives no answer at all; NotPermitted for a role that sees
    counts only; NotFound where it doesn't hold the
    Encounter; BadRecord where the Encounter belongs to another patient than ``patient_id``.
    """
    must_see_people(record, caller, patient_id, encounter_id)
    if known is not None:
        patient_id = known.patient
        nhs_numbers = [number.digits for number in known.nhs_numbers]
    if not patient_id:
        patient_id = _patient_of(record, encounter_id)
    searches = history_searches(record.profile, encounter_id, patient_id)
    theirs = searches_for_others(record.profile, patient_id, nhs_numbers, known)
    searches += theirs
    audit = opened_record(caller, patient_id, encounter_id, break_glass=break_glass)
    answers = record.ask(searches, audit=audit if record.profile.writing.audit else None)
    answer = answers.by_name["wait"]
    if answer.error is not None:
        raise answer.error
    encounter = _the_encounter(answer, encounter_id, patient_id)
    holder = person_of(encounter, answer.included)
    wait = wait_of(encounter, holder, answer, record.profile, answers.by_name.get("Observation"))
    holder, others = other_records(record, holder, answers, theirs)
    if wait is not None:
        wait = replace(wait, person=holder)
    if is_withheld(holder, break_glass):
        return wait, withheld_record(holder, answers.as_at)
    by_kind = {kind: answers.by_name[kind] for kind in HISTORY_TYPES if kind in answers.by_name}
    found = record_of(
        holder, by_kind, answers.as_at, record=record, caller=caller, encounter=encounter_id
    )
    found = replace(found, other_records=others)
    theirs_too = [each for each in others if sameness(holder, each) is Sameness.CERTAIN]
    more = _read_others(record, caller, encounter_id, theirs_too[:MOST_MERGED], break_glass)
    return wait, merged(found, more)


@collected_afterwards
def read_other_record(
    record: Record, caller: Caller, encounter_id: str, other: Person, *, break_glass: str = ""
) -> PatientRecord:
    """A record that may be the same person's, by itself and merged with nothing; audited.

    Raises as ``read_history`` does.
    """
    must_see_people(record, caller, other.patient, encounter_id)
    if is_withheld(other, break_glass):
        return withheld_record(other, datetime.now(UTC))
    asked = {each.name: each for each in _searches_by_type(record.profile, other.patient)}
    audit = opened_record(caller, other.patient, encounter_id, break_glass=break_glass)
    answers = record.ask(
        list(asked.values()), audit=audit if record.profile.writing.audit else None
    )
    return record_of(
        other,
        answers.by_name,
        answers.as_at,
        record=record,
        caller=caller,
        encounter=encounter_id,
    )


def _read_others(
    record: Record, caller: Caller, encounter_id: str, others: Sequence[Person], break_glass: str
) -> list[PatientRecord]:
    """The records of these Patients in one exchange; of those that are restricted nothing, and
    where the exchange fails, sections that say so."""
    if not others:
        return []
    now = datetime.now(UTC)
    open_to_see = [each for each in others if not is_withheld(each, break_glass)]
    asked: dict[tuple[str, str], Search] = {
        (other.patient, each.resource_type): replace(each, name=f"{each.name}-{number}")
        for number, other in enumerate(open_to_see)
        for each in _searches_by_type(record.profile, other.patient)
    }
    patients = [each.patient for each in open_to_see]
    answers: Answers | None = None
    failure = ""
    if asked:
        audit = opened_records(caller, patients, encounter_id, break_glass=break_glass)
        try:
            answers = record.ask(
                list(asked.values()), audit=audit if record.profile.writing.audit else None
            )
        except RecordError as fault:
            failure = str(fault)
    found = []
    for other in others:
        if other not in open_to_see:
            found.append(withheld_record(other, now))
        elif answers is None:
            why = f"This other record of theirs could not be read. {failure}".strip()
            found.append(failed_record(other, now, why))
        else:
            by_kind = {
                kind: answers.by_name[search.name]
                for (patient, kind), search in asked.items()
                if patient == other.patient
            }
            found.append(
                record_of(
                    other,
                    by_kind,
                    answers.as_at,
                    record=record,
                    caller=caller,
                    encounter=encounter_id,
                )
            )
    return found


def history_searches(profile: RecordProfile, encounter_id: str, patient_id: str) -> list[Search]:
    """The searches of one patient's history; each but the wait is named for its type."""
    wait = Search("wait", "Encounter", (("_id", encounter_id), *CAME_WITH))
    return [wait, *_searches_by_type(profile, patient_id)]


def _searches_by_type(profile: RecordProfile, patient_id: str) -> list[Search]:
    searches = []
    for kind in HISTORY_TYPES:
        if kind in profile.history.not_held:
            continue
        params = [("patient", f"Patient/{patient_id}"), *_BROUGHT.get(kind, ()), *page_of(profile)]
        if profile.history.months and kind in _DATED:
            since = datetime.now(UTC) - timedelta(days=31 * profile.history.months)
            params.append(("date", f"ge{since.date().isoformat()}"))
        searches.append(Search(kind, kind, tuple(params)))
    return searches


def read_source(
    record: Record,
    caller: Caller,
    reference: str,
    *,
    patient_id: str = "",
    break_glass: str = "",
    restricted: bool = False,
) -> Resource:
    """One resource as it stands in the record, for the "show source" of an entry; audited.

    Of a ``restricted`` record without its addresses and telephone numbers. Raises NotFound where
    the record doesn't hold it, BadRecord where ``reference`` isn't ``Type/id``, or it came back as
    something else; NotPermitted where it opens somebody's door and the caller doesn't visit.
    """
    must_see_people(record, caller, patient_id)
    kind, _, identity = reference.partition("/")
    if not kind.isalpha() or not identity or "/" in identity:
        raise BadRecord("a source is asked for by Type/id")
    audit = opened_source(caller, reference, patient_id, break_glass=break_glass)
    search = Search("source", kind, (("_id", identity),))
    answer = record.ask([search], audit=audit if record.profile.writing.audit else None)
    found = answer.by_name["source"]
    if found.error is not None:
        raise found.error
    for resource in found.matches:
        if resource.get("resourceType") == kind and resource.get("id") == identity:
            return as_may_be_seen(resource, record=record, caller=caller, restricted=restricted)
    raise NotFound("the source is not in the answer")


def _patient_of(record: Record, encounter_id: str) -> str:
    encounter = record.fetch(f"Encounter/{encounter_id}")
    patient = id_of(encounter.get("subject"), "Patient")
    if not patient:
        raise BadRecord(
            "an Encounter names no Patient",
            sentence="The record does not say who this patient is, so no history can be shown.",
        )
    return patient


def _the_encounter(answer: Answer, encounter_id: str, patient_id: str) -> Resource:
    for encounter in answer.matches:
        if encounter.get("id") != encounter_id:
            continue
        if id_of(encounter.get("subject"), "Patient") != patient_id:
            raise BadRecord(
                "the Encounter belongs to another Patient",
                sentence="The record now says that this is somebody else. Open the patient again.",
            )
        return encounter
    raise NotFound("the Encounter is not in the answer")
