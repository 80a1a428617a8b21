"""Which of the waiting a person wants to see, and in which order. The address holds the words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from clinical.bands import NATIONAL_THRESHOLDS, WaitingThresholds, band_for
from clinical.indicator_words import CALL_REASON
from clinical.review import ReviewStatus
from clinical.waiting import WaitingBand, WaitingPatient, waited

ALL = "all"


class Standing(Enum):
    """How far the review of a wait has come, as somebody filters by it."""

    NOT_FLAGGED = "not-flagged"
    ASKED = "asked"
    HELD = "held"
    DECIDED = "decided"


STANDING_WORDS: Mapping[Standing, str] = {
    Standing.NOT_FLAGGED: "Not flagged",
    Standing.ASKED: "Review asked for",
    Standing.HELD: "Being reviewed",
    Standing.DECIDED: "Decided",
}
REASON_WORDS: Mapping[str, str] = {
    "falls": "Fall",
    "frailty": "Frailty",
    "reduced-mobility": "Reduced mobility or function",
    "palliative": "Palliative or end of life",
    "equipment": "Equipment",
    "confusion": "Confusion or delirium",
    "catheter": "Catheter",
    "diabetes": "Diabetes",
    "carer-breakdown": "Carer can't go on",
    "breathless": "Breathless",
    "infection": "Infection",
    "chest-pain": "Chest pain",
    "stroke": "Stroke",
    "injury": "Injury",
    "other": "Another reason",
}
"""The groups of reasons for a call, by the code that the record gives (docs/record-shapes.md)."""
_DECIDED = {
    ReviewStatus.DEFERRED,
    ReviewStatus.REDIRECTED,
    ReviewStatus.NOT_REDIRECTED,
    ReviewStatus.HANDED_OVER,
}


class Order(Enum):
    """In which order the cards stand."""

    LONGEST = "longest"
    WORTH_A_LOOK = "worth-a-look"


ORDER_WORDS: Mapping[Order, str] = {
    Order.LONGEST: "Longest wait first",
    Order.WORTH_A_LOOK: "Worth a look first",
}


@dataclass(frozen=True, slots=True)
class Filter:
    """What to show. ``ALL`` in a field leaves nobody out by it."""

    department: str = ALL
    band: str = ALL
    standing: str = ALL
    reason: str = ALL

    def takes(
        self,
        waiting: WaitingPatient,
        now: datetime,
        thresholds: WaitingThresholds = NATIONAL_THRESHOLDS,
    ) -> bool:
        """Whether ``waiting`` is to be shown. A wait that isn't known is in every band, and one
        whose reason is in no group in every group: what isn't known hides nobody."""
        band = band_for(waited(waiting, now), thresholds)
        in_band = self.band in (ALL, band.value) or band is WaitingBand.NOT_KNOWN
        return (
            in_band
            and self.department in (ALL, waiting.department.id)
            and self.standing in (ALL, standing(waiting).value)
            and (self.reason == ALL or reason_group(waiting) in ("", self.reason))
        )

    @property
    def narrows(self) -> bool:
        """Whether anybody may be left out."""
        return self != Filter()


def standing(waiting: WaitingPatient) -> Standing:
    """How far the review of this wait has come; one whose status isn't understood is held.

    After a withdrawal, or a redirect that was reversed, they may be flagged again.
    """
    status = ReviewStatus.NONE if waiting.review is None else waiting.review.status
    if status in (ReviewStatus.NONE, ReviewStatus.WITHDRAWN, ReviewStatus.REVERSED):
        return Standing.NOT_FLAGGED
    if status is ReviewStatus.REQUESTED:
        return Standing.ASKED
    return Standing.DECIDED if status in _DECIDED else Standing.HELD


def reason_group(waiting: WaitingPatient) -> str:
    """The code of the group that the reason for the call is in; empty where it is in none."""
    codes = (each.code for each in waiting.reason_codes if each.system == CALL_REASON)
    return next((code for code in codes if code in REASON_WORDS), "")


def departments(waiting: Sequence[WaitingPatient]) -> dict[str, str]:
    """The EDs of these waits, id to name, by name."""
    found = {each.department.id: each.department.name or each.department.id for each in waiting}
    return dict(sorted(found.items(), key=lambda pair: pair[1]))
