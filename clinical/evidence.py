"""What a rule found, and on what evidence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from clinical.moments import Moment


class Judgement(Enum):
    """What an indicator may be. There is no fourth: what isn't known is never a no."""

    MET = "met"
    NOT_MET = "not met"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece of evidence: what was recorded, when, by whom, and where to see it."""

    value: str
    when: Moment | None
    source: str
    reference: str
    """``Type/id`` in the record, empty where the evidence is a computation."""
    version: str = ""
    """The version of that resource which was read, empty where it isn't known."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One rule's judgement on one patient."""

    name: str
    """The rule's name, stable: ``age-18-or-over``."""
    words: str
    """The rule in words a clinician would use."""
    judgement: Judgement
    because: str
    """Why, in one sentence."""
    evidence: tuple[Evidence, ...]
    red_flag: bool = False
    """Whether, met, it speaks against redirecting (a safety rule), not for it."""
    senior_review: bool = False
    verified: bool = True
    """False where the threshold's source has not been verified; the screen says so."""
    absolute: bool = False
    """Whether, met, no override can allow a redirect (the record says that they have died)."""
    shown_only: bool = False
    """Shown and never counted: it speaks neither for nor against (a plan on file)."""
