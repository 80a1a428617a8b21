"""Which bite first: the redirect pathways in the order in which work on them would repay most."""

from __future__ import annotations

from pages.parts.guard import guard
from pages.parts.which_bite import show_which_bite
from pages.parts.who import authorise

with guard("which bite"):
    show_which_bite(authorise("pages/which_bite.py"))
