"""The services' places in words: not known is never none, and an old number says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from clinical.capacity import CapacitySource, ServiceCapacity
from clinical.opening_hours import Openness
from clinical.review import Actor, CommunityService
from pages.present.capacity import (
    at_a_glance,
    board_order,
    capacity_words,
    open_words,
    said_words,
    service_html,
)
from pages.present.service_choice import choice_words
from tests.pages.people import NOW

FALLS = CommunityService("s1", "Falls <Response>", "Community Trust", True, "", 120, phone="01632")
TWO = ServiceCapacity(
    FALLS,
    2,
    NOW - timedelta(minutes=20),
    Actor("u1", "Finch Lapwing", "Community Trust"),
    CapacitySource.BY_HAND,
    Openness(True, NOW + timedelta(hours=8)),
)
OLD_AFTER = timedelta(hours=2)


def glance(**changes: Any) -> str:
    return at_a_glance(replace(TWO, **changes), NOW, OLD_AFTER)


def test_at_a_glance() -> None:
    assert glance() == "2 places"
    assert glance(free=1) == "1 place"
    assert glance(free=0) == "Full"
    assert glance(free=None) == "Places not known: ask"
    assert glance(as_at=NOW - timedelta(hours=9)) == "Ask: 2 places, old"
    assert glance(openness=Openness(open=False)) == "Closed now"
    failed = glance(free=None, as_at=None, source=CapacitySource.FAILED)
    assert failed == "Could not be read: ask"


def test_who_said_it_and_how_long_ago() -> None:
    assert said_words(TWO, NOW) == "Finch Lapwing, 11:40, 20 min ago"
    diary = replace(TWO, source=CapacitySource.DIARY, said_by=Actor("", "Community Trust"))
    assert said_words(diary, NOW) == "Community Trust's diary, 11:40, 20 min ago"
    assert said_words(replace(TWO, as_at=None), NOW) == "Nobody has said"
    assert said_words(replace(TWO, said_by=None), NOW) == "11:40, 20 min ago"
    failed = replace(TWO, free=None, as_at=None, source=CapacitySource.FAILED)
    assert said_words(failed, NOW) == "Which says nothing of its places"


@pytest.mark.parametrize(
    ("openness", "words"),
    [
        (Openness(None), "Opening hours not recorded"),
        (Openness(open=True), "Open day and night"),
        (Openness(True, NOW + timedelta(hours=8)), "Open until 20:00"),
        (Openness(True, NOW + timedelta(hours=13)), "Open until 01:00 tomorrow"),
        (Openness(False, NOW + timedelta(days=2)), "Closed, opens 12:00 on Fri"),
        (Openness(open=False), "Closed"),
        (Openness(False, NOW + timedelta(hours=1), "Away"), "Closed: Away, opens 13:00"),
    ],
)
def test_open_or_closed_and_until_when(openness: Openness, words: str) -> None:
    assert open_words(openness, NOW) == words


def test_a_line_to_choose_from_says_all_of_it() -> None:
    assert capacity_words(replace(TWO, note="One car."), NOW, OLD_AFTER) == (
        "2 places. Said: Finch Lapwing, 11:40, 20 min ago. Open until 20:00. One car"
    )
    untold = replace(TWO, free=None, as_at=None, source=CapacitySource.NOT_TOLD)
    assert capacity_words(untold, NOW, OLD_AFTER) == "Places not known: ask. Open until 20:00"


def test_a_service_to_choose_says_its_places_promise_hours_and_whom_it_takes() -> None:
    full = replace(TWO, service=replace(FALLS, hours="Every day", comment="Lifts."), free=0)
    assert choice_words(full, NOW, OLD_AFTER) == (
        "Full. Said: Finch Lapwing, 11:40, 20 min ago. Open until 20:00. "
        "Responds within 2 h. Every day. Lifts. Community Trust"
    )
    bare = replace(TWO, service=CommunityService("s2", "Other", "", True, "", None))
    assert "Promised response not recorded. Opening hours not recorded" in choice_words(
        bare, NOW, OLD_AFTER
    )


def test_the_board_begins_with_whoever_has_places_and_ends_with_the_closed() -> None:
    def named(name: str, **changes: Any) -> ServiceCapacity:
        return replace(TWO, service=replace(FALLS, name=name), **changes)

    services = [
        named("Closed", openness=Openness(open=False)),
        named("Full", free=0),
        named("Unknown", free=None),
        named("Zebra"),
        named("alpha"),
    ]
    found = [each.service.name for each in board_order(services, NOW, OLD_AFTER)]
    assert found == ["alpha", "Zebra", "Unknown", "Full", "Closed"]


def test_an_old_number_is_greyed_and_says_whom_to_ask() -> None:
    old = service_html(replace(TWO, as_at=NOW - timedelta(hours=3)), NOW, OLD_AFTER)
    assert '<p class="old">' in old
    assert "Ask: <b>01632</b>" in old
    fresh = service_html(TWO, NOW, OLD_AFTER)
    assert '<p class="old">' not in fresh
    assert "01632" not in fresh
    assert "Falls &lt;Response&gt;" in fresh
