"""The whole job: flag, take, answer, decide, and be seen by the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fhir_queries import checklist as checklists
from fhir_queries.errors import RecordUnavailable
from fhir_queries.reviews import read_review
from pages.parts.connection import queue_keeper, shared_record
from pages.parts.who import DEMONSTRATION
from tests.pages.screen import Screen
from tests.servers.journey import filled_in

Open = Callable[..., Screen]
Asked = Callable[[str], list[dict[str, Any]]]
CLINICIAN, HOSPICE, COORDINATOR = "k1", "k2", "k3"


def opened(open_as: Open, who: str, encounter: str) -> Screen:
    """Somebody's session with this patient open."""
    return open_as(who).open(encounter)


def taken(open_as: Open, who: str, encounter: str) -> Screen:
    """The same, and the review taken."""
    return opened(open_as, who, encounter).tap(f"claim|{encounter}")


def first_line(screen: Screen, encounter: str) -> Any:
    """The first line of the checklist that is answered by a tap."""
    return next(each for each in screen.app.button_group if f"answer|{encounter}|" in str(each.key))


def test_a_coordinator_flags_in_two_taps_and_the_clinician_sees_why(
    writing: Open, asked: Asked
) -> None:
    coordinator = writing(COORDINATOR).tap("flag-wait-01").tap("flag-wait-01-fall")
    assert "Review asked for" in coordinator.words
    (task,) = asked("Task?encounter=Encounter/wait-01")
    assert task["status"] == "requested"
    assert task["reasonCode"]["text"] == "Fall, no apparent serious injury"
    clinician = opened(writing, CLINICIAN, "wait-01")
    assert "Flagged by Corin Sedge" in clinician.words


def test_taking_a_review_opens_the_checklist_with_nothing_answered(writing: Open) -> None:
    screen = taken(writing, CLINICIAN, "wait-01")
    assert "You have BRAMBLEWICK, Edith May (Mrs)." in screen.words
    assert "Each answer is saved as you give it." in screen.words
    for each in screen.app.button_group:
        if "answer|" in str(each.key):
            assert not each.value


def test_the_second_to_take_a_review_is_told_who_has_it(writing: Open) -> None:
    late = opened(writing, HOSPICE, "wait-01")
    taken(writing, CLINICIAN, "wait-01")
    late.tap("claim|wait-01")
    assert "Sorrel Marten has this one, since" in late.words
    assert "With Sorrel Marten" in late.words


def test_an_answer_is_in_the_record_at_once_and_on_the_next_tablet(
    writing: Open, asked: Asked
) -> None:
    screen = taken(writing, CLINICIAN, "wait-01")
    line = first_line(screen, "wait-01")
    line.select(line.options[1])
    screen.run()
    assert "Saved" in screen.words
    (response,) = asked("QuestionnaireResponse?encounter=Encounter/wait-01")
    assert response["status"] == "in-progress"
    again = opened(writing, CLINICIAN, "wait-01")
    assert first_line(again, "wait-01").value.display == line.value


def test_one_persons_answer_never_stands_on_the_next_ones_form(writing: Open, asked: Asked) -> None:
    screen = taken(writing, CLINICIAN, "wait-01")
    line = first_line(screen, "wait-01")
    line.select(line.options[0])
    screen.run()
    screen.go("waiting").open("wait-04").tap("claim|wait-04")
    assert not first_line(screen, "wait-04").value
    assert not asked("QuestionnaireResponse?encounter=Encounter/wait-04")


def test_what_is_typed_while_the_record_is_down_is_kept_and_sent_when_it_is_back(
    writing: Open, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = taken(writing, CLINICIAN, "wait-01")
    line = first_line(screen, "wait-01")

    def silent(*args: object, **kwargs: object) -> None:
        raise RecordUnavailable

    with monkeypatch.context() as down:
        down.setattr(checklists, "save_answers", silent)
        line.select(line.options[1])
        screen.run()
        assert "1 answer is not saved yet." in screen.words
        screen.go("waiting")
        assert screen.button("change-person").disabled
    screen.run().open("wait-01")
    assert "not saved yet" not in screen.words
    assert first_line(screen, "wait-01").value.display == line.value
    assert asked("QuestionnaireResponse?encounter=Encounter/wait-01")


def test_answers_of_two_people_at_once_are_both_kept_and_told(writing: Open, asked: Asked) -> None:
    mine = taken(writing, CLINICIAN, "wait-01")
    theirs = opened(writing, HOSPICE, "wait-01")
    theirs.app.text_input(key="take-over-why|wait-01").input("Handing over the shift")
    theirs.run().tap("take-over-go|wait-01")
    lines = [each for each in theirs.app.button_group if "answer|wait-01|" in str(each.key)]
    lines[0].select(lines[0].options[1])
    theirs.run()
    lines = [each for each in mine.app.button_group if "answer|wait-01|" in str(each.key)]
    lines[1].select(lines[1].options[1])
    mine.run()
    assert "Somebody else changed these answers meanwhile." in mine.words
    (response,) = asked("QuestionnaireResponse?encounter=Encounter/wait-01")
    assert len(answers_in(response["item"])) == 2


def answers_in(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every item of a response that holds an answer."""
    found = []
    for item in items:
        if item.get("answer"):
            found.append(item)
        found += answers_in(item.get("item", []))
    return found


def decide(screen: Screen, encounter: str, outcome: str) -> Screen:
    """Choose an outcome."""
    pills = next(
        each for each in screen.app.button_group if each.key == f"decision|{encounter}|outcome"
    )
    pills.select(next(each for each in pills.options if outcome in each))
    return screen.run()


def test_a_redirect_waits_for_every_answer_and_says_which(writing: Open) -> None:
    screen = decide(taken(writing, CLINICIAN, "wait-01"), "wait-01", "Redirect")
    assert "Not answered yet" in screen.words
    assert "Choose the service that takes them." in screen.words
    said_at_once = '<div class="hv-box stop" role="alert"><p><b>It can\'t be recorded yet:'
    assert said_at_once not in screen.markup
    screen.tap("decision|wait-01|check")
    assert not screen.has_button("decision|wait-01|record")
    assert said_at_once in screen.markup


def test_no_capacity_is_recorded_with_the_service_after_naming_the_patient(
    writing: Open, asked: Asked
) -> None:
    screen = decide(taken(writing, CLINICIAN, "wait-01"), "wait-01", "No capacity")
    screen.app.radio(key="decision|wait-01|service").set_value("service-falls")
    screen.run().tap("decision|wait-01|check")
    assert "Record this for" in screen.words
    screen.tap("decision|wait-01|record")
    assert "Recorded for BRAMBLEWICK, Edith May (Mrs): No community capacity." in screen.words
    (task,) = asked("Task?encounter=Encounter/wait-01")
    assert task["status"] == "rejected"
    coordinator = writing(COORDINATOR)
    assert "No community capacity" in coordinator.go("candidates").words


def test_a_confirmation_is_void_once_the_decision_is_changed(writing: Open) -> None:
    screen = decide(taken(writing, CLINICIAN, "wait-01"), "wait-01", "No capacity")
    screen.app.radio(key="decision|wait-01|service").set_value("service-falls")
    screen.run().tap("decision|wait-01|check")
    assert screen.has_button("decision|wait-01|record")
    screen.app.radio(key="decision|wait-01|service").set_value("service-ucr")
    assert not screen.run().has_button("decision|wait-01|record")


def test_a_press_right_after_typing_means_what_was_typed(writing: Open) -> None:
    screen = decide(taken(writing, CLINICIAN, "wait-01"), "wait-01", "No capacity")
    screen.app.radio(key="decision|wait-01|service").set_value("service-falls")
    screen.run().app.text_area(key="decision|wait-01|text").input("Full until Monday")
    screen.tap("decision|wait-01|check")
    assert screen.has_button("decision|wait-01|record")
    assert "In words Full until Monday" in screen.words


def test_the_words_that_were_missing_come_with_the_press_that_checks_them(writing: Open) -> None:
    screen = decide(taken(writing, CLINICIAN, "wait-01"), "wait-01", "Not suitable")
    reason = screen.app.selectbox(key="decision|wait-01|reason")
    reason.set_value(reason.options[0])
    assert "Say why, in a few words." in screen.run().words
    screen.app.text_area(key="decision|wait-01|text").input("In pain again")
    assert screen.tap("decision|wait-01|check").has_button("decision|wait-01|record")


@pytest.mark.parametrize("part", ["text", "service"])
def test_what_was_changed_with_the_press_that_records_is_checked_again(
    writing: Open, asked: Asked, part: str
) -> None:
    screen = decide(taken(writing, CLINICIAN, "wait-01"), "wait-01", "No capacity")
    screen.app.radio(key="decision|wait-01|service").set_value("service-falls")
    screen.run().tap("decision|wait-01|check")
    if part == "text":
        screen.app.text_area(key="decision|wait-01|text").input("Full until Monday")
    else:
        screen.app.radio(key="decision|wait-01|service").set_value("service-ucr")
    screen.tap("decision|wait-01|record")
    assert "Not recorded: it was changed after it was checked." in screen.words
    (task,) = asked("Task?encounter=Encounter/wait-01")
    assert task["status"] == "in-progress"
    screen.tap("decision|wait-01|check").tap("decision|wait-01|record")
    (task,) = asked("Task?encounter=Encounter/wait-01")
    assert task["status"] == "rejected"
    assert ("Full until Monday" if part == "text" else "service-ucr") in str(task)


def test_another_service_chosen_with_the_press_that_records_is_checked_again(
    writing: Open, asked: Asked
) -> None:
    taken(writing, CLINICIAN, "wait-01")
    record, caller = shared_record(), DEMONSTRATION[CLINICIAN].caller
    (task,) = asked("Task?encounter=Encounter/wait-01")
    filled_in(record, read_review(record, task["id"]), caller)
    screen = decide(opened(writing, CLINICIAN, "wait-01"), "wait-01", "Redirect")
    screen.tap("decision|wait-01|check")
    line = next(each for each in screen.app.radio if "answer|wait-01|" in str(each.key))
    other = next(each for each in line.options if each != line.value.name)
    line.set_value(other)
    screen.tap("decision|wait-01|record")
    assert "Not recorded: it was changed after it was checked." in screen.words
    assert asked("Task?encounter=Encounter/wait-01")[0]["status"] == "in-progress"
    screen.tap("decision|wait-01|check").tap("decision|wait-01|record")
    (task,) = asked("Task?encounter=Encounter/wait-01")
    assert task["businessStatus"]["coding"][0]["code"] == "redirected"
    assert other in str(asked("ServiceRequest?encounter=Encounter/wait-01"))


def test_a_decision_that_came_second_is_told_who_decided_what(writing: Open) -> None:
    first = decide(taken(writing, CLINICIAN, "wait-01"), "wait-01", "No capacity")
    first.app.radio(key="decision|wait-01|service").set_value("service-falls")
    first.run().tap("decision|wait-01|check")
    second = opened(writing, HOSPICE, "wait-01")
    second.app.text_input(key="take-over-why|wait-01").input("Shift change")
    second.run().tap("take-over-go|wait-01")
    first.tap("decision|wait-01|record")
    assert "Not recorded. Bryony Heath has this one, since" in first.words


def test_a_patient_whose_identity_is_in_doubt_is_not_redirected(writing: Open) -> None:
    screen = decide(taken(writing, CLINICIAN, "wait-09"), "wait-09", "Redirect")
    assert "More than one record carries this NHS number" in screen.words
    assert not screen.tap("decision|wait-09|check").has_button("decision|wait-09|record")


def test_a_red_flag_asks_for_a_second_clinician(writing: Open) -> None:
    screen = decide(taken(writing, CLINICIAN, "wait-03"), "wait-03", "Redirect")
    assert "Red flags: a second clinician has to agree" in screen.words
    assert "It takes a second clinician's named override, with a reason." in screen.words


def test_a_decision_waits_while_the_record_is_down_and_says_why(
    writing: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = decide(taken(writing, CLINICIAN, "wait-01"), "wait-01", "No capacity")
    screen.app.radio(key="decision|wait-01|service").set_value("service-falls")
    keeper = queue_keeper()

    def silent(*args: object, **kwargs: object) -> None:
        raise RecordUnavailable

    monkeypatch.setattr("fhir_queries.queue_keeper.read_waiting", silent)
    keeper.refresh(DEMONSTRATION[CLINICIAN].caller)
    screen.run()
    assert "a decision has to wait until it does" in screen.words
    assert screen.button("decision|wait-01|check").disabled


def test_giving_a_review_back_leaves_it_to_be_taken(writing: Open, asked: Asked) -> None:
    screen = taken(writing, CLINICIAN, "wait-01").tap("release|wait-01")
    assert "Given back." in screen.words
    assert screen.has_button("claim|wait-01")
    (task,) = asked("Task?encounter=Encounter/wait-01")
    assert task["status"] == "requested"


def test_a_second_clinician_overrides_a_red_flag_on_their_own_tablet(
    writing: Open, asked: Asked
) -> None:
    first = decide(taken(writing, CLINICIAN, "wait-03"), "wait-03", "Redirect")
    first.tap("override-ask|wait-03")
    assert "You ask for a second clinician's word" in first.words
    assert not first.has_button("override-give|wait-03")
    second = opened(writing, HOSPICE, "wait-03")
    assert "A second clinician is asked for" in second.words
    second.tap("override-give|wait-03")
    assert "Not recorded. Say why a redirect is right in spite of this." in second.words
    second.app.text_input(key="override-why|wait-03").input("Palliative, and the family is there")
    second.run().tap("override-give|wait-03")
    assert "Recorded, with your name. Sorrel Marten can decide now." in second.words
    (task,) = asked("Task?encounter=Encounter/wait-03")
    (given,) = (each for each in task["extension"] if each["url"].endswith("/override"))
    parts = {each["url"]: each for each in given["extension"]}
    assert parts["by"]["valueReference"]["identifier"]["value"] == "999100000022"
    first.run()
    assert "Bryony Heath agrees" in first.words
    assert "It takes a second clinician" not in first.words
    assert "Not answered yet" in first.words
