"""A record of made-up people, and the app in front of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import streamlit as st
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest, app_test

from sandbox.embedded import EmbeddedRecord, start_embedded_record
from tests.pages.screen import Screen

HOUSE = Path(__file__).parents[2]
TOKEN = "token-of-the-tests"


class _OnlyNavigation(PagesManager):
    """AppTest forgets before each run that the app calls ``st.navigation``; a server doesn't."""


@pytest.fixture(autouse=True)
def _as_on_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PagesManager, "uses_pages_directory", False)
    monkeypatch.setattr(app_test, "PagesManager", _OnlyNavigation)


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record's files, filled once with the made-up people."""
    folder = tmp_path_factory.mktemp("seeded")
    start_embedded_record(folder / "record.sqlite", token=TOKEN).stop()
    return folder


@pytest.fixture(scope="session")
def shared_people(
    seeded: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EmbeddedRecord]:
    """A record for tests that only read."""
    yield from _record(seeded, tmp_path_factory.mktemp("shared"))


@pytest.fixture
def own_people(seeded: Path, tmp_path: Path) -> Iterator[EmbeddedRecord]:
    """A record of its own for a test that writes."""
    yield from _record(seeded, tmp_path)


def _record(seeded: Path, folder: Path) -> Iterator[EmbeddedRecord]:
    shutil.copytree(seeded, folder, dirs_exist_ok=True)
    record = start_embedded_record(folder / "record.sqlite", token=TOKEN)
    yield record
    record.stop()


@pytest.fixture
def app_of(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Callable[[EmbeddedRecord], Callable[..., Screen]]]:
    """The app in front of a record; what comes back opens it as somebody."""

    def before(record: EmbeddedRecord) -> Callable[..., Screen]:
        monkeypatch.setenv("HANDOVER_RECORD_URL", record.base)
        monkeypatch.setenv("HANDOVER_RECORD_TOKEN", record.token)
        monkeypatch.setenv("HANDOVER_DEMONSTRATION", "true")
        monkeypatch.setenv("HANDOVER_STATE_DIR", str(tmp_path))
        monkeypatch.setenv("HANDOVER_DEADLINE_SECONDS", "3")
        monkeypatch.setenv("HANDOVER_CONNECT_SECONDS", "1")
        # The made-up people's reviews would be let go of in the middle of a long run of the tests.
        monkeypatch.setenv("HANDOVER_IDLE_MINUTES", "600")

        def open_as(who: str = "", **address: str) -> Screen:
            app = AppTest.from_file(str(HOUSE / "handover_app.py"), default_timeout=60)
            if who:
                app.query_params["who"] = who
            for name, value in address.items():
                app.query_params[name] = value
            return Screen(app).run()

        return open_as

    st.cache_resource.clear()
    st.cache_data.clear()
    yield before
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def reading(
    shared_people: EmbeddedRecord,
    app_of: Callable[[EmbeddedRecord], Callable[..., Screen]],
) -> Callable[..., Screen]:
    """The app in front of the record that nobody writes to."""
    return app_of(shared_people)


@pytest.fixture
def writing(
    own_people: EmbeddedRecord,
    app_of: Callable[[EmbeddedRecord], Callable[..., Screen]],
) -> Callable[..., Screen]:
    """The app in front of a record of this test's own."""
    return app_of(own_people)


@pytest.fixture
def asked(own_people: EmbeddedRecord) -> Callable[[str], list[dict[str, object]]]:
    """Ask this test's own record directly, past the app: the resources of a search."""

    def search(query: str) -> list[dict[str, object]]:
        answer = httpx.get(
            f"{own_people.base}/{query}", headers={"Authorization": f"Bearer {TOKEN}"}
        )
        answer.raise_for_status()
        return [entry["resource"] for entry in answer.json().get("entry", ())]

    return search
