"""A second clinician's word: what has to be said before a redirect in spite of a red flag."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from clinical.checklist import Override
from clinical.checklist_rules import red_flags_ticked
from clinical.evidence import Indicator, Judgement
from pages.parts.answers import KeptAnswers, checklist
from pages.parts.style import show
from pages.present.escape import clean, html


def _flags(kept: KeptAnswers, indicators: Sequence[Indicator]) -> dict[str, str]:
    """Every red flag that stands, by link id or name, in words."""
    flags = {item.link_id: item.words for item in red_flags_ticked(checklist(), kept.answers)}
    for each in indicators:
        if each.red_flag and each.judgement is Judgement.MET and not each.absolute:
            flags[each.name] = f"{each.words}. {each.because}"
    return flags


def ask_for_override(
    encounter: str, kept: KeptAnswers, indicators: Sequence[Indicator]
) -> Override | None:
    """Every red flag that stands, and who else agrees in spite of it; None until all is said."""
    flags = _flags(kept, indicators)
    if not flags:
        return None
    with st.container(key=f"panel-override-{encounter}", border=True):
        show(
            html(
                "<h3>Red flags: a second clinician has to agree</h3><p>They have to have seen each "
                "of these, and to be named.</p>"
            )
        )
        for words in flags.values():
            show(html('<div class="hv-box stop"><p>{words}</p></div>', words=words))
        said = {
            part: st.text_input(words, max_chars=200, key=f"decision|{encounter}|{part}") or ""
            for part, words in (
                ("second-name", "Second clinician's name"),
                ("second-user", "Their staff number"),
                ("second-reason", "Why a redirect is right in spite of this"),
            )
        }
    if not all(clean(words).strip() for words in said.values()):
        return None
    return Override(
        clean(said["second-user"]).strip(),
        clean(said["second-name"]).strip(),
        clean(said["second-reason"]).strip(),
        tuple(flags),
        datetime.now(UTC),
    )
