"""The generator's own books: what it made happen, and from that alone what the right counts are.

Nothing here reads a resource. The definitions are those of docs/record-shapes.md, "What became of
them": within W of T is `T <= instant <= T + W` in real time; a window is pending until the as-at
time is past its end; nothing found without sight of the follow-up is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from sandbox.people.fhir import london_date, midnight

ALWAYS = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
"""The times at which something without a time may have been."""
HOUR = 3600
DAY = 24 * HOUR
AGE_BANDS = ((0, 17, "0-17"), (18, 39, "18-39"), (40, 64, "40-64"), (65, 74, "65-74"),
             (75, 84, "75-84"), (85, 999, "85 and over"))  # fmt: skip
NOT_RECORDED = "not recorded"


@dataclass(frozen=True, slots=True)
class Happened:
    """One later contact as the record shows it in the end."""

    encounter: str
    kind: str
    """`attendance` or `admission` (as an emergency)."""
    first: datetime
    last: datetime
    """The first and the last instant that it may have been at; equal where the time is known."""


@dataclass(slots=True, kw_only=True)
class Life:
    """What the books hold of one person."""

    patient: str
    visible: bool = True
    """Whether a later attendance elsewhere could be joined to them."""
    born: date | None = None
    birth_year_only: bool = False
    frailty: list[tuple[datetime, int]] = field(default_factory=list)
    """(from when, level): the beginning of the day that is written, scores in error left out."""
    ethnicity: str | None = None
    decile: int | None = None
    happened: list[Happened] = field(default_factory=list)
    died: datetime | None = None
    died_first: datetime | None = None
    died_last: datetime | None = None
    """What the record says of the death, as a range; None with `died` where it gives no time."""

    def alive_at(self, when: datetime) -> bool:
        """Whether they had not died by then."""
        return self.died is None or when < self.died

    def age_band(self, when: datetime) -> str:
        """Their age band on the day of `when`, where what is recorded leaves no doubt."""
        if self.born is None:
            return NOT_RECORDED
        day = london_date(when)
        age = day.year - self.born.year
        oldest = youngest = age - ((day.month, day.day) < (self.born.month, self.born.day))
        if self.birth_year_only:
            last_day = (day.month, day.day) == (12, 31)
            oldest, youngest = age, max(0, age - (not last_day))
        for low, high, words in AGE_BANDS:
            if low <= youngest and oldest <= high:
                return words
        return NOT_RECORDED

    def frailty_at(self, when: datetime) -> int | None:
        """The newest score made by then."""
        made = [each for each in self.frailty if each[0] <= when]
        return max(made)[1] if made else None


@dataclass(slots=True, kw_only=True)
class Written:
    """One decision as it was made to happen."""

    task: str
    encounter: str
    life: Life
    site: str
    need: str
    arrived: datetime
    flagged: datetime
    claimed: datetime | None
    decided: datetime
    outcome: str
    decline: str = ""
    """Code of the reason for a decline."""
    service: str = ""
    left: datetime | None = None
    handed_over: datetime | None = None
    departure_known: bool = True
    wait_held: bool = True
    """Whether the record still holds the wait's Encounter: site, reason and arrival stand there."""
    referred: datetime | None = None
    visited: datetime | None = None
    """When the first visit was."""
    contacted: bool = False
    """Whether any contact of the service is recorded."""

    @property
    def accepted(self) -> bool:
        """Whether a redirect was decided."""
        return self.outcome == "redirected"

    @property
    def still_here(self) -> bool:
        """Whether their wait goes on."""
        return self.departure_known and self.left is None and self.handed_over is None

    @property
    def redirected(self) -> str:
        """Whether they left the site with community care: yes, no, pending or unknown."""
        if not self.accepted or self.handed_over is not None:
            return "no"
        if not self.departure_known:
            return "unknown"
        return "pending" if self.still_here else "yes"

    @property
    def reversed(self) -> str:
        """Whether a redirect was decided and the ED took them over all the same."""
        if not self.accepted:
            return "no"
        if self.handed_over is not None:
            return "yes"
        return "no" if self.redirected == "yes" else self.redirected

    @property
    def departed(self) -> datetime | None:
        """When the wait ended, where that is known."""
        return (self.handed_over or self.left) if self.departure_known else None


def _within(written: Written, seconds: int, kind: str, as_at: datetime) -> str | None:
    """`yes`, `no`, `pending` or `unknown`; None where they were not redirected.

    Where it is pending or unknown whether they were redirected, so is what came after.
    """
    if written.left is None or written.redirected != "yes":
        return None if written.redirected == "no" else written.redirected
    start, life = written.left, written.life
    end = start + timedelta(seconds=seconds)
    if kind == "death":
        if life.died and life.died_first is None:
            return "unknown"
        spans = [(life.died_first, life.died_last)] if life.died_first and life.died_last else []
    else:
        spans = [
            (each.first, each.last)
            for each in life.happened
            if each.kind == kind and each.encounter != written.encounter
        ]
    if any(first <= end and last >= start for first, last in spans):
        return "yes"
    if not life.visible:
        return "unknown"
    return "pending" if as_at <= end else "no"


def _response(written: Written, as_at: datetime) -> str | None:
    if written.referred is None or written.redirected != "yes":
        return None if written.redirected == "no" else written.redirected
    end = written.referred + timedelta(hours=2)
    if written.visited is not None and written.visited <= end:
        return "met"
    if as_at <= end:
        return "pending"
    return "not-met" if written.contacted else "not-recorded"


def _avoided(happened: str | None) -> str | None:
    return {"yes": "no", "no": "yes"}.get(happened or "", happened)


def _text(when: datetime | None) -> str | None:
    return None if when is None else when.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _seconds(start: datetime | None, end: datetime | None) -> int | None:
    return None if start is None or end is None else round((end - start).total_seconds())


def told(written: Written, as_at: datetime) -> dict[str, object]:
    """One decision of the truth file. Verdicts are words; null where the question is not asked."""
    attended = _within(written, 24 * HOUR, "attendance", as_at)
    admitted = {
        name: _within(written, seconds, "admission", as_at)
        for name, seconds in (("72h", 72 * HOUR), ("7d", 7 * DAY), ("30d", 30 * DAY))
    }
    life = written.life
    return {
        "task": written.task,
        "encounter": written.encounter,
        "patient": life.patient,
        "site": written.site,
        "arrived_at": _text(written.arrived),
        "flagged_at": _text(written.flagged),
        "claimed_at": _text(written.claimed),
        "decided_at": _text(written.decided),
        "outcome": written.outcome,
        "decline": written.decline or None,
        "service": written.service or None,
        "reason": written.need,
        "redirected": written.redirected,
        "reversed": written.reversed,
        "left_site_at": _text(written.left),
        "handed_over_at": _text(written.handed_over),
        "wait_held": written.wait_held,
        "follow_up_visible": life.visible,
        "attendance_within_24h": attended,
        "attendance_avoided": _avoided(attended),
        **{f"admission_within_{name}": found for name, found in admitted.items()},
        **{f"admission_avoided_{name}": _avoided(found) for name, found in admitted.items()},
        "reattendance_72h": _within(written, 72 * HOUR, "attendance", as_at),
        "reattendance_7d": _within(written, 7 * DAY, "attendance", as_at),
        "death_7d": _within(written, 7 * DAY, "death", as_at),
        "death_30d": _within(written, 30 * DAY, "death", as_at),
        "response_2h": _response(written, as_at),
        "flag_to_claim_seconds": _seconds(written.flagged, written.claimed),
        "claim_to_decision_seconds": _seconds(written.claimed, written.decided),
        "decision_to_departure_seconds": _seconds(written.decided, written.departed),
        "waited_seconds": _seconds(
            written.arrived, as_at if written.still_here else written.departed
        ),
        "age_band": life.age_band(written.arrived),
        "frailty": life.frailty_at(written.decided),
        "ethnicity": life.ethnicity,
        "deprivation_decile": life.decile,
    }


COUNTED = ("outcome", "redirected", "reversed", "attendance_within_24h", "attendance_avoided",
           "admission_within_72h", "admission_within_7d", "admission_within_30d",
           "admission_avoided_72h", "admission_avoided_7d", "admission_avoided_30d",
           "reattendance_72h", "reattendance_7d", "death_7d", "death_30d",
           "response_2h")  # fmt: skip


class Totals:
    """The truth file's totals: how often each answer was given, over all and by site."""

    def __init__(self) -> None:
        self._over: dict[str, dict[str, dict[str, int]]] = {"all": {}}
        self._decisions: dict[str, int] = {}

    def add(self, decision: dict[str, object]) -> None:
        """Count one decision as `told` gave it."""
        for group in ("all", str(decision["site"])):
            self._decisions[group] = self._decisions.get(group, 0) + 1
            counts = self._over.setdefault(group, {})
            for name in COUNTED:
                answer = decision[name]
                if answer is not None:
                    counted = counts.setdefault(name, {})
                    counted[str(answer)] = counted.get(str(answer), 0) + 1

    def told(self) -> dict[str, object]:
        """By group (`all` or a site): decisions, and for each question its answers' counts."""
        return {
            group: {"decisions": self._decisions.get(group, 0), **counts}
            for group, counts in self._over.items()
        }


def day_span(day: date) -> tuple[datetime, datetime]:
    """The first and the last instant of a day in England, to the microsecond."""
    after = midnight(date.fromordinal(day.toordinal() + 1))
    return midnight(day).astimezone(UTC), after.astimezone(UTC) - timedelta(microseconds=1)
