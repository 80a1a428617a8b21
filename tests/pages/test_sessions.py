"""Sessions of tablets that have gone, and cards drawn once for everybody."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from streamlit.runtime import Runtime
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.caching.ttl_cache import TTLCache

from clinical.answers_due import AnswerTimes
from clinical.bands import NATIONAL_THRESHOLDS
from clinical.waiting import WaitingList
from fhir_queries.queue_keeper import QueueView
from pages.parts import sessions
from pages.parts.drawn import SiteTimes, drawn_card
from pages.parts.who import DEMONSTRATION
from pages.present.arrivals import Mark
from tests.pages.people import NOW, review, waiting

SITE = SiteTimes(NATIONAL_THRESHOLDS, AnswerTimes())
SORREL, BRYONY = DEMONSTRATION["k1"].caller, DEMONSTRATION["k2"].caller


def view(*waits: object) -> QueueView:
    listed = WaitingList(NOW, tuple(waits), 0, complete=True)  # type: ignore[arg-type]
    return QueueView(listed, {}, {}, timedelta(), None)


def test_an_ended_session_goes_though_no_other_tablet_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = [0.0]
    kept: TTLCache[str, str] = TTLCache(maxsize=128, ttl=900, timer=lambda: clock[0])
    kept["a tablet that went"] = "what its session held"
    monkeypatch.setattr(sessions, "_storage", lambda: kept)
    monkeypatch.setattr(Runtime, "exists", lambda: True)
    assert sessions.sweep() == 0
    clock[0] = 901.0
    assert sessions.sweep() == 1
    assert not kept._data


class _Session:
    """Holds itself, as Streamlit's sessions do: only the collector frees it."""

    def __init__(self) -> None:
        self.itself = self


def test_what_lived_when_the_collector_was_told_to_look_no_more_is_freed_with_its_session(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ended: list[str] = []
    monkeypatch.setattr(sessions, "_storage", lambda: SimpleNamespace(expire=lambda: ended))
    monkeypatch.setattr(Runtime, "exists", lambda: True)
    opened = _Session()
    gone = weakref.ref(opened)
    try:
        sessions.look_through_everything()
        assert gc.get_freeze_count() > 10_000
        del opened
        gc.collect()
        assert gone() is not None
        ended.append("a tablet that went")
        sessions.sweep()
        assert gone() is None
    finally:
        gc.unfreeze()


def test_a_session_that_is_taken_up_again_watches_no_files(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(AppSession, "register_file_watchers", AppSession.register_file_watchers)
    monkeypatch.setattr(sessions, "_sweep_for_ever", lambda: None)
    sessions.keep_light()
    any_session = SimpleNamespace(_local_sources_watcher=None)
    AppSession.register_file_watchers(any_session)  # type: ignore[arg-type]
    assert any_session._local_sources_watcher is None


def test_a_card_is_drawn_once_a_second_for_all_who_see_the_same_reading() -> None:
    wait = waiting()
    one = view(wait)
    first = drawn_card(wait, one, SORREL, NOW, SITE)
    assert drawn_card(wait, one, BRYONY, NOW, SITE) is first
    later = NOW + timedelta(seconds=1)
    assert drawn_card(wait, one, BRYONY, later, SITE) is not first
    assert len(one.drawn) == 1


def test_a_card_that_says_you_is_nobody_elses() -> None:
    asked = review()
    mine = replace(asked, requested_by=replace(asked.requested_by, user=SORREL.user))
    wait = waiting(review=mine)
    one = view(wait)
    assert "Flagged by you" in drawn_card(wait, one, SORREL, NOW, SITE).markup
    assert "Flagged by you" not in drawn_card(wait, one, BRYONY, NOW, SITE).markup


def test_a_mark_is_on_the_card_of_whoever_has_not_seen_it_yet() -> None:
    wait = waiting()
    one = view(wait)
    drawn_card(wait, one, SORREL, NOW, SITE)
    marked = drawn_card(wait, one, BRYONY, NOW, SITE, mark=Mark.NEW)
    assert ">New<" in marked.markup
