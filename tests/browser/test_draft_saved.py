"""An answer is in the record within two seconds of its change, and what is being typed soon after.

Read from the record itself, with nothing tapped in between: what a tablet that dies then loses.
"""

from __future__ import annotations

import re
import sys
import time

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.house import SIZES, House, come_in
from tests.browser.looking import answers_kept, resources
from tests.browser.ward_round import line_of, open_patient

pytestmark = [pytest.mark.browser, pytest.mark.alone]
WITHIN = 2.0
MOST_WAIT = 15.0
NOBODYS = ("BRACKENBURY", "HAWTHORNLEY", "FIELDFARE", "LARKSPUR", "MARIGOLDSEN", "KESTRELMAN")
"""Of them, those whom nobody has flagged yet."""


def _seconds_until(house: House, family: str, line: str, words: str) -> float:
    """How long the record takes to hold this, from now; infinite where it doesn't come."""
    began = time.perf_counter()
    while (took := time.perf_counter() - began) < MOST_WAIT:
        found = resources(house, f"QuestionnaireResponse?subject:Patient.family={family}")
        if any(answers_kept(each).get(line) == words for each in found):
            return took
        time.sleep(0.05)
    return float("inf")


def _held(browser: Browser, house: House, family: str, size: dict[str, int] | None = None) -> Page:
    page = come_in(browser, house, "k1", size=size)
    open_patient(page, family)
    page.get_by_role("button", name="I have it").click()
    page.get_by_text(re.compile("^You have it")).wait_for()
    return page


def test_an_answer_is_in_the_record_within_two_seconds(browser: Browser, house: House) -> None:
    page = _held(browser, house, "BRAMBLEWICK")
    took = []
    for line in ("a-sepsis", "a-chest-pain", "a-stroke"):
        line_of(page, line).get_by_role("radio", name="No", exact=True).tap()
        took.append(_seconds_until(house, "BRAMBLEWICK", line, "No"))
    page.context.close()
    sys.stdout.write(f"in the record after {max(took):.2f} s at most\n")
    assert max(took) < WITHIN


def test_a_tablet_that_dies_in_the_middle_of_a_sentence_loses_none_of_a_short_line(
    browser: Browser, house: House
) -> None:
    page = _held(browser, house, "CORNFLOWERDALE")
    box = line_of(page, "g-agreed-by").locator("input")
    if not box.count():
        line_of(page, "g-agreed").get_by_role("radio", name="Yes", exact=True).tap()
    expect(box).to_be_visible()
    box.press_sequentially("Nurse in charge, Ash", delay=40)
    took = _seconds_until(house, "CORNFLOWERDALE", "g-agreed-by", "Nurse in charge, Ash")
    page.context.close()
    sys.stdout.write(f"typed, not left: in the record after {took:.2f} s\n")
    assert took < WITHIN


@pytest.mark.parametrize("size", SIZES)
def test_a_long_answer_is_saved_while_it_is_typed_and_the_caret_stays(
    browser: Browser, house: House, size: str
) -> None:
    family = next(each for each in NOBODYS if not resources(house, f"Task?patient.family={each}"))
    page = _held(browser, house, family, SIZES[size])
    box = line_of(page, "b-summary").locator("textarea")
    box.tap()
    box.press_sequentially("Slipped in the kitchn, not hurt", delay=30)
    took = _seconds_until(house, family, "b-summary", "Slipped in the kitchn, not hurt")
    assert took < WITHIN
    for _ in range(len("n, not hurt")):
        box.press("ArrowLeft")
    box.press_sequentially("e", delay=30)
    took = _seconds_until(house, family, "b-summary", "Slipped in the kitchen, not hurt")
    assert took < WITHIN
    expect(box).to_be_focused()
    assert box.evaluate("each => each.selectionStart") == len("Slipped in the kitche")
    for words in (" and", " then", " sat up", " by herself"):
        box.press_sequentially(words, delay=120)
        page.wait_for_timeout(750)
    expect(box).to_have_value("Slipped in the kitche and then sat up by herselfn, not hurt")
    page.context.close()
    sys.stdout.write(f"{size}: a long answer in the record after {took:.2f} s\n")
