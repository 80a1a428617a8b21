"""What became of somebody who left with community care, and of somebody the ED took over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from sandbox.people.citizens import Citizen, Citizens
from sandbox.people.endings import admission, attendance, contact, deletion
from sandbox.people.fhir import Resource, instant, later, london_date, london_offset
from sandbox.people.ledger import ALWAYS, Happened, Written, day_span
from sandbox.people.rates import Rates
from sandbox.people.services import service

_WINDOWS = (24 * 3600, 72 * 3600, 7 * 86400, 30 * 86400)
_FOUND_ALL_THE_SAME = 0.3
"""Share of the later contacts of somebody without a sure identity that reach their record."""


@dataclass(slots=True)
class Filing:
    """Files later Encounters in the record, with the faults that records have, and in the books.

    `afterwards` is what the record takes in after all else: late arrivals, corrections, deletions.
    """

    chance: Random
    rates: Rates
    as_at: datetime
    afterwards: list[Resource] = field(default_factory=list)

    def happens(self, section: str, name: str) -> bool:
        """One throw of the dice at a rate."""
        return self.chance.random() < self.rates.one(section, name)

    def kind_of_time(self) -> str:
        """How exactly the record gives the time of a contact."""
        roll = self.chance.random() - self.rates.one("records", "date_only")
        if roll < 0:
            return "dated"
        return "untimed" if roll < self.rates.one("records", "without_time") else "timed"

    def file(  # noqa: PLR0917 (read left to right: whose, what, instead of what)
        self, citizen: Citizen, made: Resource, wrong: Resource, kind: str, at: datetime, times: str
    ) -> Iterator[Resource]:
        """The Encounter as it reaches the record; `wrong` is how it stands before a correction.

        `kind` is what the books call it: `attendance`, `admission`, or empty where it is neither.
        """
        if not citizen.life.visible and self.chance.random() >= _FOUND_ALL_THE_SAME:
            return
        span = (at, at)
        if times != "timed":
            span = day_span(london_date(at)) if times == "dated" else ALWAYS
        roll = self.chance.random()
        for fault in ("in_error", "deleted", "late", "corrected"):
            roll -= self.rates.one("records", fault)
            if roll < 0:
                break
        else:
            fault = ""
        if fault in {"late", "corrected"}:
            self.afterwards.append(made)
            if fault == "corrected":
                yield wrong
        else:
            yield made
        if fault == "in_error":
            self.afterwards.append(made | {"status": "entered-in-error"})
        elif fault == "deleted":
            self.afterwards.append(deletion("Encounter", made["id"]))
        elif kind:
            citizen.life.happened.append(Happened(made["id"], kind, *span))


class Aftermath:
    """Makes what comes after a wait, up to the as-at time and to the end of a life."""

    def __init__(self, filing: Filing, citizens: Citizens) -> None:
        self._filing = filing
        self._citizens = citizens
        self._chance = filing.chance
        self._rates = filing.rates
        self._attendances = self._rates.many("after_redirect", "attendance_by_day")
        self._admissions = self._rates.many("after_redirect", "admission_by_day")
        self._deaths = self._rates.many("after_redirect", "death_by_day")
        self._factors = self._rates.many("after_redirect", "factor_by_frailty")
        self._made = 0

    def _id(self) -> str:
        self._made += 1
        return f"later-{self._made}"

    def _filed_under(self, citizen: Citizen) -> str:
        if citizen.elsewhere and self._chance.random() < 0.5:
            return str(citizen.elsewhere["id"])
        return citizen.life.patient

    def _seen(self, citizen: Citizen, when: datetime) -> bool:
        return when <= self._filing.as_at and citizen.life.alive_at(when)

    def attends(self, citizen: Citizen, site: int, when: datetime) -> Iterator[Resource]:
        """They come to an ED, and may be admitted from there."""
        if not self._seen(citizen, when):
            return
        times = self._filing.kind_of_time()
        identity, patient = self._id(), self._filed_under(citizen)
        made = attendance(identity, patient, site, when, "Came back", kind=times)
        sooner = when - timedelta(hours=self._chance.randint(20, 90))
        wrong = attendance(identity, patient, site, sooner, "Came back")
        yield from self._filing.file(citizen, made, wrong, "attendance", when, times)
        if self._filing.happens("after_redirect", "admitted_when_attending"):
            yield from self.admitted(
                citizen, site, later(when, minutes=self._chance.randint(90, 480))
            )

    def admitted(
        self, citizen: Citizen, site: int, when: datetime, *, method: str = "21"
    ) -> Iterator[Resource]:
        """They are admitted, as an emergency unless the method says otherwise."""
        if not self._seen(citizen, when):
            return
        emergency = method.startswith("2")
        if emergency and self._filing.happens("records", "without_method"):
            method = ""
        times = self._filing.kind_of_time() if emergency else "timed"
        identity, patient = self._id(), self._filed_under(citizen)
        from_ed = method == "21" or (not method and self._chance.random() < 0.7)
        made = admission(identity, patient, site, when, method=method, from_ed=from_ed, kind=times)
        mistaken = "12" if emergency else "22"
        wrong = admission(identity, patient, site, when, method=mistaken, from_ed=False)
        books = "admission" if emergency else ""
        yield from self._filing.file(citizen, made, wrong, books, when, times)

    def of_redirect(self, citizen: Citizen, written: Written, site: int) -> Iterator[Resource]:
        """What became of somebody in the thirty days after they left."""
        if written.left is None:
            raise ValueError("nobody is followed who has not left")
        left = written.left
        level = citizen.life.frailty_at(written.decided) or 5
        factor = self._factors[level - 1]
        yield from self._death(citizen, left, factor)
        yield from self._response(citizen, written)
        for day in range(30):
            if self._chance.random() < self._attendances[day] * factor:
                yield from self.attends(citizen, site, self._on(left, day))
            if self._chance.random() < self._admissions[day] * factor:
                yield from self.admitted(citizen, site, self._on(left, day), method="22")
            if self._filing.happens("after_redirect", "elective_by_day"):
                yield from self.admitted(citizen, site, self._on(left, day), method="11")
        if self._chance.random() < self._boundary_rate(left):
            yield from self._on_a_boundary(citizen, site, left)
        if self._filing.happens("records", "planned_too"):
            yield from self._planned(citizen, site, self._on(left, 0))

    def _on(self, left: datetime, day: int) -> datetime:
        return later(left, seconds=day * 86400 + self._chance.randint(600, 86399))

    def _boundary_rate(self, left: datetime) -> float:
        """Ten times as often where the clocks change within 72 hours: there counts go wrong."""
        rate = self._rates.one("after_redirect", "on_the_boundary")
        three_days = later(left, seconds=_WINDOWS[1])
        changes = london_offset(left) != london_offset(three_days)
        return rate * 10 if changes else rate

    def _on_a_boundary(self, citizen: Citizen, site: int, left: datetime) -> Iterator[Resource]:
        """Something at the last second of a window, or at the first after it."""
        when = later(left, seconds=self._chance.choice(_WINDOWS) + self._chance.randint(0, 1))
        if self._chance.random() < 0.5:
            yield from self.attends(citizen, site, when)
        else:
            yield from self.admitted(citizen, site, when, method="28")

    def _planned(self, citizen: Citizen, site: int, when: datetime) -> Iterator[Resource]:
        if self._seen(citizen, when):
            made = attendance(self._id(), citizen.life.patient, site, when, "Planned review")
            yield made | {"status": self._chance.choice(("planned", "cancelled"))}

    def _death(self, citizen: Citizen, left: datetime, factor: float) -> Iterator[Resource]:
        if citizen.life.died is not None:
            return
        for day in range(30):
            if self._chance.random() < self._deaths[day] * factor:
                when = self._on(left, day)
                if when <= self._filing.as_at:
                    yield from self._citizens.died(citizen, when)
                return

    def _response(self, citizen: Citizen, written: Written) -> Iterator[Resource]:
        if written.referred is None or self._filing.happens("response", "not_recorded"):
            return
        soon = self._filing.happens("response", "within_two_hours")
        minutes = self._chance.randint(25, 119) if soon else self._chance.randint(121, 400)
        if self._chance.random() < 0.02:
            minutes = 120
        visit = later(written.referred, minutes=minutes)
        calls = self._filing.happens("response", "telephone_only")
        if calls or self._filing.happens("response", "telephone_first"):
            call = later(written.referred, minutes=self._chance.randint(5, 60))
            if self._seen(citizen, call):
                written.contacted = True
                yield self._contact(citizen, written, call, visit=False)
        if not calls and self._seen(citizen, visit):
            written.contacted, written.visited = True, visit
            yield self._contact(citizen, written, visit, visit=True)

    def _contact(
        self, citizen: Citizen, written: Written, when: datetime, *, visit: bool
    ) -> Resource:
        referral = written.task.replace("review-", "referral-")
        provider = service(written.service).provider
        return contact(self._id(), citizen.life.patient, provider, referral, when, visit=visit)


def left_too_late(made: Resource, minutes: int) -> Resource:
    """The same Encounter with an end so many minutes too late: before its correction."""
    end = later(datetime.fromisoformat(made["period"]["end"]), minutes=minutes)
    return made | {"period": made["period"] | {"end": instant(end)}}
