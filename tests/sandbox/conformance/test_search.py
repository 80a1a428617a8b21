"""The search cases, asked of the embedded record."""

from __future__ import annotations

import httpx
import pytest

from tests.sandbox.conformance.cases import SearchCase, disagreement, search_cases, store

CASES = list(search_cases())


@pytest.fixture(scope="module")
def stored(http: httpx.Client) -> httpx.Client:
    """A client of a record that holds the conformance resources."""
    store(http)
    return http


@pytest.mark.parametrize("case", CASES, ids=[case.title for case in CASES])
def test_a_search_finds_what_the_specification_says(stored: httpx.Client, case: SearchCase) -> None:
    assert disagreement(stored, case) == ""


def test_there_are_several_hundred_cases_and_each_has_its_own_name() -> None:
    titles = [case.title for case in CASES]
    assert len(CASES) >= 250
    assert len(set(titles)) == len(titles)
