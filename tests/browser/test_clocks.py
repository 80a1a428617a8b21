"""The clocks of who waits count on by themselves, and cost a tablet that nobody touches nothing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.house import House, blank_page, come_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
SECONDS = 3


def _minutes(page: Page) -> list[int]:
    said = page.locator(".hv-clock").evaluate_all(
        "all => all.map(each => each.getAttribute('aria-label'))"
    )
    return [int(re.fullmatch(r"waiting (\d+) minutes", each)[1]) for each in said]  # type: ignore[index]


def _shown(page: Page) -> list[str]:
    """What each clock's own counters say, drawn as a list would be."""
    return page.locator(".hv-clock").evaluate_all(
        "all => all.map(each => getComputedStyle(each).getPropertyValue('--hv-minutes'))"
    )


def test_an_untouched_queue_is_not_drawn_again_and_again(browser: Browser, house: House) -> None:
    page = come_in(browser, house, "k1")
    expect(page.locator(".hv-clock").first).to_be_visible()
    page.wait_for_timeout(2_000)
    told = page.context.new_cdp_session(page)
    told.send("Performance.enable")

    def drawn() -> float:
        found = {
            each["name"]: each["value"] for each in told.send("Performance.getMetrics")["metrics"]
        }
        return float(found["RecalcStyleCount"])

    before = drawn()
    page.wait_for_timeout(SECONDS * 1_000)
    # A refresh may fall into it; an animation alone would be 60 a second
    assert drawn() - before < 30 * SECONDS


def test_the_clocks_count_on_when_the_app_is_gone(browser: Browser, house: House) -> None:
    page = blank_page(browser)
    page.clock.install()
    page.goto(f"{house.address}/?who=k1")
    expect(page.locator(".hv-clock").first).to_be_visible()
    expect(page.locator("html[data-clocks]")).to_have_count(1)
    page.clock.run_for(2_000)
    house.kill_the_app()
    try:
        before = _minutes(page)
        assert before
        page.clock.fast_forward("01:05:00")
        page.clock.run_for(2_000)
        after = _minutes(page)
        assert all(65 <= now - then <= 66 for then, now in zip(before, after, strict=True))
        assert [int(each) for each in _shown(page)] == after
        expect(page.locator(".hv-clock:not(.hours)")).to_have_count(0)
    finally:
        house.raise_the_app()
