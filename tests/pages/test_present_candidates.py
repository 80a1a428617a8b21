"""The coordinator's list in words: groups, what is due, who is still here, what was said."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from clinical.answers_due import AnswerTimes
from clinical.moments import Moment, at_instant
from clinical.person import Caller, Role
from clinical.review import Actor, Note, Outcome, ReadBy, ReviewStatus
from clinical.waiting import EmergencyDepartment
from pages.present.candidates import (
    GROUP_WORDS,
    Candidate,
    Group,
    candidate,
    candidate_html,
    counts_html,
    details_html,
    group_html,
    grouped,
)
from pages.present.notes import notes_html, notes_title
from tests.pages.people import NOW, person, review

ED = EmergencyDepartment("ed1", "Test Royal ED")
CORA = Caller("c1", "sds", "Cora Coordinator", Role.ED_COORDINATOR, "TST01", "Test ED")
ANSWERS = AnswerTimes(timedelta(minutes=15), timedelta(minutes=30))
HERON = Actor("h1", "Heron Clinician")


def ago(minutes: float) -> Moment:
    return at_instant(NOW - timedelta(minutes=minutes))


def row(
    *, waits: bool | None = True, promised: int | None = None, name: str = "", **changes: Any
) -> Candidate:
    return candidate(
        review(**changes),
        person(family=name) if name else person(),
        ED,
        wait=timedelta(minutes=42),
        waits=waits,
        caller=CORA,
        now=NOW,
        answers=ANSWERS,
        promised_minutes=promised,
    )


def redirected(minutes_ago: float = 45, **changes: Any) -> Candidate:
    return row(
        **{
            "status": ReviewStatus.REDIRECTED,
            "outcome": Outcome.REDIRECTED,
            "outcome_service": "Falls Response",
            "owner": HERON,
            "decided_at": ago(minutes_ago),
            **changes,
        }
    )


@pytest.mark.parametrize(
    ("status", "waits", "group"),
    [
        (ReviewStatus.REQUESTED, True, Group.NEEDS_ANSWER),
        (ReviewStatus.REQUESTED, None, Group.NEEDS_ANSWER),
        (ReviewStatus.REQUESTED, False, Group.DONE),
        (ReviewStatus.UNKNOWN, True, Group.NEEDS_ANSWER),
        (ReviewStatus.REVERSED, True, Group.NEEDS_ANSWER),
        (ReviewStatus.REVERSED, False, Group.DONE),
        (ReviewStatus.CLAIMED, True, Group.LOOKED_AT),
        (ReviewStatus.CLAIMED, False, Group.LOOKED_AT),
        (ReviewStatus.REDIRECTED, True, Group.STILL_HERE),
        (ReviewStatus.REDIRECTED, None, Group.STILL_HERE),
        (ReviewStatus.REDIRECTED, False, Group.DONE),
        (ReviewStatus.NOT_REDIRECTED, True, Group.DONE),
        (ReviewStatus.HANDED_OVER, True, Group.DONE),
        (ReviewStatus.WITHDRAWN, True, Group.DONE),
    ],
)
def test_a_review_stands_in_the_group_of_what_it_waits_for(
    status: ReviewStatus, waits: bool | None, group: Group
) -> None:
    assert row(status=status, waits=waits, claimed_at=ago(5), decided_at=ago(5)).group is group


def test_a_deferred_review_needs_an_answer_when_its_time_has_come() -> None:
    def put_off(minutes: float) -> Candidate:
        return row(status=ReviewStatus.DEFERRED, review_again_at=ago(-minutes))

    assert put_off(10).group is Group.LOOKED_AT
    due = put_off(-3)
    assert (due.group, due.due) == (Group.NEEDS_ANSWER, "Look again: due 3 min ago")


def test_what_is_overdue_says_for_how_long_and_stands_first() -> None:
    fresh = row(encounter="fresh", requested_at=ago(14))
    late = row(encounter="late", requested_at=ago(20))
    latest = row(encounter="latest", requested_at=ago(50))
    back = row(encounter="back", status=ReviewStatus.REVERSED, reversed_at=ago(2))
    groups = grouped([fresh, late, latest, back])
    assert [each.encounter for each in groups[Group.NEEDS_ANSWER]] == [
        "back",
        "latest",
        "late",
        "fresh",
    ]
    assert [each.due for each in groups[Group.NEEDS_ANSWER]] == [
        "Back with us: 2 min",
        "Not taken: 50 min",
        "Not taken: 20 min",
        "",
    ]
    assert "hv-review-row due" in candidate_html(late)
    assert "hv-review-row due" not in candidate_html(fresh)


def test_a_clinician_who_takes_long_stands_before_one_who_does_not() -> None:
    slow = row(encounter="slow", status=ReviewStatus.CLAIMED, owner=HERON, claimed_at=ago(31))
    quick = row(encounter="quick", status=ReviewStatus.CLAIMED, owner=HERON, claimed_at=ago(29))
    groups = grouped([quick, slow])
    assert [each.encounter for each in groups[Group.LOOKED_AT]] == ["slow", "quick"]
    assert slow.due == "No answer: 31 min"
    assert slow.line.startswith("With Heron Clinician")


def test_somebody_who_has_left_is_owed_no_answer() -> None:
    assert row(requested_at=ago(60), waits=False).due == ""


def test_a_redirect_still_here_says_how_long_where_to_and_what_was_promised() -> None:
    assert redirected(promised=120).line == (
        "Decided 45 min ago by Heron Clinician. Falls Response, promised by 13:15, in 1 h 15 min"
    )
    assert redirected(promised=30).line.endswith("promised by 11:45: 15 min late")
    assert redirected().line.endswith("promised response not recorded")
    unknown = redirected(decided_at=None, outcome_service="", promised=30)
    assert unknown.line == (
        "Decided: time not recorded by Heron Clinician. service not recorded, "
        "promised response not recorded"
    )


def test_of_those_still_here_the_longest_since_the_decision_stands_first() -> None:
    found = grouped([redirected(10, encounter="b"), redirected(60, encounter="a")])
    assert [each.encounter for each in found[Group.STILL_HERE]] == ["a", "b"]


def test_of_what_is_done_the_newest_stands_first() -> None:
    done = [
        row(status=ReviewStatus.NOT_REDIRECTED, decided_at=ago(each), encounter=str(each))
        for each in (60, 5, 30)
    ]
    assert [each.encounter for each in grouped(done)[Group.DONE]] == ["5", "30", "60"]


def test_whether_they_still_wait_is_never_guessed() -> None:
    assert "Whether they still wait is not known" in candidate_html(row(waits=None))
    gone = candidate_html(row(status=ReviewStatus.CLAIMED, waits=False))
    assert "No longer waiting here" in gone
    assert "Has left the queue" in gone
    assert "hv-clock" not in gone


def test_a_row_says_why_and_the_pathway_and_its_details_by_whom() -> None:
    shown = row(pathway="Falls response")
    assert shown.line == "Fall, no apparent injury · Falls response"
    assert "TESTPERSON, Anna (Mrs)" in candidate_html(shown)
    details = details_html(shown)
    assert "Flagged by you, 11:50 (10 min ago): Fall, no apparent injury" in details
    assert "Suggested: Falls response" in details
    assert "Test Royal ED" in details


def test_how_often_it_was_asked_for_is_said_from_the_second_time_on() -> None:
    again = Note("Cora", ago(6), "?", "c1", "ed-coordinator", asks_again=True)
    assert "Asked 2 times, 6 min ago" in candidate_html(row(notes=(again,)))
    assert "Asked" not in candidate_html(row(status=ReviewStatus.CLAIMED))


def test_a_row_does_not_repeat_what_its_group_says() -> None:
    assert "Review asked for" not in candidate_html(row())
    assert "Review asked for" in candidate_html(row(waits=False))
    assert "Redirect reversed" in candidate_html(row(status=ReviewStatus.REVERSED))


def test_the_counts_are_those_of_the_groups_and_lead_to_them() -> None:
    groups = grouped([row(), row(encounter="e2"), redirected(encounter="e3")])
    markup = counts_html(groups)
    for group, words in GROUP_WORDS.items():
        assert f'href="#{group.value}"' in markup
        assert f"<b>{len(groups[group])}</b> {words}" in markup
        assert f'id="{group.value}"' in group_html(group, len(groups[group]))
    assert "Nobody." in group_html(Group.DONE, 0)


def test_notes_say_who_of_which_side_and_when_and_are_text() -> None:
    theirs = Note("Heron", ago(2), "<b>soon</b>", "h1", "community-clinician")
    markup = notes_html((theirs,), CORA, NOW)
    assert "&lt;b&gt;soon&lt;/b&gt;" in markup
    assert "Heron, community clinician, 11:58 (2 min ago)" in markup
    assert ">New<" in markup
    assert notes_title((theirs,), CORA) == "Notes: 1, 1 new"
    assert row(notes=(theirs,)).unread == "1 new note"
    assert row(notes=(theirs, theirs)).unread == "2 new notes"


def test_a_note_of_ones_own_says_whether_the_other_side_has_read_it() -> None:
    mine = Note("Cora Coordinator", ago(5), "Daughter is here", "c1", "ed-coordinator")
    assert "You, 11:55 (5 min ago) · not read yet" in notes_html((mine,), CORA, NOW)
    read = ReadBy("community-clinician", HERON, ago(1))
    told = Note("Cora", ago(5), "Daughter is here", "c1", "ed-coordinator", read_by=(read,))
    markup = notes_html((told,), CORA, NOW)
    assert "read by Heron Clinician, 11:59 (1 min ago)" in markup
    assert ">New<" not in markup


def test_no_notes_are_said_to_be_none() -> None:
    assert "No notes yet." in notes_html((), CORA, NOW)
    assert notes_title((), CORA) == "Notes: 0"
