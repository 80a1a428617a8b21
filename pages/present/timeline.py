"""The line of time in words, and as the rows that a chart draws: the same events, once each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup

from clinical.moments import LONDON
from clinical.record import SECTION_NAMES, Entry
from clinical.timeline import Timeline, TimelineEvent, lanes_of
from pages.present import times
from pages.present.escape import clean, html, join
from pages.present.origin import OriginOf, from_words, of_this_record
from pages.present.partial_view import unseen_html
from pages.present.section import TITLES, cautions, value_words

SPANS: Mapping[str, timedelta | None] = {
    "14 days": timedelta(days=14),
    "3 months": timedelta(days=92),
    "1 year": timedelta(days=366),
    "5 years": timedelta(days=5 * 366),
    "All": None,
}
"""How far back a person may look with one tap; None is as far as the record goes."""
A_PAGE = 40
NOW_LANE = "This wait"
TRACKS = 5
"""How many bars of one lane may lie beside each other before they cover one another."""
_SHORT: Mapping[str, str] = {
    **TITLES,
    "alerts": "Alerts and plans",
    "allergies": "Allergies",
    "attendances": "ED and admissions",
    "contacts": "Contacts",
    "function": "Function",
    "social": "Social, carers",
    "other": "Everything else",
}
"""The sections as a lane's narrow margin can hold them."""
_LONGEST_TITLE = 90


@dataclass(frozen=True, slots=True)
class ChartRow:
    """One event as a chart draws it. Times are the wall clock of London, without an offset."""

    lane: str
    start: datetime
    end: datetime
    kind: str
    """One of ``KINDS``."""
    track: int
    """Which of the lane's ``TRACKS`` a bar lies on; 0 for a point."""
    what: str
    when: str
    source: str


AT_ONE_TIME, OVER_TIME, STANDING, PARTLY_KNOWN, WAITING = KINDS = (
    "at one time",
    "over some time",
    "standing now",
    "date only partly known",
    "this wait",
)
"""How an event is drawn, in words, for the legend."""


def chart_rows(
    timeline: Timeline, events: Sequence[TimelineEvent], origin_of: OriginOf = of_this_record
) -> tuple[ChartRow, ...]:
    """A row for each event, and one for the present wait, in no particular order."""
    ends: dict[str, list[datetime]] = {}
    rows = [_row(each, ends, origin_of) for each in sorted(events, key=_start)]
    if timeline.wait_from is not None:
        rows.append(
            ChartRow(
                NOW_LANE,
                wall_clock(timeline.wait_from),
                wall_clock(timeline.now),
                WAITING,
                0,
                "Waiting in an ambulance",
                f"since {times.day(timeline.wait_from)} {times.clock(timeline.wait_from)}",
                "",
            )
        )
    return tuple(rows)


def chart_lanes(events: Sequence[TimelineEvent]) -> tuple[str, ...]:
    """The lanes from top to bottom: this wait, then sections in the order of the screen."""
    return (NOW_LANE, *(_SHORT.get(name, name) for name in lanes_of(events, SECTION_NAMES)))


def chart_words(events: Sequence[TimelineEvent], span: str) -> str:
    """What the chart shows, for who doesn't see it: the list beside it says the rest."""
    lanes = ", ".join(
        f"{TITLES.get(name, name)} {sum(each.lane == name for each in events)}"
        for name in lanes_of(events, SECTION_NAMES)
    )
    return f"Line of time, {span}: {lanes or 'no events'}. Each is in the list after this chart."


def timeline_list_html(
    events: Sequence[TimelineEvent], shown: int, origin_of: OriginOf = of_this_record
) -> Markup:
    """The first ``shown`` events, newest first: when, what, which section, from whom."""
    if not events:
        return html("<p>No dated entry lies in this span.</p>")
    return html(
        '<ol class="hv-events" aria-label="Events, newest first">{rows}</ol>',
        rows=join(_listed(each, origin_of) for each in events[:shown]),
    )


def legend_html() -> Markup:
    """What the marks of the chart mean, and how to move about in it."""
    marks = join(
        html('<span class="hv-mark {name}">{kind}</span>', name=kind.split()[0], kind=kind)
        for kind in KINDS
    )
    return html(
        '<p class="hv-legend">{marks}</p><p class="quiet">Drag to move, Ctrl and scroll to zoom, '
        "touch or point at one to read it. The list has all of it.</p>",
        marks=marks,
    )


def timeline_notes_html(timeline: Timeline) -> Markup:
    """What the line can't show: parts not seen, entries without a date, and those to come."""
    notes = [unseen_html(timeline.not_seen, timeline.partly_seen, "on this line of time")]
    if timeline.to_come:
        count = "1 entry begins" if timeline.to_come == 1 else f"{timeline.to_come} entries begin"
        notes.append(html('<p class="quiet">{count} after now.</p>', count=count))
    if timeline.undated:
        count = "1 entry has" if len(timeline.undated) == 1 else f"{len(timeline.undated)} have"
        notes.append(
            html(
                '<details class="hv-folded"><summary>{count} no date, and so no place on the line'
                "</summary><ul>{names}</ul></details>",
                count=count,
                names=join(html("<li>{what}</li>", what=_what(each)) for each in timeline.undated),
            )
        )
    return join(notes)


def when_words(event: TimelineEvent) -> str:
    """When it was, as far as the record knows."""
    entry = event.entry
    if entry.when is None:
        return f"ended {times.moment(entry.ended)}"
    began = times.moment(entry.when)
    if event.standing:
        return f"since {began}"
    if entry.ended is None or times.moment(entry.ended) == began:
        return began
    if times.day(entry.ended.earliest) == times.day(entry.when.earliest) and entry.ended.exact:
        return f"{began} to {times.clock(entry.ended.earliest)}"
    return f"{began} to {times.moment(entry.ended)}"


def wall_clock(when: datetime) -> datetime:
    """London's wall clock at an instant, without its offset: what a chart's axis shows."""
    return when.astimezone(LONDON).replace(tzinfo=None)


def _start(event: TimelineEvent) -> datetime:
    return event.start


def _row(event: TimelineEvent, ends: dict[str, list[datetime]], origin_of: OriginOf) -> ChartRow:
    return ChartRow(
        _SHORT.get(event.lane, event.lane),
        wall_clock(event.start),
        wall_clock(event.end),
        _kind(event),
        0 if event.point else _track(event, ends.setdefault(event.lane, [])),
        _what(event.entry),
        when_words(event),
        clean(from_words(event.entry, origin_of)),
    )


def _track(event: TimelineEvent, ends: list[datetime]) -> int:
    """The first track that is free at the event's start; ``ends`` is when each becomes free."""
    for track, free in enumerate(ends):
        if free <= event.start:
            ends[track] = event.end
            return track
    if len(ends) < TRACKS:
        ends.append(event.end)
        return len(ends) - 1
    soonest = min(range(TRACKS), key=ends.__getitem__)
    ends[soonest] = max(ends[soonest], event.end)
    return soonest


def _kind(event: TimelineEvent) -> str:
    if event.partial:
        return PARTLY_KNOWN
    if event.standing:
        return STANDING
    return AT_ONE_TIME if event.point else OVER_TIME


def _what(entry: Entry) -> str:
    said = entry.title if not entry.value else f"{entry.title}: {value_words(entry.value)}"
    said = " ".join(clean(said).split())
    if len(said) > _LONGEST_TITLE:
        said = f"{said[: _LONGEST_TITLE - 1]}…"
    doubts = cautions(entry)
    return f"{said} ({'; '.join(doubts)})" if doubts else said


def _listed(event: TimelineEvent, origin_of: OriginOf) -> Markup:
    return html(
        '<li class="{gone}"><span class="when">{when}</span><span><b>{what}</b> '
        '<span class="meta">{section} · {source}</span></span></li>',
        gone="gone" if event.entry.in_error else "",
        when=when_words(event),
        what=_what(event.entry),
        section=TITLES.get(event.lane, event.lane),
        source=from_words(event.entry, origin_of),
    )
