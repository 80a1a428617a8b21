"""Waiting bands: what a wait has passed, and what passing it means.

A threshold is passed only by more than it: a handover at exactly 15:00 has kept to 15 minutes.
The standard contract's 15 and 30 minutes and "release to rescue" at 45 are read in their sources;
that the bands begin strictly after the minute, and 60 minutes as the breach, are generally held
and not checked against theirs (``BandMeaning.verified`` says which).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from clinical.waiting import WaitingBand

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class WaitingThresholds:
    """The four thresholds in minutes, each larger than the one before.

    Raises ``ValueError`` where they aren't, naming them.
    """

    first: int = 15
    second: int = 30
    third: int = 45
    fourth: int = 60

    def __post_init__(self) -> None:
        if not 0 < self.first < self.second < self.third < self.fourth:
            raise ValueError(
                "waiting thresholds have to rise from above 0 minutes, not "
                f"{self.first}, {self.second}, {self.third}, {self.fourth}"
            )


NATIONAL_THRESHOLDS = WaitingThresholds()


@dataclass(frozen=True, slots=True)
class BandMeaning:
    """What it means that a wait is in a band."""

    after: int | None
    """The minutes it is over; None for a wait within the first threshold or not known."""
    words: str
    """The band in words: "over 45 minutes"."""
    means: str
    """What that means, in one sentence."""
    source: str
    verified: bool


_CONTRACT = "NHS Standard Contract, as told by the NHS Confederation, February 2022"


def band_for(
    wait: timedelta | None, thresholds: WaitingThresholds = NATIONAL_THRESHOLDS
) -> WaitingBand:
    """The band of a wait; ``NOT_KNOWN`` where the wait isn't known, which may be the longest."""
    if wait is None:
        return WaitingBand.NOT_KNOWN
    for minutes, band in (
        (thresholds.fourth, WaitingBand.OVER_60),
        (thresholds.third, WaitingBand.OVER_45),
        (thresholds.second, WaitingBand.OVER_30),
        (thresholds.first, WaitingBand.OVER_15),
    ):
        if wait > minutes * _MINUTE:
            return band
    return WaitingBand.WITHIN_15


def minutes_of(wait: timedelta | None) -> int | None:
    """Whole minutes waited, None where the wait isn't known.

    Minutes completed, as a clock shows them: 15:59 is 15 and already over 15 minutes.
    """
    return None if wait is None else wait // _MINUTE


def meanings(
    thresholds: WaitingThresholds = NATIONAL_THRESHOLDS,
) -> Mapping[WaitingBand, BandMeaning]:
    """What each band means, with the site's own minutes in the words."""
    return MappingProxyType(
        {
            WaitingBand.NOT_KNOWN: BandMeaning(
                None,
                "wait not known",
                "The record doesn't give the time of arrival: this may be the longest wait.",
                "",
                True,
            ),
            WaitingBand.WITHIN_15: BandMeaning(
                None,
                f"within {thresholds.first} minutes",
                "Within the standard contract's time for every handover.",
                _CONTRACT,
                True,
            ),
            WaitingBand.OVER_15: BandMeaning(
                thresholds.first,
                f"over {thresholds.first} minutes",
                "Past the standard contract's time for every handover.",
                _CONTRACT,
                True,
            ),
            WaitingBand.OVER_30: BandMeaning(
                thresholds.second,
                f"over {thresholds.second} minutes",
                "The standard contract allows none this long; release to rescue is triggered.",
                _CONTRACT,
                True,
            ),
            WaitingBand.OVER_45: BandMeaning(
                thresholds.third,
                f"over {thresholds.third} minutes",
                "Release to rescue: the ambulance should have been cleared.",
                "Urgent and emergency care plan 2025/26, as told by NIHR ARC Yorkshire & Humber",
                True,
            ),
            WaitingBand.OVER_60: BandMeaning(
                thresholds.fourth,
                f"over {thresholds.fourth} minutes",
                "A breach: patients delayed this long may come to harm.",
                "Generally held; not checked against its source",
                False,
            ),
        }
    )
