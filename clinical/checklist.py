"""The redirect checklist as the ward reads it: its items, and the answers given to them.

The checklist itself is a FHIR Questionnaire that a clinical lead edits; this is what the screens
and rules see of it. Which items apply, what is still open and what forbids a redirect is worked
out in ``clinical.checklist_rules``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum

from clinical.codes import Coding

AnswerValue = bool | str | int | Decimal | date | datetime | Coding
"""What one answer may hold. Absent is not an answer, and never False."""


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
    options: tuple[Coding, ...] = ()
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


@dataclass(frozen=True, slots=True)
class Checklist:
    """One version of the checklist."""

    url: str
    version: str
    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class ItemAnswer:
    """What a clinician answered to one item, when, and who they are."""

    link_id: str
    values: tuple[AnswerValue, ...]
    by_user: str = ""
    by_name: str = ""
    at: datetime | None = None


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
