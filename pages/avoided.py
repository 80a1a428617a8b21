"""Avoided admissions: counts over a period, what each means, and what isn't known yet."""

from __future__ import annotations

from pages.parts.avoided import show_avoided
from pages.parts.guard import guard
from pages.parts.who import authorise

with guard("avoided"):
    show_avoided(authorise("pages/avoided.py"))
