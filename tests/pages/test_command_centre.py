"""The departments' screen and the wall: numbers, and nobody's name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from clinical.bands import NATIONAL_THRESHOLDS
from clinical.command_centre import CommandCentre, departments_now
from pages.present.command_centre import centre_html, department_html, wall_html
from tests.clinical.ward import NOW, WAITING
from tests.pages.screen import Screen

HOURS = timedelta(hours=2)


def centre(**changes: object) -> CommandCentre:
    departments = departments_now([WAITING], None, [], NOW, NATIONAL_THRESHOLDS)
    return replace(CommandCentre(NOW, departments, True, 0), **changes)  # type: ignore[arg-type]


def test_what_cannot_be_predicted_is_said_to_be_not_known() -> None:
    [now] = centre().departments
    shown = department_html(now, NATIONAL_THRESHOLDS)
    assert "<dt>Predicted for the next hour</dt><dd>not known</dd>" in shown
    assert "<dt>In the last hour</dt><dd>not known</dd>" in shown


def test_an_incomplete_reading_never_looks_like_a_quiet_afternoon() -> None:
    shown = centre_html(centre(complete=False, departments=()), NATIONAL_THRESHOLDS)
    assert "too low" in shown
    shown = centre_html(centre(set_aside=2), NATIONAL_THRESHOLDS)
    assert "2 entries of the queue could not be read" in shown


def test_the_wall_names_nobody_and_says_that_its_people_are_made_up() -> None:
    shown = wall_html(
        centre(), (), NOW, thresholds=NATIONAL_THRESHOLDS, old_after=HOURS, demonstration=True
    )
    assert "TESTER" not in shown
    assert "made-up people" in shown
    assert "<b>1</b> waiting" in shown


def test_a_manager_and_a_coordinator_see_every_department_and_no_patient(
    reading: Callable[..., Screen],
) -> None:
    for who in ("k5", "k3"):
        screen = reading(who)
        for page, heading in (("command_centre", "Command centre"), ("wall", "Ambulances waiting")):
            screen.go(page)
            assert heading in screen.words
            assert "Royal Fern Hospital Emergency Department" in screen.words
            assert "Northmoor General Emergency Department" in screen.words
            assert "District Nursing" in screen.words
            assert "BRAMBLEWICK" not in screen.words


def test_a_clinician_has_no_command_centre(reading: Callable[..., Screen]) -> None:
    assert "Command centre" not in reading("k1").words
