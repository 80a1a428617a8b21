"""The coordinator's side, in front of a real record: flag, ask again, hand back, notes, places."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fhir_queries import review_notes, reviews
from fhir_queries.errors import RecordUnavailable
from tests.pages.screen import Screen

Open = Callable[..., Screen]
Asked = Callable[[str], list[dict[str, Any]]]
CLINICIAN, COORDINATOR, MANAGER = "k1", "k3", "k5"
DOWN = RecordUnavailable()


def flagged(writing: Open, encounter: str = "wait-01") -> Screen:
    """The coordinator has asked for a review, and looks at the list with its row open."""
    coordinator = writing(COORDINATOR).tap(f"flag-{encounter}").tap(f"flag-{encounter}-fall")
    return coordinator.go("candidates").tap(f"more-{encounter}")


def keys_of_inputs(screen: Screen) -> set[str]:
    """Every box that somebody may be typing in."""
    boxes = [*screen.app.text_input, *screen.app.selectbox, *screen.app.text_area]
    return {str(each.key) for each in boxes}


def test_two_taps_flag_with_a_reason_and_a_pathway_that_the_clinician_sees(
    writing: Open, asked: Asked
) -> None:
    writing(COORDINATOR).tap("flag-wait-01").tap("flag-wait-01-fall")
    (task,) = asked("Task?encounter=Encounter/wait-01")
    assert task["status"] == "requested"
    assert task["reasonCode"]["text"] == "Fall, no apparent serious injury"
    assert task["description"] == "Falls response"
    clinician = writing(CLINICIAN)
    assert "Fall, no apparent serious injury. Suggested: Falls response" in clinician.words
    assert "Suggested: Falls response" in clinician.open("wait-01").words


def test_the_list_is_grouped_counted_and_has_nothing_to_type_in(reading: Open) -> None:
    screen = reading(COORDINATOR).go("candidates")
    for words in (
        "Needs an answer 2",
        "Being looked at 1",
        "Redirected, still here 1",
        "Done in the last 24 h",
    ):
        assert words in screen.words
    assert keys_of_inputs(screen.tap("more-wait-22")) == {"ask-who", "ask-why", "ask-more"}
    assert "District Nursing and Urgent Catheter Care, promised by" in screen.words


def test_a_withdrawn_review_is_free_to_be_asked_for_again(writing: Open, asked: Asked) -> None:
    coordinator = flagged(writing).tap("withdraw-wait-01").tap("withdraw-wait-01-1")
    (task,) = asked("Task?encounter=Encounter/wait-01")
    assert (task["status"], task["statusReason"]["text"]) == (
        "cancelled",
        "Flagged the wrong patient",
    )
    assert "Withdrawn" in coordinator.words
    assert not coordinator.has_button("withdraw-wait-01")


def test_a_withdrawal_may_be_left(writing: Open, asked: Asked) -> None:
    coordinator = flagged(writing).tap("withdraw-wait-01").tap("keep-wait-01")
    assert coordinator.has_button("withdraw-wait-01")
    assert asked("Task?encounter=Encounter/wait-01")[0]["status"] == "requested"


def test_somebody_else_has_a_review_so_it_is_not_withdrawn_from_here(reading: Open) -> None:
    screen = reading(COORDINATOR).go("candidates").tap("more-wait-22")
    assert screen.has_button("ask-again-wait-22")
    assert not screen.has_button("withdraw-wait-22")
    assert not screen.has_button("hand-back-wait-22")


def test_asking_again_is_seen_on_the_clinicians_queue(writing: Open) -> None:
    coordinator = flagged(writing).tap("ask-again-wait-01")
    assert "Asked 2 times, just now" in coordinator.words
    coordinator.tap("ask-again-wait-01")
    assert "Asked 3 times, just now" in writing(CLINICIAN).words


def test_what_has_waited_for_an_answer_is_marked_on_both_sides(reading: Open) -> None:
    # Somebody flagged wait-20 and wait-10 longer ago than an answer may take.
    assert "Not taken:" in reading(COORDINATOR).go("candidates").words
    assert "Not taken:" in reading(CLINICIAN).words


def test_a_redirect_that_fails_is_handed_back_and_needs_an_answer_first(
    writing: Open, asked: Asked
) -> None:
    coordinator = writing(COORDINATOR).go("candidates").tap("more-wait-21")
    coordinator.tap("hand-back-wait-21").tap("hand-back-wait-21-0")
    (task,) = asked("Task?encounter=Encounter/wait-21")
    assert task["businessStatus"]["coding"][0]["code"] == "redirect-reversed"
    assert task["statusReason"]["text"] == "The service can't come"
    (referral,) = asked("ServiceRequest?encounter=Encounter/wait-21")
    assert referral["status"] == "revoked"
    words = coordinator.words
    assert "Needs an answer 3" in words
    rows = [str(each.key) for each in coordinator.app.button]
    first = next(key for key in rows if key.startswith(("more-", "less-")))
    assert first == "less-wait-21"
    assert "Back with us: 0 min" in words
    coordinator.tap("flag-anew-wait-21")
    (task,) = asked("Task?encounter=Encounter/wait-21")
    assert task["status"] == "requested"


def test_a_note_of_the_coordinator_is_new_to_the_clinician_until_they_have_read_it(
    writing: Open,
) -> None:
    coordinator = writing(COORDINATOR).go("candidates").tap("more-wait-22").tap("write-wait-22")
    coordinator.app.text_input(key="note|wait-22|0").input("Bed free at three")
    coordinator.run().tap("note-go|wait-22")
    assert "not read yet" in coordinator.words
    assert "note|wait-22|0" not in keys_of_inputs(coordinator)
    clinician = writing(CLINICIAN).open("wait-22")
    assert "Bed free at three" in clinician.words
    assert "Notes: 1, 1 new" in clinician.words
    clinician.tap("notes-read|wait-22")
    assert "1 new" not in clinician.words
    assert "read by Sorrel Marten" in coordinator.run().words


def test_a_note_without_a_word_is_not_sent_and_the_tap_is_answered(writing: Open) -> None:
    coordinator = writing(COORDINATOR).go("candidates").tap("more-wait-22").tap("write-wait-22")
    coordinator.tap("note-go|wait-22")
    assert "Not sent. Write the note first." in coordinator.words
    coordinator.app.text_input(key="note|wait-22|0").input("Bed free at three")
    assert "Write the note first" not in coordinator.run().words


def test_a_note_of_the_clinician_is_new_to_the_coordinator(writing: Open) -> None:
    clinician = writing(CLINICIAN).open("wait-20")
    clinician.app.text_input(key="note|wait-20|0").input("Daughter is on her way <b>")
    clinician.run().tap("note-go|wait-20")
    assert clinician.app.text_input(key="note|wait-20|1").value == ""
    coordinator = writing(COORDINATOR).go("candidates")
    assert "1 new note" in coordinator.words
    assert "Daughter is on her way <b>" in coordinator.tap("more-wait-20").words
    assert "1 new note" not in coordinator.tap("notes-read|wait-20").words


def test_a_half_typed_note_is_still_there_after_refreshes_and_another_patients_note(
    writing: Open, asked: Asked
) -> None:
    coordinator = writing(COORDINATOR).go("candidates").tap("more-wait-22").tap("write-wait-22")
    coordinator.app.text_input(key="note|wait-22|0").input("The daughter will")
    coordinator.run().run()
    assert coordinator.app.text_input(key="note|wait-22|0").value == "The daughter will"
    coordinator.tap("more-wait-20").tap("write-wait-20")
    assert coordinator.app.text_input(key="note|wait-20|0").value == ""
    coordinator.tap("more-wait-22").tap("write-wait-22")
    assert coordinator.app.text_input(key="note|wait-22|0").value == "The daughter will"
    coordinator.tap("note-close|wait-22").tap("write-wait-22")
    assert coordinator.app.text_input(key="note|wait-22|0").value == "The daughter will"
    for encounter in ("wait-20", "wait-22"):
        assert "note" not in asked(f"Task?encounter=Encounter/{encounter}")[0]


def test_a_note_that_could_not_be_sent_stays_typed_and_says_so(
    writing: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    coordinator = writing(COORDINATOR).go("candidates").tap("more-wait-22").tap("write-wait-22")
    coordinator.app.text_input(key="note|wait-22|0").input("Bed free at three")
    coordinator.run()

    def silent(*_args: object, **_named: object) -> None:
        raise DOWN

    with monkeypatch.context() as patched:
        patched.setattr("pages.parts.notes.add_note", silent)
        coordinator.tap("note-go|wait-22")
    assert "Not sent." in coordinator.words
    assert coordinator.app.text_input(key="note|wait-22|0").value == "Bed free at three"
    coordinator.tap("note-go|wait-22")
    assert "Not sent." not in coordinator.words


def test_places_that_a_coordinator_sets_are_what_the_clinician_chooses_by(
    writing: Open, asked: Asked
) -> None:
    coordinator = writing(COORDINATOR).go("candidates")
    coordinator.tap("change-places-service-carers").tap("places-service-carers-4")
    (places,) = asked("Observation?code=places-free&identifier=service-carers")
    assert places["valueInteger"] == 4
    assert places["performer"][0]["display"] == "Corin Sedge"
    clinician = writing(CLINICIAN).go("services")
    assert "Corin Sedge" in clinician.words
    clinician.tap("change-places-service-carers").tap("places-service-carers-unknown")
    (places,) = asked("Observation?code=places-free&identifier=service-carers")
    assert "valueInteger" not in places
    assert "Sorrel Marten" in coordinator.run().words


def test_whoever_set_places_meanwhile_is_told_to_the_one_who_came_second(writing: Open) -> None:
    coordinator = writing(COORDINATOR).go("candidates").tap("change-places-service-falls")
    clinician = writing(CLINICIAN).go("services").tap("change-places-service-falls")
    seen = coordinator.app.button(key="places-service-falls-6")
    clinician.tap("places-service-falls-0")
    seen.click()
    words = coordinator.run().words
    assert "Sorrel Marten said 0 at" in words
    assert "Nothing was changed." in words


def test_the_board_says_what_is_closed_old_and_not_known(reading: Open) -> None:
    words = reading(CLINICIAN).go("services").words
    assert "Closed: Team away for training" in words
    assert "Ask: 1 place, old" in words
    assert "Nobody has said" in words
    assert "8 services" in words


def test_a_manager_has_no_board_and_no_list(reading: Open) -> None:
    for page in ("services", "candidates"):
        with pytest.raises(ValueError, match="page"):
            reading(MANAGER).app.switch_page(f"pages/{page}.py").run()


def test_a_record_that_stops_answering_leaves_the_list_with_its_age_and_no_taps(
    reading: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = reading(COORDINATOR).go("candidates").tap("more-wait-20")
    assert not screen.button("ask-again-wait-20").disabled

    def silent(*_args: object, **_named: object) -> None:
        raise DOWN

    monkeypatch.setattr(reviews, "read_reviews", silent)
    words = screen.run().words
    assert "Not up to date" in words
    assert "Needs an answer 2" in words
    assert screen.button("ask-again-wait-20").disabled


def test_a_fault_while_asking_again_is_said_in_a_sentence(
    reading: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_args: object, **_named: object) -> None:
        raise DOWN

    screen = reading(COORDINATOR).go("candidates").tap("more-wait-20")
    monkeypatch.setattr(review_notes, "ask_again", silent)
    assert "can't be reached" in screen.tap("ask-again-wait-20").words


def test_a_review_asked_for_from_the_list_carries_the_reason_in_words(
    writing: Open, asked: Asked
) -> None:
    coordinator = writing(COORDINATOR).go("candidates")
    coordinator.app.selectbox(key="ask-who").set_value("wait-04")
    coordinator.app.selectbox(key="ask-why").set_value("mobility")
    coordinator.app.text_input(key="ask-more").input("Usually walks with a frame")
    coordinator.run().tap("ask-go")
    (task,) = asked("Task?encounter=Encounter/wait-04")
    assert task["reasonCode"]["text"] == (
        "Reduced function or mobility. Usually walks with a frame"
    )
    assert task["description"] == "Urgent community response"
