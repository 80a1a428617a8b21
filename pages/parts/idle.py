"""Letting go of reviews whose holder has done nothing for the set time, wherever somebody looks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import streamlit as st

from clinical.idle import may_be_idle
from clinical.person import Caller
from clinical.review import Review
from fhir_queries import reviews
from fhir_queries.errors import RecordError
from pages.parts.connection import record_settings, shared_record
from pages.parts.logged import Line, say


def idle_after() -> timedelta:
    """After how long without a sign of its holder a review is let go of at this site."""
    return timedelta(minutes=record_settings().idle_minutes)


def let_go_of_idle(caller: Caller, seen: Iterable[Review | None]) -> None:
    """Let go of those among the reviews on a screen whose holder shows no sign.

    Whichever tablet notices first does it, for all. A fault is no matter of whoever looks: it is
    logged, and tried again.
    """
    now = datetime.now(UTC)
    for review in seen:
        if review is not None and may_be_idle(review, now, idle_after()):
            try:
                _let_go(caller, review, review.task)
            except RecordError as fault:
                say(Line.RECORD_FAILED, where="letting go", error=type(fault).__name__)


@st.cache_data(ttl=60, max_entries=500, show_spinner=False)
def _let_go(_caller: Caller, _review: Review, task: str) -> str:
    """At most once a minute for each review, however many screens show it."""
    reviews.release_idle(shared_record(), _caller, _review)
    return task
