"""One suite, three servers: each is started once a run, holds the same people, and is ended."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import STRICT
from tests.servers.records import NAMES, OPENERS, OpenRecord
from tests.servers.running import CannotStart

MINUTES_TO_BUILD = 25
_MARKS = {"medplum": pytest.mark.medplum, "hapi": pytest.mark.hapi}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give whatever needs HAPI the time to build it on a machine that never did.

    The tests of a module with ``ONLY_ON`` are of that server alone.
    """
    items[:] = [test for test in items if _is_of_its_server(test)]
    for test in items:
        if test.get_closest_marker("hapi"):
            test.add_marker(pytest.mark.timeout(MINUTES_TO_BUILD * 60))


def _is_of_its_server(test: pytest.Item) -> bool:
    only_on = getattr(getattr(test, "module", None), "ONLY_ON", None)
    callspec = getattr(test, "callspec", None)
    return only_on is None or callspec is None or callspec.params.get("server") == only_on


@pytest.fixture(
    scope="session",
    params=[pytest.param(name, marks=_MARKS.get(name, ())) for name in NAMES],
)
def server(request: pytest.FixtureRequest) -> Iterator[OpenRecord]:
    """The embedded record, Medplum's router and HAPI in turn, each with the same people."""
    try:
        with OPENERS[request.param]() as found:
            yield found
    except CannotStart as why:
        if STRICT or request.param == "hapi":
            pytest.fail(str(why), pytrace=False)
        pytest.skip(str(why))


@pytest.fixture(scope="session")
def seen() -> dict[str, dict[str, object]]:
    """What each question was answered, by question and server: for comparing them."""
    return {}
