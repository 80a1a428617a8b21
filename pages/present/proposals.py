"""What the record says to a line of the checklist, with its evidence, and what was confirmed."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from clinical.checklist import ItemAnswer
from clinical.evidence import Evidence
from clinical.prefill import Proposal
from pages.present.answers import answer_words
from pages.present.escape import html, join
from pages.present.indicators import evidence_words
from pages.present.section import anchor_of


def proposal_html(proposal: Proposal, wait: str) -> Markup:
    """What the record proposes, or that it says nothing that could be confirmed.

    ``wait`` is the Encounter of the screen itself, which has no entry to link to.
    """
    if not proposal.values:
        return html(
            '<div class="hv-proposal"><p class="quiet">The record: {because}</p>{evidence}</div>',
            because=proposal.because,
            evidence=_evidence(proposal.evidence, wait),
        )
    return html(
        '<div class="hv-proposal stands"><p>The record says <b>{answer}</b>. '
        '<span class="quiet">{because}</span></p>{evidence}</div>',
        answer=answer_words(proposal.values),
        because=proposal.because,
        evidence=_evidence(proposal.evidence, wait),
    )


def confirmed_html(answer: ItemAnswer, wait: str) -> Markup:
    """That an answer was confirmed from the record, by whom, and on which evidence."""
    return html(
        '<div class="hv-proposal taken"><p class="quiet">Confirmed from the record{by}.</p>'
        "{evidence}</div>",
        by=f" by {answer.by_name}" if answer.by_name else "",
        evidence=_evidence(answer.evidence, wait),
    )


def _evidence(evidence: Sequence[Evidence], wait: str) -> Markup:
    rows = join(
        html("<li>{words}{link}</li>", words=evidence_words(each), link=_link(each, wait))
        for each in evidence
    )
    return html("<ul>{rows}</ul>", rows=rows) if rows else Markup()


def _link(evidence: Evidence, wait: str) -> Markup:
    if evidence.reference.partition("/")[0] in ("", "Patient") or evidence.reference == wait:
        return Markup()
    return html(
        ' <a href="#{anchor}">See it in the record</a>', anchor=anchor_of(evidence.reference)
    )
