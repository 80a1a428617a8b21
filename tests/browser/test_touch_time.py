"""The whole checklist by touch, for somebody who plainly can go home: taps counted, waits timed.

What a person needs for a tap is an assumption, since no study of this app exists: 1.0 s to read a
line of a form that they know and touch one of its answers. It is some ten times what pointing alone
takes by Fitts's law on a target of 44 px a hand's breadth away. Words are typed on a tablet at
40 words (200 letters) a minute. What the app makes them wait is measured.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.house import House, come_in, no_traceback
from tests.browser.ward_round import SUITABLE, line_of, open_patient

pytestmark = [pytest.mark.browser, pytest.mark.alone, pytest.mark.timeout(300)]
SECONDS_A_TAP = 1.0
LETTERS_A_SECOND = 200 / 60
AT_MOST = 90.0
ZOOMED = {"width": 590, "height": 410}
"""A tablet of 1180 by 820 with everything at twice the size."""
WORDS = {
    "b-summary": "Slipped, not hurt.",
    "f-accepted-by": "Jo, 2 h",
    "g-agreed-by": "Nurse in charge",
}
IDLE = """() => document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState
  === 'notRunning'"""


@dataclass
class Person:
    """Somebody with a tablet: every tap, every letter, every wait."""

    page: Page
    taps: int = 0
    letters: int = 0
    waited: float = 0.0
    longest: float = 0.0

    def tap(self, target: Locator) -> None:
        """Tap it, and wait until the app has taken it."""
        target.scroll_into_view_if_needed()
        began = time.perf_counter()
        target.tap()
        self._wait(began)
        self.taps += 1

    def write(self, box: Locator, words: str) -> None:
        """Tap into a box, write, and tap on."""
        box.tap()
        box.fill(words)
        began = time.perf_counter()
        box.blur()
        self._wait(began)
        self.taps += 1
        self.letters += len(words)

    def _wait(self, began: float) -> None:
        self.page.wait_for_timeout(30)
        self.page.wait_for_function(IDLE)
        took = time.perf_counter() - began
        self.waited += took
        self.longest = max(self.longest, took)

    @property
    def seconds(self) -> float:
        """All of it."""
        return self.taps * SECONDS_A_TAP + self.letters / LETTERS_A_SECOND + self.waited


def _required_lines(page: Page) -> Iterator[str]:
    """The link ids of what has to be answered and isn't, until there is none."""
    page.locator('[class*="-answer-"]').first.wait_for()
    done: set[str] = set()
    while True:
        classes = page.locator('[class*="-answer-"]').evaluate_all(
            "found => found.filter(each => !each.innerText.includes('(if it applies)'))"
            ".map(each => each.className)"
        )
        found = [re.search(r"-answer-\S+?-([a-g]-[a-z0-9-]+)", each) for each in classes]
        left = [
            match[1]
            for match in found
            if match and match[1] not in done and not match[1].endswith("-other")
        ]
        if not left:
            return
        done.add(left[0])
        yield left[0]


def _answer(person: Person, link_id: str) -> None:
    line = line_of(person.page, link_id)
    line.locator("button, input, textarea").first.wait_for()
    if link_id in WORDS:
        person.write(line.locator("input, textarea").first, WORDS[link_id])
        return
    wanted = SUITABLE.get(link_id, "No" if link_id.startswith("a-") else "Yes")
    options = line.locator('[data-testid="stButtonGroup"] button, [data-testid="stRadio"] label')
    person.tap(options.filter(has_text=wanted).first if wanted else options.first)


def test_a_clear_cut_case_takes_less_than_ninety_seconds(browser: Browser, house: House) -> None:
    page = come_in(browser, house, "k1")
    open_patient(page, "BRAMBLEWICK")
    person = Person(page)
    person.tap(page.get_by_role("button", name="I have it"))
    page.get_by_text(re.compile("^You have it")).wait_for()
    lines = 0
    for link_id in _required_lines(page):
        _answer(person, link_id)
        lines += 1
    expect(page.get_by_text("Everything that has to be answered is.")).to_be_visible()
    person.tap(page.get_by_role("radio", name="Redirect to community care"))
    person.tap(page.get_by_role("button", name="Check and confirm"))
    person.tap(page.get_by_role("button", name=re.compile("^Record it for BRAMBLEWICK")))
    expect(page.get_by_text(re.compile("^Recorded for BRAMBLEWICK"))).to_be_visible()
    sys.stdout.write(
        f"{lines} lines, {person.taps} taps, {person.letters} letters, waited {person.waited:.1f} s"
        f" (longest {person.longest:.2f} s): {person.seconds:.0f} s\n"
    )
    assert person.seconds < AT_MOST


def test_the_checklist_is_whole_at_twice_the_size(browser: Browser, house: House) -> None:
    page = come_in(browser, house, "k1", size=ZOOMED)
    open_patient(page, "CORNFLOWERDALE")
    page.get_by_role("button", name="I have it").click()
    page.get_by_text(re.compile("^You have it")).wait_for()
    page.get_by_role("radio", name="Redirect to community care").click()
    page.get_by_role("button", name="Check and confirm").wait_for()
    no_traceback(page)
    beyond: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('.st-key-review-side *')]
          .filter(each => {
            const box = each.getBoundingClientRect();
            return box.width > 1 && box.height > 1
              && (box.right > document.documentElement.clientWidth + 1 || box.left < -1);
          }).map(each => each.tagName + '.' + each.className)"""
    )
    assert beyond == [], "cut at the side"
    assert page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )
    for control in page.locator('[class*="-answer-"] button:visible').all():
        control.scroll_into_view_if_needed()
        box = control.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        reached = page.evaluate(
            "([x, y]) => document.elementFromPoint(x, y)?.closest('button') !== null",
            [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2],
        )
        assert reached, control.inner_text()
