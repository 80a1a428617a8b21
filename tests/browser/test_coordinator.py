"""The coordinator and the clinician in two browsers: what the one does, the other sees."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.axe import scrolls_sideways, violations
from tests.browser.house import (
    PHONE,
    REFRESH_SECONDS,
    TABLET,
    TABLET_UPRIGHT,
    House,
    come_in,
    no_traceback,
)
from tests.browser.ward_round import card_of, open_patient

pytestmark = pytest.mark.browser
NEXT_REFRESH = (REFRESH_SECONDS + 10) * 1000
HALF_TYPED = "The daughter will be here by"


def _row(page: Page, family: str) -> Locator:
    return page.locator('[class*="st-key-card-"]').filter(has_text=family).first


def _group(page: Page, group: str) -> Locator:
    return page.locator(f".st-key-group-{group}")


def _open_row(page: Page, family: str) -> Locator:
    row = _row(page, family)
    row.get_by_role("button", name=re.compile(f"More.*{family}")).click()
    expect(row.get_by_role("button", name=re.compile(f"Less.*{family}"))).to_be_visible()
    return row


def _service(page: Page, name: str) -> Locator:
    return page.locator('[class*="st-key-service-service-"]').filter(has_text=name).first


def _task(house: House, family: str) -> dict[str, object]:
    found = httpx.get(
        f"{house.record.base}/Task?patient.family={family}&_count=1",
        headers={"Authorization": f"Bearer {house.record.token}"},
        trust_env=False,
    ).json()
    resource: dict[str, object] = found["entry"][0]["resource"]
    return resource


def test_two_taps_flag_and_a_third_asks_again(browser: Browser, house: House) -> None:
    coordinator = come_in(browser, house, "k3")
    clinician = come_in(browser, house, "k1")
    coordinator.get_by_role("button", name=re.compile("^Ask for a review of BRAMBLEWICK")).click()
    coordinator.get_by_role("button", name="Fall, no apparent serious injury").first.click()
    card = card_of(clinician, "BRAMBLEWICK")
    expect(card).to_contain_text("Suggested: Falls response", timeout=NEXT_REFRESH)
    assert _task(house, "BRAMBLEWICK")["description"] == "Falls response"

    coordinator.get_by_role("link", name="Redirect candidates").click()
    row = _open_row(coordinator, "BRAMBLEWICK")
    row.get_by_role("button", name="Ask again").click()
    expect(row).to_contain_text("Asked 2 times")
    expect(card).to_contain_text("Asked 2 times", timeout=NEXT_REFRESH)
    # Nobody has taken these since they were flagged, which is longer ago than 15 minutes.
    expect(_group(coordinator, "needs-an-answer")).to_contain_text("Not taken:")
    for page in (coordinator, clinician):
        no_traceback(page)
        page.context.close()


def test_places_set_on_one_side_are_seen_on_the_other(browser: Browser, house: House) -> None:
    coordinator = come_in(browser, house, "k3", "candidates")
    clinician = come_in(browser, house, "k1", "services")
    theirs = _service(clinician, "Carer Crisis")
    expect(theirs).to_contain_text("Nobody has said")

    ours = _service(coordinator, "Carer Crisis")
    ours.get_by_role("button", name=re.compile("Change.*Carer Crisis")).click()
    ours.get_by_role("button", name="3", exact=True).click()
    expect(ours).to_contain_text("Corin Sedge")
    expect(theirs).to_contain_text("Corin Sedge", timeout=NEXT_REFRESH)

    theirs.get_by_role("button", name=re.compile("Change.*Carer Crisis")).click()
    theirs.get_by_role("button", name="Full", exact=True).click()
    expect(theirs).to_contain_text("Sorrel Marten")
    expect(ours).to_contain_text("Sorrel Marten", timeout=NEXT_REFRESH)
    for page in (coordinator, clinician):
        no_traceback(page)
        page.context.close()


def test_a_half_typed_note_outlives_the_refreshes_and_is_new_to_the_other_side(
    browser: Browser, house: House
) -> None:
    coordinator = come_in(browser, house, "k3", "candidates")
    row = _open_row(coordinator, "NIGHTJARROW")
    row.get_by_role("button", name="Write a note").click()
    box = coordinator.locator(".st-key-composer input")
    box.press_sequentially(HALF_TYPED, delay=15)
    as_at = coordinator.locator(".st-key-reviews-side .hv-asat").first
    for _ in range(3):
        shown = as_at.inner_text()
        expect(as_at).not_to_have_text(shown, timeout=NEXT_REFRESH)
        expect(box).to_have_value(HALF_TYPED)
        expect(box).to_be_focused()
    assert coordinator.locator(".st-key-reviews-side").locator("input, textarea").count() == 0

    box.press_sequentially(" three.", delay=15)
    coordinator.get_by_role("button", name="Add the note").click()
    expect(row).to_contain_text("not read yet", timeout=NEXT_REFRESH)
    expect(coordinator.locator(".st-key-composer")).to_have_count(0)

    clinician = come_in(browser, house, "k1")
    open_patient(clinician, "NIGHTJARROW")
    clinician.get_by_text(re.compile("Notes: 1, 1 new")).click()
    expect(clinician.get_by_text(f"{HALF_TYPED} three.")).to_be_visible()
    clinician.get_by_role("button", name="I have read the new notes").click()
    expect(row).to_contain_text("read by Sorrel Marten", timeout=NEXT_REFRESH)
    for page in (coordinator, clinician):
        no_traceback(page)
        page.context.close()


def test_a_redirect_that_fails_comes_back_as_the_first_that_needs_an_answer(
    browser: Browser, house: House
) -> None:
    coordinator = come_in(browser, house, "k3", "candidates")
    here = _group(coordinator, "still-here").locator('[class*="st-key-card-"]').first
    expect(here).to_contain_text("promised by")
    family = re.split(r"[ ,]", here.locator("h3").inner_text())[0]
    _open_row(coordinator, family)
    row = _row(coordinator, family)
    row.get_by_role("button", name="Hand back: the redirect failed").click()
    row.get_by_role("button", name="The patient got worse").click()
    first = _group(coordinator, "needs-an-answer").locator('[class*="st-key-card-"]').first
    expect(first).to_contain_text(family)
    expect(first).to_contain_text("Back with us")
    clinician = come_in(browser, house, "k1")
    expect(card_of(clinician, family)).to_contain_text("Redirect reversed")
    for page in (coordinator, clinician):
        no_traceback(page)
        page.context.close()


@pytest.mark.parametrize("size", [TABLET, TABLET_UPRIGHT, PHONE], ids=["wide", "upright", "phone"])
def test_the_screen_with_everything_open_breaks_no_rule(
    browser: Browser, house: House, size: dict[str, int]
) -> None:
    page = come_in(browser, house, "k3", "candidates", size)
    row = _open_row(page, "BRACKENBURY")
    row.get_by_role("button", name="Write a note").click()
    page.locator(".st-key-composer input").fill(HALF_TYPED)
    expect(page.get_by_role("button", name="Close, and keep what is typed")).to_be_visible()
    _service(page, "Larkrise").get_by_role("button", name=re.compile("Change.*Larkrise")).click()
    expect(page.get_by_role("button", name="Not known", exact=True)).to_be_visible()
    assert violations(page) == []
    assert not scrolls_sideways(page)
    small: list[str] = page.locator('[data-testid="stMain"] button:visible').evaluate_all(
        "all => all.filter(one => one.getBoundingClientRect().height < 44)"
        ".map(one => one.innerText)"
    )
    assert small == []
    row.get_by_role("button", name="Withdraw the review").click()
    expect(row.get_by_role("button", name="Leave it as it is")).to_be_visible()
    assert violations(page) == []
    page.context.close()


def test_the_clinicians_board_breaks_no_rule(browser: Browser, house: House) -> None:
    page = come_in(browser, house, "k1", "services")
    expect(page.get_by_text("Closed: Team away for training")).to_be_visible()
    assert violations(page) == []
    page.context.close()
