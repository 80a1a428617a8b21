"""docs/servers.md tells what the servers do now."""

from __future__ import annotations

import pytest

from fhir_queries.trial import WORKS
from tests.servers.measure import measure
from tests.servers.records import NAMES, OpenRecord
from tests.servers.report import PAGE, states_in


@pytest.mark.hapi
def test_the_page_tells_of_this_server_what_it_does_now(server: OpenRecord) -> None:
    told = {asked: by[server.name] for asked, by in states_in(PAGE.read_text("utf-8")).items()}
    measured = {row.name: row.state for row in measure(server, times=1)}
    now = {name: WORKS if s.startswith(WORKS) else s for name, s in measured.items()}
    assert told == now


def test_the_page_has_no_empty_cell() -> None:
    table = states_in(PAGE.read_text("utf-8"))
    assert table
    for asked, by_server in table.items():
        assert set(by_server) == set(NAMES), asked
        assert all(by_server.values()), asked
