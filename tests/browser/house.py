"""The whole house as a person meets it: a record, the app in front of it, and Chromium."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page

from sandbox.embedded import EmbeddedRecord, start_embedded_record
from tests.bench.queue_counting import Doorkeeper

ROOT = Path(__file__).resolve().parents[2]
TABLET = {"width": 1180, "height": 820}
TABLET_UPRIGHT = {"width": 820, "height": 1180}
PHONE = {"width": 390, "height": 844}
SIZES = {"wide": TABLET, "upright": TABLET_UPRIGHT, "phone": PHONE}
CHROMIUM = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
REFRESH_SECONDS = 5
IDLE = '[data-testid="stApp"][data-test-script-state="notRunning"]'
"""The app, once a run of the script is over."""
SCRIPT_FAULTS: list[str] = []
"""What went wrong in the scripts of any page, in this test: told with its failure."""


def free_port() -> int:
    """A TCP port of the loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class House:
    """A running record and app, each of which can be killed and raised again."""

    record: EmbeddedRecord
    database: Path
    record_port: int
    address: str
    app: subprocess.Popen[bytes]
    start_app: Callable[[], subprocess.Popen[bytes]]

    def kill_the_record(self) -> None:
        """End the record as a power cut would."""
        os.kill(self.record.pid, signal.SIGKILL)
        while self.record.alive:
            time.sleep(0.02)

    def raise_the_record(self) -> None:
        """Start it again on the same port, file and token."""
        self.record.start()

    def kill_the_app(self) -> None:
        """End the app as a power cut would."""
        self.app.kill()
        self.app.wait()

    def raise_the_app(self) -> None:
        """Start it again on the same port and folder, and wait until it is ready."""
        self.app = self.start_app()
        _wait_until(self.address, self.app, "ready")

    def wait_until_loaded(self) -> None:
        """Wait until the app, after its start, has loaded all that screens need."""
        _wait_until(self.address, self.app, "loaded")


@contextlib.contextmanager
def open_house(
    folder: Path,
    *,
    seed: int = 1,
    refresh_seconds: int = REFRESH_SECONDS,
    through: Callable[[str], contextlib.AbstractContextManager[Doorkeeper]] | None = None,
    profile: str = "uk_core",
) -> Iterator[House]:
    """A record of made-up people and the app before it; both are ended afterwards.

    With ``through``, the app reaches the record only through what that puts before it.
    """
    record_port, app_port = free_port(), free_port()
    database = folder / "record.sqlite"
    record = start_embedded_record(database, port=record_port, seed=seed)
    log = (folder / "app.log").open("wb")
    between = contextlib.ExitStack()
    base = record.base if through is None else between.enter_context(through(record.base)).base
    env = {
        **os.environ,
        "HANDOVER_HOST": "127.0.0.1",
        "HANDOVER_PORT": str(app_port),
        "HANDOVER_RECORD_URL": base,
        "HANDOVER_PROFILE": profile,
        "HANDOVER_RECORD_TOKEN": record.token,
        "HANDOVER_DEMONSTRATION": "true",
        "HANDOVER_REFRESH_SECONDS": str(refresh_seconds),
        "HANDOVER_STATE_DIR": str(folder / "state"),
    }

    def start_app() -> subprocess.Popen[bytes]:
        command = [sys.executable, "asgi.py"]
        return subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=log)

    address = f"http://127.0.0.1:{app_port}"
    house = House(record, database, record_port, address, start_app(), start_app)
    try:
        _wait_until(address, house.app, "ready")
        yield house
    finally:
        house.app.send_signal(signal.SIGINT)
        try:
            house.app.wait(15)
        except subprocess.TimeoutExpired:
            house.app.kill()
            house.app.wait()
        log.close()
        between.close()
        record.stop()


def _wait_until(address: str, app: subprocess.Popen[bytes], what: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert app.poll() is None, f"the app ended before it was {what}"
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{address}/ready", timeout=2, trust_env=False).json()[what]:
                return
        time.sleep(0.1)
    raise AssertionError(f"the app was not {what} within 60 s")


def blank_page(
    browser: Browser,
    size: dict[str, int] | None = None,
    *,
    dark: bool = False,
    touch: bool = True,
) -> Page:
    """A tablet (or what is of this size) in London on which nothing is open yet. What goes wrong in
    its scripts is added to ``SCRIPT_FAULTS``.
    """
    context = browser.new_context(
        viewport=size or TABLET,  # type: ignore[arg-type]
        has_touch=touch,
        locale="en-GB",
        timezone_id="Europe/London",
        color_scheme="dark" if dark else "light",
    )
    context.on("weberror", lambda fault: SCRIPT_FAULTS.append(str(fault.error)))
    page = context.new_page()
    page.set_default_timeout(20_000)
    return page


def come_in(
    browser: Browser,
    house: House,
    person: str,
    path: str = "",
    size: dict[str, int] | None = None,
    *,
    dark: bool = False,
) -> Page:
    """Open the app in a browser context of this demonstration person's own."""
    page = blank_page(browser, size, dark=dark)
    page.goto(f"{house.address}/{path}?who={person}")
    page.get_by_role("heading", level=1).first.wait_for()
    return page


def no_traceback(page: Page) -> None:
    """Fail where the page shows an exception of Streamlit's."""
    assert page.locator('[data-testid="stException"]').count() == 0
    assert "Traceback" not in page.locator("body").inner_text()
