"""DuckDB on a Bulk Data export gives the manager's page's own figures, and the truth's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest

from analytics.counts import GROUPS, Asked
from analytics.duckdb_engine import Opened
from clinical.outcome_counts import windowed
from clinical.outcomes import OutcomeSettings
from tests.analytics.conftest import Exported
from tests.analytics.same import by_group, held_against, the_books, times_of


@pytest.fixture(scope="module")
def opened(exported: Exported) -> Iterator[Opened]:
    """That export, read by DuckDB."""
    with closing(Opened(exported.folder)) as read:
        yield read


def test_every_count_and_span_is_that_of_the_page_at_any_time(
    exported: Exported, opened: Opened
) -> None:
    for as_at in times_of(exported):
        found = opened.figures(Asked(as_at))
        assert found.cases == len(exported.table) > 2900
        assert held_against(found, {"": exported.table.counts(as_at)}) > 100


def test_every_count_is_that_of_the_books(exported: Exported, opened: Opened) -> None:
    the_books(opened.figures(Asked(exported.as_at)), exported)


@pytest.mark.parametrize("group", GROUPS)
def test_every_group_has_the_counts_that_the_page_gives_it(
    exported: Exported, opened: Opened, group: str
) -> None:
    found = opened.figures(Asked(exported.as_at, by=group))
    right = by_group(exported.table, group, exported.as_at)
    assert len(right) >= 2
    assert held_against(found, right) > 100 * len(right)


def test_a_period_takes_the_cases_that_the_page_takes(exported: Exported, opened: Opened) -> None:
    start = exported.as_at - timedelta(days=200)
    end = start + timedelta(days=90)
    found = opened.figures(Asked(exported.as_at, start, end))
    chosen = exported.table.select(start, end)
    assert 0 < found.cases == len(chosen) < len(exported.table)
    held_against(found, {"": chosen.counts(exported.as_at)})


def test_what_was_missed_stands_at_its_service_and_hour(exported: Exported, opened: Opened) -> None:
    found = opened.figures(Asked(exported.as_at))
    missed: dict[tuple[str, int | None], int] = {}
    for row in found.missed:
        service = "" if row.service == "not recorded" else row.service
        missed[service, row.hour] = missed.get((service, row.hour), 0) + row.missed
    assert missed == dict(exported.table.missed())
    assert sum(missed.values()) > 100


def test_the_windows_are_those_of_the_definitions(exported: Exported, opened: Opened) -> None:
    found = opened.figures(Asked(exported.as_at))
    named = {name for name, *_ in windowed(OutcomeSettings())}
    assert named < {row.name for row in found.counts[""]}
