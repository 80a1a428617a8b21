"""A second clinician's word in spite of a red flag: asked for here, given on their own tablet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import streamlit as st

from clinical.checklist import Override
from clinical.checklist_rules import covered_by, red_flags
from clinical.evidence import Indicator
from clinical.person import Caller
from clinical.review import OverrideRequest, Review
from clinical.review_steps import Action
from fhir_queries import overrides
from pages.parts.answers import KeptAnswers, checklist
from pages.parts.changing import change_review
from pages.parts.connection import shared_record
from pages.parts.guard import guarded_callback
from pages.parts.opened import Opened
from pages.parts.style import show
from pages.parts.telling import tell
from pages.present.decision import flags_html, override_given_words
from pages.present.escape import clean, html, label
from pages.present.person import name
from pages.present.review import override_asked_words


def show_override(
    opened: Opened, kept: KeptAnswers, indicators: Sequence[Indicator], caller: Caller
) -> None:
    """For whoever holds the review: every red flag that stands, and what a second clinician has
    said to it or is asked for.
    """
    flags = red_flags(checklist(), kept.answers, indicators)
    review = opened.review
    if not flags or review is None:
        return
    with st.container(key=f"panel-override-{opened.encounter}", border=True):
        show(
            html(
                "<h3>Red flags: a second clinician has to agree</h3><p>Somebody else, signed in as "
                "themselves, opens this patient, sees each of these and says why a redirect is "
                "right in spite of them.</p>"
            )
        )
        show(flags_html(flags.values()))
        _show_answer(opened, review, kept, flags, caller)


def _show_answer(
    opened: Opened, review: Review, kept: KeptAnswers, flags: Mapping[str, str], caller: Caller
) -> None:
    given, asked = review.override, review.override_asked
    if given is not None and {*flags} <= covered_by(given, kept.answers):
        show(html('<div class="hv-box good"><p>{words}</p></div>', words=_given(given)))
        return
    if asked is not None and {code for code, _ in asked.red_flags} == {*flags}:
        words = override_asked_words(asked, caller.user, datetime.now(UTC))
        show(
            html(
                '<div class="hv-box info" role="status"><p><b>{words}</b> Their answer shows here '
                "by itself.</p></div>",
                words=words,
            )
        )
        st.button(
            "Do not ask any more",
            key=f"override-stop|{opened.encounter}",
            on_click=_stop_asking,
            args=(opened, review, caller),
        )
        return
    if given is not None or asked is not None:
        show(html("<p><b>The red flags have changed since, so ask again.</b></p>"))
    st.button(
        "Ask a second clinician",
        key=f"override-ask|{opened.encounter}",
        width="stretch",
        on_click=_ask,
        args=(opened, review, flags, caller),
    )


def show_override_wanted(opened: Opened, caller: Caller) -> None:
    """For anybody else: what they are asked to override, and the place to say why they agree."""
    review = opened.review
    if review is None or review.override_asked is None:
        return
    asked = review.override_asked
    key = f"override-why|{opened.encounter}"
    with st.container(key=f"panel-wanted-{opened.encounter}", border=True):
        show(
            html(
                "<h3>A second clinician is asked for</h3><p>{words} If you agree to a redirect in "
                "spite of each of these red flags, say why: your name stays with it in the record."
                "</p>",
                words=override_asked_words(asked, caller.user, datetime.now(UTC)),
            )
        )
        show(flags_html(words for _, words in asked.red_flags))
        st.text_input("Why a redirect is right in spite of this", max_chars=300, key=key)
        st.button(
            label(f"I agree, for {name(opened.record.person)}"),
            key=f"override-give|{opened.encounter}",
            type="primary",
            on_click=_give,
            args=(opened, review, asked, caller),
        )


def _given(given: Override) -> str:
    return override_given_words(given, datetime.now(UTC))


@guarded_callback("ask for an override")
def _ask(opened: Opened, review: Review, flags: Mapping[str, str], caller: Caller) -> None:
    change_review(
        opened,
        caller,
        Action.ANSWER,
        lambda: overrides.ask_for_override(shared_record(), caller, review, flags),
        "A second clinician is asked for. Everybody who opens this patient sees it.",
    )


@guarded_callback("stop asking for an override")
def _stop_asking(opened: Opened, review: Review, caller: Caller) -> None:
    change_review(
        opened,
        caller,
        Action.ANSWER,
        lambda: overrides.take_back_override(shared_record(), caller, review),
        "Nobody is asked any more.",
    )


@guarded_callback("override")
def _give(opened: Opened, review: Review, asked: OverrideRequest, caller: Caller) -> None:
    reason = clean(str(st.session_state.get(f"override-why|{opened.encounter}") or "")).strip()
    if not reason:
        tell(
            opened.encounter, "Not recorded. Say why a redirect is right in spite of this.", "warn"
        )
        return
    holder = asked.by.name if asked.by is not None else "Whoever has the review"
    change_review(
        opened,
        caller,
        Action.OVERRIDE,
        lambda: overrides.give_override(shared_record(), caller, review, reason),
        f"Recorded, with your name. {holder} can decide now.",
    )
