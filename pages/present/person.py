"""Who a screen is about, in the Common User Interface's words.

``FAMILY, Given (Title) · Born dd-Mmm-yyyy (age) · Gender · NHS No. 3-3-4``. What isn't recorded
says so; a number that fails its check digit is shown with that, never silently.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from clinical.age import age_of
from clinical.moments import Precision
from clinical.nhs_number import formatted
from clinical.person import Confidentiality, NhsNumber, Person
from pages.present import times
from pages.present.escape import html, join

VERIFICATION = {
    "01": "present and verified",
    "02": "present but not traced",
    "03": "trace required",
    "04": "traced, no match or several",
    "05": "trace needs to be resolved: number or detail conflict",
    "06": "trace in progress",
    "07": "not present, trace not required",
    "08": "trace postponed (baby under six weeks)",
}
"""The NHS Data Dictionary's NHS number status."""


@dataclass(frozen=True, slots=True)
class Banner:
    """What a patient banner says. ``cautions`` are said in the banner, each in a few words."""

    family: str
    given: str
    born: str
    gender: str
    nhs_number: str
    verification: str
    cautions: tuple[str, ...]


def family(person: Person) -> str:
    """The family name in capitals, as the Common User Interface writes it."""
    return person.family.upper() or "NAME NOT RECORDED"


def given(person: Person) -> str:
    """``Given (Title)``, whichever of them is recorded."""
    title = f"({person.title})" if person.title else ""
    return " ".join(part for part in (person.given, title) if part)


def name(person: Person) -> str:
    """``FAMILY, Given (Title)``."""
    after = given(person)
    return f"{family(person)}, {after}" if after else family(person)


def age(person: Person, now: datetime) -> str:
    """``87 years``; a range where the birth date is partly known; else that it isn't known."""
    years = age_of(person, now)
    if years is None:
        return "age not known"
    return f"{years.words} {'year' if years.words == '1' else 'years'}"


def born(person: Person, now: datetime) -> str:
    """``05-Mar-1938 (88 years)``, the date only as far as it is recorded."""
    if person.birth_date is None:
        return "not recorded"
    known = person.birth_date
    shown = (
        times.day(known.earliest) if known.precision is Precision.INSTANT else times.moment(known)
    )
    return f"{shown} ({age(person, now)})"


def gender(person: Person) -> str:
    """The recorded administrative gender, or that none is."""
    return person.gender.capitalize() or "not recorded"


def verification(number: NhsNumber) -> str:
    """What is known of the number: its check digit first, then its tracing status."""
    if not number.check_digit_valid:
        return "NOT a valid NHS number: check digit fails"
    known = VERIFICATION.get(number.verification)
    if known is not None:
        return known
    return f"status {number.verification}" if number.verification else "verification not recorded"


def nhs_number(person: Person) -> str:
    """The NHS number or numbers in groups, or that none is recorded."""
    return " or ".join(formatted(each) for each in person.nhs_numbers) or "not recorded"


def cautions(person: Person, now: datetime) -> tuple[str, ...]:
    """What has to be said of this person beside the name, most serious first."""
    said: list[str] = []
    if person.deceased:
        died = person.deceased_at
        said.append(f"Recorded as died {times.moment(died)}" if died else "Recorded as deceased")
    if person.confidentiality is not Confidentiality.NORMAL:
        said.append(f"{person.confidentiality.value.capitalize()} record")
    if len(person.nhs_numbers) > 1:
        said.append(f"{len(person.nhs_numbers)} NHS numbers on one record")
    if person.same_nhs_number:
        count = len(person.same_nhs_number)
        said.append(f"{count + 1} records carry this NHS number")
    if person.birth_date is not None and age_of(person, now) is None:
        said.append("Birth date lies in the future")
    if person.interpreter_required:
        language = f": {person.language}" if person.language else ""
        said.append(f"Interpreter needed{language}")
    said.extend(person.unreadable)
    return tuple(said)


def banner(person: Person, now: datetime) -> Banner:
    """The banner of a person at ``now``."""
    return Banner(
        family(person),
        given(person),
        born(person, now),
        gender(person),
        nhs_number(person),
        "; ".join(verification(each) for each in person.nhs_numbers),
        cautions(person, now),
    )


def banner_html(shown: Banner) -> Markup:
    """Who this is, as markup: the part of the banner that never leaves the screen."""
    verified = (
        html(' <span class="quiet">({words})</span>', words=shown.verification)
        if shown.verification
        else Markup()
    )
    return html(
        '<section class="hv-banner" aria-label="Patient">'
        '<h1 class="family">{family}{given}</h1>'
        "<dl><div><dt>Born</dt><dd>{born}</dd></div><div><dt>Gender</dt><dd>{gender}</dd></div>"
        "<div><dt>NHS No.</dt><dd>{number}{verified}</dd></div></dl></section>",
        family=shown.family,
        given=f", {shown.given}" if shown.given else "",
        born=shown.born,
        gender=shown.gender,
        number=shown.nhs_number,
        verified=verified,
    )


def alerts_html(shown: Banner, others: tuple[Markup, ...] = ()) -> Markup:
    """What has to be known of them at once: the banner's cautions, then ``others`` as they are."""
    marks = [
        html('<span class="hv-tag stop">{words}</span>', words=each) for each in shown.cautions
    ]
    return html(
        '<section class="hv-banner alerts" aria-label="Alerts">{marks}</section>',
        marks=join([*marks, *others]),
    )
