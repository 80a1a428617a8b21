"""The one place where text from a record becomes something a browser reads.

A record may hold anything: a name like ``O'Testé <b>``, ``:red[x]`` in a reason, ``$x$`` in a
note, a link, a character that turns the reading direction round. All of it has to stand on the
screen as it was written. HTML is put together with :func:`html` only, and every label that
Streamlit reads as Markdown goes through :func:`label`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from markupsafe import Markup, escape

_UNSHOWABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # controls
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # turn the reading direction
    "\u200b\u2060\ufeff\U000e0000-\U000e007f"  # unseen
    "\ud800-\udfff\ufffe\uffff]"  # not characters at all: no message could carry them
)
_BREAKS = re.compile("\r\n|[\r\u2028\u2029\x85]")
# A label is also the name that a screen reader says, backslashes and all: only what Markdown could
# take for its own is escaped, so that "is it?" is not read as "is it backslash question mark".
_MARKS = re.compile(r"([!#$&*:<>@\[\\\]^_`{|}~])")
_LIST_AT_START = re.compile(r"^(\d*)([-+.)])(?=\s|$)")
_JOINER = "\u2060"
# What the screen turns into something else after it has taken the backslashes away: emoji and
# icon names, arrows and dashes, and addresses that become links. A joiner that has no width
# parts them, so that they stay what they are.
_TURNED = (
    (re.compile(r":(?=[\w+/-]+:)"), ":" + _JOINER),
    (re.compile(r"(?<=\s)(<->|->|<-|--|>=|<=|~=|!=)(?=\s)"), _JOINER + r"\1"),
    (re.compile(r"^(<->|->|<-|--|>=|<=|~=|!=)(?=\s|$)"), _JOINER + r"\1"),
    (re.compile(r"(?i)\b(www)\."), r"\1" + _JOINER + "."),
    (re.compile(r"(?i)\b(https?|ftp|mailto|xmpp):"), r"\1:" + _JOINER),
    (re.compile(r"(?<=\S)@(?=\S)"), _JOINER + "@"),
)


def clean(text: str) -> str:
    """``text`` with what can't be shown marked by U+FFFD, and its line breaks made plain."""
    return _UNSHOWABLE.sub("\ufffd", _BREAKS.sub("\n", text))


def html(template: str, /, **parts: object) -> Markup:
    """``template`` with its ``{fields}`` filled: text is escaped, markup from here isn't again."""
    return Markup(template).format(  # noqa: S704 - the template is ours; the parts are escaped
        **{name: _part(part) for name, part in parts.items()}
    )


def join(pieces: Iterable[Markup | str], between: str = "") -> Markup:
    """The pieces one after another; those that aren't markup yet are escaped."""
    return Markup(between).join(_part(piece) for piece in pieces)  # noqa: S704 - ours


def line(text: str) -> str:
    """``text`` in one line, for what shows letters as they are and reads nothing into them."""
    return " ".join(clean(text).split())


def label(text: str) -> str:
    """``text`` for a widget's label, option or heading: the same letters on the screen."""
    words = line(text)
    for pattern, replacement in _TURNED:
        words = pattern.sub(replacement, words)
    return _LIST_AT_START.sub(r"\1\\\2", _MARKS.sub(r"\\\1", words))


def _part(part: object) -> Markup:
    if isinstance(part, Markup):
        return part
    return escape(clean(str(part)))
