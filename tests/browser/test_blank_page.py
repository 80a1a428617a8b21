"""A page that React has given up comes back by itself, with the patient who was open."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.house import House, come_in, no_traceback
from tests.browser.ward_round import open_patient

pytestmark = pytest.mark.browser
FAMILY = "BRAMBLEWICK"
GONE = "document.getElementById('root').replaceChildren()"
"""What React does with a page at a fault that nothing catches."""


def _is_back(page: Page) -> None:
    expect(page.locator(".hv-banner .family")).to_contain_text(FAMILY)
    page.get_by_text("Shared record", exact=True).wait_for()
    no_traceback(page)


def test_a_blank_page_is_loaded_again_but_not_again_and_again(
    browser: Browser, house: House
) -> None:
    page = come_in(browser, house, "k1")
    open_patient(page, FAMILY)
    page.evaluate(GONE)
    _is_back(page)
    page.evaluate(GONE)
    page.wait_for_timeout(4_000)
    expect(page.locator("#root > *")).to_have_count(0)


def test_a_blank_page_waits_for_the_network(browser: Browser, house: House) -> None:
    page = come_in(browser, house, "k1")
    open_patient(page, FAMILY)
    page.context.set_offline(True)
    page.evaluate(GONE)
    page.wait_for_timeout(4_000)
    assert page.url.startswith(f"{house.address}/patient")
    expect(page.locator("#root > *")).to_have_count(0)
    page.context.set_offline(False)
    _is_back(page)
