"""A section of the record in words: its state first, and then its entries.

The six states never look alike: each has its own words, shape and edge, and only a coded
statement ever reads as "none".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from markupsafe import Markup

from clinical.hospital_use import length_of_stay
from clinical.moments import read_moment
from clinical.record import Entry, RecordSection, SectionState
from pages.present import times
from pages.present.escape import html, join
from pages.present.shapes import shape

TITLES: Mapping[str, str] = {
    "alerts": "Alerts, plans and consents",
    "problems": "Problems",
    "medicines": "Medicines",
    "allergies": "Allergies and adverse reactions",
    "attendances": "ED attendances and admissions",
    "contacts": "Community and outpatient contacts",
    "referrals": "Referrals",
    "care-plans": "Care plans",
    "frailty": "Frailty",
    "function": "Function, mobility and cognition",
    "social": "Social and carers",
    "observations": "Observations",
    "results": "Results",
    "documents": "Documents",
    "procedures": "Procedures",
    "immunisations": "Immunisations",
    "assessments": "Assessments",
    "other": "Everything else received",
}
"""Each of ``SECTION_NAMES`` as the screen calls it."""

_STATES: Mapping[SectionState, tuple[str, str]] = {
    SectionState.LOADED: ("", "tick"),
    SectionState.NONE_RETURNED: ("None returned. That is not the same as none.", "empty"),
    SectionState.ASSERTED_NONE: ("Recorded as none, by a clinician", "tick"),
    SectionState.FAILED: ("Could not be loaded", "broken"),
    SectionState.NOT_HELD: ("Not held by this record", "elsewhere"),
    SectionState.WITHHELD: ("Withheld: restricted", "lock"),
}
_IN_THE_HEADING: Mapping[SectionState, str] = {
    SectionState.NONE_RETURNED: "none returned",
    SectionState.ASSERTED_NONE: "recorded as none",
    SectionState.FAILED: "COULD NOT BE LOADED",
    SectionState.NOT_HELD: "not held by this record",
    SectionState.WITHHELD: "WITHHELD",
}
_USUAL = frozenset({"final", "completed", "vital-signs", "survey"})
"""What a reader takes for granted: said only where it is otherwise."""
_UNITS = (("Cel", "\u00b0C"), ("mm[Hg]", "mmHg"), ("{score}", ""), ("score", ""))
_SAID_BY: Mapping[str, str] = {"ServiceRequest": "referred by "}
_LAST_ISSUED = "Last issued: "
_BEGINNING = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SectionWords:
    """What a section says before its entries. ``notes`` are said under the state, in order."""

    title: str
    heading: str
    """The title with the section's state or count, for a heading that may be closed."""
    state: SectionState
    state_words: str
    explanation: str
    notes: tuple[str, ...]
    sources: str
    may_retry: bool


def section_words(section: RecordSection) -> SectionWords:
    """The words of a section."""
    title = TITLES.get(section.name, section.name)
    words, _ = _STATES[section.state]
    return SectionWords(
        title,
        f"{title}: {_count(section)}",
        section.state,
        words,
        section.explanation,
        _notes(section),
        f"From {', '.join(section.sources)}" if section.sources else "",
        section.state is SectionState.FAILED or not section.complete,
    )


def newest_first(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """The entries newest first; those without a date come last, in the record's order."""
    return tuple(
        sorted(
            entries,
            key=lambda entry: entry.when.earliest if entry.when else _BEGINNING,
            reverse=True,
        )
    )


def state_html(words: SectionWords) -> Markup:
    """The state of a section as a box of its own look, with its notes and sources."""
    box = Markup()
    if words.state is not SectionState.LOADED:
        box = html(
            '<div class="hv-state {state}" role="{role}">{shape}'
            "<div><b>{words}</b>{more}</div></div>",
            state=words.state.value,
            role="alert" if words.state is SectionState.FAILED else "note",
            shape=shape(_STATES[words.state][1]),
            words=words.state_words,
            more=words.explanation,
        )
    notes = join(html('<div class="hv-box warn"><p>{note}</p></div>', note=n) for n in words.notes)
    sources = html('<p class="quiet">{sources}</p>', sources=words.sources)
    return html(
        "{box}{notes}{sources}", box=box, notes=notes, sources=sources if words.sources else ""
    )


def anchor_of(reference: str) -> str:
    """What an entry is called within its page, so that its evidence elsewhere can link to it."""
    return f"entry-{reference.replace('/', '-')}"


def entry_html(
    entry: Entry, *, origin: str = "", marks: tuple[str, ...] = (), anchored: bool = True
) -> Markup:
    """One entry: what, value, when, status, where from; cautions before anything else.

    ``origin`` is who keeps the other record that it is from; ``marks`` are said beside its title;
    ``anchored`` is for where it stands in its section, so that links lead there and nowhere else.
    """
    value = html(": <b>{v}</b>", v=value_words(entry.value)) if entry.value else Markup()
    return html(
        '<div{anchor} class="hv-entry {gone}">{cautions}<p><span class="title">{title}</span>'
        '{value}{marks}</p>{detail}{parts}<p class="meta">{meta}</p>{origin}</div>',
        anchor=html(' id="{id}"', id=anchor_of(entry.reference)) if anchored else "",
        gone="gone" if entry.in_error else "",
        cautions=join(
            html('<p><span class="hv-tag stop">{words}</span></p>', words=each)
            for each in cautions(entry)
        ),
        title=entry.title,
        value=value,
        marks=join(html(' <span class="hv-tag risk">{mark}</span>', mark=each) for each in marks),
        detail=join(html("<p>{line}</p>", line=_line(line)) for line in entry.detail),
        parts=_parts(entry.parts),
        meta=" · ".join(_meta(entry)),
        origin=html('<p class="origin">From the record of {origin}</p>', origin=origin)
        if origin
        else "",
    )


def _meta(entry: Entry) -> list[str]:
    """When, for how long, how it stands, and who says so."""
    when = times.moment(entry.when)
    issued = entry.kind == "MedicationRequest" and entry.when is not None
    meta = [f"issued {when}" if issued else when]
    if entry.ended is not None:
        meta.append(f"ended {times.moment(entry.ended)}")
    if (stay := length_of_stay(entry)) is not None:
        meta.append(f"stayed {times.span(stay).removesuffix(' 0 h')}")
    meta += [part for part in (entry.status, entry.category) if part and part not in _USUAL]
    said_by = _SAID_BY.get(entry.kind, "")
    meta.append(f"{said_by}{entry.source}" if entry.source else "source not recorded")
    return meta


def _line(line: str) -> str:
    """A line of detail; the date that a prescription was last issued as people write dates."""
    start, issued, date = line.partition(_LAST_ISSUED)
    if issued and not start and (when := read_moment(date)) is not None:
        return f"{issued}{times.moment(when)}"
    return line


def cautions(entry: Entry) -> tuple[str, ...]:
    """Why not to read an entry plainly; that it was entered in error is always among them."""
    if entry.in_error and not any("error" in each.lower() for each in entry.caution):
        return ("Entered in error", *entry.caution)
    return entry.caution


def value_words(value: str) -> str:
    """A value with its unit as people write it, where the record gives the unit's code."""
    for code, unit in _UNITS:
        if value.endswith(f" {code}"):
            return f"{value.removesuffix(code)}{unit}"
    return value


def _parts(parts: tuple[tuple[str, str], ...]) -> Markup:
    if not parts:
        return Markup()
    rows = join(html("<dt>{w}</dt><dd>{v}</dd>", w=what, v=value_words(v)) for what, v in parts)
    return html("<dl>{rows}</dl>", rows=rows)


def _count(section: RecordSection) -> str:
    if section.state is not SectionState.LOADED:
        return _IN_THE_HEADING[section.state]
    count = len(section.entries)
    said = f"{count}"
    if section.set_aside:
        said = f"{said}, {section.set_aside} could not be read"
    if not section.complete:
        said = f"{said}, not all loaded"
    return said


def _notes(section: RecordSection) -> tuple[str, ...]:
    notes = []
    if section.set_aside == 1:
        notes.append("1 entry could not be read")
    elif section.set_aside:
        notes.append(f"{section.set_aside} entries could not be read")
    if not section.complete and section.state is not SectionState.FAILED:
        notes.append("Not everything has been loaded: there may be more entries than these")
    return (*notes, *section.warnings)
