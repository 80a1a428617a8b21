"""HAPI killed and PostgreSQL restarted in the middle of 50 decisions: each whole or absent."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from clinical.review import Decision, Outcome, Review, ReviewStatus
from clinical.waiting import WaitingPatient
from fhir_queries.asking import Search
from fhir_queries.checklist import load_checklist, read_draft
from fhir_queries.decision_resources import REFERRAL_IDENTIFIER
from fhir_queries.decisions import decide
from fhir_queries.errors import RecordError
from fhir_queries.record import SharedRecord
from fhir_queries.reviews import read_review
from sandbox.people import made_up
from tests.servers.journey import decision_of, filled_in, first_service, flagged_and_held
from tests.servers.loading import load
from tests.servers.questions import who_is_waiting
from tests.servers.records import HERON, OpenRecord, now, opened
from tests.servers.start_hapi import start_hapi

pytestmark = pytest.mark.hapi

DECISIONS = 50
KILLED_AFTER = 12
AT_ONCE = 4


@pytest.fixture(scope="module")
def hapi() -> Iterator[OpenRecord]:
    """HAPI with enough people waiting, and nobody's history."""
    running = start_hapi()
    try:
        with opened("hapi", running.base, running) as found:
            crowd = made_up(seed=2, waiting=DECISIONS + 15, now=now(), history_weeks=0)
            load(found.base, crowd, session=found.session)
            yield found
            running = found.hapi or running
    finally:
        running.stop()


def held(record: SharedRecord, wait: WaitingPatient) -> Review:
    review = flagged_and_held(record, wait)
    filled_in(record, review)
    return review


def send(record: SharedRecord, decision: Decision) -> Review | RecordError:
    """What the person who sends the decision is told."""
    checklist = load_checklist()
    try:
        draft = read_draft(record, decision.review, checklist)
        return decide(record, HERON, decision, checklist, draft)
    except RecordError as error:
        return error


def parts_of(record: SharedRecord, task: str) -> dict[str, list[dict[str, Any]]]:
    """The referrals of a review and the Provenances that name it, as the record holds them."""
    found = record.ask(
        [
            Search(
                "referral", "ServiceRequest", (("identifier", f"{REFERRAL_IDENTIFIER}|{task}"),)
            ),
            Search("provenance", "Provenance", (("target", f"Task/{task}"),)),
        ]
    ).by_name
    assert all(answer.error is None for answer in found.values())
    return {name: list(answer.matches) for name, answer in found.items()}


def whole(record: SharedRecord, task: str) -> bool:
    """Whether a decision is there with all its parts; fails where it is there with some."""
    review = read_review(record, task)
    parts = parts_of(record, task)
    counted = (
        review.status is ReviewStatus.REDIRECTED,
        read_draft(record, review).completed,
        len(parts["referral"]),
        len(parts["provenance"]),
    )
    assert counted in ((True, True, 1, 1), (False, False, 0, 0)), f"{task} is half there: {counted}"
    return counted[0]


def test_each_decision_is_whole_or_absent_and_its_sender_is_told_which(hapi: OpenRecord) -> None:
    record = hapi.record
    service = first_service(record)
    waits = [wait for wait in who_is_waiting(record).waiting if wait.review is None]
    assert len(waits) >= DECISIONS
    with ThreadPoolExecutor(AT_ONCE) as people:
        reviews = list(people.map(lambda wait: held(record, wait), waits[:DECISIONS]))
    decisions = [decision_of(review, Outcome.REDIRECTED, service) for review in reviews]

    sent = threading.Semaphore(0)

    def send_and_say(decision: Decision) -> Review | RecordError:
        answer = send(record, decision)
        sent.release()
        return answer

    with ThreadPoolExecutor(AT_ONCE) as people:
        sending = [people.submit(send_and_say, decision) for decision in decisions]
        for _ in range(KILLED_AFTER):
            sent.acquire()
        assert hapi.hapi is not None
        assert hapi.hapi.database is not None
        hapi.hapi.kill()
        hapi.hapi.database.control("restart", "--mode=immediate")
        hapi.hapi = hapi.hapi.again()
        told = [each.result() for each in sending]

    recorded = [isinstance(answer, Review) for answer in told]
    assert KILLED_AFTER <= sum(recorded) < DECISIONS, "the kill hit nothing, or everything"
    for review, answer, yes in zip(reviews, told, recorded, strict=True):
        there = whole(record, review.task)
        assert there or not yes, f"{review.task} was told as recorded and is not there"
        assert yes or str(answer), "somebody was told nothing"

    again = [send(record, decision) for decision in decisions]
    assert [str(answer) for answer in again if isinstance(answer, RecordError)] == []
    assert all(whole(record, review.task) for review in reviews)
