"""What a screen shows about whom, and what the record holds of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import httpx
from playwright.sync_api import Page

from tests.browser.house import House

_SNAPSHOT = """() => ({
  banner: document.querySelector('.st-key-banner')?.innerText ?? '',
  lines: [...document.querySelectorAll('[class*="-answer-"]')].map(line => [
    line.className,
    [...line.querySelectorAll('button[aria-checked="true"], button[aria-pressed="true"]')]
      .map(each => each.innerText.trim()).join('; '),
    line.querySelector('textarea, input:not([type="radio"])')?.value ?? '',
  ]),
})"""

_LINE = re.compile(
    r"st-key-(?:short|long)-answer-(?:anew-\d+-\d+-)?(?P<wait>\S+?)-(?P<line>[a-g]-[a-z0-9-]+)"
)
TURNED = """() => {
  const app = document.querySelector('[data-testid="stApp"]');
  const banner = document.querySelector('.st-key-banner');
  const cards = [...document.querySelectorAll('button')].some(e => e.innerText.startsWith('Open '));
  const patient = location.pathname.endsWith('/patient');
  return app?.dataset.testScriptState === 'notRunning'
    && (patient ? Boolean(banner?.innerText) : cards && !banner);
}"""
"""Whether the page that the address names is there, a patient's with their name, or the queue."""
SETTLED = """(family) => {
  const app = document.querySelector('[data-testid="stApp"]');
  const banner = document.querySelector('.st-key-banner')?.innerText ?? '';
  return app?.dataset.testScriptState === 'notRunning' && banner.includes(family)
    && document.querySelector('[class*="-answer-"]') !== null;
}"""


@dataclass(frozen=True, slots=True)
class Shown:
    """The banner's words, and each line on the screen: its wait, its link id, its answer."""

    banner: str
    lines: tuple[tuple[str, str, str], ...]


def shown(page: Page) -> Shown:
    """What the screen says now."""
    seen: dict[str, Any] = page.evaluate(_SNAPSHOT)
    lines = []
    for classes, chosen, typed in seen["lines"]:
        found = _LINE.search(classes)
        if found is not None and not found["line"].endswith("-other"):
            lines.append((found["wait"], found["line"], chosen or typed))
    return Shown(seen["banner"], tuple(lines))


def ask_record(house: House, path: str) -> dict[str, Any]:
    """What the record answers to a GET."""
    answer = httpx.get(
        f"{house.record.base}/{path}",
        headers={"Authorization": f"Bearer {house.record.token}"},
        timeout=30,
        trust_env=False,
    )
    answer.raise_for_status()
    told: dict[str, Any] = answer.json()
    return told


def resources(house: House, search: str) -> list[dict[str, Any]]:
    """What a search finds, of one page."""
    return [each["resource"] for each in ask_record(house, search).get("entry", ())]


def answers_kept(response: dict[str, Any]) -> dict[str, str]:
    """The answers of a QuestionnaireResponse as words, by link id."""
    kept: dict[str, str] = {}

    def walk(lines: list[dict[str, Any]]) -> None:
        for line in lines:
            given = [
                each.get("valueCoding", {}).get("display") or each.get("valueString", "")
                for each in line.get("answer", ())
            ]
            if given:
                kept[line["linkId"]] = "; ".join(given)
            walk(line.get("item", []))
            for each in line.get("answer", ()):
                walk(each.get("item", []))

    walk(response.get("item", []))
    return kept
