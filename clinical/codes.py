"""A code as the record holds it: the system it is from, the code, the words."""

from __future__ import annotations

from dataclasses import dataclass

from clinical.quick import quick

SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"


@quick
@dataclass(frozen=True, slots=True)
class Coding:
    """One ``Coding``. Parts that the record doesn't give are empty strings."""

    system: str
    code: str
    display: str = ""
