"""Redirect candidates: the coordinator's side of every review."""

from __future__ import annotations

from pages.parts.candidates import show_candidates
from pages.parts.guard import guard
from pages.parts.who import authorise

with guard("candidates"):
    show_candidates(authorise("pages/candidates.py"))
