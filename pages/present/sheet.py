"""What stands on the crew's handover sheet: one page of the record, with what it doesn't hold.

Only words are made here; ``pages.present.sheet_pdf`` lays them out and says what did not fit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from clinical.evidence import Indicator, Judgement
from clinical.person import Confidentiality
from clinical.record import Entry, PatientRecord, RecordSection, SectionState, newest_first
from clinical.trends import Trend
from clinical.waiting import WaitingPatient, waited
from pages.present import times
from pages.present.news2 import news2_words
from pages.present.origin import OriginOf
from pages.present.partial_view import unseen_lines
from pages.present.person import banner
from pages.present.review import note_words, review_words
from pages.present.section import TITLES, cautions, section_words, value_words
from pages.present.trends import against_the_range, way_words
from pages.present.waiting import indicator_summary, place_words

_OVER = frozenset(
    {"resolved", "inactive", "remission", "stopped", "completed", "cancelled", "entered-in-error",
     "revoked", "not-taken", "superseded"}
)  # fmt: skip
"""Statuses that say that something is no longer so."""
MarksOf = Callable[[Entry], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class SheetBlock:
    """One block of the sheet. ``state`` is said first and never left out."""

    title: str
    state: str
    lines: tuple[str, ...]
    fewest: int = 3
    """Lines that are printed before any other block gets more."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The whole sheet in words."""

    name: str
    identity: str
    cautions: tuple[str, ...]
    as_at: str
    left: tuple[SheetBlock, ...]
    right: tuple[SheetBlock, ...]
    missing: tuple[str, ...]
    """What could not be loaded, is withheld, or is not held: printed above everything else."""
    sources: str


def why_not_printed(record: PatientRecord) -> str:
    """Why this record may not be put on paper, in a sentence; empty where it may."""
    restricted = record.person.confidentiality is not Confidentiality.NORMAL
    if restricted or any(each.state is SectionState.WITHHELD for each in record.sections.values()):
        return "This record is restricted, so no handover sheet is made of it."
    return ""


def sheet_of(
    waiting: WaitingPatient,
    record: PatientRecord,
    trends: Sequence[Trend],
    indicators: Mapping[str, Indicator],
    *,
    marks_of: MarksOf,
    printed_by: str,
    now: datetime,
) -> Sheet:
    """The sheet of this patient at ``now``. ``marks_of`` names the risks of a medicine."""
    who = banner(record.person, now)
    sections = tuple(record.sections.values())
    unseen = tuple(
        each
        for each in sections
        if each.state in (SectionState.FAILED, SectionState.NOT_HELD, SectionState.WITHHELD)
    )
    partly = tuple(
        each for each in sections if each not in unseen and (not each.complete or each.set_aside)
    )
    given = f", {who.given}" if who.given else ""
    return Sheet(
        name=f"{who.family}{given}",
        identity=" · ".join(
            (
                f"Born {who.born}",
                f"Gender {who.gender}",
                f"NHS No. {who.nhs_number}"
                + (f" ({who.verification})" if who.verification else ""),
            )
        ),
        cautions=who.cautions,
        as_at=f"Record as at {times.day(record.as_at)} {times.clock(record.as_at, seconds=True)}"
        f" · printed {times.clock_of_today(now, record.as_at)} by {printed_by}",
        left=(
            _now(waiting, now),
            _vitals(trends, now),
            _listed(record.sections, "allergies", record.origin_of, fewest=6),
            _listed(record.sections, "alerts", record.origin_of, fewest=6),
            _review(waiting, now),
        ),
        right=(
            _listed(record.sections, "problems", record.origin_of, fewest=6),
            _listed(record.sections, "medicines", record.origin_of, marks_of, fewest=8),
            _listed(record.sections, "care-plans", record.origin_of, fewest=4),
            _indicators(indicators),
        ),
        missing=unseen_lines(unseen, partly, "on this sheet"),
        sources=_sources(sections),
    )


def _now(waiting: WaitingPatient, now: datetime) -> SheetBlock:
    since = waiting.waiting_since
    wait = times.span(waited(waiting, now), unknown="for an unknown time")
    words = news2_words(waiting.news2, waiting.news2_before, now)
    lines = [
        f"Waiting {wait}, since {times.moment(since, unknown='an unknown time')}",
        place_words(waiting),
        f"NEWS2 {words.score}"
        + "".join(f" · {part}" for part in (words.trend, words.taken) if part),
        f"Asks for: {words.response}",
        *words.cautions,
    ]
    if waiting.set_aside:
        lines.append(f"{waiting.set_aside} of the crew's entries could not be read")
    reason = waiting.reason or "Reason for the call not recorded"
    return SheetBlock("Now", reason, tuple(lines), fewest=len(lines))


def _vitals(trends: Sequence[Trend], now: datetime) -> SheetBlock:
    lines = []
    for trend in trends:
        latest = trend.latest
        if latest is None:
            lines.append(f"{trend.name}: not measured")
            continue
        when = (
            times.clock_of_today(latest.at.earliest, now)
            if latest.at.exact
            else times.moment(latest.at)
        )
        parts = [value_words(latest.words), when, against_the_range(latest, trend.normal)]
        parts += [way_words(trend), "doubtful" if latest.doubted else ""]
        lines.append(f"{trend.name}: {' · '.join(part for part in parts if part)}")
    none = "" if any(each.now for each in trends) else "No vital sign is recorded for this wait"
    return SheetBlock("Vital signs", none, tuple(lines) if not none else (), fewest=9)


def _no_marks(_: Entry) -> tuple[str, ...]:
    return ()


def _listed(
    sections: Mapping[str, RecordSection],
    name: str,
    origin_of: OriginOf,
    marks_of: MarksOf = _no_marks,
    *,
    fewest: int = 3,
) -> SheetBlock:
    """The entries that stand, newest first, after the section's honest state."""
    section = sections.get(name)
    if section is None:
        return SheetBlock(TITLES[name], "Not asked of this record", ())
    words = section_words(section)
    standing = [
        each
        for each in newest_first(section.entries)
        if each.status not in _OVER and not each.asserts_absence
    ]
    state = words.state_words
    over = len(section.entries) - len(standing)
    if section.state is SectionState.LOADED and not standing:
        state = "None that stands now"
    lines = [
        _line(each, () if marks_of is None else marks_of(each), origin_of) for each in standing
    ]
    if over and section.state is SectionState.LOADED:
        lines.append(f"({over} recorded as over or in error: not printed)")
    return SheetBlock(words.title, state, tuple(lines), fewest)


def _line(entry: Entry, marks: tuple[str, ...], origin_of: OriginOf) -> str:
    risk = f"[HIGH RISK: {', '.join(marks)}] " if marks else ""
    value = f": {value_words(entry.value)}" if entry.value else ""
    detail = f" - {entry.detail[0]}" if entry.detail else ""
    doubts = cautions(entry)
    doubt = f" ({'; '.join(doubts)})" if doubts else ""
    when = f", {times.moment(entry.when)}" if entry.when is not None else ""
    origin = f" [record of {origin_of(entry)}]" if origin_of(entry) else ""
    return f"{risk}{entry.title}{value}{detail}{when}{doubt}{origin}"


def _indicators(indicators: Mapping[str, Indicator]) -> SheetBlock:
    every = tuple(indicators.values())
    against = [each for each in every if each.red_flag or each.senior_review]
    flags = [each for each in against if each.judgement is Judgement.MET]
    unknown = [each for each in against if each.judgement is Judgement.UNKNOWN]
    lines = [
        f"{'RED FLAG' if each.red_flag else 'Senior review'}: {each.words}. {each.because}"
        for each in flags
    ]
    if unknown:
        names = "; ".join(each.words for each in unknown)
        lines.append(f"Not known, of what speaks against community care: {names}")
    lines += [
        f"Met: {each.words}"
        for each in every
        if each.judgement is Judgement.MET and each not in against and not each.shown_only
    ]
    return SheetBlock("Indicators", indicator_summary(every or None), tuple(lines), fewest=5)


def _review(waiting: WaitingPatient, now: datetime) -> SheetBlock:
    words = review_words(waiting.review, "", now)
    lines = [each for each in (words.asked, words.held, words.decided) if each]
    if waiting.review is not None:
        lines += [note_words(each, now) for each in waiting.review.notes]
    return SheetBlock("Redirect review", words.status, tuple(lines), fewest=4)


def _sources(sections: Sequence[RecordSection]) -> str:
    named = dict.fromkeys(source for section in sections for source in section.sources)
    return ", ".join(named) or "not recorded"
