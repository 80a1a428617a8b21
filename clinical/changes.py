"""What changed in somebody's record in the days before now, and what could not be looked at.

A record that could only partly be read never has "nothing changed": what failed, is withheld, is
not held or has pages unread is named beside what was found.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from clinical.moments import Moment, Precision
from clinical.record import Entry, PatientRecord, RecordSection, SectionState
from clinical.waiting import WaitingPatient

CHANGE_WINDOW = timedelta(days=14)
"""How far back "what changed" looks."""

_OF_THE_WAIT = frozenset({"Observation", "QuestionnaireResponse", "Task"})
_LOOKED_AT = frozenset(
    {SectionState.LOADED, SectionState.NONE_RETURNED, SectionState.ASSERTED_NONE}
)


@dataclass(frozen=True, slots=True)
class Change:
    """One entry that began or ended in the window. At least one of the two is so."""

    entry: Entry
    began: bool
    ended: bool

    @property
    def when(self) -> Moment:
        """The later of what happened in the window: its end where it ended, else its beginning."""
        found = self.entry.ended if self.ended else self.entry.when
        if found is None:
            raise ValueError("a change is made of a date")
        return found

    @property
    def to_the_day(self) -> bool:
        """Whether it is known to the day; else only a part of its month or year is meant."""
        return self.when.precision in (Precision.DAY, Precision.INSTANT)


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed from ``since`` to ``until``, and where nobody could look."""

    since: datetime
    until: datetime
    by_section: Mapping[str, tuple[Change, ...]]
    """Newest first, by section name in the order of the record; sections without any left out."""
    not_seen: tuple[RecordSection, ...]
    """Sections that failed, are withheld or are not held: they say nothing of changes."""
    partly_seen: tuple[RecordSection, ...]
    """Sections with pages unread or entries set aside: there may be more than is shown."""
    undated: int
    """Entries without a date, which may be of these days or not."""

    @property
    def count(self) -> int:
        """How many entries began or ended."""
        return sum(len(each) for each in self.by_section.values())

    @property
    def seen_whole(self) -> bool:
        """Whether every section was looked at in full: only then may "nothing" be said."""
        return not self.not_seen and not self.partly_seen and not self.undated


def changes_of(
    record: PatientRecord,
    waiting: WaitingPatient | None,
    now: datetime,
    window: timedelta = CHANGE_WINDOW,
) -> Changes:
    """What began or ended within ``window`` before ``now``, leaving out the present wait's own.

    A date that is only partly known counts when any part of it can lie in the window.
    """
    now = now.astimezone(UTC)
    found: dict[str, tuple[Change, ...]] = {}
    undated = 0
    of_the_wait = those_of_the_wait(waiting)
    for name, section in record.sections.items():
        changes = []
        for entry in section.entries:
            if of_the_wait(entry):
                continue
            if entry.when is None and entry.ended is None:
                undated += 1
            elif (change := _change(entry, now, window)) is not None:
                changes.append(change)
        if changes:
            changes.sort(key=lambda each: (each.to_the_day, each.when.earliest), reverse=True)
            found[name] = tuple(changes)
    sections = tuple(record.sections.values())
    return Changes(
        since=now - window,
        until=now,
        by_section=found,
        not_seen=not_looked_at(sections),
        partly_seen=partly_looked_at(sections),
        undated=undated,
    )


def those_of_the_wait(waiting: WaitingPatient | None) -> Callable[[Entry], bool]:
    """Tells whether an entry is the present wait, a finding of its crew, or its review."""
    if waiting is None:
        return lambda _: False
    encounter = waiting.encounter
    findings = frozenset(each.reference for each in waiting.findings)

    def is_of_the_wait(entry: Entry) -> bool:
        if entry.kind == "Encounter":
            return entry.id == encounter
        if entry.kind not in _OF_THE_WAIT:
            return False
        return entry.encounter == encounter or entry.reference in findings

    return is_of_the_wait


def not_looked_at(sections: tuple[RecordSection, ...]) -> tuple[RecordSection, ...]:
    """The sections of which nothing is known: failed, withheld, or not held."""
    return tuple(each for each in sections if each.state not in _LOOKED_AT)


def partly_looked_at(sections: tuple[RecordSection, ...]) -> tuple[RecordSection, ...]:
    """The sections that were read, but not to their end: pages unread, or entries set aside."""
    return tuple(
        each
        for each in sections
        if each.state in _LOOKED_AT and (not each.complete or each.set_aside)
    )


def _change(entry: Entry, now: datetime, window: timedelta) -> Change | None:
    began = entry.when is not None and entry.when.possibly_within(window, now)
    ended = entry.ended is not None and entry.ended.possibly_within(window, now)
    if not began and not ended:
        return None
    return Change(entry, began, ended)
