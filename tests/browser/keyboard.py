"""A person with a keyboard and nothing else: what has the focus, and the keys that bring it on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.browser.house import IDLE

MOST_TABS = 120
"""So often the Tab key may be pressed on the way to one control before the way counts as none."""

_FOCUS = """() => {
  let focused = document.activeElement;
  while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
  if (!focused || focused === document.body) return null;
  const whole = focused.matches('input[type="radio"], input[type="checkbox"]')
    ? focused.closest('label') ?? focused : focused;
  const box = whole.getBoundingClientRect();
  const within = (least, place, most) => Math.max(least, Math.min(place, most));
  const x = within(1, box.left + box.width / 2, innerWidth - 2);
  const y = within(1, box.top + box.height / 2, innerHeight - 2);
  let over = document.elementFromPoint(x, y);
  while (over?.shadowRoot?.elementFromPoint(x, y)) {
    const deeper = over.shadowRoot.elementFromPoint(x, y);
    if (deeper === over) break;
    over = deeper;
  }
  const inView = box.bottom > 2 && box.top < innerHeight - 2
    && box.right > 2 && box.left < innerWidth - 2;
  const marks = [...whole.querySelectorAll('*')];
  for (let up = whole, step = 0; up && step < 4; up = up.parentElement, step++) marks.push(up);
  const marked = marks.some(each => {
    const style = getComputedStyle(each), size = each.getBoundingClientRect();
    if (style.opacity === '0' || size.width < 12 || size.height < 12) return false;
    const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
    const lengths = style.boxShadow.match(/-?[\\d.]+px/g) ?? [];
    const shadowed = (each === focused || each.contains(focused) && each.matches('label *'))
      && lengths.some(one => parseFloat(one) >= 2);
    return outlined || shadowed;
  });
  const labelled = focused.labels?.[0]?.innerText;
  const group = focused.closest('[role="radiogroup"]')?.getAttribute('aria-label') ?? '';
  const said = focused.getAttribute('aria-label') || focused.innerText || labelled || '';
  return {
    name: (whole !== focused ? labelled || said : said).trim().replace(/\\s+/g, ' '),
    role: focused.getAttribute('role') || focused.type || focused.tagName.toLowerCase(),
    tag: focused.tagName.toLowerCase(),
    group: group.trim(),
    line: focused.closest('[class*="-answer-"]')?.className ?? '',
    around: focused.closest('[class*="st-key-"]')?.className ?? '',
    chosen: focused.checked === true || focused.getAttribute('aria-checked') === 'true'
      || focused.getAttribute('aria-pressed') === 'true',
    covered: over && (whole.contains(over) || over.contains(whole)) ? ''
      : (over?.className || over?.tagName || 'nothing').toString(),
    inView, marked,
  };
}"""
_SEEN = f"() => {{ const at = ({_FOCUS})(); return at && at.inView && at.marked && !at.covered; }}"
_LINE = re.compile(r"st-key-(?:short|long)-answer-\S+?-(?P<line>[a-g]-[a-z0-9-]+)")


@dataclass(frozen=True, slots=True)
class Focus:
    """What has the focus: its name as read out, its role, and where it stands."""

    name: str
    role: str
    tag: str
    group: str
    line: str
    around: str
    chosen: bool

    @property
    def link_id(self) -> str:
        """The line of the checklist that it answers; empty where it answers none."""
        found = _LINE.search(self.line)
        return "" if found is None else found["line"]


def _focus(told: dict[str, Any]) -> Focus:
    return Focus(**{name: told[name] for name in Focus.__dataclass_fields__})


@dataclass
class Keyboard:
    """The keys of one page, each press counted and each stop of the focus looked at."""

    page: Page
    pressed: int = 0
    stops: int = 0

    def press(self, key: str, times: int = 1) -> None:
        """Press a key so often."""
        for _ in range(times):
            self.page.keyboard.press(key)
            self.pressed += 1

    def type(self, words: str) -> None:
        """Type words where the focus is."""
        self.page.keyboard.type(words)
        self.pressed += len(words)

    def focus(self) -> Focus | None:
        """What has the focus now, None where nothing on the page has."""
        told = self._told()
        return None if told is None else _focus(told)

    def step(self, key: str = "Tab") -> Focus | None:
        """Move the focus on, and hold the place it comes to against WCAG 2.4.7 and 2.4.11."""
        self.press(key)
        told = self._told()
        return None if told is None else self._seen(told)

    def look(self) -> Focus:
        """What has the focus, once it can be seen: in view, marked, and under nothing."""
        return self._seen(self._told())

    def _seen(self, told: dict[str, Any] | None) -> Focus:
        self.stops += 1
        if told is None or not told["inView"] or not told["marked"] or told["covered"]:
            try:
                self.page.wait_for_function(_SEEN, timeout=5_000)
            except PlaywrightTimeout:
                raise AssertionError(f"not seen: {self._told()}") from None
            told = self._told()
        assert told is not None, "the focus is lost"
        return _focus(told)

    def _told(self) -> dict[str, Any] | None:
        told: dict[str, Any] | None = self.page.evaluate(_FOCUS)
        return told

    def tab_to(self, name: str, *, role: str = "", around: str = "", back: bool = False) -> Focus:
        """Press Tab until this pattern names what has the focus (in a container of this key)."""
        passed = []
        for _ in range(MOST_TABS):
            at = self.step("Shift+Tab" if back else "Tab")
            if at is None:
                passed.append("-")
                continue
            if re.search(name, at.name) and around in at.around and role in ("", at.role):
                return at
            passed.append(at.name[:30])
        raise AssertionError(f"the Tab key never comes to {name!r}, but to {passed}")

    def go_to(self, name: str, *, key: str = "Enter", around: str = "", back: bool = False) -> None:
        """Tab to a button or a link, and press it."""
        self.tab_to(name, around=around, back=back)
        self.press(key)
        self.settle()

    def choose(self, wanted: str | None) -> Focus:
        """In a group of options that has the focus, the one of these words (None: this one)."""
        begun = at = self.focus()
        while at is not None and wanted is not None and wanted not in at.name:
            at = self.step("ArrowDown" if at.tag == "input" else "ArrowRight")
            self.settle()
            assert at != begun, f"no option {wanted!r}, round to {begun}"
        assert at is not None
        if not at.chosen:
            self.press("Space")
        self.settle()
        chosen = self.focus()
        assert chosen is not None, f"the focus is lost once {at.name!r} is chosen"
        assert chosen.chosen, f"{at.name!r} is not chosen by the space key"
        assert chosen.name == at.name
        return chosen

    def settle(self) -> None:
        """Wait until the page is drawn and what was pressed is answered."""
        expect(self.page.locator(IDLE)).to_be_visible()
        expect(self.page.locator('[data-testid="stStatusWidget"]')).to_have_count(0)
