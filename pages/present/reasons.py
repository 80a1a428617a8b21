"""Why somebody may be worth a community clinician's look, as a coordinator taps it.

The nine conditions and needs of the two-hour urgent community response (NHS England; six of them
read in Somerset FT's quotation of 2022, the wording of the last three not checked against its
source). A site adds its own to the list.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FlagReason:
    """One reason, and the pathway it suggests."""

    id: str
    words: str
    pathway: str


FLAG_REASONS: tuple[FlagReason, ...] = (
    FlagReason("fall", "Fall, no apparent serious injury", "Falls response"),
    FlagReason("frailty", "Decompensation of frailty", "Urgent community response"),
    FlagReason("mobility", "Reduced function or mobility", "Urgent community response"),
    FlagReason("palliative", "Palliative or end-of-life crisis", "Palliative rapid response"),
    FlagReason("equipment", "Urgent equipment", "Equipment at home"),
    FlagReason("confusion", "Confusion or delirium", "Urgent community response"),
    FlagReason("catheter", "Urgent catheter care", "District nursing"),
    FlagReason("diabetes", "Urgent support for diabetes", "Diabetes rapid support"),
    FlagReason("carer", "Unpaid carer can't go on", "Carer crisis support"),
)


def flag_reason(identity: str) -> FlagReason | None:
    """The reason of this id, None where there is none."""
    return next((each for each in FLAG_REASONS if each.id == identity), None)
