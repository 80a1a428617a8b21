"""Every screen against the rules of WCAG 2.2 AA that a machine can check."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.house import TABLET_UPRIGHT, House, come_in
from tests.browser.ward_round import open_patient

pytestmark = pytest.mark.browser
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PHONE = {"width": 390, "height": 844}


def _violations(page: Page) -> list[str]:
    page.wait_for_timeout(800)
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
    return [
        f"{one['id']}: {node['target']}"
        for one in found.response["violations"]
        for node in one["nodes"]
    ]


@pytest.mark.parametrize(
    ("person", "path", "ready"),
    [
        ("", "", "Go on as"),
        ("k1", "", "Open "),
        ("k3", "", "Ask for a review of "),
        ("k3", "candidates", "More "),
        ("k5", "", "Count again"),
    ],
    ids=["who", "waiting", "waiting-coordinator", "candidates", "avoided"],
)
@pytest.mark.parametrize("size", [None, TABLET_UPRIGHT, PHONE], ids=["wide", "upright", "phone"])
def test_a_screen_breaks_no_rule(
    browser: Browser,
    house: House,
    person: str,
    path: str,
    ready: str,
    size: dict[str, int] | None,
) -> None:
    page = come_in(browser, house, person, path, size)
    page.get_by_role("button", name=re.compile(f"^{ready}")).first.wait_for()
    assert _violations(page) == []
    page.context.close()


@pytest.mark.parametrize("size", [None, PHONE], ids=["wide", "phone"])
def test_a_patient_with_the_checklist_open_breaks_no_rule(
    browser: Browser, house: House, size: dict[str, int] | None
) -> None:
    page = come_in(browser, house, "k1", size=size)
    open_patient(page, "CORNFLOWERDALE" if size is None else "DOTTEREL")
    have = page.get_by_role("button", name="I have it")
    if have.count():
        have.click()
        page.get_by_text(re.compile("^You have it")).wait_for()
    assert _violations(page) == []
    page.context.close()
