"""What the screens may say in the log: fixed lines, and fields that can't identify anybody."""

from __future__ import annotations

import logging
import re
import traceback
from enum import Enum
from pathlib import Path
from typing import Final

_LOGGER = logging.getLogger("handover.pages")
_HOUSE: Final = Path(__file__).resolve().parents[2]
_SHAPES: Final = {
    "request": re.compile(r"[0-9a-f]{12}"),
    "where": re.compile(r"[a-z][a-z ]{0,40}"),
    "error": re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,60}"),
    "at": re.compile(r"[A-Za-z0-9_/.-]{1,120}:\d{1,6}"),
}


class Line(Enum):
    """Everything the screens ever say."""

    SCREEN_FAILED = "a screen failed"
    RECORD_FAILED = "the record did not answer a screen"
    NOT_PERMITTED = "a screen was refused"
    HANDLE_UNKNOWN = "an address named nobody who is waiting"
    GLASS_BROKEN = "a restricted record was opened by a typed reason"


def say(line: Line, level: int = logging.WARNING, **fields: str) -> None:
    """Write ``line``. A field's value of another shape than it may have becomes ``?``."""
    words = [line.value]
    for name, value in fields.items():
        words.append(f"{name}={value if _SHAPES[name].fullmatch(value) else '?'}")
    _LOGGER.log(level, "%s", " ".join(words), extra={"line": line.name})


def place_of(fault: BaseException) -> str:
    """``file:line`` of the last step of ours that led to the fault; no values, no message."""
    place = "unknown:0"
    for step in traceback.extract_tb(fault.__traceback__):
        path = Path(step.filename)
        if path.is_relative_to(_HOUSE) and ".venv" not in path.parts:
            place = f"{path.relative_to(_HOUSE).as_posix()}:{step.lineno}"
    return place
