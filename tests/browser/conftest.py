"""A house and a browser for the tests that do as a person does."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Locator, Page, sync_playwright

from tests.browser.house import CHROMIUM, SCRIPT_FAULTS, House, open_house
from tests.conftest import chromium

LETTERS_TOLD = 1_500


@pytest.fixture(scope="module")
def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """A record and an app of this module's own; at rest, where the module measures."""
    with open_house(tmp_path_factory.mktemp("house")) as opened:
        if request.node.get_closest_marker("alone") is not None:
            opened.wait_until_loaded()
        yield opened


_TWO_FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
_click = Locator.click


def _click_once_it_lies_still(self: Locator, **how: Any) -> None:
    """Scroll there first and let the page be drawn, as a hand does that has to see what it taps.

    Playwright scrolls and presses at once. On a busy machine Chromium then takes the press by where
    the page is and the release by where it was: a tap on two things, which is none.
    """
    with suppress(Error):
        self.scroll_into_view_if_needed(timeout=how.get("timeout"))
        self.page.evaluate(_TWO_FRAMES)
    _click(self, **how)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, as installed on this machine."""
    with pytest.MonkeyPatch.context() as patched, sync_playwright() as playwright:
        patched.setattr(Locator, "click", _click_once_it_lies_still)
        started = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM)
        yield started
        started.close()


@pytest.fixture(autouse=True)
def closed_afterwards(request: pytest.FixtureRequest) -> Iterator[None]:
    """Close what a test opened and left open: it would go on refreshing beside every later one."""
    if "browser" not in request.fixturenames:
        yield
        return
    started: Browser = request.getfixturevalue("browser")
    before = list(started.contexts)
    SCRIPT_FAULTS.clear()
    yield
    for each in started.contexts:
        if each not in before:
            each.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell with a failure what every open screen said, from the review on where there is one."""
    report = yield
    started = getattr(item, "funcargs", {}).get("browser")
    if report.failed and call.when == "call" and isinstance(started, Browser):
        for page in [each for context in started.contexts for each in context.pages]:
            report.sections.append(("Screen", _said(page)))
        report.sections += [("Fault of a script", each) for each in SCRIPT_FAULTS]
    return report


def _said(page: Page) -> str:
    try:
        words = page.locator("body").inner_text(timeout=2_000)
    except Error as error:
        return f"{page.url}: {error}"
    said = words.partition("\nRedirect review\n")[2] or words.strip() or page.content()
    said = said.replace("\n", " | ")
    cut = max(0, len(said) - 2 * LETTERS_TOLD)
    if cut:
        said = f"{said[:LETTERS_TOLD]} [{cut} letters] {said[-LETTERS_TOLD:]}"
    return f"{page.url}: {said}"
