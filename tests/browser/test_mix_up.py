"""One person's answers never show on another's screen, nor are they kept under another's name.

A hundred random orders of opening, answering, going back and loading again, in two tabs. Every
patient is answered in words and in a pattern of their own, so whatever lands on the wrong one is
seen. ``HANDOVER_ORDERS_SEED`` plays another set; a failure names its seed and its steps.
"""

from __future__ import annotations

import os
import random
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.house import House, come_in, open_house
from tests.browser.looking import SETTLED, TURNED, answers_kept, resources, shown
from tests.browser.ward_round import line_of, open_patient

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
SEED = int(os.environ.get("HANDOVER_ORDERS_SEED", "6"))
ORDERS = 100
LINES = ("a-sepsis", "a-chest-pain", "a-stroke")
IN_WORDS = "b-summary"
PATTERNS = {
    "BRAMBLEWICK": ("No", "Yes", "Not known"),
    "CORNFLOWERDALE": ("Yes", "Not known", "No"),
    "HAWTHORNLEY": ("Not known", "No", "Yes"),
}
STEPS = ("open", "answer", "answer", "say", "back", "queue", "reload", "other tab")


@dataclass
class Tablet:
    """Two tabs of one clinician, and what they have answered about whom."""

    house: House
    tabs: list[Page]
    waits: dict[str, str]
    """The Encounter of each family."""
    at: int = 0
    on: list[str] = field(default_factory=lambda: ["", ""])
    """Whom each tab shows; empty for the queue."""
    given: dict[str, set[str]] = field(default_factory=dict)
    said: int = 0

    @property
    def page(self) -> Page:
        """The tab in front."""
        return self.tabs[self.at]

    def do(self, step: str, dice: random.Random) -> str:
        """Take one step; returns what it was, in words."""
        family = self.on[self.at]
        match step:
            case "other tab":
                self.at = 1 - self.at
                self.page.bring_to_front()
            case "reload":
                self.page.reload()
                self._look()
            case "back":
                self.page.go_back()
                self._look()
            case "queue":
                self._to_the_queue()
            case "open":
                if family:
                    self._to_the_queue()
                family = dice.choice(sorted(PATTERNS))
                open_patient(self.page, family)
                self._settle(family)
            case "answer" if family:
                self._answer(family, dice.randrange(len(LINES)))
            case "say" if family:
                self._say(family)
        return f"tab {self.at}: {step} {self.on[self.at] or 'the queue'}"

    def _to_the_queue(self) -> None:
        self.page.get_by_role("link", name="Waiting in ambulances").click()
        self.page.get_by_role("button", name=re.compile("^Open ")).first.wait_for()
        self.on[self.at] = ""

    def _look(self) -> None:
        """Find out whom the tab shows after the browser itself turned the page."""
        if self.page.url == "about:blank":
            self.page.go_forward()
        self.page.wait_for_function(TURNED)
        words = shown(self.page).banner
        family = next((each for each in PATTERNS if each in words), "")
        self.on[self.at] = family
        if family:
            self._settle(family)

    def _settle(self, family: str) -> None:
        self.page.wait_for_function(SETTLED, arg=family)
        self.on[self.at] = family

    def _answer(self, family: str, number: int) -> None:
        line, words = LINES[number], PATTERNS[family][number]
        if line in self.given.setdefault(family, set()):
            return  # tapped again it would be taken back
        options = line_of(self.page, line).locator('[data-testid="stButtonGroup"] button')
        option = options.filter(has_text=re.compile(f"^{words}$")).first
        if option.get_attribute("aria-checked") != "true":
            option.click()
        expect(option).to_have_attribute("aria-checked", "true")
        self.given[family].add(line)

    def _say(self, family: str) -> None:
        self.said += 1
        box = line_of(self.page, IN_WORDS).locator("textarea")
        box.fill(f"{family} said this, number {self.said}.")
        box.press("Tab")
        self.given.setdefault(family, set()).add(IN_WORDS)

    def screens_are_right(self) -> None:
        """Each tab shows the lines of whoever its banner names, and nobody else's answers."""
        for page, family in zip(self.tabs, self.on, strict=True):
            if not family:
                continue
            page.wait_for_function(SETTLED, arg=family)
            seen = shown(page)
            assert [each for each in PATTERNS if each in seen.banner] == [family]
            assert seen.lines, "the checklist shows"
            for wait, line, words in seen.lines:
                assert wait == self.waits[family], f"a line of {wait} on the screen of {family}"
                self._is_theirs(family, line, words)

    def record_is_right(self) -> None:
        """Every checklist in the record holds all that was answered about its own patient."""
        for family, wait in self.waits.items():
            found = resources(self.house, f"QuestionnaireResponse?encounter=Encounter/{wait}")
            assert len(found) <= 1
            kept = answers_kept(found[0]) if found else {}
            assert {*kept} == self.given.get(family, set()), f"{family}: lost, or not theirs"
            for line, words in kept.items():
                self._is_theirs(family, line, words)

    def _is_theirs(self, family: str, line: str, words: str) -> None:
        if not words:
            return
        if line == IN_WORDS:
            assert words.startswith(f"{family} said this"), f"{words!r} on {family}"
            return
        assert line in LINES, f"{line} of {family} was never answered"
        assert words == PATTERNS[family][LINES.index(line)], f"{line}: {words} on {family}"


@pytest.fixture(scope="module")
def tablet(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tablet]:
    """One clinician who has three patients, with two tabs open."""
    with open_house(tmp_path_factory.mktemp("house")) as house:
        first = come_in(browser, house, "k1")
        first.set_default_timeout(30_000)
        for family in PATTERNS:
            open_patient(first, family)
            first.get_by_role("button", name="I have it").click()
            first.get_by_text(re.compile("^You have it")).wait_for()
            first.get_by_role("link", name="Waiting in ambulances").click()
            first.get_by_role("button", name=re.compile("^Open ")).first.wait_for()
        second = first.context.new_page()
        second.set_default_timeout(30_000)
        second.goto(f"{house.address}/?who=k1")
        second.get_by_role("button", name=re.compile("^Open ")).first.wait_for()
        waits = {}
        for family in PATTERNS:
            (task,) = resources(house, f"Task?patient.family={family}&status=in-progress")
            waits[family] = str(task["focus"]["reference"]).removeprefix("Encounter/")
        yield Tablet(house, [first, second], waits)


def test_no_answer_of_one_shows_or_is_kept_on_another(tablet: Tablet) -> None:
    expect.set_options(timeout=20_000)
    taken = 0
    for number in range(ORDERS):
        dice = random.Random(f"{SEED}-{number}")  # noqa: S311 - a seed, to play it again
        steps: list[str] = []
        try:
            for _ in range(dice.randint(3, 6)):
                steps.append(tablet.do(dice.choice(STEPS), dice))
                taken += 1
            tablet.screens_are_right()
            tablet.record_is_right()
        except Exception as error:
            error.add_note(f"seed {SEED}, order {number}: {steps}")
            raise
    answered = sum(len(each) for each in tablet.given.values())
    sys.stdout.write(f"{ORDERS} orders, {taken} steps, {answered} lines, {tablet.said} sentences\n")
    assert answered == len(PATTERNS) * (len(LINES) + 1), "everybody was answered about"
