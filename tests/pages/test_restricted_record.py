"""A restricted record on the screen: withheld, opened by a reason, and closed again by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from pages.parts.glass import BrokenGlass
from pages.present.break_glass import reason_fault
from tests.pages.screen import Screen

Open = Callable[..., Screen]
CLINICIAN = "k1"
REASON = "Unconscious, her medicines have to be known now"
WAIT = "wait-07"


@pytest.fixture
def allowing(monkeypatch: pytest.MonkeyPatch, writing: Open) -> Open:
    """The app of a site that lets a community clinician open restricted records."""
    monkeypatch.setenv("HANDOVER_BREAK_GLASS", "true")
    return writing


def opened(screen: Screen, reason: str) -> Screen:
    screen.app.text_area(key=f"glass-reason|{WAIT}").set_value(reason)
    return screen.tap(f"break|{WAIT}")


def test_a_site_that_does_not_allow_it_says_so(reading: Open) -> None:
    screen = reading(CLINICIAN).open(WAIT)
    assert "does not allow restricted records to be opened" in screen.words
    assert not screen.has_button(f"break|{WAIT}")
    assert "Flucloxacillin" not in screen.words


def test_a_reason_that_says_nothing_opens_nothing(allowing: Open) -> None:
    screen = opened(allowing(CLINICIAN).open(WAIT), "because I want")
    assert [each.value for each in screen.app.error] == [reason_fault("because I want")]
    assert "Flucloxacillin" not in screen.words


def test_a_reason_opens_it_is_audited_and_the_address_stays_withheld(
    allowing: Open, asked: Callable[[str], list[dict[str, object]]]
) -> None:
    screen = opened(allowing(CLINICIAN).open(WAIT), REASON)
    assert "Flucloxacillin" in screen.words
    assert "Opened by you until" in screen.words
    assert REASON in screen.words
    (event,) = [
        each for each in asked("AuditEvent?_count=200") if "broke-glass" in str(each["subtype"])
    ]
    assert REASON in str(event["purposeOfEvent"])
    other = screen.go("waiting").open("wait-09")
    assert "Opened by you until" not in other.words


def test_it_closes_when_its_time_is_over(allowing: Open) -> None:
    screen = opened(allowing(CLINICIAN).open(WAIT), REASON)
    over = BrokenGlass(REASON, datetime.now(UTC) - timedelta(seconds=1))
    screen.app.session_state[f"glass|{WAIT}"] = over
    screen.run()
    assert "Flucloxacillin" not in screen.words
    assert "Opened by you until" not in screen.words
    assert screen.has_button(f"break|{WAIT}")


def test_it_can_be_closed_at_once(allowing: Open) -> None:
    screen = opened(allowing(CLINICIAN).open(WAIT), REASON).tap(f"mend|{WAIT}")
    assert "Flucloxacillin" not in screen.words
    assert screen.has_button(f"break|{WAIT}")


@pytest.mark.parametrize(
    ("reason", "good"),
    [("", False), ("x" * 80, False), ("a b c d e f", False), (REASON, True)],
)
def test_a_reason_is_several_words_that_say_something(reason: str, good: bool) -> None:
    assert (reason_fault(reason) == "") is good


def test_another_record_that_may_be_theirs_is_opened_by_itself(reading: Open) -> None:
    screen = reading(CLINICIAN).open("wait-11")
    assert "1 other record may be of this person" in screen.words
    assert "Penicillin" not in screen.words
    screen.tap("also|wait-11|person-11-perhaps")
    assert "Nothing of it counts for the indicators or the decision" in screen.words
    key = "section-wait-11|person-11-perhaps-allergies"
    screen.app.session_state[key] = True
    screen.run()
    assert "Penicillin" in screen.words
    assert "Allergies: recorded as none known" in screen.words
    screen.tap("close-other|wait-11|person-11-perhaps")
    assert "Penicillin" not in screen.words


def test_a_document_is_opened_where_it_is_listed_and_nothing_runs(reading: Open) -> None:
    screen = reading(CLINICIAN).open("wait-01")
    screen.app.session_state["section-wait-01-documents"] = True
    screen.run()
    buttons = {each.label: str(each.key) for each in screen.app.button}
    screen.tap(buttons["Open\\: Visit report of the home care provider"])
    assert "only what it is written in is shown" in screen.words
    assert "<script>" not in screen.markup
    assert "&lt;script&gt;" in screen.markup
