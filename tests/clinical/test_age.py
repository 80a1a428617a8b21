"""Ages: as exact as the birth date and no more."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical.age import Age, age_at, age_band, age_of
from clinical.moments import LONDON, read_moment
from clinical.person import Confidentiality, Person

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
SOMEBODY = Person(
    "p", "TEST", "Ann", "", read_moment("1946-03-10"), "", (), None, None, Confidentiality.NORMAL
)


@pytest.mark.parametrize(
    ("born", "words"),
    [
        ("1946-03-10", "80"),
        ("1946-03-11", "79"),
        ("1946", "79 or 80"),
        ("1946-02", "80"),
        ("1946-03", "79 or 80"),
        ("1946-04", "79"),
        ("2026-03-10", "0"),
        ("2026", "0"),
        ("1946-03-10T09:00:00+00:00", "80"),
    ],
)
def test_an_age_is_said_as_exactly_as_the_birth_date_is_known(born: str, words: str) -> None:
    age = age_at(read_moment(born), NOW)
    assert age is not None
    assert age.words == words


@pytest.mark.parametrize("born", ["2026-03-11", "2027", ""])
def test_without_a_birth_date_that_can_be_there_is_no_age(born: str) -> None:
    assert age_at(read_moment(born), NOW) is None


def test_a_birthday_begins_at_midnight_in_london() -> None:
    born = read_moment("1946-07-01")
    assert age_at(born, datetime(2026, 6, 30, 22, 59, tzinfo=UTC)) == Age(79, 79)
    assert age_at(born, datetime(2026, 6, 30, 23, 0, tzinfo=UTC)) == Age(80, 80)


def test_somebody_born_on_29_february_is_a_year_older_on_1_march() -> None:
    born = read_moment("1948-02-29")
    assert age_at(born, datetime(2026, 2, 28, 12, tzinfo=LONDON)) == Age(77, 77)
    assert age_at(born, datetime(2026, 3, 1, 12, tzinfo=LONDON)) == Age(78, 78)
    assert age_at(born, datetime(2028, 2, 29, 12, tzinfo=LONDON)) == Age(80, 80)


def test_somebody_who_died_keeps_the_age_they_died_at() -> None:
    died = replace(SOMEBODY, deceased=True, deceased_at=read_moment("2020-03-09"))
    assert age_of(died, NOW) == Age(73, 74)
    assert age_of(replace(died, deceased_at=read_moment("2020-06-01T10:00:00Z")), NOW) == Age(
        74, 74
    )
    assert age_of(SOMEBODY, NOW) == Age(80, 80)


@pytest.mark.parametrize(
    ("age", "band"),
    [
        (Age(17, 17), "0-17"),
        (Age(18, 18), "18-39"),
        (Age(64, 64), "40-64"),
        (Age(65, 65), "65-74"),
        (Age(84, 84), "75-84"),
        (Age(85, 85), "85 and over"),
        (Age(79, 80), "75-84"),
        (Age(84, 85), "not recorded"),
        (None, "not recorded"),
    ],
)
def test_an_age_that_straddles_two_bands_is_counted_in_neither(age: Age | None, band: str) -> None:
    assert age_band(age) == band


@given(st.dates(date(1900, 1, 1), date(2026, 3, 10)))
def test_knowing_the_birth_date_better_only_narrows_the_age(day: date) -> None:
    exact = age_at(read_moment(str(day)), NOW)
    month, year = age_at(read_moment(str(day)[:7]), NOW), age_at(read_moment(str(day)[:4]), NOW)
    assert exact is not None
    assert month is not None
    assert year is not None
    assert year.youngest <= month.youngest <= exact.youngest == exact.oldest
    assert exact.oldest <= month.oldest <= year.oldest


@pytest.mark.parametrize(
    ("age", "adult"), [(Age(18, 18), True), (Age(17, 17), False), (Age(17, 18), None)]
)
def test_whether_somebody_has_reached_an_age_may_be_open(age: Age, adult: bool | None) -> None:
    assert age.at_least(18) is adult
