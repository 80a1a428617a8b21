"""The rules of WCAG 2.2 A and AA that a machine can check, by axe-core as its package ships it.

Nothing is left out of what is checked: what Streamlit's own elements break (``OF_STREAMLIT``) the
house mends, so that a screen has no violation of anybody's.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
_OPTIONS = {"runOnly": {"type": "tag", "values": [*RULES]}, "resultTypes": ["violations"]}
_FADES = "color-contrast"
_DRAWN = """run => {
  const app = document.querySelector('[data-testid="stApp"]');
  const fading = document.getAnimations().some(one => one instanceof CSSTransition
    || (one.playState === 'running' && one.effect.getComputedTiming().endTime < 5000));
  return app?.dataset.testScriptState === run && !fading
    && !document.querySelector('[data-testid="stSkeleton"]');
}"""
"""Whether the page is drawn and nothing fades in any more: what fades has too little contrast. What
says that the connection is lost waits for minutes, and is an animation too."""


@dataclass(frozen=True, slots=True)
class OfStreamlit:
    """A rule that an element breaks as Streamlit brings it."""

    rule: str
    """axe's name of it."""
    element: str
    """Streamlit's ``data-testid`` of it."""
    what: str
    themes: tuple[str, ...]
    """In which of Streamlit's two themes."""
    done: str
    """What the house does about it."""


OF_STREAMLIT = (
    OfStreamlit(
        "color-contrast",
        "stButtonGroup",
        "The chosen answer of pills and of a segmented control",
        ("light", "dark"),
        "White on NHS blue (`pages/parts/sheets/base.css`).",
    ),
    OfStreamlit(
        "color-contrast",
        "stRadio",
        "The caption under an option",
        ("light",),
        "The secondary text colour of the NHS design system, and opaque (`base.css`).",
    ),
)


def broken(page: Page, *, running: bool = False) -> list[tuple[str, str, str]]:
    """Every rule that the page breaks as it stands, the element that breaks it, and axe's words.

    With ``running``, of a page that still waits for an answer. A screen that refreshes by itself
    may begin to fade while it is looked at: too little contrast is looked at twice, and told where
    it is there both times.
    """
    drawn = "running" if running else "notRunning"
    found = _look(page, drawn)
    if any(rule == _FADES for rule, *_ in found):
        again = {(rule, target) for rule, target, _ in _look(page, drawn)}
        found = [each for each in found if each[0] != _FADES or each[:2] in again]
    return found


def _look(page: Page, drawn: str) -> list[tuple[str, str, str]]:
    page.wait_for_function(_DRAWN, arg=drawn)
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    found = page.evaluate("options => axe.run(options).then(told => told.violations)", _OPTIONS)
    return [
        (str(one["id"]), " ".join(map(str, node["target"])), str(node["failureSummary"]))
        for one in found
        for node in one["nodes"]
    ]


def violations(page: Page, *, running: bool = False) -> list[str]:
    """The same, a line each."""
    found = broken(page, running=running)
    return [f"{rule}: {target}: {words}" for rule, target, words in found]


def scrolls_sideways(page: Page) -> bool:
    """Whether the page is wider than the screen."""
    wide: bool = page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )
    return wide


@dataclass
class Walk:
    """A way through many states of the screens, each looked at as it is passed."""

    page: Page
    wrong: list[str] = field(default_factory=list)

    def look(self, state: str, *, running: bool = False) -> None:
        """Hold the page as it stands against the rules, and against sideways scrolling."""
        found = violations(self.page, running=running)
        self.wrong += [f"{state}: {each}" for each in found]
        if scrolls_sideways(self.page):
            self.wrong.append(f"{state}: scrolls sideways")

    def end(self) -> None:
        """Close the page, and fail where any state broke a rule."""
        self.page.context.close()
        assert not self.wrong, "\n".join(self.wrong)
