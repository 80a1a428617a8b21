"""What became of the patients that were reviewed in a period: cases for the definitions to count.

The definitions are those of ``clinical.outcomes``; the shapes are docs/record-shapes.md's. What
can't be seen is unknown: a follow-up search that fails makes its cases unknown, never avoided.
``outcome_keeper`` keeps the same cases for a page that is opened often.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from clinical.outcome_counts import OutcomeCounts, count_outcomes
from clinical.outcomes import OutcomeSettings, RedirectCase
from clinical.person import Caller
from fhir_queries.audit import counted
from fhir_queries.errors import BadRecord
from fhir_queries.outcome_books import Books
from fhir_queries.outcome_reading import Follower, reviews_search, take_all
from fhir_queries.port import Record
from fhir_queries.reading.outcome_facts import ReviewFacts

FLAGGED_BEFORE = timedelta(days=3)
"""How long before the period a review may have been asked for that was decided in it."""
NOT_ALL = "Not every review of this period could be read, so no counts are given."


@dataclass(frozen=True, slots=True)
class CasesRead:
    """The cases of a period, and how far they can be trusted."""

    as_at: datetime
    cases: tuple[RedirectCase, ...]
    set_aside: int
    """Reviews that couldn't be read."""
    complete: bool
    """Whether every review of the period came. What became of them is told case by case."""
    warnings: tuple[str, ...] = ()


def read_outcomes(
    record: Record,
    caller: Caller,
    start: datetime,
    end: datetime,
    as_at: datetime,
    *,
    settings: OutcomeSettings | None = None,
) -> OutcomeCounts:
    """The counts of the reviews dated from ``start`` to before ``end``, as they stand at ``as_at``.

    Raises BadRecord where not every review of the period could be read (a count of some of them
    would look like a count of all), RecordError where the record doesn't answer.
    """
    found = read_cases(record, caller, start, end)
    if not found.complete or found.set_aside:
        raise BadRecord("not every review of the period was read", sentence=NOT_ALL)
    return count_outcomes(found.cases, as_at, settings)


def read_cases(record: Record, caller: Caller, start: datetime, end: datetime) -> CasesRead:
    """Every review dated from ``start`` to before ``end``, with what became of the patient.

    Raises RecordError where the reviews themselves can't be read.
    """
    profile = record.profile
    search = reviews_search(profile, start - FLAGGED_BEFORE, end)
    answers = record.ask([search], audit=counted(caller) if profile.writing.audit else None)
    answer = answers.by_name[search.name]
    if answer.error is not None:
        raise answer.error
    books = Books(profile)
    aside = take_all(books, answer)
    dated = [each.task for each in books.reviews.values() if _within(each, start, end)]
    Follower(books, record.ask).follow(dated)
    return CasesRead(
        answers.as_at,
        tuple(books.cases(dated)),
        aside,
        answer.complete and not answer.withheld,
        answer.warnings,
    )


def _within(read: ReviewFacts, start: datetime, end: datetime) -> bool:
    at = read.decided_at or read.flagged_at
    return at is not None and start <= at.earliest < end
