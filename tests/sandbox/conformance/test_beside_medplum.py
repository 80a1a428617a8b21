"""The same cases asked of an independent server, and each disagreement known.

The Medplum router is a server that was not written here: a case that it and the embedded record
both answer alike is not our own reading of the specification alone.
"""

from __future__ import annotations

import pytest

from tests.sandbox.conformance import beside, cases, interactions


@pytest.mark.medplum
@pytest.mark.timeout(300)
def test_the_medplum_router_does_otherwise_only_where_it_is_known_to() -> None:
    found = beside.of_medplum()
    known = beside.listed("medplum")
    assert {title: said for title, said in found.items() if title not in known} == {}
    assert sorted(known.keys() - found.keys()) == []


def test_the_two_servers_agree_on_many_cases() -> None:
    titles = {case.title for case in cases.search_cases()}
    titles |= {case.title for case in interactions.interaction_cases()}
    known = beside.listed("medplum").keys()
    assert known <= titles
    assert len(titles - known) >= 190
