"""The made-up people of the embedded record. README.md has the cast and how to ask for more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sandbox.people.shift import new_shift, people_and_arrivals

__all__ = ["made_up", "new_shift"]


def made_up(
    *,
    seed: int,
    waiting: int = 24,
    now: datetime,
    sites: int = 2,
    history_weeks: int = 8,  # noqa: ARG001
) -> Iterator[dict[str, Any]]:
    """FHIR R4 resources, with ids, of a county in which so many people wait in ambulances.

    The same for the same arguments. The first 24 who wait are the cast (README.md); fewer than 24
    are the first of them. `history_weeks` of decisions before `now`, and what became of those
    patients, come with them. `now` has to carry an offset.
    """
    if now.tzinfo is None:
        raise ValueError("now needs its offset")
    yield from people_and_arrivals(seed=seed, waiting=waiting, now=now, sites=sites)
