"""A demonstration opened the next day has fresh waits for the same people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.people import made_up, new_shift
from sandbox.structure import faults

Resource = dict[str, Any]
YESTERDAY = datetime(2026, 10, 24, 20, 0, tzinfo=UTC)
TODAY = datetime(2026, 10, 25, 9, 0, tzinfo=UTC)


def waits(resources: list[Resource]) -> list[Resource]:
    return [
        each
        for each in resources
        if each["resourceType"] == "Encounter" and each["status"] == "arrived"
    ]


def opened_again(waiting: int = 26) -> tuple[list[Resource], list[Resource]]:
    """Yesterday's waits, and what the new shift makes of them."""
    before = waits(list(made_up(seed=3, now=YESTERDAY, waiting=waiting, history_weeks=0)))
    return before, list(new_shift(before, seed=3, now=TODAY))


def test_yesterdays_waits_are_handed_over_and_their_history_says_when() -> None:
    before, after = opened_again()
    over = {each["id"]: each for each in after if each.get("status") == "in-progress"}
    assert over.keys() == {each["id"] for each in before}
    for each in over.values():
        waited, treated = each["statusHistory"]
        assert (waited["status"], treated["status"]) == ("arrived", "in-progress")
        assert waited["period"]["end"] == treated["period"]["start"]
        assert datetime.fromisoformat(waited["period"]["end"]) < TODAY
        assert {place["status"] for place in each["location"]} == {"completed"}


def test_the_same_people_arrive_anew_with_their_crews_findings() -> None:
    before, after = opened_again()
    fresh = waits(after)
    assert {each["subject"]["reference"] for each in fresh} == {
        each["subject"]["reference"] for each in before
    }
    assert {each["id"] for each in fresh}.isdisjoint({each["id"] for each in before})
    for each in fresh:
        start = each["period"]["start"]
        if "T" in start:
            assert timedelta(0) < TODAY - datetime.fromisoformat(start) <= timedelta(minutes=160)
    crews = [
        each for each in after if each["resourceType"] == "Observation" and "encounter" in each
    ]
    on = {each["encounter"]["reference"] for each in crews}
    assert on <= {f"Encounter/{each['id']}" for each in fresh}
    assert len(on) >= 22
    assert not [each for each in after if each["resourceType"] == "Patient"]


def test_everything_in_a_new_shift_is_valid_and_has_its_own_id() -> None:
    _, after = opened_again()
    assert [found for each in after for found in faults(each)] == []
    assert len({(each["resourceType"], each["id"]) for each in after}) == len(after)


def test_the_places_of_the_services_are_said_anew() -> None:
    before = list(made_up(seed=3, now=YESTERDAY, waiting=1, history_weeks=0))
    _, after = opened_again()

    def said(resources: list[Resource]) -> dict[str, str]:
        places = [each for each in resources if str(each["id"]).startswith("places-")]
        return {each["id"]: each["effectiveDateTime"] for each in places}

    assert said(before).keys() == said(after).keys() != set()
    assert all(at > said(before)[identity] for identity, at in said(after).items())


def test_a_third_shift_follows_the_second_and_all_is_repeatable() -> None:
    _, after = opened_again()
    third = list(new_shift(waits(after), seed=3, now=TODAY + timedelta(days=1)))
    assert len(waits(third)) == 26
    assert third == list(new_shift(waits(after), seed=3, now=TODAY + timedelta(days=1)))


def test_those_who_left_come_back_and_strangers_are_left_alone() -> None:
    stranger = {
        "resourceType": "Encounter",
        "id": "from-elsewhere",
        "status": "arrived",
        "class": {"code": "EMER"},
        "subject": {"reference": "Patient/somebody"},
    }
    after = list(new_shift([stranger], seed=3, now=TODAY, sites=1))
    assert len(waits(after)) == 24
    assert "from-elsewhere" not in {each["id"] for each in after}
    assert {each["serviceProvider"]["reference"] for each in waits(after)} == {"Organization/ed-1"}
