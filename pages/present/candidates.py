"""The coordinator's list: every review in the group that says what it waits for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from markupsafe import Markup

from clinical.answers_due import AnswerDue, AnswerTimes, Due, answer_due
from clinical.bands import NATIONAL_THRESHOLDS, WaitingThresholds, band_for, meanings
from clinical.moments import Moment
from clinical.person import Caller, Person
from clinical.review import Review, ReviewStatus
from clinical.waiting import EmergencyDepartment
from pages.present import person as persons
from pages.present import times
from pages.present.answers_due import due_words
from pages.present.escape import html, join
from pages.present.notes import unread_words
from pages.present.review import STATUSES, ReviewWords, review_words
from pages.present.waiting import wait_html


class Group(Enum):
    """What a review waits for, in the order in which the groups stand."""

    NEEDS_ANSWER = "needs-an-answer"
    LOOKED_AT = "being-looked-at"
    STILL_HERE = "still-here"
    DONE = "done"


GROUP_WORDS: Mapping[Group, str] = {
    Group.NEEDS_ANSWER: "Needs an answer",
    Group.LOOKED_AT: "Being looked at",
    Group.STILL_HERE: "Redirected, still here",
    Group.DONE: "Done in the last 24 h",
}
_ASKED = ReviewStatus.REQUESTED
_FOR_AN_ANSWER = (_ASKED, ReviewStatus.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Candidate:
    """What one row of the coordinator's list says."""

    encounter: str
    name: str
    who: str
    department: str
    wait: timedelta | None
    """None where they no longer wait, or where the start isn't known."""
    waits: bool | None
    """Whether the record still has them waiting; None where it doesn't say."""
    group: Group
    review: ReviewWords
    due: str
    """That an answer is due, or empty."""
    unread: str
    """That there are notes nobody of this side has read, or empty."""
    why: str
    """Why it was flagged and the pathway suggested, or empty."""
    here: str
    """Of a redirect that is still here: how long since the decision, and what was promised."""
    rank: tuple[int, float]
    """Where it stands in its group: the lowest first."""

    @property
    def line(self) -> str:
        """The one sentence that says how it stands."""
        said = (self.here, self.review.held, self.review.decided, self.why, self.review.asked)
        return next((each for each in said if each), "")


def candidate(
    review: Review,
    person: Person,
    department: EmergencyDepartment,
    *,
    wait: timedelta | None,
    waits: bool | None,
    caller: Caller,
    now: datetime,
    answers: AnswerTimes,
    promised_minutes: int | None = None,
) -> Candidate:
    """The row of one review.

    ``promised_minutes`` is the response time of the service that took them, where it is known.
    """
    due = answer_due(review, now, answers) if waits is not False else None
    group = _group(review, waits, due)
    here = _here(review, promised_minutes, now) if group is Group.STILL_HERE else ""
    return Candidate(
        review.encounter,
        persons.name(person),
        f"{persons.age(person, now)} · NHS No. {persons.nhs_number(person)}",
        department.name or "ED not recorded",
        wait if waits else None,
        waits,
        group,
        review_words(review, caller.user, now),
        due_words(due, now),
        unread_words(review.notes, caller),
        " · ".join(each for each in (review.reason, review.pathway) if each),
        here,
        _rank(review, group, due),
    )


def grouped(candidates: Sequence[Candidate]) -> dict[Group, tuple[Candidate, ...]]:
    """Every candidate in its group, the most pressing first; a group may be empty."""
    in_order = sorted(candidates, key=lambda each: each.rank)
    return {group: tuple(each for each in in_order if each.group is group) for group in Group}


def counts_html(groups: Mapping[Group, Sequence[Candidate]]) -> Markup:
    """How many there are in each group, leading to it."""
    cells = join(
        html(
            '<li><a class="{kind}" href="#{group}"><b>{count}</b> {words}</a></li>',
            kind=group.value if groups[group] else "none",
            group=group.value,
            count=len(groups[group]),
            words=GROUP_WORDS[group],
        )
        for group in Group
    )
    return html('<ul class="hv-counts" aria-label="How many">{cells}</ul>', cells=cells)


def group_html(group: Group, count: int) -> Markup:
    """The heading of a group; one without anybody says so."""
    nobody = html('<p class="quiet">Nobody.</p>') if not count else Markup()
    return html(
        '<h2 id="{id}" class="hv-pile {id}">{words} <span>{count}</span></h2>{nobody}',
        id=group.value,
        words=GROUP_WORDS[group],
        count=count,
        nobody=nobody,
    )


def candidate_html(shown: Candidate, thresholds: WaitingThresholds = NATIONAL_THRESHOLDS) -> Markup:
    """One review as a row: since when they wait, who, how it stands."""
    clock = html('<span class="quiet">{words}</span>', words=_no_clock(shown))
    if shown.waits:
        band = band_for(shown.wait, thresholds)
        clock = wait_html(shown.wait, band, meanings(thresholds)[band].words)
    return html(
        '<div class="hv-review-row {due}"><div class="clock">{clock}</div>'
        '<div class="who"><h3 class="hv-name-line">{name}</h3><p class="quiet">{who}</p></div>'
        '<div class="stands"><div class="hv-card-tags">{tags}</div><p>{line}</p></div></div>',
        due="due" if shown.due else "",
        clock=clock,
        name=shown.name,
        who=shown.who,
        tags=join(_tags(shown)),
        line=shown.line,
    )


def details_html(shown: Candidate) -> Markup:
    """The rest of what is known of a review, once its row is opened."""
    lines = [shown.review.asked, shown.review.held, shown.review.decided, shown.department]
    return join(html("<p>{line}</p>", line=each) for each in lines if each and each != shown.line)


def _tags(shown: Candidate) -> list[Markup]:
    tags = []
    if shown.group is not Group.NEEDS_ANSWER or shown.review.status != STATUSES[_ASKED]:
        tags.append(_tag(shown.review.kind, shown.review.status))  # else the group says it
    if shown.due:
        tags.append(_tag("stop", shown.due))
    if shown.review.asked_again:
        tags.append(_tag("asked", shown.review.asked_again))
    if shown.unread:
        tags.append(_tag("new", shown.unread))
    if shown.waits is False and shown.group is not Group.DONE:
        tags.append(_tag("plain", "No longer waiting here"))
    if shown.waits is None:
        tags.append(_tag("plain", "Whether they still wait is not known"))
    return tags


def _no_clock(shown: Candidate) -> str:
    return "Has left the queue" if shown.waits is False else "Wait not known"


def _group(review: Review, waits: bool | None, due: AnswerDue | None) -> Group:
    status = review.status
    if status in (ReviewStatus.CLAIMED, ReviewStatus.DEFERRED) and (
        due is None or due.why is not Due.LOOK_AGAIN
    ):
        return Group.LOOKED_AT if waits is not False or _held(review) else Group.DONE
    if waits is False:
        return Group.DONE
    if status is ReviewStatus.REDIRECTED:
        return Group.STILL_HERE
    return Group.NEEDS_ANSWER if due is not None or status in _FOR_AN_ANSWER else Group.DONE


def _held(review: Review) -> bool:
    return review.status is ReviewStatus.CLAIMED


def _rank(review: Review, group: Group, due: AnswerDue | None) -> tuple[int, float]:
    if group is Group.DONE:
        return 0, -_seconds(review.decided_at or review.changed_at or review.requested_at)
    if group is Group.STILL_HERE:
        return 0, _seconds(review.decided_at)
    if due is None:
        return len(Due), _seconds(review.claimed_at or review.requested_at)
    since = due.since.timestamp() if due.since is not None else 0.0
    return 0 if due.why is Due.REVERSED else 1, since


def _seconds(when: Moment | None) -> float:
    return when.earliest.timestamp() if when is not None else 0.0


def _here(review: Review, promised_minutes: int | None, now: datetime) -> str:
    decided = review.decided_at
    if decided is None or not decided.exact:
        since = "Decided: time not recorded"
    else:
        since = f"Decided {times.ago(decided.earliest, now)}"
    if review.owner is not None and review.owner.name:
        since = f"{since} by {review.owner.name}"
    service = review.outcome_service or "service not recorded"
    return f"{since}. {service}, {_promise(review, promised_minutes, now)}"


def _promise(review: Review, promised_minutes: int | None, now: datetime) -> str:
    decided = review.decided_at
    if promised_minutes is None or decided is None or not decided.exact:
        return "promised response not recorded"
    by = decided.earliest + timedelta(minutes=promised_minutes)
    clock = times.clock_of_today(by, now)
    if by <= now:
        return f"promised by {clock}: {times.span(now - by)} late"
    return f"promised by {clock}, in {times.span(by - now)}"


def _tag(kind: str, words: str) -> Markup:
    return html('<span class="hv-tag {kind}">{words}</span>', kind=kind, words=words)
