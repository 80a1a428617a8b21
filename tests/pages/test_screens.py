"""The screens in front of a real record of made-up people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from clinical.record import PatientRecord, RecordSection, SectionState
from clinical.review_steps import Action, why_not
from clinical.waiting import WaitingPatient
from fhir_queries import history, reviews
from fhir_queries.errors import RecordUnavailable
from pages.parts.who import DEMONSTRATION, places_of
from sandbox.embedded import EmbeddedRecord
from tests.pages.screen import Screen

Open = Callable[..., Screen]
CLINICIAN, HOSPICE, COORDINATOR, OTHER_COORDINATOR, MANAGER = "k1", "k2", "k3", "k4", "k5"
CAST = [f"wait-{number:02}" for number in range(1, 25)]


def test_nobody_sees_a_patient_before_saying_who_they_are(reading: Open) -> None:
    screen = reading()
    assert "Who are you?" in screen.words
    assert "BRAMBLEWICK" not in screen.words


def test_the_demonstration_says_what_it_is_on_every_screen(reading: Open) -> None:
    for who in ("", CLINICIAN, COORDINATOR, MANAGER):
        assert "made-up people" in reading(who).words


def test_choosing_a_person_opens_their_first_screen(reading: Open) -> None:
    screen = reading().tap("be-k1")
    assert "Waiting in ambulances" in screen.words
    assert screen.address("who") == CLINICIAN


def test_everybody_who_waits_has_a_card_and_a_button(reading: Open) -> None:
    screen = reading(CLINICIAN)
    assert "24 waiting" in screen.words
    for encounter in CAST:
        assert screen.has_card(encounter)


def test_a_browser_that_names_somebody_it_was_not_shown_opens_nobody(reading: Open) -> None:
    screen = reading(CLINICIAN)
    assert "EVERYBODY" not in screen.cards
    for named in ("EVERYBODY", "", "wait-01/../wait-02", ["wait-01"], {"wait-01": 1}, 1, None):
        assert len(screen.say_opened(named).cards) == len(CAST)
    assert not screen.address("of")


def test_an_address_holds_nothing_of_the_patient(reading: Open) -> None:
    screen = reading(CLINICIAN).open("wait-01")
    assert "BRAMBLEWICK, Edith May (Mrs)" in screen.words
    assert set(screen.app.query_params) == {"who", "of"}
    assert screen.address("who") == CLINICIAN
    assert len(screen.address("of")) == 24
    assert "wait" not in screen.address("of")


def test_a_reload_comes_back_to_the_same_person_and_patient(reading: Open) -> None:
    handle = reading(CLINICIAN).open("wait-04").address("of")
    again = reading(CLINICIAN, of=handle)
    assert "Redirect review" in again.go("patient", who=CLINICIAN, of=handle).words


def test_a_handle_that_nobody_made_opens_nobody(reading: Open) -> None:
    screen = reading(CLINICIAN)
    found = screen.go("patient", who=CLINICIAN, of="0" * 24)
    assert "Nobody is open here" in found.words


@pytest.mark.parametrize("encounter", CAST)
def test_every_made_up_person_can_be_opened(reading: Open, encounter: str) -> None:
    screen = reading(CLINICIAN).open(encounter)
    assert "NHS No." in screen.words
    assert "Shared record" in screen.words
    assert "could not be shown" not in screen.words


def test_a_restricted_record_is_withheld_and_says_so(reading: Open) -> None:
    screen = reading(CLINICIAN).open("wait-07")
    assert "Restricted record" in screen.words
    assert "Withheld: restricted" in screen.words


def test_two_records_with_one_nhs_number_are_told_side_by_side(reading: Open) -> None:
    screen = reading(CLINICIAN).open("wait-09")
    assert "2 records carry this NHS number" in screen.words
    assert "same NHS number, verified in both" in screen.words
    assert "1 other record of this person is shown together with this one" in screen.words
    assert "From the record of Royal Fern Hospital" in screen.words


def test_a_name_that_looks_like_markup_stays_a_name(reading: Open) -> None:
    screen = reading(CLINICIAN).open("wait-24")
    assert "<script" not in screen.markup.lower()
    assert "could not be shown" not in screen.words


@pytest.mark.parametrize(
    ("who", "page"),
    [
        (MANAGER, "patient"),
        (MANAGER, "waiting"),
        (MANAGER, "candidates"),
        (COORDINATOR, "patient"),
        (COORDINATOR, "avoided"),
        (CLINICIAN, "candidates"),
        (CLINICIAN, "avoided"),
    ],
)
def test_a_screen_that_is_not_theirs_is_not_there(reading: Open, who: str, page: str) -> None:
    screen = reading(who)
    with pytest.raises(ValueError, match="page"):
        screen.app.switch_page(f"pages/{page}.py").run()


def test_a_manager_sees_counts_with_what_they_mean_and_no_patient(reading: Open) -> None:
    screen = reading(MANAGER)
    assert "Admissions avoided within 72 hours (potential)" in screen.words
    assert "Potential: redirected, and no emergency admission within 72 hours" in screen.words
    assert "Pending" in screen.words
    assert "BRAMBLEWICK" not in screen.words


def test_a_coordinator_sees_every_review_and_who_is_still_here(reading: Open) -> None:
    screen = reading(COORDINATOR)
    words = screen.go("candidates").words
    assert "Redirected, still here" in words
    assert "Being reviewed" in words
    assert "Needs an answer 2" in words


def test_filters_narrow_the_list_and_say_so(reading: Open) -> None:
    screen = reading(CLINICIAN, ed="ed-1")
    assert "of 24 waiting shown" in screen.words
    screen = reading(CLINICIAN, status="held")
    assert screen.has_card("wait-22")
    assert not screen.has_card("wait-01")


def test_worth_a_look_first_puts_a_red_flag_last_and_hides_nobody(reading: Open) -> None:
    screen = reading(CLINICIAN, order="worth-a-look")
    order = screen.cards
    assert len(order) == 24
    assert order.index("wait-01") < order.index("wait-03")
    assert "Those with a red flag come last" in screen.words


@pytest.mark.parametrize("state", SectionState)
def test_each_state_of_a_section_is_shown_for_what_it_is(
    reading: Open, monkeypatch: pytest.MonkeyPatch, state: SectionState
) -> None:
    read = history.read_history

    def in_this_state(
        *args: object, **kwargs: object
    ) -> tuple[WaitingPatient | None, PatientRecord]:
        waiting, record = read(*args, **kwargs)  # type: ignore[arg-type]
        allergies = RecordSection("allergies", state, explanation="Because of this test.")
        if state is SectionState.LOADED:
            allergies = replace(record.sections["allergies"], set_aside=1)
        return waiting, replace(record, sections={**record.sections, "allergies": allergies})

    monkeypatch.setattr(history, "read_history", in_this_state)
    screen = reading(CLINICIAN).open("wait-01")
    said = {
        SectionState.LOADED: "1 entry could not be read",
        SectionState.NONE_RETURNED: "None returned. That is not the same as none.",
        SectionState.ASSERTED_NONE: "Recorded as none, by a clinician",
        SectionState.FAILED: "Could not be loaded",
        SectionState.NOT_HELD: "Not held by this record",
        SectionState.WITHHELD: "Withheld: restricted",
    }
    assert said[state] in screen.words
    assert screen.has_button("retry|wait-01|allergies") is (state is SectionState.FAILED)
    if state is SectionState.FAILED:
        assert "Not all of the record is here" in screen.words
        assert "Allergies: COULD NOT BE LOADED" in screen.words


def test_a_record_that_does_not_answer_shows_who_it_would_be_and_nothing_else(
    reading: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*args: object, **kwargs: object) -> None:
        raise RecordUnavailable

    monkeypatch.setattr(history, "read_history", silent)
    screen = reading(CLINICIAN).open("wait-01")
    assert "BRAMBLEWICK" in screen.words
    assert "which says nothing of it" in screen.words
    assert "Allergies" not in screen.words
    monkeypatch.undo()


def test_a_fault_of_ours_becomes_one_sentence_and_no_traceback(
    reading: Open, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("Edith Bramblewick 9990000026")

    monkeypatch.setattr(history, "read_history", broken)
    screen = reading(CLINICIAN).open("wait-01")
    assert "This part of the screen could not be shown" in screen.words
    assert "9990000026" not in caplog.text
    assert "a screen failed where=patient" in caplog.text


def test_the_record_going_down_leaves_the_last_list_with_its_age(
    own_people: EmbeddedRecord, writing: Open
) -> None:
    screen = writing(CLINICIAN)
    assert "24 waiting" in screen.words
    own_people.stop()
    from pages.parts.connection import queue_keeper  # noqa: PLC0415
    from pages.parts.who import DEMONSTRATION  # noqa: PLC0415

    queue_keeper().refresh(DEMONSTRATION[CLINICIAN].caller)
    words = screen.run().words
    assert "24 waiting" in words
    assert "Not up to date" in words
    assert screen.has_card("wait-01")


def test_a_fault_of_ours_in_a_tap_is_said_once_and_nothing_else_breaks(
    reading: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("not for the screen")

    screen = reading(CLINICIAN).open("wait-01")
    monkeypatch.setattr(reviews, "flag", broken)
    screen.tap("claim|wait-01")
    assert "This part of the screen could not be shown" in screen.words
    assert "not for the screen" not in screen.words
    assert "Shared record" in screen.words
    assert "could not be shown" not in screen.run().words


def test_what_a_role_may_not_do_is_refused_even_past_the_screen(reading: Open) -> None:
    caller = DEMONSTRATION[COORDINATOR].caller
    titles = {each.title for each in places_of(caller)}
    assert {"Waiting in ambulances", "Redirect candidates"} <= titles
    assert not {"Patient", "Avoided admissions"} & titles
    of_people = {"Waiting in ambulances", "Patient", "Redirect candidates"}
    assert not of_people & {each.title for each in places_of(DEMONSTRATION[MANAGER].caller)}
    assert why_not(caller, Action.CLAIM, None)
    assert not reading(COORDINATOR).has_card("wait-01")
