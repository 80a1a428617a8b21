"""Which other Patients of the record may be the same person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from clinical.person import Person
from fhir_queries.asking import Answers, Resource, Search
from fhir_queries.errors import RecordError
from fhir_queries.port import Record
from fhir_queries.profile import RecordProfile
from fhir_queries.reading.fields import text
from fhir_queries.reading.people import person, unknown_person
from fhir_queries.reading.sections import UNREADABLE


def searches_for_others(
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


def other_records(
    record: Record, holder: Person, answers: Answers, asked: Sequence[Search]
) -> tuple[Person, tuple[Person, ...]]:
    """The person, told which Patients share their number, and those and linked ones as people."""
    numbers = [number.digits for number in holder.nhs_numbers]
    wanted = searches_for_others(record.profile, holder.patient, numbers, holder)
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
