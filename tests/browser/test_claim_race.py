"""Two clinicians say "I have it" in the same instant: one has it, the other is told who."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.house import House, come_in, open_house
from tests.browser.looking import ask_record, resources
from tests.browser.ward_round import open_patient

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
ROUNDS = 100
PEOPLE = {"k1": "Sorrel Marten", "k2": "Bryony Heath"}
FAMILY = "BRAMBLEWICK"
IN_THE_SAME_INSTANT = """at => {
  const button = [...document.querySelectorAll('button')]
    .find(each => each.innerText.trim() === 'I have it');
  if (!button) throw new Error('there is nothing to tap');
  setTimeout(() => button.click(), Math.max(0, at - Date.now()));
}"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One whose screens look every second, so that a patient given back shows soon."""
    with open_house(tmp_path_factory.mktemp("house"), refresh_seconds=1) as opened:
        yield opened


@dataclass
class Pair:
    """One patient, open on the tablets of two clinicians."""

    tablets: dict[str, Page]
    task: str = ""

    def race(self, house: House) -> str:
        """Both tap at once; returns who has it, once both know."""
        for page in self.tablets.values():
            button = page.get_by_role("button", name="I have it", exact=True)
            expect(button).to_be_enabled()
        at = self.tablets["k1"].evaluate("Date.now()") + 80
        for page in self.tablets.values():
            page.evaluate(IN_THE_SAME_INSTANT, at)
        for page in self.tablets.values():
            expect(page.get_by_role("button", name="I have it", exact=True)).to_have_count(0)
        who = {key for key, page in self.tablets.items() if _has_it(page)}
        assert len(who) == 1, f"on the screens {who or 'nobody'} has it"
        (winner,) = who
        self._is_told(winner)
        self._is_in_the_record(house, winner)
        return winner

    def _is_told(self, winner: str) -> None:
        (loser,) = {*self.tablets} - {winner}
        name = PEOPLE[winner]
        page = self.tablets[loser]
        expect(
            page.get_by_text(re.compile(f"{name} has this one|^With {name}")).first
        ).to_be_visible()
        expect(page.get_by_role("button", name="Give it back")).to_have_count(0)

    def _is_in_the_record(self, house: House, winner: str) -> None:
        if not self.task:
            found = resources(house, f"Task?patient.family={FAMILY}&status=in-progress")
            assert len(found) == 1, "one review, however often it is asked for"
            self.task = str(found[0]["id"])
        task = ask_record(house, f"Task/{self.task}")
        assert (task["status"], task["owner"]["display"]) == ("in-progress", PEOPLE[winner])

    def give_back(self, winner: str) -> None:
        """The one who has it lets go, for the next round."""
        self.tablets[winner].get_by_role("button", name="Give it back").click()


def _has_it(page: Page) -> bool:
    either = page.get_by_role("button", name="Give it back").or_(
        page.get_by_text(re.compile("has this one")).or_(page.get_by_text(re.compile("^With ")))
    )
    expect(either.first).to_be_visible()
    return page.get_by_role("button", name="Give it back").count() == 1


def test_of_two_who_tap_in_the_same_instant_one_has_it(browser: Browser, house: House) -> None:
    expect.set_options(timeout=20_000)
    pair = Pair({key: come_in(browser, house, key) for key in PEOPLE})
    for page in pair.tablets.values():
        page.set_default_timeout(30_000)
        open_patient(page, FAMILY)
    won: Counter[str] = Counter()
    for _ in range(ROUNDS):
        winner = pair.race(house)
        won[winner] += 1
        pair.give_back(winner)
    sys.stdout.write(f"{ROUNDS} times in the same instant: {dict(won)}\n")
    assert sum(won.values()) == ROUNDS
    versions = resources(house, f"Task/{pair.task}/_history?_count=500")
    taken = [each for each in versions if each["status"] == "in-progress"]
    assert len(taken) == ROUNDS, "each round was taken once"
