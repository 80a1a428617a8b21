"""The made-up people of the embedded record. README.md has the cast and how to ask for more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sandbox.people.command import cli_seed
from sandbox.people.rates import load_rates
from sandbox.people.shift import new_shift, people_and_arrivals
from sandbox.people.years import Years, settled, years

__all__ = ["cli_seed", "made_up", "new_shift", "years"]


def made_up(
    *,
    seed: int,
    waiting: int = 24,
    now: datetime,
    sites: int = 2,
    history_weeks: int = 8,
) -> Iterator[dict[str, Any]]:
    """FHIR R4 resources, with ids, of a county in which so many people wait in ambulances.

    The same for the same arguments. The first 24 who wait are the cast (README.md); fewer than 24
    are the first of them. `history_weeks` of decisions before `now`, and what became of those
    patients, come with them. `now` has to carry an offset.
    """
    if now.tzinfo is None:
        raise ValueError("now needs its offset")
    yield from people_and_arrivals(seed=seed, waiting=waiting, now=now, sites=sites)
    if history_weeks:
        before = Years(seed=seed, end=now, weeks=history_weeks, sites=sites, rates=load_rates())
        yield from settled(before.resources())
