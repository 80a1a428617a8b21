"""Everybody who waited, reviewed or not: read when it is asked for, all of them or none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clinical.person import Caller
from fhir_queries.asking import Answer, Answers, Resource, Search
from fhir_queries.errors import RecordError, RecordUnavailable
from fhir_queries.waits_seen import WINDOW, WaitsKeeper, read_waits
from tests.fhir_queries.questions.shapes import Told, answered

START = datetime(2026, 10, 1, tzinfo=UTC)
NOW = START + WINDOW + timedelta(days=3)
EMERGENCY = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "EMER"}


def came(identity: str, day: float, status: str = "finished", *past: str, **more: Any) -> Resource:
    """An Encounter that began so many days after the start."""
    return {
        "resourceType": "Encounter",
        "id": identity,
        "status": status,
        "class": EMERGENCY,
        "period": {"start": (START + timedelta(days=day)).isoformat()},
        "statusHistory": [{"status": each, "period": {}} for each in past],
        **more,
    }


class Windows(Told):
    """A record that answers each window with everybody: its filters aren't to be trusted."""

    def __init__(self, *encounters: Resource, **more: Any) -> None:
        super().__init__({"waited": answered("waited", *encounters, **more)})

    def ask(
        self,
        searches: Sequence[Search],
        *,
        audit: Resource | None = None,
        deadline: float | None = None,
    ) -> Answers:
        """As told; a month of Encounters may take longer than a queue."""
        assert deadline is not None
        assert deadline > 60
        return super().ask(searches, audit=audit)


def test_those_who_waited_are_told_from_those_who_came_on_foot_or_by_mistake() -> None:
    record = Windows(
        came("waits", 1, "arrived"),
        came("handed-over", 2, "finished", "arrived", "in-progress"),
        came("on-foot", 2, "finished", "triaged", "in-progress"),
        came("wrong", 2, "entered-in-error", "arrived"),
        came("ward", 2, "finished", "arrived", **{"class": {"code": "IMP"}}),
        came("before", -1, "finished", "arrived"),
        came("later", 400, "arrived"),
        came("unknown", 3, "finished", "arrived", period={}),
    )
    seen = read_waits(record, START, NOW, None)
    assert {*seen.arrivals} == {"waits", "handed-over"}
    assert seen.undated == 1
    assert len(record.asked) == 2
    bounds = [[value for name, value in each.params if name == "date"] for (each,) in record.asked]
    assert bounds[0][1][2:] == bounds[1][0][2:]
    assert [each[:2] for pair in bounds for each in pair] == ["ge", "lt", "ge", "lt"]


def test_they_are_counted_by_arrival_and_without_those_reviewed() -> None:
    waits = [came(f"w{day}", day, "finished", "arrived") for day in range(10)]
    seen = read_waits(Windows(*waits), START, NOW, None)
    begin, end = START + timedelta(days=2), START + timedelta(days=6)
    assert seen.without_review(begin, end, {"w3", "w9"}) == 3
    assert seen.without_review(START, NOW, frozenset()) == 10
    assert seen.without_review(START - timedelta(seconds=1), NOW, frozenset()) is None


@pytest.mark.parametrize(
    "wrong",
    [
        answered("waited", complete=False),
        answered("waited", withheld=True),
        answered("waited", set_aside=1),
        RecordUnavailable("down"),
    ],
    ids=["not all pages", "withheld", "not FHIR", "no answer"],
)
def test_where_not_all_can_be_read_nobody_is_counted_and_what_stood_stays(
    wrong: Answer | RecordError, manager: Caller
) -> None:
    record = Windows(came("w1", 1, "arrived"))
    keeper = WaitsKeeper(record)
    assert keeper.seen(manager) is None
    before = keeper.read(manager, START)
    record.answers["waited"] = wrong
    with pytest.raises(RecordError):
        keeper.read(manager, START)
    assert keeper.seen(manager) is before


def test_the_record_is_told_once_who_asks(manager: Caller) -> None:
    record = Windows()
    WaitsKeeper(record).read(manager, START)
    [told] = record.audited
    assert manager.user in str(told)
