"""Community services: who has places now, for whoever chooses one."""

from __future__ import annotations

from pages.parts.capacity import show_services
from pages.parts.guard import guard
from pages.parts.who import authorise

with guard("services"):
    show_services(authorise("pages/services.py"))
