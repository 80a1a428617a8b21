"""What changed in the last days, in words: never "nothing" over a part that nobody could see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from clinical.changes import Change, Changes
from clinical.record import Entry
from pages.present import times
from pages.present.escape import html, join
from pages.present.origin import OriginOf, from_words, of_this_record
from pages.present.partial_view import unseen_html
from pages.present.section import TITLES, cautions, value_words

_MOST_LINES = 6
"""Lines of one section that stand open; the rest fold away."""


def changes_heading(changes: Changes) -> str:
    """The heading with its count: ``What changed in the last 14 days: 3``."""
    days = (changes.until - changes.since).days
    title = f"What changed in the last {days} days"
    if not changes.count:
        return f"{title}: {'nothing' if changes.seen_whole else 'nothing found'}"
    return f"{title}: {changes.count}"


def changes_html(changes: Changes, origin_of: OriginOf = of_this_record) -> Markup:
    """What began or ended, by section, after what could not be seen."""
    holes = unseen_html(changes.not_seen, changes.partly_seen, "looked at for changes")
    undated = Markup()
    if changes.undated:
        count = "1 entry has" if changes.undated == 1 else f"{changes.undated} entries have"
        undated = html(
            '<p class="quiet">{count} no date, so nobody can say whether of these days.</p>',
            count=count,
        )
    groups = join(_section(name, found, origin_of) for name, found in changes.by_section.items())
    if not changes.count:
        said = (
            "Nothing in the record began or ended in these days."
            if changes.seen_whole
            else "Nothing was found to have begun or ended in these days, as far as could be seen."
        )
        groups = html("<p>{said}</p>", said=said)
    return html(
        '<div class="hv-changes">{holes}<p class="quiet">Since {since}, without this wait\'s own '
        "findings.</p>{groups}{undated}</div>",
        holes=holes,
        since=times.day(changes.since),
        groups=groups,
        undated=undated,
    )


def _section(name: str, changes: Sequence[Change], origin_of: OriginOf) -> Markup:
    lines = [_line(same, origin_of) for same in _alike(changes).values()]
    folded = Markup()
    if len(lines) > _MOST_LINES:
        folded = html(
            '<details class="hv-folded"><summary>{count} more in {title}</summary><ul>{lines}</ul>'
            "</details>",
            count=len(lines) - _MOST_LINES,
            title=TITLES.get(name, name),
            lines=join(lines[_MOST_LINES:]),
        )
    return html(
        "<h4>{title}</h4><ul>{lines}</ul>{folded}",
        title=TITLES.get(name, name),
        lines=join(lines[:_MOST_LINES]),
        folded=folded,
    )


def _alike(changes: Sequence[Change]) -> Mapping[tuple[object, ...], list[Change]]:
    """Changes that read alike but for their date and value, so that thirty readings are a line."""
    groups: dict[tuple[object, ...], list[Change]] = {}
    for each in changes:
        entry = each.entry
        key = (
            entry.title,
            entry.source,
            entry.record,
            entry.unit,
            each.began,
            each.ended,
            each.to_the_day,
            cautions(entry),
        )
        groups.setdefault(key, []).append(each)
    return groups


def _line(same: Sequence[Change], origin_of: OriginOf) -> Markup:
    newest = same[0]
    entry = newest.entry
    meta = [_when_words(newest)]
    if len(same) > 1:
        meta.append(f"{len(same)} times, first {_first(same[-1])}{_range(same)}")
    meta.append(from_words(entry, origin_of))
    return html(
        '<li class="{gone}">{cautions}<span class="title">{title}</span>{value} '
        '<span class="meta">{meta}</span></li>',
        gone="gone" if entry.in_error else "",
        cautions=join(
            html('<span class="hv-tag stop">{words}</span> ', words=each)
            for each in cautions(entry)
        ),
        title=entry.title,
        value=html(": <b>{v}</b>", v=value_words(entry.value)) if entry.value else "",
        meta=" · ".join(meta),
    )


def _when_words(change: Change) -> str:
    entry: Entry = change.entry
    said = []
    if change.began:
        said.append(times.moment(entry.when))
    if change.ended and not (entry.when is not None and _one_day(change)):
        verb = "ended" if change.began else "ended on"
        said.append(f"{verb} {times.moment(entry.ended)}")
    words = ", ".join(said)
    return words if change.to_the_day else f"{words} (date only partly known: may be of these days)"


def _first(change: Change) -> str:
    return times.moment(change.entry.when if change.began else change.entry.ended)


def _one_day(change: Change) -> bool:
    """Whether it began and ended on one day: a visit, whose end says nothing more."""
    began, ended = change.entry.when, change.entry.ended
    return (
        change.began
        and began is not None
        and ended is not None
        and times.day(began.earliest) == times.day(ended.earliest)
    )


def _range(same: Sequence[Change]) -> str:
    numbers = [each.entry.number for each in same if each.entry.number is not None]
    if len(numbers) < 2 or min(numbers) == max(numbers):
        return ""
    return f", {min(numbers)} to {max(numbers)}"
