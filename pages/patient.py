"""One patient: who they are, what is known of them, the checklist and the decision."""

from __future__ import annotations

from pages.parts.guard import guard
from pages.parts.patient import show_patient
from pages.parts.who import authorise

with guard("patient"):
    show_patient(authorise("pages/patient.py"))
