"""What the record shows of each pathway, told of no fewer people than may be told of.

A pathway is one need at one community service in one part of the day. What was refused there for
want of room is one opportunity; what a review came too late for is another, of the need and the
part of the day alone, since nobody had chosen a service yet. All numbers go through
``clinical.suppression``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from clinical.outcome_columns import NO_HOUR, Column
from clinical.outcome_counts import Count
from clinical.outcome_filters import IN_WORDS_ONLY, NOT_RECORDED, Group
from clinical.outcome_table import OutcomeTable
from clinical.ranking import Opportunity, Share
from clinical.review import Outcome
from clinical.suppression import ShownCount, Suppression, place_in
from clinical.suppression_told import Told

ASKED = ("accepted", "admission-avoided-72h", "reattendance-7d", "redirect-reversed")
HOURS_IN_A_BAND = (4, 8, 24)
"""How finely a day may be split: as finely as there are people for."""
_UNNAMED = frozenset({NOT_RECORDED, IN_WORDS_ONLY})


@dataclass(frozen=True, slots=True)
class Opportunities:
    """Everything that may be ranked, and what isn't told."""

    as_at: datetime
    room: tuple[Opportunity, ...]
    """Refused for want of room, by need, service and part of the day."""
    sooner: tuple[Opportunity, ...]
    """Came too late, by need and part of the day."""
    withheld: bool
    """Whether there are too few of one of both to be split at all."""


def opportunities(
    table: OutcomeTable,
    as_at: datetime,
    start: datetime,
    end: datetime,
    suppression: Suppression,
) -> Opportunities:
    """The opportunities of a period. Named are only needs and services of enough people."""
    routes = _Routes(table, suppression)
    numbers = _Numbers(table, as_at, start, end, suppression)
    shares = _Shares(numbers, table.select(start, end).counts(as_at).counts, routes)
    room, room_told = numbers.missed(Outcome.NO_CAPACITY, routes.codes, len(routes))
    late, late_told = numbers.missed(
        Outcome.HANDED_OVER_FIRST, routes.needs_codes, len(routes.needs)
    )
    return Opportunities(
        as_at,
        tuple(
            Opportunity(
                routes.named[place][0],
                routes.named[place][1],
                hour,
                hours,
                missed,
                *shares.of_route(place),
            )
            for (place, hour), (missed, hours) in room.items()
        ),
        tuple(
            Opportunity(routes.needs[place], "", hour, hours, missed, *shares.of_need(place))
            for (place, hour), (missed, hours) in late.items()
        ),
        not (room_told and late_told),
    )


class _Routes:
    """The needs, and the pairs of need and service, that enough people went through."""

    def __init__(self, table: OutcomeTable, suppression: Suppression) -> None:
        self.needs = [
            name for name in suppression.listed(table, Group.REASON) if name not in _UNNAMED
        ]
        services = [
            name for name in suppression.listed(table, Group.SERVICE) if name not in _UNNAMED
        ]
        many = np.bincount(
            place_in(table, Group.REASON, self.needs) * (len(services) + 1)
            + place_in(table, Group.SERVICE, services),
            minlength=(len(self.needs) + 1) * (len(services) + 1),
        )
        self.named: list[tuple[str, str]] = []
        place_of = np.full(len(many), -1, dtype=np.int64)
        for need, need_name in enumerate(self.needs):
            for service, service_name in enumerate(services):
                pair = need * (len(services) + 1) + service
                if many[pair] >= suppression.fewest:
                    place_of[pair] = len(self.named)
                    self.named.append((need_name, service_name))
        place_of[place_of < 0] = len(self.named)
        self.needs_codes = place_in(table, Group.REASON, self.needs)
        self.codes: Column = place_of[
            self.needs_codes * (len(services) + 1) + place_in(table, Group.SERVICE, services)
        ]

    def __len__(self) -> int:
        return len(self.named)


class _Numbers:
    """What is told of parts of one period."""

    def __init__(
        self,
        table: OutcomeTable,
        as_at: datetime,
        start: datetime,
        end: datetime,
        suppression: Suppression,
    ) -> None:
        self._told = Told.of(table, as_at, suppression)
        self._start, self._end = start, end
        self._hours = table.column("hour").astype(np.int64)

    def split(self, codes: Column, named: int) -> Mapping[str, Sequence[ShownCount]]:
        """What is asked of each of ``named`` groups, by the code of each row."""
        return {
            name: self._told.split(name, self._start, self._end, codes=codes, groups=named + 1)
            for name in ASKED
        }

    def missed(
        self, outcome: Outcome, codes: Column, named: int
    ) -> tuple[dict[tuple[int, int], tuple[int, int]], bool]:
        """How many had this outcome, by (place, hour) with the hours of the band; whether it's
        told.
        """
        for length in HOURS_IN_A_BAND:
            bands = 24 // length
            cells = self._told.cells(
                outcome.value,
                self._start,
                self._end,
                codes=np.where(self._hours == NO_HOUR, -1, codes * bands + self._hours // length),
                groups=(named + 1) * bands,
            )
            if all(each is not None for each in cells):
                return {
                    (place, band * length): (many, length)
                    for place in range(named)
                    for band in range(bands)
                    if (many := cells[place * bands + band])
                }, True
        return {}, False


class _Shares:
    """The proportions that are told of a route: its own, else its need's, else everybody's."""

    def __init__(self, numbers: _Numbers, everybody: Mapping[str, Count], routes: _Routes) -> None:
        self._routes = routes
        self._need_of = {name: place for place, name in enumerate(routes.needs)}
        self._everybody = {name: everybody[name] for name in ASKED}
        self._of_routes = numbers.split(routes.codes, len(routes))
        self._of_needs = numbers.split(routes.needs_codes, len(routes.needs))

    def of_route(self, place: int) -> tuple[Share | None, Share, Share, Share]:
        """(accepted, avoided, came back, reversed): somebody refused would have been accepted."""
        need, service = self._routes.named[place]
        own = {name: self._of_routes[name][place] for name in ASKED}
        at = f"{need} at {service}"
        avoided, back, undone = (
            self._share(name, own[name], at, self._need_of[need]) for name in ASKED[1:]
        )
        return None, avoided, back, undone

    def of_need(self, place: int) -> tuple[Share | None, Share, Share, Share]:
        """The same of a need, whichever service: and how often such people are accepted."""
        accepted, avoided, back, undone = (self._share(name, None, "", place) for name in ASKED)
        return accepted, avoided, back, undone

    def _share(self, name: str, own: ShownCount | None, at: str, need: int) -> Share:
        if own is not None and own.share is not None:
            return Share(own.share, own.known, at, own=True)
        of_need = self._of_needs[name][need]
        if of_need.share is not None:
            return Share(of_need.share, of_need.known, self._routes.needs[need], own=own is None)
        count = self._everybody[name]
        return Share(count.proportion, count.known, "everybody", own=False)
