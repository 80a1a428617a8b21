"""One thing that ``check`` tried, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

WORKS = "works"
NOTHING = "works, empty"
"""Answered, with nothing found to judge it by."""
FALLS_BACK = "falls back"
MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Trial:
    """``instead`` is what is done in its place; ``cost`` what that costs on screen."""

    name: str
    state: str
    instead: str = ""
    cost: str = ""
    milliseconds: float = 0.0
    exchanges: int = 0
