"""A decision that was begun and not finished: finished by a button, or left open again.

By whoever has the review: somebody who began it and went off shift leaves nothing that nobody else
can end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import streamlit as st

from clinical.evidence import Indicator
from clinical.identity import identity_stops
from clinical.person import Caller
from clinical.review import Decision, Review
from clinical.review_steps import Action
from fhir_queries import decisions, undoing
from pages.parts.answers import KeptAnswers, checklist, forget_answers
from pages.parts.changing import change_review
from pages.parts.connection import shared_record
from pages.parts.guard import guarded_callback
from pages.parts.opened import Opened
from pages.parts.style import show
from pages.present.decision import begun_words
from pages.present.escape import html


def show_half_done(
    opened: Opened,
    review: Review,
    kept: KeptAnswers,
    indicators: Sequence[Indicator],
    caller: Caller,
    *,
    held: bool,
) -> None:
    """Say what was begun, and let whoever has the review finish it or open the checklist again."""
    begun = decisions.begun(shared_record(), review)
    show(
        html(
            '<div class="hv-box stop" role="alert"><p><b>A decision was begun and not finished.'
            "</b> It does not count, and nobody has been told. {what}</p>{hint}</div>",
            what=begun_words(begun, datetime.now(UTC)),
            hint="" if held else html("<p>Take the review to finish it.</p>"),
        )
    )
    if not held:
        return
    with st.container(horizontal=True):
        if begun is not None:
            st.button(
                "Finish it",
                key=f"half-finish|{opened.encounter}",
                type="primary",
                on_click=_finish,
                args=(opened, kept, begun, caller, tuple(indicators)),
            )
        st.button(
            "Open the checklist again",
            key=f"half-open|{opened.encounter}",
            on_click=_open_again,
            args=(opened, review, caller),
        )


@guarded_callback("finish a decision")
def _finish(
    opened: Opened,
    kept: KeptAnswers,
    begun: Decision,
    caller: Caller,
    indicators: Sequence[Indicator],
) -> None:
    meant = begun
    if begun.by_user != caller.user:
        # As it was meant, and signed by whoever answers for it now
        now = datetime.now(UTC)
        meant = replace(begun, by_user=caller.user, by_name=caller.name, decided_at=now)
    done = change_review(
        opened,
        caller,
        Action.DECIDE,
        lambda: decisions.decide(
            shared_record(),
            caller,
            meant,
            checklist(),
            kept.draft,
            indicators=indicators,
            identity=identity_stops(opened.record.person, opened.record.other_records),
        ),
        "Finished: the decision is recorded.",
    )
    if done:
        forget_answers(opened.encounter)


@guarded_callback("open a checklist again")
def _open_again(opened: Opened, review: Review, caller: Caller) -> None:
    done = change_review(
        opened,
        caller,
        Action.ANSWER,
        lambda: undoing.undo(shared_record(), caller, review, "Begun, and not finished"),
        "The checklist is open again. Nothing has been decided.",
    )
    if done:
        forget_answers(opened.encounter)
