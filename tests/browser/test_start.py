"""From the command to the queue, on a machine where nothing has run yet, and the next time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.house import ROOT, TABLET, free_port

pytestmark = [pytest.mark.browser, pytest.mark.alone]


def _seconds_to_the_queue(browser: Browser, state: Path) -> float:
    """Start the app with its own record in ``state``; how long until somebody sees who waits."""
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HANDOVER_")}
    began = time.monotonic()
    app = subprocess.Popen(
        [sys.executable, "asgi.py"],
        cwd=ROOT,
        env={**kept, "HANDOVER_PORT": str(port), "HANDOVER_STATE_DIR": str(state)},
        stdout=subprocess.PIPE,
        text=True,
    )
    page = browser.new_page(viewport=TABLET)  # type: ignore[arg-type]
    try:
        assert app.stdout is not None
        said = ""
        while "Ctrl-C ends it" not in said:
            line = app.stdout.readline()
            assert line, "the app ended before it said where it is"
            said += line
        assert f"http://localhost:{port}" in said
        _open(page, f"http://localhost:{port}/?who=k1")
        page.get_by_role("button", name="Open BRAMBLEWICK").first.wait_for(timeout=60_000)
        return time.monotonic() - began
    finally:
        page.close()
        app.send_signal(signal.SIGINT)
        app.communicate(timeout=20)


def _open(page: object, address: str) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            page.goto(address)  # type: ignore[attr-defined]
        except Exception:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def test_the_queue_is_there_within_a_minute_and_the_next_time_at_once(
    browser: Browser, tmp_path: Path
) -> None:
    first = _seconds_to_the_queue(browser, tmp_path)
    again = min(_seconds_to_the_queue(browser, tmp_path) for _ in range(2))
    sys.stdout.write(f"first start {first:.1f} s, later {again:.1f} s\n")
    assert first < 60
    assert again < 5
