"""What a shared record says of somebody, each kind as a small description of one entry.

Every entry knows how to become FHIR resources once it is told whose record it is in.
"""

from sandbox.people.entries.clinical import (
    Allergy,
    Immunised,
    Medicine,
    NoKnownAllergies,
    Operation,
    Problem,
)
from sandbox.people.entries.contacts import (
    Admission,
    Attendance,
    Caseload,
    Contact,
    Plan,
    Referral,
    Team,
)
from sandbox.people.entries.measured import Frailty, Measures, Report, Social, series
from sandbox.people.entries.papers import (
    Alert,
    Assessment,
    ConsentGiven,
    Document,
    Filed,
    Relative,
    Resuscitation,
)
from sandbox.people.entries.telling import Entry, Raw, Teller

__all__ = [
    "Admission",
    "Alert",
    "Allergy",
    "Assessment",
    "Attendance",
    "Caseload",
    "ConsentGiven",
    "Contact",
    "Document",
    "Entry",
    "Filed",
    "Frailty",
    "Immunised",
    "Measures",
    "Medicine",
    "NoKnownAllergies",
    "Operation",
    "Plan",
    "Problem",
    "Raw",
    "Referral",
    "Relative",
    "Report",
    "Resuscitation",
    "Social",
    "Team",
    "Teller",
    "series",
]
