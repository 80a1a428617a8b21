"""Holding an engine's figures against the page's own table and the generator's books."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import pytest

from analytics.counts import GROUPS, CountRow, Figures, SpanRow
from clinical.outcome_counts import OutcomeCounts
from clinical.outcome_filters import CaseFilter, Group
from clinical.outcome_spans import Spans
from clinical.outcome_table import OutcomeTable
from tests.analytics.conftest import Exported


def held_against(found: Figures, right: Mapping[str, OutcomeCounts]) -> int:
    """How many numbers were compared, of everybody or of each group; fails where one differs."""
    assert set(found.counts) == set(right)
    compared = 0
    for part, counts in right.items():
        rows = {row.name: row for row in found.counts[part]}
        for name, count in counts.counts.items():
            if count.of:
                assert rows.pop(name) == CountRow(
                    name, count.yes, count.of, count.pending, count.unknown
                ), part
                compared += 4
        assert not rows
        compared += same_spans(found.spans[part], counts.spans)
    return compared


def same_spans(found: Sequence[SpanRow], right: Mapping[str, Spans]) -> int:
    """The same for how long each step took."""
    rows = {row.name: row for row in found}
    for name, spans in right.items():
        if spans.of:
            row = rows.pop(name)
            assert (row.of, row.pending, row.unknown) == (spans.of, spans.pending, spans.unknown)
            assert row.known == len(spans.minutes)
            assert row.total_minutes == pytest.approx(sum(spans.minutes), rel=1e-9)
            if spans.median is not None:
                assert row.median_minutes == pytest.approx(spans.median, rel=1e-9)
    assert not rows
    return 6 * len(right)


def by_group(table: OutcomeTable, group: str, as_at: datetime) -> dict[str, OutcomeCounts]:
    """What the page says of each group."""
    return {name: part.counts(as_at) for name, part in table.by(Group(group)).items()}


def the_books(found: Figures, exported: Exported) -> None:
    """Held against the generator's own books, which no reader of a resource had a hand in. The
    two reviews that are still open stand in no book.
    """
    books = exported.books
    right = books.counts(books.rows(None, None, CaseFilter()))
    rows = {row.name: row for row in found.counts[""]}
    still_open = found.cases - len(books)
    for name, count in right.items():
        open_too = still_open if name in ("flagged", "decided", "withdrawn") else 0
        asked = (rows[name].of - open_too, rows[name].pending, rows[name].unknown)
        assert asked == (count.of, count.pending, count.unknown), name
        assert rows[name].yes - (still_open if name == "flagged" else 0) == count.yes, name


def times_of(exported: Exported) -> list[datetime]:
    """When to look back from: the end, a week before it, and a year before."""
    return [exported.as_at - timedelta(days=days) for days in (0, 7, 365)]


EVERY_GROUP = GROUPS
