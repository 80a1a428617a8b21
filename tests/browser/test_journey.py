"""The whole job, as three people in three browsers do it, over HTTP to a record and back.

``make screenshots`` takes the pictures of the documents on the way.
"""

from __future__ import annotations

import os
import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.house import (
    REFRESH_SECONDS,
    ROOT,
    TABLET_UPRIGHT,
    House,
    come_in,
    no_traceback,
)
from tests.browser.ward_round import answer_all, card_of, decide_to_redirect, open_patient

pytestmark = pytest.mark.browser
SCREENSHOTS = ROOT / "docs" / "screenshots"
NEXT_REFRESH = (REFRESH_SECONDS + 10) * 1000


def _picture(page: Page, name: str) -> None:
    size = page.viewport_size
    assert size is not None
    no_traceback(page)
    if os.environ.get("HANDOVER_SCREENSHOTS"):
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.wait_for_timeout(500)
        page.screenshot(path=SCREENSHOTS / f"{name}-{size['width']}x{size['height']}.png")


def _redirects_decided(manager: Page) -> Locator:
    """The manager's count of redirects that clinicians decided."""
    return manager.locator(".hv-figure").filter(has_text="Redirects decided").locator(".value")


def test_three_people_do_the_whole_job(browser: Browser, house: House) -> None:
    coordinator = come_in(browser, house, "k3")
    manager = come_in(browser, house, "k5", size=TABLET_UPRIGHT)
    before = int(_redirects_decided(manager).inner_text())

    coordinator.get_by_role("button", name=re.compile("^Ask for a review of BRAMBLEWICK")).click()
    coordinator.get_by_role("button", name=re.compile("Fall")).first.click()

    clinician = come_in(browser, house, "k1")
    expect(card_of(clinician, "BRAMBLEWICK")).to_contain_text("Flagged", timeout=NEXT_REFRESH)
    _picture(clinician, "waiting")
    open_patient(clinician, "BRAMBLEWICK")
    _picture(clinician, "patient")
    clinician.get_by_role("button", name="I have it").click()
    clinician.get_by_text(re.compile("^You have it")).wait_for()

    # Somebody else opens the same person and is told who has them.
    colleague = come_in(browser, house, "k2", size=TABLET_UPRIGHT)
    _picture(colleague, "waiting")
    open_patient(colleague, "BRAMBLEWICK")
    expect(colleague.get_by_text(re.compile("^With Sorrel Marten")).first).to_be_visible()
    expect(colleague.get_by_role("button", name="I have it")).to_have_count(0)

    assert answer_all(clinician) >= 35
    _picture(clinician, "checklist")
    decide_to_redirect(clinician, "BRAMBLEWICK", "Falls")
    _picture(clinician, "decided")

    coordinator.get_by_role("link", name="Redirect candidates").click()
    decided = coordinator.locator('[class*="st-key-card-"]').filter(has_text="BRAMBLEWICK").first
    expect(decided).to_contain_text("Redirected", timeout=NEXT_REFRESH)
    expect(decided).to_contain_text("Sorrel Marten")
    expect(decided).to_contain_text("Falls")
    _picture(coordinator, "candidates")

    manager.get_by_role("button", name="Count again").click()
    expect(_redirects_decided(manager)).to_have_text(str(before + 1))
    _picture(manager, "avoided")


def test_a_reload_comes_back_to_the_same_patient_and_person(browser: Browser, house: House) -> None:
    page = come_in(browser, house, "k1")
    open_patient(page, "CORNFLOWERDALE")
    banner = page.get_by_text("CORNFLOWERDALE, Albert", exact=False).first
    expect(banner).to_be_visible()
    page.reload()
    page.get_by_text("Redirect review", exact=True).wait_for()
    expect(page.get_by_text("CORNFLOWERDALE, Albert", exact=False).first).to_be_visible()
    assert "CORNFLOWER" not in page.url
    assert "999" not in page.url


def test_no_page_breaks_on_any_of_the_made_up_people(browser: Browser, house: House) -> None:
    page = come_in(browser, house, "k1")
    opened = page.get_by_role("button", name=re.compile("^Open "))
    expect(opened).to_have_count(24)
    names = opened.all_inner_texts()
    for name in names:
        page.get_by_role("button", name=name, exact=True).first.click()
        page.get_by_text("Shared record", exact=True).wait_for()
        no_traceback(page)
        page.get_by_role("link", name="Waiting in ambulances").click()
        page.get_by_role("heading", name="Waiting in ambulances").wait_for()
        page.get_by_role("button", name=re.compile("^Open ")).first.wait_for()
