"""Command centre: every emergency department side by side, in numbers."""

from __future__ import annotations

from pages.parts.command_centre import show_command_centre
from pages.parts.guard import guard
from pages.parts.who import authorise

with guard("command centre"):
    show_command_centre(authorise("pages/command_centre.py"))
