"""A patient's shared record, as sections that each say how far they can be trusted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum

from clinical.codes import Coding
from clinical.moments import Moment
from clinical.person import Person
from clinical.quick import quick


class SectionState(Enum):
    """What a section is. The six never look alike, and only one of them says "no"."""

    LOADED = "loaded"
    NONE_RETURNED = "none-returned"
    """Asked and answered with nothing. That isn't "none": it may be withheld or elsewhere."""
    ASSERTED_NONE = "asserted-none"
    """A clinician recorded, in a code, that there are none ("no known allergies")."""
    FAILED = "failed"
    NOT_HELD = "not-held"
    """This record doesn't hold or doesn't answer this kind of entry."""
    WITHHELD = "withheld"
    """Held, and kept from this reader (restricted)."""


@quick
@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that the record says of the patient, read once from one resource."""

    kind: str
    """The resource type it came from."""
    id: str
    title: str
    """What it is, in the record's own words; never empty ("no description recorded")."""
    codes: tuple[Coding, ...] = ()
    status: str = ""
    """The resource's own status code, or the clinical status of a Condition or allergy."""
    when: Moment | None = None
    """When it was true: onset, effective, performed, authored or started."""
    ended: Moment | None = None
    value: str = ""
    """A result as words with its unit ("82 /min"); empty where there is none."""
    number: Decimal | None = None
    unit: str = ""
    source: str = ""
    """The organisation or person it came from; empty where the record doesn't say."""
    category: str = ""
    detail: tuple[str, ...] = ()
    """Further lines a reader wants: dose, reaction, reason, note."""
    parts: tuple[tuple[str, str], ...] = ()
    """Components of a panel: (what, value with unit)."""
    encounter: str = ""
    """The id of the Encounter it belongs to, where it names one."""
    caution: tuple[str, ...] = ()
    """Why not to read it plainly: entered in error, refuted, modifierExtension, unknown code."""
    asserts_absence: bool = False
    """A coded statement that there is none of the section's kind."""
    weight: str = ""
    """How much it matters, as the record itself says: a problem's significance (major, minor), an
    allergy's criticality, a referral's priority."""
    record: str = ""
    """The id of the Patient whose record it is from, where that isn't the one opened."""

    @property
    def reference(self) -> str:
        """``Type/id``, to fetch its source by."""
        return f"{self.kind}/{self.id}"

    @property
    def in_error(self) -> bool:
        """Whether the record itself says that this was entered in error: no rule may use it."""
        return self.status == "entered-in-error"


@dataclass(frozen=True, slots=True)
class RecordSection:
    """One section of the record. ``complete`` is False while pages are known to be unread."""

    name: str
    state: SectionState
    entries: tuple[Entry, ...] = ()
    set_aside: int = 0
    """Entries that were received and couldn't be read."""
    sources: tuple[str, ...] = ()
    complete: bool = True
    explanation: str = ""
    """For every state but LOADED: a sentence that a clinician can act on."""
    warnings: tuple[str, ...] = ()
    """What the record itself said of its answer (an OperationOutcome inside the Bundle)."""


@dataclass(frozen=True, slots=True)
class PatientRecord:
    """Everything one reading of the record gave of one patient."""

    as_at: datetime
    person: Person
    sections: Mapping[str, RecordSection]
    """By section name, in the order of the screen."""
    received: int
    """How many entries the record sent: shown plus set aside, over all sections."""
    other_records: tuple[Person, ...] = ()
    """Other Patients that may be, or are said to be, the same person."""
    merged: tuple[str, ...] = ()
    """Ids of those of them whose entries stand among these sections: certainly the same person's.
    An entry says by its ``record`` which of them it is from."""

    def origin_of(self, entry: Entry) -> str:
        """Who keeps the other record that an entry is from; empty where it is from this one."""
        return self.keeper_of(entry.record) if entry.record else ""

    def keeper_of(self, patient: str) -> str:
        """Who keeps the record of this Patient id, in words."""
        for each in (self.person, *self.other_records):
            if each.patient == patient and each.organisation:
                return each.organisation
        return "an organisation that isn't named"


def newest_first(entries: Iterable[Entry]) -> list[Entry]:
    """The entries, newest first; those of unknown time come before them all.

    Entries of one time stand in the order of their ids: servers send them now so, now so.
    """
    return sorted(entries, key=_age)


_UNKNOWN = float("-inf")


def _age(each: Entry) -> tuple[float, str, str]:
    when = each.when
    return (_UNKNOWN if when is None else -when.earliest.timestamp()), each.kind, each.id


SECTION_NAMES: tuple[str, ...] = (
    "alerts",
    "problems",
    "medicines",
    "allergies",
    "attendances",
    "contacts",
    "referrals",
    "care-plans",
    "frailty",
    "function",
    "social",
    "observations",
    "results",
    "documents",
    "procedures",
    "immunisations",
    "assessments",
    "other",
)
"""In the order of the screen. ``attendances`` are ED attendances and admissions; ``contacts``
community and outpatient encounters and episodes of care; ``alerts`` flags, CPR decisions and
consents; ``other`` whatever was received and belongs nowhere else, so that nothing is dropped."""
