"""Every question has the same answer on every server that holds the same people."""

from __future__ import annotations

from typing import Any

import pytest

from clinical.waiting import WaitingList
from tests.servers.questions import QUESTIONS, record_of, who_is_waiting
from tests.servers.records import OpenRecord, people
from tests.servers.same import differences, plain, with_numbers_as_floats

Seen = dict[str, dict[str, Any]]


def must_be_as_elsewhere(seen: Seen, question: str, server: OpenRecord, answer: Any) -> None:
    """Fail where ``answer`` differs from what the first server of this run answered."""
    answers = seen.setdefault(question, {})
    told = plain(answer)
    for other, before in answers.items():
        here, there = told, before
        if "medplum" in (server.name, other):
            here, there = with_numbers_as_floats(told), with_numbers_as_floats(before)
        found = list(differences(here, there))
        assert not found, f"{server.name} and {other} differ in {len(found)}: {found[:12]}"
        break
    answers[server.name] = told


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_has_the_same_answer_on_every_server(
    server: OpenRecord, seen: Seen, question: str
) -> None:
    answer = QUESTIONS[question](server.record)
    must_be_as_elsewhere(seen, question, server, answer)


def test_everybody_who_waits_is_on_the_list(server: OpenRecord) -> None:
    waiting = {
        each["id"]
        for each in people()
        if each["resourceType"] == "Encounter"
        and each["status"] == "arrived"
        and each["class"]["code"] == "EMER"
    }
    found: WaitingList = who_is_waiting(server.record)
    assert {wait.encounter for wait in found.waiting} == waiting
    assert found.complete
    assert not found.warnings


def test_the_records_of_all_who_wait_are_the_same_on_every_server(
    server: OpenRecord, seen: Seen
) -> None:
    # Medplum's router looks at every resource for each of the 30 searches of a record
    step = 5 if server.name == "medplum" else 1
    for wait in who_is_waiting(server.record).waiting[::step]:
        question = f"record of {wait.encounter}"
        must_be_as_elsewhere(seen, question, server, record_of(server.record, wait))


def test_a_record_that_is_asked_for_the_first_time_gives_the_same_list(
    server: OpenRecord, seen: Seen
) -> None:
    must_be_as_elsewhere(seen, "who is waiting", server, who_is_waiting(server.fresh()))


def test_outcomes_were_counted_and_not_just_nothing_found(server: OpenRecord) -> None:
    counts = QUESTIONS["outcome counts"](server.record)
    assert counts.cases > 0
    assert counts.counts["redirected"].yes > 0
