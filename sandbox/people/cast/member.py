"""One member of the cast: who they are, why they came, what the crew found, what is recorded."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.people.early_warning import Vitals
from sandbox.people.entries import Entry
from sandbox.people.nhs_number import nhs_number
from sandbox.people.person import Person


@dataclass(frozen=True, slots=True)
class Call:
    """The reason for the call: words, a code of our own call reasons, SNOMED where it is sure."""

    text: str
    need: str
    snomed: str = ""


@dataclass(frozen=True, slots=True)
class OtherRecord:
    """A second Patient in the record, with what is filed under it."""

    person: Person
    history: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One member of the cast. Ids follow from `number`: `person-07`, `wait-07`, `crew-07-1`."""

    number: int
    path: str
    """Which way through the app this person is for; the table in README.md is made from it."""
    person: Person
    call: Call
    minutes: int
    """How long ago they arrived."""
    place: str
    """`vehicle`, `bay`, `corridor`, or `vehicle and bay`."""
    site: int = 1
    vitals: tuple[Vitals, ...] = ()
    said: tuple[tuple[str, str], ...] = ()
    history: tuple[Entry, ...] = ()
    others: tuple[OtherRecord, ...] = ()
    timed: bool = True
    """False where the sender gave only the day of the arrival."""
    review: str = ""
    """A review that already stands: `requested`, `claimed` or `redirected` (still here)."""

    @property
    def key(self) -> str:
        """The number as ids carry it."""
        return f"{self.number:02d}"


def identity(number: int) -> str:
    """The id of a member's Patient."""
    return f"person-{number:02d}"


def number_of(member: int) -> str:
    """The NHS number of a member of the cast: 999 000 xxxx."""
    return nhs_number(2 * member)


def phone(number: int) -> str:
    """A telephone number of the range that Ofcom keeps for fiction."""
    return f"01632 960{number:03d}"
