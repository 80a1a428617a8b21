"""The same cases asked of independent servers, and each disagreement known.

A case that a server not written here answers like the embedded record is not our own reading
of the specification alone.
"""

from __future__ import annotations

import pytest

from tests.sandbox.conformance import beside, cases, interactions


@pytest.mark.medplum
@pytest.mark.timeout(300)
def test_the_medplum_router_does_otherwise_only_where_it_is_known_to() -> None:
    _hold(beside.of_medplum(), beside.listed("medplum"))


@pytest.mark.hapi
@pytest.mark.timeout(1800)
def test_hapi_does_otherwise_only_where_it_is_known_to() -> None:
    _hold(beside.of_hapi(), beside.listed("hapi"))


def _hold(found: dict[str, str], known: dict[str, str]) -> None:
    assert {title: said for title, said in found.items() if title not in known} == {}
    assert sorted(known.keys() - found.keys()) == []


@pytest.mark.parametrize(("server", "agreeing"), [("medplum", 190), ("hapi", 320)])
def test_the_embedded_record_and_others_agree_on_many_cases(server: str, agreeing: int) -> None:
    titles = {case.title for case in cases.search_cases()}
    titles |= {case.title for case in interactions.interaction_cases()}
    known = beside.listed(server).keys()
    assert known <= titles
    assert len(titles - known) >= agreeing
