"""How long an answer may take, and a number of places stands, at this site."""

from __future__ import annotations

from datetime import timedelta

from clinical.answers_due import AnswerTimes
from pages.parts.connection import record_settings


def answer_times() -> AnswerTimes:
    """After how long a review needs an answer."""
    settings = record_settings()
    return AnswerTimes(
        timedelta(minutes=settings.answer_minutes), timedelta(minutes=settings.decision_minutes)
    )


def places_old_after() -> timedelta:
    """From which age on a service's number of places is old."""
    return timedelta(minutes=record_settings().capacity_minutes)
