"""What the board says of a service at a glance."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from clinical.capacity import CapacitySource, ServiceCapacity, Taking, taking
from clinical.opening_hours import Openness
from clinical.review import CommunityService
from tests.clinical.ward import NOW

FALLS = CommunityService("s1", "Falls Response", "Community Trust", True, "", 120)
TWO_FREE = ServiceCapacity(
    FALLS, 2, NOW - timedelta(minutes=20), None, CapacitySource.BY_HAND, Openness(open=True)
)
AFTER = timedelta(hours=2)


@pytest.mark.parametrize(
    ("capacity", "expected"),
    [
        (TWO_FREE, Taking.HAS_PLACES),
        (replace(TWO_FREE, free=0), Taking.FULL),
        (replace(TWO_FREE, free=None, as_at=None), Taking.ASK),
        (replace(TWO_FREE, as_at=NOW - AFTER), Taking.HAS_PLACES),
        (replace(TWO_FREE, as_at=NOW - AFTER - timedelta(seconds=1)), Taking.ASK),
        (replace(TWO_FREE, free=0, as_at=NOW - timedelta(hours=9)), Taking.ASK),
        (replace(TWO_FREE, openness=Openness(open=False)), Taking.CLOSED),
        (replace(TWO_FREE, openness=Openness(None)), Taking.HAS_PLACES),
        (replace(TWO_FREE, service=replace(FALLS, active=False)), Taking.CLOSED),
    ],
)
def test_a_number_counts_while_it_is_fresh_and_the_service_open(
    capacity: ServiceCapacity, expected: Taking
) -> None:
    assert taking(capacity, NOW, AFTER) is expected


def test_a_number_from_a_clock_that_is_ahead_is_not_younger_than_now() -> None:
    ahead = replace(TWO_FREE, as_at=NOW + timedelta(minutes=3))
    assert ahead.age(NOW) == timedelta()
    assert not ahead.old(NOW, AFTER)


def test_a_number_that_nobody_said_has_no_age() -> None:
    untold = replace(TWO_FREE, free=None, as_at=None, source=CapacitySource.NOT_TOLD)
    assert untold.age(NOW) is None
    assert not untold.old(NOW, AFTER)
