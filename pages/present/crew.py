"""The crew's findings, set by set: what was measured at one time by one source, in few lines."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from clinical.record import Entry
from clinical.waiting import WaitingPatient
from pages.present import times
from pages.present.escape import html, join
from pages.present.section import cautions, entry_html, newest_first, value_words


def crew_html(waiting: WaitingPatient, drawn: frozenset[str]) -> Markup:
    """The crew's findings: those of ``drawn`` (references) fold away, since they are shown above.

    Everything stands in the fold, set by set, so that a whole set of observations can be read.
    """
    findings = waiting.findings
    if not findings:
        return html("<p>None returned for this wait. That is not the same as none made.</p>")
    rest = [each for each in findings if each.reference not in drawn or cautions(each)]
    count = "1 finding" if len(findings) == 1 else f"All {len(findings)} findings"
    return html(
        '{rest}<details class="hv-folded"><summary>{count}, set by set</summary>{all}</details>',
        rest=findings_html(rest)
        or html('<p class="quiet">Nothing beside the vital signs above.</p>'),
        count=count,
        all=findings_html(findings),
    )


def findings_html(
    findings: Sequence[Entry], shown_elsewhere: frozenset[str] = frozenset()
) -> Markup:
    """Every finding, newest set first. What needs more than a line, or a caution, has its own.

    The parts of ``shown_elsewhere`` (references) are left out: their points stand above.
    """
    sets: dict[tuple[str, str], list[Entry]] = {}
    for entry in newest_first(tuple(findings)):
        when = times.moment(entry.when, unknown="time not recorded")
        sets.setdefault((when, entry.source or "source not recorded"), []).append(entry)
    return join(
        _set(when, source, entries, shown_elsewhere) for (when, source), entries in sets.items()
    )


def _set(
    when: str, source: str, entries: Sequence[Entry], shown_elsewhere: frozenset[str]
) -> Markup:
    plain = [each for each in entries if not cautions(each) and not each.detail and _said(each)]
    rest = [each for each in entries if each not in plain]
    rows = join(
        html("<dt>{what}</dt><dd><b>{value}</b></dd>", what=what, value=value_words(value))
        for each in plain
        for what, value in _lines(each, shown_elsewhere)
    )
    return html(
        '<div class="hv-set"><p class="quiet">{when} · {source}</p>{rows}{rest}</div>',
        when=when,
        source=source,
        rows=html("<dl>{rows}</dl>", rows=rows) if rows else rows,
        rest=join(entry_html(each, anchored=False) for each in rest),
    )


def _said(entry: Entry) -> bool:
    return bool(entry.value or entry.parts)


def _lines(entry: Entry, shown_elsewhere: frozenset[str]) -> list[tuple[str, str]]:
    lines = [(entry.title, entry.value)] if entry.value else []
    if entry.reference not in shown_elsewhere:
        lines += entry.parts
    return lines
