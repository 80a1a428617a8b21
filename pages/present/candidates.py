"""A review on the coordinator's list: whom it is about, and how it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup

from clinical.bands import NATIONAL_THRESHOLDS, WaitingThresholds, band_for, meanings
from clinical.person import Person
from clinical.review import Review, ReviewStatus
from clinical.waiting import EmergencyDepartment
from pages.present import person as persons
from pages.present import times
from pages.present.escape import html, join
from pages.present.review import ReviewWords, note_words, review_words
from pages.present.waiting import wait_html

_OPEN = (ReviewStatus.REQUESTED, ReviewStatus.CLAIMED, ReviewStatus.DEFERRED, ReviewStatus.UNKNOWN)
_ANSWER_WANTED_AFTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Candidate:
    """What one row of the coordinator's list says."""

    encounter: str
    name: str
    who: str
    department: str
    wait: timedelta | None
    """None where they no longer wait, or where the start isn't known."""
    still_here: bool
    """Redirected, and the record still has them waiting."""
    waits: bool | None
    """Whether the record still has them waiting; None where it doesn't say."""
    review: ReviewWords
    open: bool
    nudge: str
    """That an answer is overdue, or empty."""
    notes: tuple[str, ...]


def candidate(
    review: Review,
    person: Person,
    department: EmergencyDepartment,
    *,
    wait: timedelta | None,
    waits: bool | None,
    asking: str,
    now: datetime,
) -> Candidate:
    """The row of one review."""
    is_open = review.status in _OPEN
    return Candidate(
        review.encounter,
        persons.name(person),
        f"{persons.age(person, now)} · NHS No. {persons.nhs_number(person)}",
        department.name or "ED not recorded",
        wait if waits else None,
        review.status is ReviewStatus.REDIRECTED and waits is True,
        waits,
        review_words(review, asking, now),
        is_open,
        _nudge(review, now) if is_open else "",
        tuple(note_words(note, now) for note in review.notes),
    )


def open_first(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Those redirected and still here first, then open reviews, then the others; else as given."""
    return tuple(sorted(candidates, key=lambda each: (not each.still_here, not each.open)))


def candidate_html(shown: Candidate, thresholds: WaitingThresholds = NATIONAL_THRESHOLDS) -> Markup:
    """One review as a card."""
    band = band_for(shown.wait, thresholds)
    clock = Markup()
    if shown.waits:
        clock = wait_html(shown.wait, band, meanings(thresholds)[band].words)
    tags = [html('<span class="hv-tag {k}">{w}</span>', k=shown.review.kind, w=shown.review.status)]
    if shown.still_here:
        tags.append(html('<span class="hv-tag stop">Redirected, still here</span>'))
    if shown.nudge:
        tags.append(html('<span class="hv-tag stop">{words}</span>', words=shown.nudge))
    if shown.waits is False:
        tags.append(html('<span class="hv-tag plain">No longer waiting here</span>'))
    if shown.waits is None:
        tags.append(html('<span class="hv-tag plain">Whether they still wait is not known</span>'))
    lines = [each for each in (shown.review.asked, shown.review.held, shown.review.decided) if each]
    notes = join(html("<li>{note}</li>", note=note) for note in shown.notes)
    return html(
        '<div class="hv-card-top">{clock}</div><h3 class="hv-name-line">{name}</h3><p>{who}</p>'
        '<div class="hv-card-tags">{tags}</div>{lines}{notes}<p class="quiet">{department}</p>',
        name=shown.name,
        who=shown.who,
        clock=clock,
        tags=join(tags),
        lines=join(html("<p>{line}</p>", line=line) for line in lines),
        notes=html("<p><b>Notes</b></p><ul>{notes}</ul>", notes=notes) if notes else notes,
        department=shown.department,
    )


def _nudge(review: Review, now: datetime) -> str:
    asked = review.requested_at
    if review.status is not ReviewStatus.REQUESTED or asked is None or not asked.exact:
        return ""
    open_for = now - asked.earliest
    if open_for < _ANSWER_WANTED_AFTER:
        return ""
    return f"No answer for {times.span(open_for)}"
