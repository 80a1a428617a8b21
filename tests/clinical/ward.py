"""Made-up people and records for the tests of the rules."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from clinical.codes import SNOMED, Coding
from clinical.moments import at_instant, read_moment
from clinical.news2 import News2Parameters, News2Reading, score_parameters
from clinical.news2_chart import Consciousness
from clinical.person import Confidentiality, Person
from clinical.record import Entry, RecordSection, SectionState
from clinical.waiting import EmergencyDepartment, Place, PlaceKind, WaitingPatient

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)

ANN = Person(
    patient="ann",
    family="TESTER",
    given="Ann",
    title="Mrs",
    birth_date=read_moment("1940-05-01"),
    gender="female",
    nhs_numbers=(),
    deceased=None,
    deceased_at=None,
    confidentiality=Confidentiality.NORMAL,
    general_practice="Made-up Surgery",
    general_practice_ods="Z99001",
)

WELL = News2Parameters(
    respiratory_rate=Decimal(16),
    oxygen_saturation=Decimal(97),
    on_oxygen=False,
    systolic=Decimal(120),
    pulse=Decimal(70),
    consciousness=Consciousness.ALERT,
    temperature=Decimal("37.0"),
)


def observed(minutes_ago: int = 20, **changes: object) -> News2Reading:
    """A set of observations of somebody well but for ``changes``, so many minutes ago."""
    return score_parameters(
        replace(WELL, **changes),  # type: ignore[arg-type]
        taken_at=at_instant(NOW - timedelta(minutes=minutes_ago)),
        source="Ambulance service",
        reference="Observation/news2",
    )


WAITING = WaitingPatient(
    encounter="e1",
    encounter_version="1",
    person=ANN,
    waiting_since=at_instant(NOW - timedelta(minutes=50)),
    department=EmergencyDepartment("ed", "Made-up General"),
    place=Place(PlaceKind.VEHICLE, "Ambulance"),
    reason="Fall at home, unable to get up unaided, no apparent injury",
    reason_codes=(),
    incident="",
    findings=(),
    news2=observed(),
    news2_before=None,
    review=None,
)


def entry(
    kind: str,
    title: str,
    *codes: str,
    when: str = "",
    ended: str = "",
    status: str = "active",
    value: str = "",
    category: str = "",
    number: int | None = None,
    caution: tuple[str, ...] = (),
    entry_id: str = "x1",
) -> Entry:
    """One entry of the record, with SNOMED codes."""
    return Entry(
        kind,
        entry_id,
        title,
        tuple(Coding(SNOMED, code) for code in codes),
        status,
        read_moment(when) if when else None,
        read_moment(ended) if ended else None,
        value,
        None if number is None else Decimal(number),
        "",
        "Made-up Trust",
        category,
        caution=caution,
    )


def section(name: str, *entries: Entry, set_aside: int = 0, complete: bool = True) -> RecordSection:
    """A section that was loaded, with these entries."""
    return RecordSection(name, SectionState.LOADED, entries, set_aside, (), complete)


def section_in(name: str, state: SectionState) -> RecordSection:
    """A section in a state other than loaded."""
    return RecordSection(name, state, explanation="As the state says.")
