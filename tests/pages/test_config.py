"""What hardens the app holds wherever it is served, since it stands in config.toml."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import streamlit as st

HOUSE = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("client.showErrorDetails", "none"),
        ("client.showErrorLinks", False),
        ("client.toolbarMode", "minimal"),
        ("client.disableDataExport", True),
        ("runner.postScriptGC", False),
        ("server.fileWatcherType", "none"),
        ("server.enableCORS", True),
        ("server.enableXsrfProtection", True),
        ("server.enableStaticServing", False),
        ("server.enableAgentApi", False),
        ("browser.gatherUsageStats", False),
    ],
)
def test_the_app_is_hardened(monkeypatch: pytest.MonkeyPatch, option: str, value: object) -> None:
    monkeypatch.chdir(HOUSE)
    st.config.get_config_options(force_reparse=True)
    assert st.get_option(option) == value


def test_messages_and_uploads_are_kept_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HOUSE)
    st.config.get_config_options(force_reparse=True)
    assert st.get_option("server.maxMessageSize") <= 20
    assert st.get_option("server.maxUploadSize") <= 1


def test_nothing_is_fetched_from_anywhere_else() -> None:
    style = (HOUSE / "pages/parts/sheets/base.css").read_text("utf-8")
    config = (HOUSE / ".streamlit/config.toml").read_text("utf-8")
    assert "http" not in style
    assert not re.search(r"https?://", config)
    assert "fontFaces" not in tomllib.loads(config)["theme"]


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb (WCAG 2)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def rules_of(prefix: str) -> list[tuple[str, str, str]]:
    """(selector, ground, ink) of the style sheet's rules that begin so."""
    style = (HOUSE / "pages/parts/sheets/base.css").read_text("utf-8")
    found = re.findall(rf"(\.{prefix}\.[a-z0-9-]+) \{{ ([^}}]*)\}}", style)
    rules = []
    for selector, body in found:
        ground = re.search(r"background: (#[0-9a-f]+)", body)
        ink = re.search(r"(?<![-\w])color: (#[0-9a-f]+)", body)
        if ground and ink:
            long = [c if len(c) == 7 else "#" + "".join(2 * x for x in c[1:]) for c in
                    (ground[1], ink[1])]  # fmt: skip
            rules.append((selector, long[0], long[1]))
    return rules


@pytest.mark.parametrize("prefix", ["hv-band", "hv-news"])
def test_band_and_news2_are_readable_in_sunlight(prefix: str) -> None:
    rules = rules_of(prefix)
    assert len(rules) >= 5
    for selector, ground, ink in rules:
        light, dark = sorted((luminance(ground), luminance(ink)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 7, selector
