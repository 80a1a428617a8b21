"""Pathling on Spark, which nobody here wrote, gives the same figures of the same export."""

from __future__ import annotations

import pytest

from analytics import pathling_engine
from analytics.counts import Asked
from analytics.duckdb_engine import run
from tests.analytics.conftest import Exported
from tests.analytics.same import held_against, the_books

pytestmark = [pytest.mark.spark, pytest.mark.timeout(1800)]
"""Minutes where the machine has other work: Spark starts, and reads and plans everything once."""


def test_every_count_is_that_of_the_page_of_duckdb_and_of_the_books(exported: Exported) -> None:
    asked = Asked(exported.as_at)
    found = pathling_engine.run(exported.folder, asked)
    assert found.cases == len(exported.table)
    assert held_against(found, {"": exported.table.counts(exported.as_at)}) > 100
    the_books(found, exported)
    same = run(exported.folder, asked)
    assert found.counts == same.counts
    assert list(found.missed) == list(same.missed)
