"""Indicators on the patient's screen: met, not met or unknown, each with its evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from clinical.evidence import Evidence, Indicator, Judgement
from pages.present import times
from pages.present.escape import html, join
from pages.present.shapes import shape

_SHAPES: Mapping[Judgement, str] = {
    Judgement.MET: "tick",
    Judgement.NOT_MET: "cross",
    Judgement.UNKNOWN: "question",
}
_WORDS: Mapping[Judgement, str] = {
    Judgement.MET: "Met",
    Judgement.NOT_MET: "Not met",
    Judgement.UNKNOWN: "Unknown",
}
_FLAG_WORDS: Mapping[Judgement, str] = {
    Judgement.MET: "RED FLAG",
    Judgement.NOT_MET: "Not found",
    Judgement.UNKNOWN: "Unknown",
}
_REVIEW_WORDS: Mapping[Judgement, str] = {**_FLAG_WORDS, Judgement.MET: "Senior review"}
_WORST_FIRST = (Judgement.MET, Judgement.UNKNOWN, Judgement.NOT_MET)


def judged(indicator: Indicator) -> str:
    """The judgement in words; a red flag that is met says so."""
    if indicator.red_flag:
        return _FLAG_WORDS[indicator.judgement]
    if indicator.senior_review:
        return _REVIEW_WORDS[indicator.judgement]
    return _WORDS[indicator.judgement]


def indicators_html(indicators: Sequence[Indicator]) -> Markup:
    """Every indicator: what speaks against, found first; what speaks for; what is only shown."""
    against = [each for each in indicators if each.red_flag or each.senior_review]
    against.sort(key=lambda each: (_WORST_FIRST.index(each.judgement), not each.red_flag))
    looked_for = [each for each in against if each.judgement is Judgement.NOT_MET]
    standing = [each for each in against if each not in looked_for]
    shown = [each for each in indicators if each.shown_only and each not in against]
    others = [each for each in indicators if each not in against and each not in shown]
    return html(
        "<h3>What speaks against community care</h3>{standing}{looked_for}"
        "<h3>What speaks for it</h3>{others}<h3>Good to know, counted nowhere</h3>{shown}",
        standing=_rows(standing, "Nothing was found, and nothing is unknown."),
        looked_for=_folded(looked_for),
        others=_rows(others, "Nothing was looked for."),
        shown=_rows(shown, "Nothing."),
    )


def _rows(indicators: Sequence[Indicator], none: str) -> Markup:
    rows = join(_row(each) for each in indicators)
    return rows or html('<p class="quiet">{none}</p>', none=none)


def _folded(indicators: Sequence[Indicator]) -> Markup:
    """What was looked for and not found: there to be read, out of the way of what was."""
    if not indicators:
        return Markup()
    return html(
        '<details class="hv-folded"><summary>{count} looked for and not found</summary>{rows}'
        "</details>",
        count=len(indicators),
        rows=join(_row(each) for each in indicators),
    )


def evidence_words(evidence: Evidence) -> str:
    """One piece of evidence: value, when, where from."""
    parts = [evidence.value]
    if evidence.when is not None:
        parts.append(times.moment(evidence.when))
    if evidence.source:
        parts.append(evidence.source)
    return " · ".join(parts)


def beside_html(indicator: Indicator) -> Markup:
    """What the record says about one line of the checklist; a person still has to answer it."""
    evidence = "; ".join(evidence_words(each) for each in indicator.evidence[:3])
    return html(
        '<p class="quiet">The record: <b>{judged}</b>. {because} {evidence}</p>',
        judged=judged(indicator),
        because=indicator.because,
        evidence=evidence,
    )


def _row(indicator: Indicator) -> Markup:
    found = indicator.judgement is Judgement.MET
    name = "flag" if (indicator.red_flag or indicator.senior_review) and found else None
    notes = []
    if not indicator.verified:
        notes.append("The threshold's source has not been verified")
    return html(
        '<div class="hv-indicator"><span class="judged">{shape}{judged}</span><div>'
        "<b>{words}</b><p>{because}</p>{evidence}{notes}</div></div>",
        shape=shape(name or _SHAPES[indicator.judgement]),
        judged=judged(indicator),
        words=indicator.words,
        because=indicator.because,
        evidence=join(
            html('<p class="quiet">{words}</p>', words=evidence_words(each))
            for each in indicator.evidence
        ),
        notes=join(html('<p class="quiet">{note}.</p>', note=note) for note in notes),
    )
