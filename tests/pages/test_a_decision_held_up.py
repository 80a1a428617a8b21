"""A decision that was held up while the record failed between two ticks goes on by itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pages.parts import decision, patient
from tests.pages.screen import Screen
from tests.pages.test_journey import CLINICIAN, decide, taken

Open = Callable[..., Screen]
WAITS = "a decision has to wait until it does"


def test_the_tick_after_runs_the_screen_again_once(
    monkeypatch: pytest.MonkeyPatch, writing: Open
) -> None:
    screen = taken(writing, CLINICIAN, "wait-01")
    with monkeypatch.context() as failing:
        failing.setattr(decision, "is_stale", lambda *_: True)
        decide(screen, "wait-01", "No capacity")
        assert WAITS in screen.words
    drawn: list[str] = []
    show_pulse = patient.show_pulse

    def counted(*args: object) -> None:
        drawn.append("screen")
        show_pulse(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(patient, "show_pulse", counted)
    screen.run()
    assert WAITS not in screen.words
    assert len(drawn) == 2, "the tick didn't notice that a decision was held up"
    screen.run()
    assert len(drawn) == 3
