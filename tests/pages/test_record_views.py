"""The views across one record, in front of a real record of made-up people."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from clinical.record import PatientRecord, RecordSection, SectionState
from clinical.waiting import WaitingPatient
from fhir_queries import history
from fhir_queries.errors import RecordUnavailable
from pages.parts import sheet as sheets
from sandbox.embedded import EmbeddedRecord
from tests.pages.screen import Screen

Open = Callable[..., Screen]
CLINICIAN = "k1"


def opened(screens: Open, wait: str = "wait-01") -> Screen:
    return screens(CLINICIAN).open(wait)


def search(screen: Screen, wait: str, typed: str) -> Screen:
    screen.app.text_input(key=f"search-words|{wait}").set_value(typed)
    return screen.run()


def test_now_shows_each_vital_sign_beside_its_normal_and_the_usual(reading: Open) -> None:
    words = opened(reading).words
    assert "Pulse 91 /min above normal" in words
    assert "Normal 96 % or more (scale 1)" in words
    assert "Usual 141 (136 to 148): 4 values" in words
    assert re.search(r"What changed in the last 14 days: [1-9]", words)
    assert "Leg ulcer dressing" in words


def test_the_saturation_of_somebody_on_scale_2_is_held_against_scale_2(reading: Open) -> None:
    words = opened(reading, "wait-16").words
    assert "Normal 88 to 92 % (scale 2, on oxygen)" in words
    assert "SpO2 scale 2." in words


def test_a_chart_is_drawn_only_when_it_is_asked_for(reading: Open) -> None:
    screen = opened(reading)
    assert len(screen.app.get("vega_lite_chart")) == 0
    screen.app.button_group(key="vital-chosen|wait-01").set_value("Pulse")
    assert len(screen.run().app.get("vega_lite_chart")) == 1


def test_the_line_of_time_is_drawn_when_opened_with_every_event_listed(reading: Open) -> None:
    screen = opened(reading)
    assert "Leg ulcer dressing Community and outpatient contacts ·" not in screen.words
    screen.app.session_state["timeline-wait-01"] = True
    screen.run()
    assert len(screen.app.get("vega_lite_chart")) == 1
    assert "Leg ulcer dressing Community and outpatient contacts ·" in screen.words
    listed = screen.markup.count('<span class="when">')
    screen.tap("timeline-more|wait-01")
    assert screen.markup.count('<span class="when">') > listed


def test_a_search_finds_by_several_words_and_leaves_nothing_in_address_or_log(
    reading: Open, caplog: pytest.LogCaptureFixture
) -> None:
    screen = opened(reading)
    before = dict(screen.app.query_params)
    with caplog.at_level(logging.DEBUG):
        words = search(screen, "wait-01", "SODIUM rivermead").words
    assert "6 entries in 1 section" in words
    assert dict(screen.app.query_params) == before
    assert "rivermead" not in caplog.text.lower()


def test_a_search_says_which_section_could_not_be_searched(
    reading: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = history.read_history

    def without_medicines(
        *args: object, **kwargs: object
    ) -> tuple[WaitingPatient | None, PatientRecord]:
        waiting, record = read(*args, **kwargs)  # type: ignore[arg-type]
        failed = RecordSection("medicines", SectionState.FAILED, explanation="Because.")
        return waiting, replace(record, sections={**record.sections, "medicines": failed})

    monkeypatch.setattr(history, "read_history", without_medicines)
    screen = opened(reading)
    assert "Could not be loaded, and so not looked at for changes: Medicines." in screen.words
    words = search(screen, "wait-01", "amlodipine").words
    assert "Could not be loaded, and so not searched: Medicines." in words
    assert "Nothing found in what could be searched." in words


def test_one_person_s_search_is_not_another_s(reading: Open) -> None:
    screen = search(opened(reading), "wait-01", "sodium")
    screen.go("waiting", who=CLINICIAN).open("wait-02")
    assert screen.app.text_input(key="search-words|wait-02").value == ""


def _sheets(screen: Screen) -> int:
    """How many files are offered to save on the screen."""
    found = screen.app.get("bidi_component")
    return sum("sheet-file|" in repr(each) for each in found)


def test_a_sheet_is_made_when_asked_for_and_audited_first(
    own_people: EmbeddedRecord,
    writing: Open,
    asked: Callable[[str], list[dict[str, object]]],
) -> None:
    screen = opened(writing)
    assert _sheets(screen) == 0
    screen.tap("make-sheet|wait-01")
    assert _sheets(screen) == 1
    assert "noted in the record's audit" in screen.words
    events = asked("AuditEvent?_count=200&patient=Patient/person-01")
    kinds = [each["subtype"][-1]["code"] for each in events]  # type: ignore[index]
    assert kinds.count("printed-sheet") == 1


def test_without_the_audit_there_is_no_sheet(
    reading: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def not_taken(*args: object) -> None:
        raise RecordUnavailable

    monkeypatch.setattr(sheets, "audit_sheet", not_taken)
    screen = opened(reading).tap("make-sheet|wait-01")
    assert _sheets(screen) == 0
    assert RecordUnavailable.sentence in screen.words


def test_no_sheet_is_made_of_a_restricted_record(reading: Open) -> None:
    screen = opened(reading, "wait-07")
    assert not screen.has_button("make-sheet|wait-07")
    assert "This record is restricted, so no handover sheet is made of it." in screen.words


def test_a_record_of_markup_is_shown_as_its_words_in_every_view(reading: Open) -> None:
    screen = opened(reading, "wait-24")
    screen.app.session_state["timeline-wait-24"] = True
    search(screen, "wait-24", "a")
    assert "<script" not in screen.markup.lower()
    assert "could not be shown" not in screen.words
