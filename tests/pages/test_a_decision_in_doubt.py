"""What a clinician sees where the record stopped answering in the middle of a decision."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from fhir_queries.errors import RecordUnavailable
from fhir_queries.record import SharedRecord, Write
from fhir_queries.reviews import read_review
from fhir_queries.undoing import reverse
from pages.parts.connection import shared_record
from pages.parts.who import DEMONSTRATION
from sandbox.embedded import EmbeddedRecord
from tests.fhir_queries.questions.faulty import WithoutTransactions
from tests.pages.screen import Screen
from tests.pages.test_after_the_decision import no_capacity
from tests.pages.test_journey import CLINICIAN, HOSPICE, decide, opened

Open = Callable[..., Screen]
Asked = Callable[[str], list[dict[str, Any]]]


def _killed(record: EmbeddedRecord) -> None:
    os.kill(record.pid, signal.SIGKILL)
    while record.alive:
        time.sleep(0.01)


@pytest.mark.parametrize("kept", [True, False])
def test_whoever_is_not_told_whether_it_was_recorded_is_told_that_and_finds_it_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
    writing: Open,
    asked: Asked,
    own_people: EmbeddedRecord,
    *,
    kept: bool,
) -> None:
    take = SharedRecord.transact

    def dies(record: SharedRecord, entries: Sequence[Write]) -> Any:
        if kept:
            take(record, entries)
        _killed(own_people)
        raise RecordUnavailable("gone in the middle of a write")

    with monkeypatch.context() as patch:
        patch.setattr(SharedRecord, "transact", dies)
        screen = no_capacity(writing, "wait-01")
    assert "whether it holds it is not known" in screen.words
    assert "Your answers are kept. Send it again: it can't be recorded twice." in screen.words
    assert "Recorded for" not in screen.words
    assert "Not recorded" not in screen.words
    own_people.start()
    again = opened(writing, CLINICIAN, "wait-01")
    assert ("Undo this decision (until" in again.words) is kept
    assert again.has_button("release|wait-01") is not kept
    if not kept:
        decide(again, "wait-01", "No capacity")
        again.app.radio(key="decision|wait-01|service").set_value("service-falls")
        again.run().tap("decision|wait-01|check").tap("decision|wait-01|record")
    (task,) = asked("Task?encounter=Encounter/wait-01")
    assert task["status"] == "rejected"
    assert len(asked(f"Provenance?target=Task/{task['id']}")) == 1


def test_a_reversal_begun_and_not_finished_is_shown_as_that_and_finished_by_another(
    writing: Open, asked: Asked
) -> None:
    writing(CLINICIAN)
    record, caller = shared_record(), DEMONSTRATION[CLINICIAN].caller
    (task,) = asked("Task?encounter=Encounter/wait-21")
    redirected = read_review(record, task["id"])
    for at in range(3, 12):
        gone = RecordUnavailable("gone")
        failing = WithoutTransactions(record, gone, at=at, after=False, declared=True)
        failing.lasts = 100
        with pytest.raises(RecordUnavailable):
            reverse(failing, caller, redirected, "Got worse")
        (response,) = asked("QuestionnaireResponse?encounter=Encounter/wait-21")
        if response["identifier"]["system"].endswith("earlier-redirect-checklist"):
            break
    screen = opened(writing, HOSPICE, "wait-21")
    assert "A reversal of this redirect was begun and not finished." in screen.words
    assert "The redirect still stands in the record" in screen.words
    assert not screen.has_button("reverse-go|wait-21")
    screen.tap("reverse-finish|wait-21")
    assert "The redirect is reversed" in screen.words
    assert not screen.has_button("reverse-finish|wait-21")
    (task,) = asked("Task?encounter=Encounter/wait-21")
    assert task["businessStatus"]["coding"][0]["code"] == "redirect-reversed"
    (referral,) = asked("ServiceRequest?encounter=Encounter/wait-21")
    assert referral["status"] == "revoked"
