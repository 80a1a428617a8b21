"""What else changed with the run of one part of a screen is put in line, and nothing is lost."""

from __future__ import annotations

import ast
from pathlib import Path

from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequests

from pages.parts.taps import _ask

PARTS = Path(__file__).resolve().parents[2] / "pages" / "parts"


def _typed(words: str) -> WidgetStates:
    states = WidgetStates()
    states.widgets.add(id="note", string_value=words)
    return states


def test_a_message_that_waits_keeps_what_was_typed_and_runs_both_parts() -> None:
    requests = ScriptRequests()
    requests.request_rerun(RerunData(fragment_id="composer", widget_states=_typed("Hello")))
    _ask(requests, RerunData(fragment_id_queue=["board"]))
    waiting = requests.on_scriptrunner_ready().rerun_data
    assert waiting.fragment_id_queue == ["composer", "board"]
    assert waiting.widget_states == _typed("Hello")


def test_a_message_that_comes_later_keeps_what_was_typed_too() -> None:
    requests = ScriptRequests()
    _ask(requests, RerunData(fragment_id_queue=["board"]))
    requests.request_rerun(RerunData(fragment_id="composer", widget_states=_typed("Hello")))
    waiting = requests.on_scriptrunner_ready().rerun_data
    assert waiting.fragment_id_queue == ["board", "composer"]
    assert waiting.widget_states == _typed("Hello")


def test_the_changes_of_a_run_are_closed_where_nothing_waits() -> None:
    requests = ScriptRequests()
    _ask(requests, RerunData(fragment_id_queue=["board"]))
    assert requests.on_scriptrunner_ready().rerun_data.widget_states == WidgetStates()


def test_every_part_that_runs_by_itself_answers_every_tap() -> None:
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in sorted(PARTS.glob("*.py"))]
    found = [each for tree in trees for each in ast.walk(tree)]
    guarded = {
        each.name
        for each in found
        if isinstance(each, ast.FunctionDef)
        and any(ast.unparse(one).startswith("guarded(") for one in each.decorator_list)
    }
    running = {
        ast.unparse(each.args[0])
        for each in found
        if isinstance(each, ast.Call) and ast.unparse(each.func) == "st.fragment"
    }
    assert len(running) >= 15
    assert running - guarded == set()
