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

from clinical.outcome_columns import NO_HOUR, OUTCOMES, Column
from clinical.outcome_filters import IN_WORDS_ONLY, NOT_RECORDED, Group
from clinical.outcome_table import OutcomeTable
from clinical.ranking import Opportunity, Share
from clinical.review import Outcome
from clinical.suppression import ShownCount, Suppression

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
    part = table.select(start, end)
    routes = _Routes(table, part, suppression)
    shares = _Shares(part, as_at, suppression, routes)
    room, room_told = _counted(part, suppression, Outcome.NO_CAPACITY, routes.codes, len(routes))
    late, late_told = _counted(
        part, suppression, Outcome.HANDED_OVER_FIRST, routes.needs_codes, len(routes.needs)
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

    def __init__(self, table: OutcomeTable, part: OutcomeTable, suppression: Suppression) -> None:
        self.needs = [
            name for name in suppression.listed(table, Group.REASON) if name not in _UNNAMED
        ]
        services = [
            name for name in suppression.listed(table, Group.SERVICE) if name not in _UNNAMED
        ]
        many = np.bincount(
            _codes(table, Group.REASON, self.needs) * (len(services) + 1)
            + _codes(table, Group.SERVICE, services),
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
        self.needs_codes = _codes(part, Group.REASON, self.needs)
        self.codes: Column = place_of[
            self.needs_codes * (len(services) + 1) + _codes(part, Group.SERVICE, services)
        ]

    def __len__(self) -> int:
        return len(self.named)


class _Shares:
    """The proportions that are told of a route: its own, else its need's, else everybody's."""

    def __init__(
        self, part: OutcomeTable, as_at: datetime, suppression: Suppression, routes: _Routes
    ) -> None:
        judge = part.judge(as_at)
        everybody = part.counts(as_at).counts
        self._routes = routes
        self._need_of = {name: place for place, name in enumerate(routes.needs)}
        self._everybody = {name: everybody[name] for name in ASKED}

        def split(codes: Column, groups: int) -> Mapping[str, Sequence[ShownCount]]:
            return {
                name: suppression.split(
                    part, name, judge.ask(name), everybody[name], codes=codes, groups=groups + 1
                )
                for name in ASKED
            }

        self._of_routes = split(routes.codes, len(routes))
        self._of_needs = split(routes.needs_codes, len(routes.needs))

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
    part: OutcomeTable, suppression: Suppression, outcome: Outcome, codes: Column, named: int
) -> tuple[dict[tuple[int, int], tuple[int, int]], bool]:
    """How many had this outcome, by (place, hour) with the hours of the band; whether it's told."""
    rows = np.flatnonzero(part.column("outcome") == OUTCOMES.index(outcome))
    hours = part.column("hour")[rows].astype(np.int64)
    rows, hours = rows[hours != NO_HOUR], hours[hours != NO_HOUR]
    for length in HOURS_IN_A_BAND:
        bands = 24 // length
        cells = suppression.cells(
            part, rows, codes[rows] * bands + hours // length, (named + 1) * bands, len(rows)
        )
        if all(each is not None for each in cells):
            return {
                (place, band * length): (many, length)
                for place in range(named)
                for band in range(bands)
                if (many := cells[place * bands + band])
            }, True
    return {}, False


def _codes(table: OutcomeTable, group: Group, listed: Sequence[str]) -> Column:
    """The place in ``listed`` of each row's group; one beyond its end for any other."""
    places = {name: place for place, name in enumerate(listed)}
    found: Column = np.array(
        [places.get(name, len(listed)) for name in table.names(group)], dtype=np.int64
    )[table.codes(group)]
    return found
