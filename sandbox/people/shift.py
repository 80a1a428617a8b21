"""Who waits outside the emergency departments of Fernshire right now, and who waits tomorrow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sandbox.people.arrival import Arrival, handed_over, places, waiting
from sandbox.people.cast import CAST, Member
from sandbox.people.county import county, department, site_of
from sandbox.people.crew import Attended, findings
from sandbox.people.entries import Entry, Frailty, Teller
from sandbox.people.fhir import Resource, later, london_date, stamp
from sandbox.people.ledger import Life, Written, day_span
from sandbox.people.person import Person, patient
from sandbox.people.reviews import CLINICIANS, Reviewed, review_resources
from sandbox.people.services import services
from sandbox.people.walk_ons import walk_on


def who(number: int, *, seed: int, sites: int) -> Member:
    """The person of this number: of the cast, or one of the many after it."""
    return CAST[number - 1] if number <= len(CAST) else walk_on(number, seed=seed, sites=sites)


def _record(
    person: Person, key: str, history: tuple[Entry, ...], at: Member, now: datetime
) -> Iterator[Resource]:
    yield patient(person, now)
    practice = person.practice or person.source
    teller = Teller(person.id, now, practice, at.site, key)
    for entry in history:
        yield from entry.told(teller)


def record_of(member: Member, now: datetime) -> Iterator[Resource]:
    """Everything that the shared record holds of somebody before they came."""
    yield from _record(member.person, member.key, member.history, member, now)
    for number, other in enumerate(member.others, 1):
        yield from _record(other.person, f"{member.key}-{number}", other.history, member, now)


def arrival_of(member: Member, *, site: int, now: datetime, shift: str = "") -> Arrival:
    """Their arrival: `member.minutes` before `now`; ids carry the `shift` where one is given."""
    return Arrival(
        encounter=f"wait-{member.key}{shift}",
        patient=member.person.id,
        name="",
        site=site,
        at=later(now, minutes=-member.minutes),
        call=member.call,
        places=places(member.place, site, member.number),
        incident=f"FAS-{stamp(now)[2:8]}-{1000 + member.number}",
        timed=member.timed,
    )


def arrives(member: Member, *, site: int, now: datetime, shift: str = "") -> Iterator[Resource]:
    """The Encounter of their wait and what the crew found."""
    arrival = arrival_of(member, site=site, now=now, shift=shift)
    yield waiting(arrival)
    at = Attended(arrival.patient, arrival.encounter, f"crew-{member.key}{shift}", arrival.at)
    yield from findings(at, member.vitals, member.said)


def _standing(member: Member, now: datetime) -> Reviewed | None:
    """The review that stands on a member's wait when the demonstration opens, if one does."""
    if not member.review:
        return None
    arrived = later(now, minutes=-member.minutes)
    redirected = member.review == "redirected"
    return Reviewed(
        key=f"wait-{member.key}",
        encounter=f"wait-{member.key}",
        patient=member.person.id,
        need=member.call.need,
        words="Known to community services, may be cared for at home",
        flagged=later(arrived, minutes=12),
        claimed=later(arrived, minutes=20) if member.review != "requested" else None,
        decided=later(arrived, minutes=45) if redirected else None,
        outcome="redirected" if redirected else "",
        service="service-nursing" if redirected else "",
        owner=CLINICIANS[member.number % len(CLINICIANS)],
    )


def standing_decisions(*, waiting: int, now: datetime, sites: int) -> Iterator[Written]:
    """What the books hold of the decisions on those who wait: redirected, and still here."""
    for member in CAST[:waiting]:
        review = _standing(member, now)
        if review is None or review.decided is None or member.person.birth is None:
            continue
        life = Life(
            patient=member.person.id,
            born=date.fromisoformat(member.person.birth.text(now)),
            frailty=[
                (day_span(london_date(now - timedelta(days=each.ago)))[0], each.level)
                for each in member.history
                if isinstance(each, Frailty) and each.status == "final"
            ],
            ethnicity=member.person.ethnicity or None,
            decile=member.person.decile,
        )
        yield Written(
            task=review.task,
            encounter=review.encounter,
            life=life,
            site=department(min(member.site, sites)),
            need=review.need,
            arrived=later(now, minutes=-member.minutes),
            flagged=review.flagged,
            claimed=review.claimed,
            decided=review.decided,
            outcome=review.outcome,
            service=review.service,
            referred=review.decided,
        )


def people_and_arrivals(
    *, seed: int, waiting: int, now: datetime, sites: int
) -> Iterator[Resource]:
    """The county, so many people with their records, and their arrivals in the last hours."""
    yield from county(sites)
    yield from services(now)
    for number in range(1, waiting + 1):
        member = who(number, seed=seed, sites=sites)
        yield from record_of(member, now)
        yield from arrives(member, site=min(member.site, sites), now=now)
        if review := _standing(member, now):
            yield from review_resources(review)


def _ours(encounter: Resource) -> int:
    """The number of the person whose wait this is; 0 where we did not make it."""
    kind, _, identity = encounter.get("subject", {}).get("reference", "").partition("/")
    stem, _, number = identity.partition("-")
    wait = str(encounter.get("id", "")).startswith("wait-")
    return (
        int(number) if kind == "Patient" and stem == "person" and number.isdigit() and wait else 0
    )


def new_shift(
    resources_waiting: list[Resource], *, seed: int, now: datetime, sites: int | None = None
) -> Iterator[Resource]:
    """What changes when a demonstration is opened again: fresh waits for the same people.

    `resources_waiting` are the Encounters still `arrived`. Those that were made up are handed over
    to their department; Encounters of anybody else are left as they are. Then the whole cast, and
    whoever else was waiting, arrives anew: the same Patients, new Encounters and new crew
    Observations; the services' places are said anew. `sites` is taken from those waiting where it
    isn't given (2 when nobody waits).
    """
    still: dict[int, Resource] = {}
    for encounter in resources_waiting:
        if number := _ours(encounter):
            still[number] = encounter
            yield handed_over(encounter, seed=seed, now=now)
    where = {
        number: site_of(encounter.get("serviceProvider", {}).get("reference", "ed-1"))
        for number, encounter in still.items()
    }
    many = sites or max(where.values(), default=2)
    yield from services(now)
    shift = f"-{stamp(now)}"
    taken = {encounter.get("id") for encounter in still.values()}
    for number in sorted({*range(1, len(CAST) + 1), *still}):
        member = who(number, seed=seed, sites=many)
        site = where.get(number, min(member.site, many))
        again = f"{shift}-b" if f"wait-{member.key}{shift}" in taken else shift
        yield from arrives(member, site=site, now=now, shift=again)
