"""A code as the record holds it: the system it is from, the code, the words."""

from __future__ import annotations

from dataclasses import dataclass

SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"


@dataclass(frozen=True, slots=True)
class Coding:
    """One ``Coding``. Parts that the record doesn't give are empty strings."""

    system: str
    code: str
    display: str = ""
