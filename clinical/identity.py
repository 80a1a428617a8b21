"""Whether two records are of one person, and what they disagree about.

Nothing here merges anybody. What is certain may be shown as one with each entry's origin kept;
what is only possible is offered; a mismatch stops the decision until a person has settled it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from clinical.moments import Moment, Precision
from clinical.nhs_number import formatted, valid_numbers, verified_numbers
from clinical.person import Person

_CONFLICT = "05"
"""NHS number status: trace needs to be resolved, number or patient detail conflict."""


class Sameness(Enum):
    """Whether two records are of one person."""

    CERTAIN = "certain"
    """Both carry the same NHS number, traced and verified, or one names the other in
    ``Patient.link``; and nothing contradicts it."""
    POSSIBLE = "possible"
    """The same number, unverified; or either with a contradiction; or name and birth date."""
    NOT_SHOWN = "not shown"
    """Nothing says that they are the same. That isn't proof that they aren't."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One thing that two records say differently."""

    what: str
    here: str
    there: str
    stops: bool
    """Whether it puts the person in doubt, so that no decision can be recorded."""

    @property
    def words(self) -> str:
        """In a sentence."""
        return f"The records disagree about the {self.what}: {self.here} and {self.there}."


def sameness(one: Person, other: Person) -> Sameness:
    """Whether two records are certainly or possibly of one person; the order doesn't matter.

    A link "concerns the same actual patient" (FHIR R4, Patient.link), whichever type it has
    (docs/adr/0002).
    """
    contradicted = any(each.stops for each in disagreements(one, other))
    joined = is_linked(one, other)
    if (joined or verified_numbers(one) & verified_numbers(other)) and not contradicted:
        return Sameness.CERTAIN
    if joined or valid_numbers(one) & valid_numbers(other):
        return Sameness.POSSIBLE
    two_people = verified_numbers(one) and verified_numbers(other)
    if not two_people and _same_name(one, other) and _same_day(one.birth_date, other.birth_date):
        return Sameness.POSSIBLE
    return Sameness.NOT_SHOWN


def disagreements(one: Person, other: Person) -> tuple[Disagreement, ...]:
    """What two records of (perhaps) one person say differently; what one doesn't say is no
    disagreement.

    Names differ when both family and given names do: one of them changes by marriage or is
    shortened. A partial birth date disagrees only where it excludes the other, an address or
    telephone number only where neither is a part of the other.
    """
    found = []
    if (
        one.birth_date is not None
        and other.birth_date is not None
        and not _overlap(one.birth_date, other.birth_date)
    ):
        found.append(
            Disagreement("birth date", one.birth_date.text, other.birth_date.text, stops=True)
        )
    family, given = (_differ(one.family, other.family), _differ(_first(one), _first(other)))
    if family or given:
        found.append(Disagreement("name", _name(one), _name(other), stops=family and given))
    ours, theirs = valid_numbers(one), valid_numbers(other)
    if ours and theirs and not ours & theirs:
        found.append(Disagreement("NHS number", _written(ours), _written(theirs), stops=True))
    if _differ(one.gender, other.gender) and "unknown" not in (one.gender, other.gender):
        found.append(Disagreement("gender", one.gender, other.gender, stops=False))
    if one.deceased is not None and other.deceased is not None and one.deceased != other.deceased:
        words = {True: "deceased", False: "not deceased"}
        found.append(Disagreement("death", words[one.deceased], words[other.deceased], stops=True))
    found += [
        Disagreement(what, here, there, stops=False)
        for what, here, there in (
            ("address", ", ".join(one.address), ", ".join(other.address)),
            ("telephone number", ", ".join(one.telephone), ", ".join(other.telephone)),
            ("general practice", one.general_practice, other.general_practice),
        )
        if _differ(here, there) and not _within(here, there)
    ]
    return tuple(found)


def identity_stops(person: Person, others: Sequence[Person] = ()) -> tuple[str, ...]:
    """Why no decision can be recorded about this person yet, in sentences; empty where it can.

    A number that fails its check digit or couldn't be read, which may be somebody else's mistyped;
    more than one valid number on one record; a number whose trace found a conflict; another
    record with the same number that nobody has linked to this one; a record that is certainly or
    possibly the same person's and contradicts this one.
    """
    stops = [
        f"{formatted(number)} is not a valid NHS number."
        for number in person.nhs_numbers
        if not number.check_digit_valid
    ]
    stops += [f"{each}." for each in person.unreadable if "NHS number" in each]
    if len(valid_numbers(person)) > 1:
        stops.append(f"This record carries two NHS numbers: {_written(valid_numbers(person))}.")
    if any(number.verification == _CONFLICT for number in person.nhs_numbers):
        stops.append("The NHS number's trace found a conflict that has to be resolved.")
    alike = [other for other in others if sameness(person, other) is not Sameness.NOT_SHOWN]
    unlinked = set(person.same_nhs_number) | {
        other.patient for other in others if valid_numbers(person) & valid_numbers(other)
    }
    unlinked -= {person.patient, *person.linked}
    unlinked -= {other.patient for other in others if person.patient in other.linked}
    if unlinked:
        stops.append("More than one record carries this NHS number, and they aren't linked.")
    for other in alike:
        stops += [each.words for each in disagreements(person, other) if each.stops]
    return tuple(dict.fromkeys(stops))


def is_linked(one: Person, other: Person) -> bool:
    """Whether either record names the other as the same person's."""
    return other.patient in one.linked or one.patient in other.linked


def _same_name(one: Person, other: Person) -> bool:
    parts = (_plain(one.family), _plain(_first(one)))
    return all(parts) and parts == (_plain(other.family), _plain(_first(other)))


def _same_day(one: Moment | None, other: Moment | None) -> bool:
    return (
        one is not None
        and other is not None
        and one.precision is Precision.DAY
        and other.precision is Precision.DAY
        and one.earliest == other.earliest
    )


def _overlap(one: Moment, other: Moment) -> bool:
    return (
        one.earliest <= other.earliest < max(one.before, one.earliest)
        or (other.earliest <= one.earliest < max(other.before, other.earliest))
        or one.earliest == other.earliest
    )


def _differ(one: str, other: str) -> bool:
    return bool(_plain(one)) and bool(_plain(other)) and _plain(one) != _plain(other)


def _within(one: str, other: str) -> bool:
    return _plain(one) in _plain(other) or _plain(other) in _plain(one)


def _first(person: Person) -> str:
    return next(iter(person.given.split()), "")


def _name(person: Person) -> str:
    return ", ".join(part for part in (person.family.upper(), person.given) if part)


def _plain(words: str) -> str:
    """Letters only, without accents and case: O'Néill is ONEILL."""
    apart = unicodedata.normalize("NFKD", words).casefold()
    return "".join(each for each in apart if each.isalnum())


def _written(numbers: Iterable[str]) -> str:
    return " and ".join(formatted(each) for each in sorted(numbers))
