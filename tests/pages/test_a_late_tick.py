"""A list's tick that comes after its page went must not take the new page's elements away."""

from __future__ import annotations

from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequests

from pages.parts.opening import tick_waits


def test_a_tick_that_waits_behind_a_page_is_seen() -> None:
    requests = ScriptRequests()
    assert not tick_waits(requests)
    requests.request_rerun(RerunData(fragment_id="of the page before", is_auto_rerun=True))
    assert tick_waits(requests)


def test_running_the_page_once_more_takes_the_tick_back() -> None:
    requests = ScriptRequests()
    requests.request_rerun(RerunData(fragment_id="of the page before", is_auto_rerun=True))
    requests.request_rerun(RerunData(page_script_hash="the new page"))
    assert not tick_waits(requests)
