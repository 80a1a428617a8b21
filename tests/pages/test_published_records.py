"""The screens in front of records that nobody here wrote: HL7's examples and Synthea's people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pages.parts.connection import handles
from sandbox.cli import main as sandbox_command
from sandbox.embedded import EmbeddedRecord, start_embedded_record
from tests.conftest import RECORDS
from tests.pages.conftest import TOKEN
from tests.pages.screen import Screen

pytestmark = [pytest.mark.records, pytest.mark.timeout(600)]


@pytest.fixture(scope="module", params=["hl7-r4", "synthea-r4"])
def published(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EmbeddedRecord]:
    """A record that holds nothing but published resources, their people in ambulances."""
    file = tmp_path_factory.mktemp("published") / "record.sqlite"
    paths = sorted(str(path) for path in Path(RECORDS, request.param).rglob("*.json"))
    sandbox_command(["load", "--db", str(file), "--in-ambulances", *paths])
    record = start_embedded_record(file, token=TOKEN, arguments=("--empty",))
    yield record
    record.stop()


def test_everybody_published_can_be_opened_and_nothing_breaks(
    published: EmbeddedRecord,
    app_of: Callable[[EmbeddedRecord], Callable[..., Screen]],
) -> None:
    open_as = app_of(published)
    screen = open_as("k1")
    assert screen.cards
    for encounter in screen.cards:
        handle = handles().of(encounter)
        screen.go("patient", who="k1", of=handle)
        assert "could not be shown" not in screen.words
        assert "Shared record" in screen.words
    coordinator = open_as("k3").go("candidates")
    assert "could not be shown" not in coordinator.words
