"""Waiting in ambulances: who waits, how long, why, and who is looking at them."""

from __future__ import annotations

from pages.parts.guard import guard
from pages.parts.queue import show_queue
from pages.parts.who import authorise

with guard("waiting"):
    show_queue(authorise("pages/waiting.py"))
