"""A screen as a person meets it: its words, its buttons, its questions."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

from streamlit.components.v2.bidi_component.main import _make_trigger_id
from streamlit.testing.v1 import AppTest

from pages.parts import card_list

_TAG = re.compile(r"<[^>]+>")


class Screen:
    """One session of the app."""

    def __init__(self, app: AppTest) -> None:
        self.app = app

    def run(self) -> Screen:
        """Run the app again, as any tap would."""
        self.app.run()
        return self._without_a_fault()

    @property
    def markup(self) -> str:
        """All finished markup on the screen."""
        pieces = [each.proto.body for each in self.app.get("html")]
        return "\n".join([*pieces, *(markup for _, markup, _ in self._sent_cards())])

    @property
    def words(self) -> str:
        """Everything there is to read."""
        said = unescape(_TAG.sub(" ", self.markup))
        more = [each.label for each in self.app.button]
        more += [each.label for each in self.app.expander]
        more += [words for _, _, words in self._sent_cards()]
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

    @property
    def cards(self) -> list[str]:
        """The encounters whose cards open them, in the order in which they stand."""
        return [encounter for encounter, _, _ in self._sent_cards()]

    def has_card(self, encounter: str) -> bool:
        """Whether one of them is this."""
        return encounter in self.cards

    def open(self, encounter: str) -> Screen:
        """Tap the button of this encounter's card."""
        assert self.has_card(encounter)
        return self.say_opened(encounter)

    def say_opened(self, encounter: object) -> Screen:
        """Say what a browser says once this encounter's button is tapped, be there one or not; any
        JSON value may be said for one.
        """
        (element,) = self._card_lists()
        states = self.app._tree.get_widget_states()
        tapped = states.widgets.add()
        tapped.id = _make_trigger_id(element.proto.id, "events")
        tapped.json_trigger_value = json.dumps([{"event": "open", "value": encounter}])
        self.app._run(states)
        return self._without_a_fault()

    def _card_lists(self) -> list[Any]:
        return [each for each in self.app.get("bidi_component") if each.key == card_list.KEY]

    def _sent_cards(self) -> list[tuple[str, str, str]]:
        return [tuple(card) for each in self._card_lists() for card in json.loads(each.proto.bytes)]

    def go(self, page: str, **address: str) -> Screen:
        """Go to another screen by the header, with these parameters in the address."""
        self.app.switch_page(f"pages/{page}.py")
        for name, value in address.items():
            self.app.query_params[name] = value
        self.run()
        self.app._page_hash = ""  # else AppTest would go there again at every tap
        return self

    def _without_a_fault(self) -> Screen:
        assert not self.app.exception, [each.value for each in self.app.exception]
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
