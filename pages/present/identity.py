"""Doubts about who this is, in sentences: each is shown and stops a redirect."""

from __future__ import annotations

from clinical.person import Person
from pages.present import person as persons


def identity_doubts(person: Person, others: tuple[Person, ...]) -> tuple[str, ...]:
    """Why it isn't certain whose record this is; empty where nothing speaks against it."""
    doubts = []
    if len(person.nhs_numbers) > 1:
        doubts.append("Identity: this record carries more than one NHS number.")
    doubts += [
        f"Identity: {persons.grouped(each.digits)} is not a valid NHS number."
        for each in person.nhs_numbers
        if not each.check_digit_valid
    ]
    if person.same_nhs_number:
        count = len(person.same_nhs_number)
        records = "1 other record carries" if count == 1 else f"{count} other records carry"
        doubts.append(f"Identity: {records} the same NHS number.")
    doubts += [
        f"Identity: a record linked as the same person says {what}."
        for other in others
        if other.patient in person.linked or person.patient in other.linked
        for what in _contradictions(person, other)
    ]
    doubts += [f"Identity: {each}." for each in person.unreadable if "NHS number" in each]
    return tuple(dict.fromkeys(doubts))


def _contradictions(person: Person, other: Person) -> list[str]:
    said = []
    if person.family and other.family and person.family.casefold() != other.family.casefold():
        said.append("another family name")
    mine, theirs = person.birth_date, other.birth_date
    if mine and theirs and not (mine.earliest < theirs.before and theirs.earliest < mine.before):
        said.append("another date of birth")
    if person.gender and other.gender and person.gender != other.gender:
        said.append("another gender")
    return said
