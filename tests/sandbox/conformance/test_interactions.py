"""The interaction cases, asked of the embedded record."""

from __future__ import annotations

import httpx
import pytest

from tests.sandbox.conformance.interactions import (
    InteractionCase,
    disagreement,
    interaction_cases,
)

CASES = list(interaction_cases())


@pytest.mark.parametrize("case", CASES, ids=[case.title for case in CASES])
def test_an_interaction_does_what_the_specification_says(
    http: httpx.Client, case: InteractionCase
) -> None:
    assert disagreement(http, case, "embedded") == ""
