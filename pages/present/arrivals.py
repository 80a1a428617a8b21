"""What is new on the queue since this person last looked: said once, and marked for a while."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from markupsafe import Markup

from clinical.review import ReviewStatus
from clinical.waiting import WaitingPatient
from pages.present.escape import html

Seen = Mapping[str, str]
"""By encounter: the status its review had."""


class Mark(Enum):
    """Why a card stands out for a while, in the word that stands on it."""

    NONE = ""
    NEW = "New"
    CHANGED = "Changed"


@dataclass(frozen=True, slots=True)
class Changes:
    """Which waits are new, which have another review status, and how many have gone."""

    arrived: frozenset[str]
    changed: frozenset[str]
    gone: int

    @property
    def words(self) -> str:
        """One short sentence for a screen reader; empty where nothing changed."""
        parts = []
        if self.arrived:
            parts.append(_counted(len(self.arrived), "new arrival", "new arrivals"))
        if self.changed:
            parts.append(_counted(len(self.changed), "review changed", "reviews changed"))
        if self.gone:
            parts.append(_counted(self.gone, "patient no longer waits", "patients no longer wait"))
        return f"{', '.join(parts)}." if parts else ""


def seen_now(waiting: Iterable[WaitingPatient]) -> Seen:
    """What there is to remember of a reading of the queue."""
    return {each.encounter: _status(each) for each in waiting}


def changes(before: Seen | None, now: Seen) -> Changes:
    """What differs; nothing at the first look, when everything would be new."""
    if before is None:
        return Changes(frozenset(), frozenset(), 0)
    return Changes(
        frozenset(encounter for encounter in now if encounter not in before),
        frozenset(each for each in now if each in before and now[each] != before[each]),
        sum(1 for encounter in before if encounter not in now),
    )


def announcement_html(found: Changes) -> Markup:
    """The sentence for a screen reader, unseen: an alert is read when it appears, and only then."""
    if not found.words:
        return Markup()
    return html(
        '<p class="unseen" role="alert" aria-live="assertive">{words}</p>', words=found.words
    )


def _status(waiting: WaitingPatient) -> str:
    review = waiting.review
    status = ReviewStatus.NONE if review is None else review.status
    owner = "" if review is None or review.owner is None else review.owner.user
    return f"{status.value} {owner}"


def _counted(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"
