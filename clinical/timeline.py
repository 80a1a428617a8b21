"""One line of time across everything that the record says of somebody, the present wait at its end.

A date that is only partly known is a span, never a point that nobody recorded. What has no date
at all can't be on a line of time: it is counted and listed beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from clinical.changes import not_looked_at, partly_looked_at, those_of_the_wait
from clinical.moments import Moment, Precision
from clinical.record import Entry, PatientRecord, RecordSection
from clinical.waiting import WaitingPatient

A_DAY = timedelta(days=1, hours=1)
"""The longest day there is, when the clocks go back: what is no longer is shown as a point."""

_STANDING = frozenset({"active", "current", "recurrence", "relapse", "in-progress", "onleave"})
_STANDS_UNTIL_ENDED = frozenset(
    {
        "AllergyIntolerance",
        "CarePlan",
        "CareTeam",
        "Condition",
        "Consent",
        "EpisodeOfCare",
        "Flag",
        "MedicationRequest",
        "MedicationStatement",
        "ServiceRequest",
    }
)


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """One entry on the line: from ``start`` until before ``end``, the same for an instant."""

    lane: str
    """The section that it belongs to."""
    entry: Entry
    start: datetime
    end: datetime
    partial: bool
    """Whether a date of it is known only to the month or year: the span is that month or year."""
    standing: bool
    """Whether the record says that it stands now: its end is then the time of reading."""

    @property
    def point(self) -> bool:
        """Whether it is so short that it is shown as a point: a day at most."""
        return self.end - self.start <= A_DAY and not self.standing


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything that has a date, newest first, and what has none."""

    events: tuple[TimelineEvent, ...]
    undated: tuple[Entry, ...]
    wait_from: datetime | None
    """When the present wait began; None where that isn't known as an instant."""
    now: datetime
    not_seen: tuple[RecordSection, ...]
    partly_seen: tuple[RecordSection, ...]

    def within(self, since: datetime | None) -> tuple[TimelineEvent, ...]:
        """The events of which any part lies at or after ``since``; all of them for None."""
        if since is None:
            return self.events
        return tuple(each for each in self.events if each.end >= since)

    @property
    def first(self) -> datetime | None:
        """When the earliest event began; None where there is none."""
        return min((each.start for each in self.events), default=None)

    @property
    def to_come(self) -> int:
        """How many events begin after now: appointments, and dates that are wrong."""
        return sum(each.start > self.now for each in self.events)


def timeline_of(record: PatientRecord, waiting: WaitingPatient | None, now: datetime) -> Timeline:
    """The line of time of this record at ``now``, without the present wait's own entries."""
    of_the_wait = those_of_the_wait(waiting)
    events: list[TimelineEvent] = []
    undated: list[Entry] = []
    for name, section in record.sections.items():
        for entry in section.entries:
            if of_the_wait(entry):
                continue
            event = _event(name, entry, now)
            if event is None:
                undated.append(entry)
            else:
                events.append(event)
    events.sort(key=lambda each: (each.start, each.end), reverse=True)
    since = waiting.waiting_since if waiting is not None else None
    sections = tuple(record.sections.values())
    return Timeline(
        events=tuple(events),
        undated=tuple(undated),
        wait_from=since.earliest if since is not None and since.exact else None,
        now=now,
        not_seen=not_looked_at(sections),
        partly_seen=partly_looked_at(sections),
    )


def lanes_of(events: Sequence[TimelineEvent], order: Sequence[str]) -> tuple[str, ...]:
    """The lanes that hold any of these events, in the order of the screen."""
    used = {each.lane for each in events}
    return (*(name for name in order if name in used), *sorted(used - set(order)))


def _event(lane: str, entry: Entry, now: datetime) -> TimelineEvent | None:
    first = entry.when or entry.ended
    if first is None:
        return None
    last = entry.ended or first
    standing = (
        entry.ended is None
        and entry.kind in _STANDS_UNTIL_ENDED
        and entry.status in _STANDING
        and first.earliest < now
    )
    end = now if standing else max(first.before, last.before)
    return TimelineEvent(
        lane=lane,
        entry=entry,
        start=min(first.earliest, last.earliest),
        end=end,
        partial=_partial(first) or _partial(last),
        standing=standing,
    )


def _partial(when: Moment) -> bool:
    return when.precision in (Precision.YEAR, Precision.MONTH)
