"""The command centre's numbers for a screen on a wall."""

from __future__ import annotations

from pages.parts.command_centre import show_wall
from pages.parts.guard import guard
from pages.parts.who import authorise

with guard("wall"):
    show_wall(authorise("pages/wall.py"))
