"""The job with a keyboard and nothing else: no finger, no mouse, and the focus always seen."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.house import SIZES, House, no_traceback, open_house
from tests.browser.keyboard import Keyboard
from tests.browser.looking import answers_kept, resources, shown
from tests.browser.ward_round import SUITABLE

pytestmark = pytest.mark.browser
DECISIONS = ("Redirect to community care",)
MOST_KEYS = 1500
"""Key presses for all of a clinician's work on one patient, every letter she types among them."""
FAMILY = "BRAMBLEWICK"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A record and an app of this test's own: each works on the same person."""
    with open_house(tmp_path) as opened:
        yield opened


def _come_to_the_door(browser: Browser, house: House, size: str = "wide") -> Page:
    """The app as somebody finds it who has not said who they are."""
    context = browser.new_context(
        viewport=SIZES[size],  # type: ignore[arg-type]
        locale="en-GB",
        timezone_id="Europe/London",
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.goto(house.address)
    page.get_by_role("heading", name="Who are you?").wait_for()
    return page


def _come_in(browser: Browser, house: House, person: str, size: str = "wide") -> Keyboard:
    """Choose who one is, and come to the first screen of this person."""
    page = _come_to_the_door(browser, house, size)
    keys = Keyboard(page)
    keys.settle()
    keys.go_to(f"^Go on as {person}")
    expect(page.get_by_role("heading", name="Who are you?")).to_have_count(0)
    page.get_by_role("heading", level=1).first.wait_for()
    keys.settle()
    return keys


def _wait_until_kept(keys: Keyboard, house: House, link_id: str) -> None:
    """The record has this line's answer, so that the lines that it brings are on their way."""
    for _ in range(400):
        found = resources(house, "QuestionnaireResponse?encounter=Encounter/wait-01")
        if found and link_id in answers_kept(found[0]):
            keys.settle()
            return
        keys.page.wait_for_timeout(50)
    raise AssertionError(f"{link_id} was never kept")


def _answer_all(keys: Keyboard, house: House) -> int:
    """Answer each line that the Tab key comes to, and go back for those that came up behind it.

    Returns how many.
    """
    answered: set[str] = set()
    back = False
    while True:
        at = keys.step("Shift+Tab" if back else "Tab")
        assert at is not None, "the Tab key leaves the page before the decision"
        left = {line for _, line, _ in shown(keys.page).lines} - answered
        if at.name in DECISIONS:
            if not left:
                return len(answered)
            back = True
        if at.link_id not in left:
            continue
        back = False
        answered.add(at.link_id)
        wanted = SUITABLE.get(at.link_id, "No" if at.link_id.startswith("a-") else "Yes")
        if at.tag in ("textarea", "input") and at.role != "radio":
            keys.type(wanted or "")
        else:
            keys.choose(wanted)
            _wait_until_kept(keys, house, at.link_id)


@pytest.mark.parametrize("size", SIZES)
def test_a_clinician_does_all_of_it_by_keyboard(browser: Browser, house: House, size: str) -> None:
    keys = _come_in(browser, house, "Sorrel Marten", size)
    page = keys.page
    keys.go_to(f"^Open {FAMILY}")
    page.get_by_text("Shared record", exact=True).wait_for()
    keys.settle()
    keys.go_to("Frailty: [0-9]")
    expect(page.locator("details[open] summary").filter(has_text="Frailty: ")).to_be_visible()
    keys.tab_to("^Search in this record", back=True)
    keys.type("sodium")
    page.get_by_text(re.compile(r"^[0-9]+ entries in 1 section$")).wait_for()
    keys.go_to("^Go to the review$", back=True)
    keys.go_to("^I have it$")
    page.get_by_text(re.compile("^You have it")).wait_for()
    page.get_by_role("radio", name="Redirect to community care").wait_for()
    keys.settle()
    assert _answer_all(keys, house) >= 35
    keys.choose("Redirect to community care")
    expect(page.locator(".hv-box.warn").filter(has_text="can't be recorded yet")).to_have_text([])
    expect(page.get_by_role("button", name="Check and confirm")).to_be_enabled()
    keys.go_to("^Check and confirm$")
    keys.go_to(f"^Record it for {FAMILY}")
    page.get_by_text(re.compile(f"^Recorded for {FAMILY}")).wait_for()
    done = keys.pressed
    (task,) = resources(house, f"Task?patient.family={FAMILY}")
    assert task["status"] == "completed"
    keys.settle()
    keys.go_to("^.*Undo this decision", back=True)
    keys.tab_to("^Why you undo it")
    keys.type("Chosen by mistake")
    keys.go_to("^Undo the decision about")
    page.get_by_text(re.compile("^Undone")).first.wait_for()
    (task,) = resources(house, f"Task?patient.family={FAMILY}")
    assert task["status"] == "in-progress"
    sys.stdout.write(f"\n{size}: {done} keys to the decision, {keys.pressed} with its undoing\n")
    assert done < MOST_KEYS
    no_traceback(page)
    page.context.close()


def test_the_queue_is_ordered_by_keyboard(browser: Browser, house: House) -> None:
    keys = _come_in(browser, house, "Sorrel Marten")
    keys.go_to("Filter and order")
    keys.tab_to("Order", role="combobox")
    keys.type("Worth")
    keys.press("Enter")
    expect(keys.page.get_by_text(re.compile("^Worth a look first: "))).to_be_visible()
    assert "order=" in keys.page.url
    keys.page.context.close()


def test_a_coordinator_asks_for_a_review_by_keyboard(browser: Browser, house: House) -> None:
    keys = _come_in(browser, house, "Corin Sedge")
    keys.go_to(f"^Ask for a review of {FAMILY}")
    keys.page.get_by_role("button", name="Don't ask").wait_for()
    keys.go_to("^Fall, no apparent serious injury$")
    expect(keys.page.get_by_role("button", name="Don't ask")).to_have_count(0)
    (task,) = resources(house, f"Task?patient.family={FAMILY}")
    assert task["description"] == "Falls response"
    keys.page.context.close()
