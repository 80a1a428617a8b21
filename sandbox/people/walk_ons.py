"""Those who wait and are not of the cast: as many more as are asked for, each from a number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from sandbox.people.cast.member import Call, Member
from sandbox.people.county import PRACTICES
from sandbox.people.early_warning import Vitals
from sandbox.people.entries import (
    Attendance,
    Caseload,
    Contact,
    Entry,
    Frailty,
    Medicine,
    NoKnownAllergies,
    Problem,
    Relative,
    series,
)
from sandbox.people.needs import FAMILIES, GIVEN, NEEDS, Need
from sandbox.people.nhs_number import nhs_number
from sandbox.people.person import Birth, Person

_SERIALS_FROM = 100
YEAR = 365.25


def made_of(chance: Random, number: int, age: int) -> Person:
    """Somebody with a name, an address and whatever the practice happens to have recorded."""
    gender = chance.choice(("female", "male"))
    practice = chance.choice(tuple(PRACTICES))
    ethnicity = chance.choice("AAAAAAAABCHJKMNS")
    return Person(
        id=f"person-{number}",
        family=chance.choice(FAMILIES),
        given=(chance.choice(GIVEN[gender]), chance.choice(GIVEN[gender])),
        gender=gender,
        birth=Birth(age, chance.randint(1, 12), chance.randint(1, 28)),
        nhs=nhs_number(2 * (_SERIALS_FROM + number)),
        practice=practice,
        address=(f"{chance.randint(1, 180)} Fern Street", "Northmoor", "FS4 1AA"),
        phone=f"01632 960{chance.randint(0, 999):03d}",
        ethnicity=ethnicity if chance.random() < 0.8 else "",
        decile=chance.randint(1, 10) if chance.random() < 0.9 else None,
    )


def _vitals(chance: Random, need: Need) -> Vitals:
    usual = need.vitals
    return replace(
        usual,
        minutes=chance.randint(12, 40),
        respiration=(usual.respiration or 16) + chance.randint(-1, 2),
        spo2=min((usual.spo2 or 96) + chance.randint(-1, 1), 100),
        systolic=(usual.systolic or 130) + chance.randint(-12, 14),
        pulse=(usual.pulse or 80) + chance.randint(-8, 10),
        temperature=round((usual.temperature or 36.5) + chance.choice((-0.2, 0.0, 0.1, 0.3)), 1),
    )


def _history(chance: Random, need: Need, age: int) -> Iterator[Entry]:
    for words, code in need.problems:
        yield Problem(words, code, chance.randint(100, 3000))
    for words, dose in need.medicines:
        yield Medicine(words, dose, chance.randint(30, 2000))
    if chance.random() < 0.6:
        yield NoKnownAllergies(chance.randint(60, 1500))
    if age >= 65 and chance.random() < 0.7:
        yield Frailty(chance.choice((3, 4, 5, 6, 6, 7)), chance.randint(20, 500))
    if chance.random() < 0.5:
        yield Attendance(chance.choice(need.words), chance.randint(20, 700))
    if chance.random() < 0.4:
        yield Caseload("District nursing", chance.randint(30, 500))
        yield Contact("District nurse visit", chance.randint(1, 25))
    if chance.random() < 0.5:
        yield Relative("Not recorded", chance.choice(GIVEN["female"]), "Next of kin")
    yield series("egfr", chance.randint(55, 90), chance.randint(35, 80), 3)


def walk_on(number: int, *, seed: int, sites: int) -> Member:
    """The person of this number, who comes after the cast: the same for the same seed."""
    chance = Random(f"{seed}/walk-on/{number}")  # noqa: S311 - nothing secret
    need = chance.choice(NEEDS)
    age = chance.randint(*need.ages)
    return Member(
        number=number,
        path="one of many",
        person=made_of(chance, number, age),
        call=Call(chance.choice(need.words), need.code),
        minutes=chance.randint(2, 160),
        place=chance.choice(("vehicle", "vehicle", "bay", "vehicle and bay", "corridor")),
        site=chance.randint(1, sites),
        vitals=(_vitals(chance, need),),
        history=tuple(_history(chance, need, age)),
    )
