"""What the connection may say in the log: fixed lines, with fields that can't identify anybody.

A line is a member of ``Line``; its text never changes with what happened. What did happen goes
into named fields, each of which takes only values of a shape that can't hold a person's name,
number or identifier: counts, times, type names, request ids of our own making.
"""

from __future__ import annotations

import logging
import re
from enum import Enum
from typing import Final

_LOGGER = logging.getLogger("fhir_queries")


# urllib3 logs whole URLs, and a URL may hold a patient's identifier. What it says is said here
for _name in ("urllib3.connectionpool", "urllib3.util.retry", "urllib3.poolmanager"):
    logging.getLogger(_name).addFilter(lambda _: False)


class Line(Enum):
    """Everything the connection ever says."""

    ASKED = "record asked"
    FAILED = "record did not answer as it should"
    RETRIED = "record asked again"
    SEARCH_FAILED = "one search failed"
    BATCH_REFUSED = "record takes no batch: asking in parallel"
    PARAMETER_LEFT_OUT = "record refuses a parameter: left out from now on"
    FILTERED_HERE = "record ignored a filter: applied here"
    INCLUDES_FETCHED = "record left out what was to be included: fetched"
    OTHER_FORM = "record answers to another form of a search: used from now on"
    TWO_STEPS = "record ignores a chained search: asked in two steps"
    LINK_REFUSED = "a page link was not followed"
    PAGES_ENDED = "pages ended before the server said so"
    SET_ASIDE = "entries could not be read"
    NOT_AUDITED = "the audit entry was not taken: nothing is shown"
    WRITTEN = "record written"
    NOT_STANDING = "what stands is not what was sent"
    CHECKED = "record checked"


_SHAPES: Final[dict[str, re.Pattern[str]]] = {
    "request": re.compile(r"[0-9a-f]{32}"),
    "method": re.compile(r"GET|POST|PUT|DELETE|PATCH|HEAD"),
    "resource_type": re.compile(r"[A-Z][A-Za-z]{2,40}"),
    "search": re.compile(r"[a-z][a-z_-]{0,40}"),
    "parameter": re.compile(r"_?[A-Za-z][A-Za-z:._-]{0,80}"),
    "error": re.compile(r"[A-Z][A-Za-z]{2,40}"),
    "detail": re.compile(r"[A-Za-z][A-Za-z ,:;'()/_-]{0,160}"),
    "mode": re.compile(r"[a-z][a-z ]{0,40}"),
}
_COUNTS: Final = frozenset(
    {"status", "millis", "octets", "entries", "exchanges", "attempt", "pages", "searches"}
)


def say(line: Line, level: int = logging.INFO, **fields: str | float | None) -> None:
    """Write ``line`` with ``fields``. A value of another shape than its field's becomes ``?``.

    Raises TypeError for a field that isn't one of ours: a log line is part of the program.
    """
    if not _LOGGER.isEnabledFor(level):
        return
    words = [line.value]
    for name, value in fields.items():
        if value is None:
            continue
        words.append(f"{name}={_plain(name, value)}")
    _LOGGER.log(level, "%s", " ".join(words), extra={"line": line.name})


def _plain(name: str, value: str | float) -> str:
    if name in _COUNTS:
        return f"{value:g}" if isinstance(value, int | float) else "?"
    shape = _SHAPES.get(name)
    if shape is None:
        raise TypeError(f"{name} is not a field of a log line")
    text = str(value)
    return f'"{text}"' if shape.fullmatch(text) else "?"
