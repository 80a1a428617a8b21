"""Which of the waiting a person wants to see, and in which order. The address holds the words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from clinical.bands import NATIONAL_THRESHOLDS, WaitingThresholds, band_for
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

    def takes(
        self,
        waiting: WaitingPatient,
        now: datetime,
        thresholds: WaitingThresholds = NATIONAL_THRESHOLDS,
    ) -> bool:
        """Whether ``waiting`` is to be shown. A wait that isn't known is in every band."""
        band = band_for(waited(waiting, now), thresholds)
        in_band = self.band in (ALL, band.value) or band is WaitingBand.NOT_KNOWN
        return (
            in_band
            and self.department in (ALL, waiting.department.id)
            and self.standing in (ALL, standing(waiting).value)
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


def departments(waiting: Sequence[WaitingPatient]) -> dict[str, str]:
    """The EDs of these waits, id to name, by name."""
    found = {each.department.id: each.department.name or each.department.id for each in waiting}
    return dict(sorted(found.items(), key=lambda pair: pair[1]))
