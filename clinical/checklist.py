"""The redirect checklist as the ward reads it: its items, and the answers given to them.

The checklist itself is a FHIR Questionnaire that a clinical lead edits; this is what the screens
and rules see of it. Which items apply, what is still open and what forbids a redirect is worked
out in ``clinical.checklist_rules``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum

from clinical.codes import Coding
from clinical.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit; ``code`` is that unit's in ``system`` (UCUM), where it has one."""

    value: Decimal
    unit: str
    system: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class ServiceChosen:
    """A community service of the record, as an answer."""

    service: str
    """The id of the HealthcareService."""
    name: str


AnswerValue = (
    bool | str | int | Decimal | date | datetime | time | Coding | Quantity | ServiceChosen
)
"""What one answer may hold. Absent is not an answer, and never False."""

Option = Coding | str
"""What a choice offers."""


class ItemKind(Enum):
    """Questionnaire item types that the app renders in full."""

    GROUP = "group"
    DISPLAY = "display"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    OPEN_CHOICE = "open-choice"
    STRING = "string"
    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    DATE_TIME = "dateTime"
    TIME = "time"
    QUANTITY = "quantity"
    SERVICE = "reference"
    """A reference to a HealthcareService: the community services that the record lists."""


@dataclass(frozen=True, slots=True)
class EnableWhen:
    """One ``enableWhen`` condition. ``operator`` is FHIR's: exists, =, !=, >, <, >=, <=."""

    link_id: str
    operator: str
    value: AnswerValue


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the checklist."""

    link_id: str
    kind: ItemKind
    words: str
    help: str = ""
    required: bool = False
    repeats: bool = False
    options: tuple[Option, ...] = ()
    enable_when: tuple[EnableWhen, ...] = ()
    enable_any: bool = False
    """``enableBehavior`` ``any``; ``all`` otherwise."""
    red_flag: bool = False
    """A "yes" here speaks against redirecting: it takes a second clinician to override."""
    needed_for_redirect: bool = False
    """A redirect can't be recorded before this is answered "yes" (agreement, consent)."""
    indicator: str = ""
    """The indicator of ``clinical.indicators`` whose evidence is shown beside it."""
    items: tuple[Item, ...] = ()
    max_length: int | None = None
    units: tuple[Coding, ...] = ()
    """The units that a quantity may have."""
    least: Decimal | None = None
    most: Decimal | None = None
    """The smallest and the largest number that it takes; None: any."""
    judged: bool = False
    """Whether the judgement of ``indicator`` is the answer that is proposed: met a yes, not met a
    no, unknown nothing."""
    expression: str = ""
    """A FHIRPath expression over the record whose value is proposed as the answer."""
    evidence: str = ""
    """A FHIRPath expression for the resources that the proposal rests on."""
    referral: str = ""
    """Where its answer stands in the referral as well: ``note`` or ``patient-instruction``."""

    @property
    def asks(self) -> bool:
        """Whether it takes an answer: a heading and a line to read don't."""
        return self.kind not in (ItemKind.GROUP, ItemKind.DISPLAY)


@dataclass(frozen=True, slots=True)
class Variable:
    """A part of the record that expressions may name: ``%name`` is what this search finds."""

    name: str
    resource_type: str
    params: tuple[tuple[str, str], ...]
    """``{{%patient.id}}`` and ``{{%encounter.id}}`` stand for the ids of the wait."""


@dataclass(frozen=True, slots=True)
class Checklist:
    """One version of the checklist."""

    url: str
    version: str
    title: str
    items: tuple[Item, ...]
    variables: tuple[Variable, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemAnswer:
    """What a clinician answered to one item, when, and who they are."""

    link_id: str
    values: tuple[AnswerValue, ...]
    by_user: str = ""
    by_name: str = ""
    at: datetime | None = None
    evidence: tuple[Evidence, ...] = ()
    """What of the record it rests on, where a clinician confirmed what the record proposed."""


@dataclass(frozen=True, slots=True)
class Draft:
    """The answers so far to one review's checklist, and where in the record they stand."""

    response: str
    """The id of the QuestionnaireResponse, empty while there is none."""
    version: str
    """Its version for ``If-Match``."""
    checklist_version: str
    answers: tuple[ItemAnswer, ...]
    completed: bool
    saved_at: datetime | None
    unreadable: tuple[str, ...] = ()
    """Answers in the record that this checklist can't show, in words: kept, never dropped."""


@dataclass(frozen=True, slots=True)
class Override:
    """A second clinician's name under a redirect in spite of red flags, and why.

    ``red_flags`` are the link ids and indicator names that they saw and override: a red flag that
    turns up later needs their word again.
    """

    by_user: str
    by_name: str
    reason: str
    red_flags: tuple[str, ...]
    at: datetime | None = None
