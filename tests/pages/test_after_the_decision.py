"""What a clinician sees once a decision stands, or somebody else was faster."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from fhir_queries import reviews
from fhir_queries.reading.reviews import review as review_of
from pages.parts.connection import queue_keeper, shared_record
from pages.parts.who import DEMONSTRATION
from sandbox.embedded import EmbeddedRecord
from tests.pages.screen import Screen
from tests.pages.test_journey import CLINICIAN, COORDINATOR, HOSPICE, decide, opened, taken

Open = Callable[..., Screen]
Asked = Callable[[str], list[dict[str, Any]]]


def no_capacity(open_as: Open, encounter: str) -> Screen:
    """Somebody's decision that no service had room."""
    screen = decide(taken(open_as, CLINICIAN, encounter), encounter, "No capacity")
    screen.app.radio(key=f"decision|{encounter}|service").set_value("service-falls")
    return screen.run().tap(f"decision|{encounter}|check").tap(f"decision|{encounter}|record")


def test_whoever_decided_may_undo_it_with_a_reason_and_goes_on_where_they_were(
    writing: Open, asked: Asked
) -> None:
    screen = no_capacity(writing, "wait-01")
    assert "Undo this decision (until" in screen.words
    screen.tap("undo-go|wait-01")
    assert "Not undone. Say why you undo it." in screen.words
    screen.app.text_input(key="undo-why|wait-01").input("Falls has room after all")
    screen.run().tap("undo-go|wait-01")
    assert "Undone. You have the review again, with your answers." in screen.words
    assert "Redirect to community care" in str(screen.app.get("button_group"))
    (task,) = asked("Task?encounter=Encounter/wait-01")
    assert task["status"] == "in-progress"
    assert task["note"][-1]["text"] == "Decision undone: Falls has room after all"


def test_nobody_else_is_offered_to_undo_it(writing: Open) -> None:
    no_capacity(writing, "wait-01")
    other = opened(writing, HOSPICE, "wait-01")
    assert "Undo this decision" not in other.words


def test_a_redirect_that_failed_is_reversed_by_another_clinician(
    writing: Open, asked: Asked
) -> None:
    screen = opened(writing, HOSPICE, "wait-21")
    screen.tap("reverse-go|wait-21")
    assert "Not reversed. Say why the redirect failed." in screen.words
    screen.app.radio(key="reverse-why|wait-21").set_value("The service could not come")
    screen.run().tap("reverse-go|wait-21")
    assert "Redirect reversed" in screen.words
    (task,) = asked("Task?encounter=Encounter/wait-21")
    assert task["businessStatus"]["coding"][0]["code"] == "redirect-reversed"
    assert screen.has_button("claim|wait-21")
    assert "Redirect reversed" in writing(COORDINATOR).go("candidates").words


def test_a_clinician_is_told_at_once_that_the_patient_was_handed_over(
    writing: Open, asked: Asked, own_people: EmbeddedRecord
) -> None:
    screen = decide(taken(writing, CLINICIAN, "wait-01"), "wait-01", "Redirect")
    line = next(each for each in screen.app.button_group if "answer|wait-01|" in str(each.key))
    line.select(line.options[1])
    screen.run()
    (encounter,) = asked("Encounter?_id=wait-01")
    httpx.put(
        f"{own_people.base}/Encounter/wait-01",
        json=encounter | {"status": "in-progress"},
        headers={"Authorization": f"Bearer {own_people.token}"},
    ).raise_for_status()
    queue_keeper().refresh(DEMONSTRATION[CLINICIAN].caller)
    screen.run()
    assert "Handed over to the emergency department while the checklist was open" in screen.words
    assert "No redirect can be recorded; the answers are kept." in screen.words
    assert not screen.has_button("decision|wait-01|check")
    (task,) = asked("Task?encounter=Encounter/wait-01")
    assert task["businessStatus"]["coding"][0]["code"] == "handed-over-first"
    (response,) = asked("QuestionnaireResponse?encounter=Encounter/wait-01")
    assert response["status"] == "in-progress"
    assert not asked("ServiceRequest?encounter=Encounter/wait-01")


def test_a_decision_begun_and_not_finished_is_shown_as_that_and_finished_by_a_tap(
    writing: Open, asked: Asked
) -> None:
    screen = no_capacity(writing, "wait-01")
    (task,) = asked("Task?encounter=Encounter/wait-01")
    for gone in ("businessStatus", "statusReason", "output"):
        task.pop(gone, None)
    task["executionPeriod"].pop("end")
    shared_record().update(task | {"status": "in-progress"}, version=task["meta"]["versionId"])
    screen = opened(writing, CLINICIAN, "wait-01")
    assert "A decision was begun and not finished. It does not count" in screen.words
    assert "It was to be: No capacity" in screen.words
    assert not screen.has_button("decision|wait-01|check")
    assert "A decision was begun" in opened(writing, HOSPICE, "wait-01").words
    screen.tap("half-finish|wait-01")
    assert "Finished: the decision is recorded." in screen.words
    (task,) = asked("Task?encounter=Encounter/wait-01")
    assert task["status"] == "rejected"


def test_another_takes_a_half_done_decision_over_and_finishes_it_as_it_was_meant(
    writing: Open, asked: Asked
) -> None:
    no_capacity(writing, "wait-01")
    (task,) = asked("Task?encounter=Encounter/wait-01")
    for gone in ("businessStatus", "statusReason", "output"):
        task.pop(gone, None)
    task["executionPeriod"].pop("end")
    standing = shared_record().update(
        task | {"status": "in-progress"}, version=task["meta"]["versionId"]
    )
    colleague = DEMONSTRATION[HOSPICE].caller
    reviews.take_over(shared_record(), colleague, review_of(standing), "Off shift")
    screen = opened(writing, HOSPICE, "wait-01")
    assert "A decision was begun and not finished" in screen.words
    screen.tap("half-finish|wait-01")
    assert "Finished: the decision is recorded." in screen.words
    (task,) = asked("Task?encounter=Encounter/wait-01")
    assert task["status"] == "rejected"
    assert task["businessStatus"]["coding"][0]["code"] == "no-capacity"
    assert task["owner"]["identifier"]["value"] == colleague.user
    signed = asked(f"Provenance?target=Task/{task['id']}")
    assert colleague.name in {each["agent"][0]["who"]["display"] for each in signed}


def test_a_review_without_a_sign_of_its_holder_is_let_go_of_when_somebody_looks(
    writing: Open, asked: Asked
) -> None:
    taken(writing, CLINICIAN, "wait-01")
    (task,) = asked("Task?encounter=Encounter/wait-01")
    task["executionPeriod"]["start"] = task["authoredOn"] = "2020-01-01T08:00:00Z"
    shared_record().update(task, version=task["meta"]["versionId"])
    queue_keeper().refresh(DEMONSTRATION[HOSPICE].caller)
    other = opened(writing, HOSPICE, "wait-01")
    assert other.has_button("claim|wait-01")
    (task,) = asked("Task?encounter=Encounter/wait-01")
    assert task["status"] == "requested"
    assert "had done nothing for" in task["note"][-1]["text"]
    assert "owner" not in task


def test_a_review_whose_holder_shows_no_sign_is_let_go_of_by_whoever_looks_at_the_queue(
    monkeypatch: pytest.MonkeyPatch, writing: Open, asked: Asked
) -> None:
    monkeypatch.setenv("HANDOVER_IDLE_MINUTES", "5")
    (task,) = asked("Task?encounter=Encounter/wait-22")
    assert task["status"] == "in-progress"
    screen = writing(HOSPICE)
    (task,) = asked("Task?encounter=Encounter/wait-22")
    assert task["status"] == "requested"
    assert "owner" not in task
    assert not screen.app.exception
