"""Somebody's age, as exactly as their birth date is known and no more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from clinical.moments import LONDON, Moment
from clinical.person import Person


@dataclass(frozen=True, slots=True)
class Age:
    """Completed years: ``youngest`` to ``oldest``, equal where the birth date is fully known."""

    youngest: int
    oldest: int

    @property
    def words(self) -> str:
        """ "79", "79 or 80", or for a wider range "79 to 81"."""
        if self.youngest == self.oldest:
            return f"{self.youngest}"
        joined = "or" if self.oldest == self.youngest + 1 else "to"
        return f"{self.youngest} {joined} {self.oldest}"

    def at_least(self, years: int) -> bool | None:
        """Whether they are ``years`` old or older; None where the birth date leaves it open."""
        if self.youngest >= years:
            return True
        return False if self.oldest < years else None


AGE_BANDS: tuple[tuple[str, int, int | None], ...] = (
    ("0-17", 0, 17),
    ("18-39", 18, 39),
    ("40-64", 40, 64),
    ("65-74", 65, 74),
    ("75-84", 75, 84),
    ("85 and over", 85, None),
)
"""(words, from, to), for counts."""
BAND_NOT_RECORDED = "not recorded"


def age_at(born: Moment | None, when: datetime) -> Age | None:
    """The age at ``when``; None where the birth date is not recorded or lies after ``when``.

    Birthdays begin at midnight in Europe/London. Somebody born on 29 February is a year older on
    1 March of a year that has no 29th.
    """
    if born is None:
        return None
    day = when.astimezone(LONDON).date()
    first = born.earliest.astimezone(LONDON).date()
    last = first if born.exact else (born.before.astimezone(LONDON) - timedelta(days=1)).date()
    if first > day:
        return None
    return Age(max(0, _years(last, day)), _years(first, day))


def age_of(person: Person, now: datetime) -> Age | None:
    """Somebody's age at ``now``, or, where it is known when they died, at their death."""
    died = person.deceased_at
    if died is None:
        return age_at(person.birth_date, now)
    first = age_at(person.birth_date, min(now, died.earliest))
    last = age_at(person.birth_date, min(now, died.before))
    return None if first is None or last is None else Age(first.youngest, last.oldest)


def age_band(age: Age | None) -> str:
    """The band of ``AGE_BANDS``, or "not recorded" where the age isn't known well enough."""
    if age is None:
        return BAND_NOT_RECORDED
    for words, youngest, oldest in AGE_BANDS:
        if age.youngest >= youngest and (oldest is None or age.oldest <= oldest):
            return words
    return BAND_NOT_RECORDED


def _years(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
