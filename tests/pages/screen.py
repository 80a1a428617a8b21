"""A screen as a person meets it: its words, its buttons, its questions."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from streamlit.testing.v1 import AppTest

_TAG = re.compile(r"<[^>]+>")


class Screen:
    """One session of the app."""

    def __init__(self, app: AppTest) -> None:
        self.app = app

    def run(self) -> Screen:
        """Run the app again, as any tap would."""
        self.app.run()
        assert not self.app.exception, [each.value for each in self.app.exception]
        return self

    @property
    def markup(self) -> str:
        """All finished markup on the screen."""
        return "\n".join(each.proto.body for each in self.app.get("html"))

    @property
    def words(self) -> str:
        """Everything there is to read."""
        said = unescape(_TAG.sub(" ", self.markup))
        more = [each.label for each in self.app.button]
        more += [each.label for each in self.app.expander]
        return " ".join(f"{said} {' '.join(more)}".replace("\\", "").split())

    def button(self, key: str) -> Any:
        """The button of this key."""
        return self.app.button(key=key)

    def has_button(self, key: str) -> bool:
        """Whether there is one."""
        return any(each.key == key for each in self.app.button)

    def tap(self, key: str) -> Screen:
        """Tap a button and let the app answer."""
        self.app.button(key=key).click()
        return self.run()

    def go(self, page: str, **address: str) -> Screen:
        """Go to another screen by the header, with these parameters in the address."""
        self.app.switch_page(f"pages/{page}.py")
        for name, value in address.items():
            self.app.query_params[name] = value
        self.run()
        self.app._page_hash = ""  # else AppTest would go there again at every tap
        return self

    def question(self, ending: str) -> Any:
        """The answer buttons of a checklist line, by the end of its key."""
        for each in self.app.button_group:
            if each.key and each.key.endswith(ending):
                return each
        raise LookupError(ending)

    def address(self, name: str) -> str:
        """A parameter of the address."""
        value = self.app.query_params.get(name, "")
        return value[0] if isinstance(value, list) else value
