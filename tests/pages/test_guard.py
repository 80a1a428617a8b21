"""Faults, log lines and addresses give nobody away."""

from __future__ import annotations

from pathlib import Path

import pytest

from pages.parts import guard as guards
from pages.parts.guard import guard
from pages.parts.handles import Handles
from pages.parts.logged import Line, say

SECRET = "Bramblewick 9990000026"


@pytest.fixture
def sorry(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the screen said."""
    said: list[str] = []
    monkeypatch.setattr(guards, "say_sorry", said.append)
    return said


def test_a_fault_is_one_sentence_and_a_line_that_names_the_place(
    sorry: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    with guard("a test"):
        raise ValueError(SECRET)
    (sentence,) = sorry
    assert SECRET not in sentence
    assert SECRET not in caplog.text
    assert "a screen failed where=a test" in caplog.text
    assert "error=ValueError" in caplog.text
    assert "at=tests/pages/test_guard.py:" in caplog.text
    request = sentence.rpartition("report ")[2].rstrip(".")
    assert request in caplog.text


def test_a_field_that_could_name_somebody_becomes_a_question_mark(
    caplog: pytest.LogCaptureFixture,
) -> None:
    say(Line.RECORD_FAILED, where=SECRET, error=SECRET)
    assert "where=? error=?" in caplog.text


def test_a_field_that_is_not_ours_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        say(Line.RECORD_FAILED, patient="p1")


def test_a_handle_is_the_same_after_a_restart_and_another_elsewhere(tmp_path: Path) -> None:
    here = Handles(tmp_path / "here")
    assert here.of("wait-01") == Handles(tmp_path / "here").of("wait-01")
    assert here.of("wait-01") != Handles(tmp_path / "there").of("wait-01")
    assert here.of("wait-01") != here.of("wait-02")


def test_a_handle_finds_only_those_this_person_may_see(tmp_path: Path) -> None:
    handles = Handles(tmp_path)
    handle = handles.of("wait-01")
    assert handles.find(handle, ["wait-02", "wait-01"]) == "wait-01"
    assert handles.find(handle, ["wait-02"]) is None
    assert handles.find("é", ["wait-01"]) is None


def test_the_key_is_its_owners_alone(tmp_path: Path) -> None:
    Handles(tmp_path)
    assert (tmp_path / "handle.key").stat().st_mode & 0o077 == 0
    assert [each.name for each in tmp_path.iterdir()] == ["handle.key"]
