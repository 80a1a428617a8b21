"""What people do on the screens, by the words they see there."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.house import IDLE, House, come_in

OPEN = re.compile("^Open ")
"""What the button of every card of the queue is called."""
SUITABLE: dict[str, str | None] = {
    "b-need": "Fall, no apparent serious injury",
    "b-fall-level": None,
    "b-summary": "Slipped in the kitchen, not hurt, back to her usual self.",
    "c-frailty": "6 Moderately frail",
    "c-new-confusion": "No",
    "e-plan": "Yes",
    "f-service": "Fernshire Falls Response",
    "f-accepted-by": "Falls response coordinator, within two hours",
    "g-agreed-by": "Nurse in charge",
    "g-transport": None,
    "g-note": "Key safe number with the home care provider.",
}
"""Answers by link id, None for the first that is offered. Every other red flag is answered No,
and every other line Yes."""


def come_to_the_queue(
    browser: Browser, house: House, person: str = "k1", size: dict[str, int] | None = None
) -> Page:
    """The queue, once its cards are there."""
    page = come_in(browser, house, person, size=size)
    page.get_by_role("button", name=OPEN).first.wait_for()
    return page


def open_patient(page: Page, family: str) -> None:
    """Tap the card's button of the one person of this family name."""
    page.get_by_role("button", name=re.compile(f"^Open {family}")).first.click()
    page.get_by_text("Redirect review", exact=True).wait_for()
    page.get_by_text("Shared record", exact=True).wait_for()


def card_of(page: Page, family: str) -> Locator:
    """The card of the one person of this family name on the queue, without its button."""
    return page.locator(".hv-card").filter(has_text=family).first


def restricted_name(page: Page) -> str:
    """The name on the card of whoever's record is restricted."""
    return card_of(page, "Restricted record").locator(".hv-name-line").inner_text()


def line_of(page: Page, link_id: str) -> Locator:
    """The widget of one line of the checklist."""
    return page.locator(f'xpath=//*[contains(concat(" ", @class, " "), "-{link_id} ")]').last


def answer_all(page: Page) -> int:
    """Answer every line that shows, as for somebody who can go home. Returns how many.

    A line that an answer brings up comes with the run of the script after it, not at once.
    """
    page.locator('[class*="-answer-"]').first.wait_for()
    answered: set[str] = set()
    for _ in range(60):
        open_lines = [one for one in lines_shown(page) if one not in answered]
        if not open_lines:
            page.locator(IDLE).wait_for()
            open_lines = [one for one in lines_shown(page) if one not in answered]
        if not open_lines:
            return len(answered)
        link_id = open_lines[0]
        _answer(page, link_id)
        answered.add(link_id)
    raise AssertionError("the checklist never ended")


def lines_shown(page: Page) -> list[str]:
    """The link ids of the lines of the checklist that stand on the screen, in order."""
    classes: list[str] = page.locator('[class*="-answer-"]').evaluate_all(
        "found => found.map(each => each.className)"
    )
    found = [re.search(r"st-key-(?:short|long)-answer-\S+?-([a-g]-[a-z0-9-]+)", c) for c in classes]
    return [match[1] for match in found if match and not match[1].endswith("-other")]


def _answer(page: Page, link_id: str) -> None:
    answer(page, link_id, SUITABLE.get(link_id, "No" if link_id.startswith("a-") else "Yes"))


def answer(page: Page, link_id: str, wanted: str | None) -> None:
    """Answer one line: tap the option of these words (None: the first), or type them."""
    line = line_of(page, link_id)
    line.locator("button, input, textarea").first.wait_for()
    options = line.locator('[data-testid="stButtonGroup"] button')
    choices = line.locator('[data-testid="stRadio"] label:has(input)')
    if choices.count():
        choice = choices.first if wanted is None else choices.filter(has_text=wanted).first
        choice.click()
        expect(choice.locator("input")).to_be_checked()
    elif options.count():
        option = options.first if wanted is None else options.filter(has_text=wanted).first
        option.click()
        expect(option).to_have_attribute(
            "aria-pressed" if option.get_attribute("aria-pressed") else "aria-checked", "true"
        )
    else:
        box = line.locator("input, textarea").first
        box.fill(str(wanted))
        box.press("Tab")
    expect(page.locator('[data-testid="stStatusWidget"]')).to_have_count(0)


def decide_to_redirect(page: Page, family: str, service: str) -> None:
    """Choose a redirect to ``service``, check it, and record it for the named patient."""
    page.get_by_role("radio", name="Redirect to community care").click()
    page.locator('[data-testid="stRadio"] label').filter(has_text=service).first.click()
    page.get_by_role("button", name="Check and confirm").click()
    page.get_by_role("button", name=re.compile(f"^Record it for {family}")).click()
    page.get_by_text(re.compile(f"^Recorded for {family}")).wait_for()
