"""Years of arrivals, reviews and decisions, and of what became of the patients."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from random import Random

from sandbox.people.aftermath import Aftermath, Filing, left_too_late
from sandbox.people.cast.member import Call
from sandbox.people.citizens import Citizen, Citizens
from sandbox.people.county import BAYS_PER_SITE, department
from sandbox.people.crew import Attended, score_only
from sandbox.people.endings import Stay, deleted, deletion, handed_over_to_ed, left
from sandbox.people.fhir import LONDON, Resource, later, london_date, midnight
from sandbox.people.ledger import Happened, Written
from sandbox.people.needs import BY_CODE, Need
from sandbox.people.rates import Rates, load_rates
from sandbox.people.reviews import (
    CLINICIANS,
    COORDINATORS,
    DECLINE_WORDS,
    Reviewed,
    review_resources,
)
from sandbox.people.services import service

WEEKS_A_YEAR = 365.25 / 7
_QUIET = timedelta(hours=8)
"""How long after a wait somebody is not brought in again by another ambulance."""


@dataclass(frozen=True, slots=True)
class _Brought:
    """One arrival to come: when, where, and whether it is reviewed."""

    at: datetime
    site: int
    reviewed: bool


class Years:
    """Makes the resources of so many weeks before `end`, and keeps the books of them.

    `decisions` fills as `resources` is read, and is whole when it has been read to its end.
    """

    def __init__(self, *, seed: int, end: datetime, weeks: float, sites: int, rates: Rates) -> None:
        if end.tzinfo is None:
            raise ValueError("the end needs its offset")
        self.decisions: list[Written] = []
        self.end = end.astimezone(UTC).replace(microsecond=0)
        self._weeks = weeks
        self._sites = sites
        self._rates = rates
        self._chance = Random(f"{seed}/years")  # noqa: S311 - nothing secret
        self._filing = Filing(self._chance, rates, self.end)
        self._citizens = Citizens(self._chance, rates)
        self._aftermath = Aftermath(self._filing, self._citizens)
        self._pool: list[Citizen] = []
        self._number = 0
        needs = rates.sections["needs"]
        self._needs = [BY_CODE[code] for code in needs]
        self._weights = list(accumulate(rates.many("needs", code)[0] for code in needs))

    def resources(self) -> Iterator[Resource]:
        """The resources, oldest arrival first; then what reached the record late."""
        for brought in self._arrivals():
            yield from self._arrival(brought)
        yield from self._filing.afterwards

    def _arrivals(self) -> list[_Brought]:
        hours = list(accumulate(self._rates.many("arrivals", "by_hour")))
        days = max(1, round(self._weeks * 7))
        last = london_date(self.end)
        chance = self._chance
        made = []
        for reviewed, name in ((True, "decisions_a_week"), (False, "not_reviewed_a_week")):
            many = round(self._rates.one("arrivals", name) * self._weeks)
            for site in range(1, self._sites + 1):
                for _ in range(many):
                    day = last - timedelta(days=chance.randrange(days))
                    hour = bisect(hours, chance.random() * hours[-1])
                    seconds = hour * 3600 + chance.randrange(3600)
                    made.append(_Brought(later(midnight(day), seconds=seconds), site, reviewed))
        return sorted(made, key=lambda each: (each.at, each.site, each.reviewed))

    def _minutes(self, name: str, least: float = 1.0) -> float:
        return least + self._chance.expovariate(1 / self._rates.one("minutes", name))

    def _need(self) -> Need:
        weight = self._chance.random() * self._weights[-1]
        return self._needs[bisect(self._weights, weight)]

    def _somebody(self, need: Need, brought: _Brought) -> tuple[Citizen, bool]:
        """Whoever is brought, and whether they are new to the record."""
        if self._pool and self._filing.happens("arrivals", "returning"):
            for _ in range(5):
                known = self._chance.choice(self._pool)
                free = known.free_from is None or known.free_from + _QUIET < brought.at
                if free and known.life.alive_at(brought.at + timedelta(days=1)):
                    return known, False
        new = self._citizens.born_for(need, brought.at)
        if new.life.visible:
            self._pool.append(new)
        return new, True

    def _arrival(self, brought: _Brought) -> Iterator[Resource]:
        need = self._need()
        plan = self._plan(brought, need)
        if plan.over > self.end:
            return
        citizen, is_new = self._somebody(need, brought)
        citizen.free_from = plan.over
        if is_new:
            yield citizen.patient
            if second := self._citizens.second_record(citizen, brought.site):
                yield second
            yield from self._citizens.record(citizen, need, brought.at)
            yield from self._citizens.frailty(citizen, brought.at)
        self._number += 1
        stay = Stay(
            encounter=f"arrival-{self._number}", patient=citizen.life.patient, site=brought.site,
            call=Call(self._chance.choice(need.words), need.code), arrived=brought.at,
            ended=plan.over, stand=self._number % BAYS_PER_SITE + 1,
        )  # fmt: skip
        if self._filing.happens("history", "crew_observations"):
            at = Attended(stay.patient, stay.encounter, f"crew-{stay.encounter}", brought.at)
            yield score_only(at, need.vitals)
        if not brought.reviewed:
            yield from self._ed_takes_over(citizen, stay)
            return
        yield from self._decided(citizen, stay, need, plan)

    def _plan(self, brought: _Brought, need: Need) -> _Plan:
        handover = later(brought.at, minutes=self._minutes("handover", 4))
        if not brought.reviewed:
            return _Plan("", brought.at, None, brought.at, handover)
        flagged = later(brought.at, minutes=self._minutes("flag", 0.5))
        claimed = later(flagged, minutes=self._minutes("claim", 0.5))
        decided = later(claimed, minutes=self._minutes("decide", 3))
        outcome, place = self._outcome(need, decided)
        if outcome == "redirected":
            over = later(decided, minutes=self._minutes("leave", 4))
            return _Plan(outcome, flagged, claimed, decided, over, place)
        if outcome == "handed-over-first":
            over = later(flagged, minutes=self._chance.uniform(1, 40))
            decided = later(over, minutes=self._chance.uniform(0.2, 12))
            return _Plan(outcome, flagged, claimed if claimed < over else None, decided, over)
        over = max(handover, later(decided, minutes=1))
        unclaimed = outcome == "withdrawn" and self._chance.random() < 0.5
        return _Plan(outcome, flagged, None if unclaimed else claimed, decided, over, place)

    def _outcome(self, need: Need, decided: datetime) -> tuple[str, str]:
        """What is decided, and which service takes them or has no room."""
        for name in ("withdrawn", "handed_over_first", "deferred", "patient_declined"):
            if self._filing.happens("reviews", name):
                return name.replace("_", "-"), ""
        learnt = 1 - (self.end - decided) / timedelta(weeks=max(self._weeks, 1e-9))
        first, last = (self._rates.one("reviews", f"redirect_{end}") for end in ("from", "to"))
        suitable = self._rates.many("needs", need.code)[1] * (first + (last - first) * learnt)
        if not need.services or self._chance.random() >= suitable:
            return "not-suitable", ""
        local = decided.astimezone(LONDON)
        for place in need.services:
            refused = self._rates.many("no_capacity", place)[local.hour]
            is_open = service(place).is_open(local.weekday(), local.hour)
            if is_open and self._chance.random() >= refused:
                return "redirected", place
        return "no-capacity", need.services[0]

    def _decided(self, citizen: Citizen, stay: Stay, need: Need, plan: _Plan) -> Iterator[Resource]:
        written = Written(
            task=f"review-{self._number}", encounter=stay.encounter, life=citizen.life,
            site=department(stay.site), need=need.code, arrived=stay.arrived,
            flagged=plan.flagged, claimed=plan.claimed, decided=plan.decided,
            outcome=plan.outcome, decline=DECLINE_WORDS.get(plan.outcome, ("", ""))[0],
            service=plan.service,
        )  # fmt: skip
        self.decisions.append(written)
        status = "active"
        ending: Callable[[Citizen, Stay, Written], Iterator[Resource]] = self._ed_takes_over
        if written.accepted:
            written.referred = plan.decided
            if self._filing.happens("departures", "reversed"):
                revoked = self._filing.happens("departures", "revoked_when_reversed")
                status = "revoked" if revoked else status
            else:
                ending = self._leaves
        review = Reviewed(
            key=str(self._number), encounter=stay.encounter, patient=stay.patient, need=need.code,
            words=stay.call.text, flagged=plan.flagged, claimed=plan.claimed,
            decided=plan.decided, outcome=plan.outcome, service=plan.service,
            referral_status=status, requester=self._chance.choice(COORDINATORS),
            owner=self._chance.choice(CLINICIANS),
        )  # fmt: skip
        yield from review_resources(review)
        yield from ending(citizen, stay, written)
        if citizen.life.born and self._filing.happens("people", "frailty_scored_again"):
            again = london_date(plan.decided) + timedelta(days=self._chance.randint(2, 60))
            if again < london_date(self.end):
                yield self._citizens.score(citizen, again, self._chance.randint(3, 8))

    def _counted(self, citizen: Citizen, stay: Stay) -> None:
        """A wait is an attendance to whatever was decided on an earlier one."""
        here = Happened(stay.encounter, "attendance", stay.arrived, stay.arrived)
        citizen.life.happened.append(here)

    def _ed_takes_over(
        self, citizen: Citizen, stay: Stay, written: Written | None = None
    ) -> Iterator[Resource]:
        if written is not None:
            written.handed_over = stay.ended
        self._counted(citizen, stay)
        discharged: datetime | None = later(stay.ended, minutes=self._chance.randint(60, 600))
        if discharged and discharged > self.end:
            discharged = None
        triaged = discharged is None and self._chance.random() < 0.3
        yield handed_over_to_ed(stay, discharged=discharged, as_triaged=triaged)
        if self._filing.happens("after_handover", "admitted"):
            when = later(stay.ended, minutes=self._chance.randint(60, 420))
            yield from self._aftermath.admitted(citizen, stay.site, when)

    def _leaves(self, citizen: Citizen, stay: Stay, written: Written) -> Iterator[Resource]:
        if self._filing.happens("departures", "not_known"):
            written.departure_known = False
            yield from self._no_departure(citizen, stay, written)
            return
        written.left = stay.ended
        cancelled = self._filing.happens("departures", "cancelled")
        made = left(stay, status="cancelled" if cancelled else "finished")
        if not cancelled:
            self._counted(citizen, stay)
        if self._filing.happens("records", "waits_corrected"):
            yield left_too_late(made, self._chance.randint(20, 300))
            self._filing.afterwards.append(made)
        else:
            yield made
        yield from self._aftermath.of_redirect(citizen, written, stay.site)

    def _no_departure(self, citizen: Citizen, stay: Stay, written: Written) -> Iterator[Resource]:
        """A wait of which the record no longer says how it ended."""
        how: Callable[[], Resource] = self._chance.choice(
            (
                lambda: deletion("Encounter", stay.encounter),
                lambda: left(stay, status="entered-in-error"),
                lambda: left(stay, timed=False),
            )
        )
        after = how()
        yield left(stay)
        self._filing.afterwards.append(after)
        written.wait_held = after["resourceType"] == "Encounter"
        if after.get("status") == "finished":
            self._counted(citizen, stay)


@dataclass(frozen=True, slots=True)
class _Plan:
    """The times of one wait and its review, and what is decided."""

    outcome: str
    flagged: datetime
    claimed: datetime | None
    decided: datetime
    over: datetime
    """When they leave or are handed over."""
    service: str = ""


def years(
    *, seed: int, end: datetime, years: float, sites: int = 2, rates: Rates | None = None
) -> Iterator[Resource]:
    """The resources of so many years before `end`; the same for the same arguments.

    A deletion is a transaction Bundle of one DELETE. The county itself is not among them.
    """
    made = Years(
        seed=seed, end=end, weeks=years * WEEKS_A_YEAR, sites=sites, rates=rates or load_rates()
    )
    yield from made.resources()


def settled(resources: Iterator[Resource]) -> Iterator[Resource]:
    """The resources as they stand in the end: the newest version of each, without the deleted."""
    newest: dict[str, Resource] = {}
    for made in resources:
        if (address := deleted(made)) is not None:
            newest.pop(address, None)
        else:
            newest[f"{made['resourceType']}/{made['id']}"] = made
    yield from newest.values()
