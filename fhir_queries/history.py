"""Everything the record says of one patient, in one exchange and its pages, and who looked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from clinical.person import Caller, Confidentiality, Person
from clinical.record import SECTION_NAMES, PatientRecord, RecordSection
from clinical.waiting import WaitingPatient
from fhir_queries.asking import Answer, Answers, Resource, Search
from fhir_queries.audit import must_see_people, opened_record, opened_source
from fhir_queries.errors import BadRecord, NotFound, RecordError
from fhir_queries.port import Record, page_of
from fhir_queries.profile import RecordProfile
from fhir_queries.reading.fields import id_of, text
from fhir_queries.reading.observations import effective
from fhir_queries.reading.people import person, unknown_person
from fhir_queries.reading.sections import (
    UNREADABLE,
    Gathering,
    answers_by_type,
    section,
    withheld_section,
)
from fhir_queries.reading.waits import waiting_patient, waiting_since
from fhir_queries.waiting import CAME_WITH, by_encounter, person_of

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
CREW_BEFORE = timedelta(hours=2)
"""How long before arrival an Observation that names no Encounter may be the crew's."""
_LOOSE = "doesn't name this wait: taken for the crew's by its time alone"
_DATED = ("DiagnosticReport", "Observation")
_RESTRICTED = {
    Confidentiality.RESTRICTED: "This person's record is restricted: it is not shown here.",
    Confidentiality.VERY_RESTRICTED: (
        "This person's record is very restricted: neither it nor their details are shown here."
    ),
}


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

    All of ``SECTION_NAMES`` are there, each with the state that the answers allow. Of a restricted
    record they are withheld, unless ``break_glass`` gives the reason why they are opened all the
    same (the site decides who may); address and telephone stay withheld.

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
    theirs = _other_searches(record.profile, patient_id, nhs_numbers, known)
    searches += theirs
    audit = opened_record(caller, patient_id, encounter_id, break_glass=break_glass)
    answers = record.ask(searches, audit=audit if record.profile.writing.audit else None)
    answer = answers.by_name["wait"]
    if answer.error is not None:
        raise answer.error
    encounter = _the_encounter(answer, encounter_id, patient_id)
    holder = person_of(encounter, answer.included)
    wait = _wait(encounter, holder, answer, record.profile, answers.by_name.get("Observation"))
    holder, others = _other_records(record, holder, answers, theirs)
    if wait is not None:
        wait = replace(wait, person=holder)
    sections, received = _sections(answers, holder, encounter_id, record.profile)
    if holder.confidentiality is not Confidentiality.NORMAL and not break_glass:
        why = _RESTRICTED[holder.confidentiality]
        sections = {name: withheld_section(name, why) for name in SECTION_NAMES}
        received = 0
        others = ()
    return wait, PatientRecord(answers.as_at, holder, sections, received, others)


def history_searches(profile: RecordProfile, encounter_id: str, patient_id: str) -> list[Search]:
    """The searches of one patient's history; each but the wait is named for its type."""
    searches = [Search("wait", "Encounter", (("_id", encounter_id), *CAME_WITH))]
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
    record: Record, caller: Caller, reference: str, *, patient_id: str = ""
) -> Resource:
    """One resource as it stands in the record, for the "show source" of an entry; audited.

    Raises NotFound where the record doesn't hold it, BadRecord where ``reference`` isn't
    ``Type/id``, or it came back as something else.
    """
    must_see_people(record, caller, patient_id)
    kind, _, identity = reference.partition("/")
    if not kind.isalpha() or not identity or "/" in identity:
        raise BadRecord("a source is asked for by Type/id")
    audit = opened_source(caller, reference, patient_id) if record.profile.writing.audit else None
    answer = record.ask([Search("source", kind, (("_id", identity),))], audit=audit)
    found = answer.by_name["source"]
    if found.error is not None:
        raise found.error
    for resource in found.matches:
        if resource.get("resourceType") == kind and resource.get("id") == identity:
            return resource
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


def _without_encounter(
    observed: Answer | None, encounter: Resource, profile: RecordProfile
) -> Sequence[Resource]:
    """The patient's Observations of this wait's time that name no Encounter.

    They are taken for the crew's only where nothing is linked to the wait (``_wait``).
    """
    since = waiting_since(encounter, profile.wait)
    if observed is None or since is None or not since.exact:
        return []
    first = since.earliest - CREW_BEFORE
    found = []
    for resource in observed.matches:
        if resource.get("encounter") is None:
            at = effective(resource)
            if at is not None and at.exact and at.earliest >= first:
                found.append(resource)
    return found


def _wait(
    encounter: Resource,
    holder: Person,
    answer: Answer,
    profile: RecordProfile,
    observed: Answer | None,
) -> WaitingPatient | None:
    observations, tasks = by_encounter(answer.included)
    identity = text(encounter.get("id"))
    linked = observations.get(identity, ())
    loose = () if linked else _without_encounter(observed, encounter, profile)
    try:
        read = waiting_patient(
            encounter,
            holder,
            observations=linked or loose,
            tasks=tasks.get(identity, ()),
            included=answer.included,
            profile=profile,
        )
    except UNREADABLE:
        return None
    if linked or not loose:
        return read
    doubted = [replace(each, caution=(*each.caution, _LOOSE)) for each in read.findings]
    return replace(read, findings=tuple(doubted))


def _sections(
    answers: Answers, holder: Person, encounter_id: str, profile: RecordProfile
) -> tuple[dict[str, RecordSection], int]:
    numbers = frozenset(number.digits for number in holder.nhs_numbers)
    gathering = Gathering(holder.patient, encounter_id, numbers)
    asked = [(kind, answers.by_name[kind]) for kind in HISTORY_TYPES if kind in answers.by_name]
    for kind, answer in asked:
        for resource in answer.matches:
            gathering.take(resource, answer.included)
        if answer.set_aside:
            gathering.set_aside_of(kind, answer.set_aside)
    by_type = answers_by_type(asked)
    name = profile.record_name
    return {each: section(each, gathering, by_type, name) for each in SECTION_NAMES}, (
        gathering.received
    )


def _other_searches(
    profile: RecordProfile, patient: str, nhs_numbers: Sequence[str], known: Person | None
) -> list[Search]:
    """Searches for other Patients that may be the same person, by what is known of them.

    Those of the same family name and date of birth are offered, never merged.
    """
    if not profile.person.other_records:
        return []
    searches = [Search("links-here", "Patient", (("link", f"Patient/{patient}"),))]
    if nhs_numbers:
        systems = profile.person.nhs_number_systems
        tokens = ",".join(f"{system}|{digits}" for digits in nhs_numbers for system in systems)
        searches.append(Search("same-number", "Patient", (("identifier", tokens),)))
    if known is None:
        return searches
    if known.linked:
        searches.append(Search("linked", "Patient", (("_id", ",".join(known.linked)),)))
    if known.family and known.birth_date is not None and len(known.birth_date.text) == 10:
        by = (("family:exact", known.family), ("birthdate", known.birth_date.text))
        searches.append(Search("alike", "Patient", by))
    return searches


def _other_records(
    record: Record, holder: Person, answers: Answers, asked: Sequence[Search]
) -> tuple[Person, tuple[Person, ...]]:
    """The person, told which Patients share their number, and those and linked ones as people."""
    numbers = [number.digits for number in holder.nhs_numbers]
    wanted = _other_searches(record.profile, holder.patient, numbers, holder)
    found = {search.name: answers.by_name[search.name] for search in asked if search in wanted}
    if still := [search for search in wanted if search.name not in found]:
        try:
            found.update(record.ask(still).by_name)
        except RecordError:
            holder = _unchecked(holder)
    people: dict[str, Person] = {}
    for search in wanted:
        answer = found.get(search.name)
        if answer is None:
            continue
        if answer.error is not None and search.name in ("same-number", "linked"):
            holder = _unchecked(holder)
        for resource in answer.matches:
            identity = text(resource.get("id"))
            if identity and identity != holder.patient and identity not in people:
                people[identity] = _readable(resource, identity)
    shared = tuple(
        sorted(
            patient
            for patient, other in people.items()
            if {each.digits for each in other.nhs_numbers} & set(numbers)
        )
    )
    return replace(holder, same_nhs_number=shared), tuple(people.values())


def _readable(resource: Resource, identity: str) -> Person:
    try:
        return person(resource, {})
    except UNREADABLE:
        return unknown_person(identity, "this other record's details can't be read")


def _unchecked(holder: Person) -> Person:
    why = "whether other records hold the same NHS number could not be checked"
    if why in holder.unreadable:
        return holder
    return replace(holder, unreadable=(*holder.unreadable, why))
