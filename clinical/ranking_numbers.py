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

from clinical.outcome_columns import Column
from clinical.outcome_filters import IN_WORDS_ONLY, NOT_RECORDED, Group
from clinical.outcome_table import OutcomeTable
from clinical.ranking import Opportunity, Share
from clinical.review import Outcome
from clinical.suppression import ShownCount, Suppression
from clinical.suppression_parts import (
    THE_REST,
    everybody_by_quarters,
    part_named,
    places_of,
    refused_by_hour,
    split_by_quarters,
)
from clinical.weeks import Weeks

ASKED = ("accepted", "admission-avoided-72h", "reattendance-7d", "redirect-reversed")
HOURS_IN_A_BAND = (4, 8, 24)
"""How finely a day may be split: as finely as there are people for."""
_UNNAMED = frozenset({NOT_RECORDED, IN_WORDS_ONLY})


@dataclass(frozen=True, slots=True)
class Opportunities:
    """Everything that may be ranked, and what isn't told."""

    as_at: datetime
    told_of: Weeks
    """The whole quarters that are counted."""
    room: tuple[Opportunity, ...]
    """Refused for want of room, by need, service and part of the day."""
    sooner: tuple[Opportunity, ...]
    """Came too late, by need and part of the day."""
    withheld: bool
    """Whether there are too few of one of both to be split at all."""


def opportunities(
    table: OutcomeTable,
    as_at: datetime,
    weeks: Weeks,
    suppression: Suppression,
) -> Opportunities:
    """The opportunities of the quarters of these weeks. Named are only needs and services of
    enough people.
    """
    told_of, quarters = weeks.in_quarters(), weeks.quarters()
    part = table.select(told_of.start, told_of.end)
    routes = _Routes(table, part, suppression)
    shares = _Shares(part, as_at, suppression, routes, quarters)
    room, room_told = _counted(
        part,
        suppression,
        outcome=Outcome.NO_CAPACITY,
        parts=routes.codes,
        names=routes.parts,
        quarters=quarters,
    )
    late, late_told = _counted(
        part,
        suppression,
        outcome=Outcome.HANDED_OVER_FIRST,
        parts=routes.needs_codes,
        names=routes.parts_of_needs,
        quarters=quarters,
    )
    return Opportunities(
        as_at,
        told_of,
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

    def __init__(self, table: OutcomeTable, part: OutcomeTable, suppression: Suppression) -> None:
        self.needs = [
            name for name in suppression.listed(table, Group.REASON) if name not in _UNNAMED
        ]
        services = [
            name for name in suppression.listed(table, Group.SERVICE) if name not in _UNNAMED
        ]
        many = np.bincount(
            places_of(table, Group.REASON, self.needs) * (len(services) + 1)
            + places_of(table, Group.SERVICE, services),
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
        self.needs_codes = places_of(part, Group.REASON, self.needs)
        self.codes: Column = place_of[
            self.needs_codes * (len(services) + 1) + places_of(part, Group.SERVICE, services)
        ]

    @property
    def parts(self) -> list[str]:
        """What each pair is called."""
        return [
            part_named([(Group.SERVICE.value, (service,)), (Group.REASON.value, (need,))])
            for need, service in self.named
        ]

    @property
    def parts_of_needs(self) -> list[str]:
        """What each need is called."""
        return [part_named([(Group.REASON.value, (need,))]) for need in self.needs]


class _Shares:
    """The proportions that are told of a route: its own, else its need's, else everybody's."""

    def __init__(
        self,
        part: OutcomeTable,
        as_at: datetime,
        suppression: Suppression,
        routes: _Routes,
        quarters: Sequence[Weeks],
    ) -> None:
        judge = part.judge(as_at)
        everybody = part.counts(as_at).counts
        self._routes = routes
        self._need_of = {name: place for place, name in enumerate(routes.needs)}
        self._everybody = {name: everybody[name] for name in ASKED}

        def counted(codes: Column, names: Sequence[str]) -> Mapping[str, Sequence[ShownCount]]:
            split = split_by_quarters(part, codes, [*names, THE_REST], quarters)
            return {
                name: suppression.counts(
                    part,
                    name,
                    judge.ask(name),
                    split,
                    everybody_by_quarters(part, as_at, name, quarters),
                )
                for name in ASKED
            }

        self._of_routes = counted(routes.codes, routes.parts)
        self._of_needs = counted(routes.needs_codes, routes.parts_of_needs)

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


def _counted(
    part: OutcomeTable,
    suppression: Suppression,
    *,
    outcome: Outcome,
    parts: Column,
    names: Sequence[str],
    quarters: Sequence[Weeks],
) -> tuple[dict[tuple[int, int], tuple[int, int]], bool]:
    """How many had this outcome, by (place, hour) with the hours of the band; whether it's told."""
    for length in HOURS_IN_A_BAND:
        bands = 24 // length
        cells = refused_by_hour(
            suppression,
            part,
            whole=part,
            outcome=outcome,
            parts=parts,
            names=names,
            hours=length,
            quarters=quarters,
        )
        if all(each is not None for each in cells):
            return {
                (place, band * length): (many, length)
                for place in range(len(names))
                for band in range(bands)
                if (many := cells[place * bands + band])
            }, True
    return {}, False
