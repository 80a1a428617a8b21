"""Years of history: valid, repeatable, and counted in the books as the record shows it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fhirclient.models.fhirelementfactory import FHIRElementFactory

from clinical import outcomes
from clinical.age import age_at, age_band
from clinical.moments import Moment, read_moment
from clinical.nhs_number import check_digit_valid
from clinical.outcomes import CommunityContact, Departure, RedirectCase
from clinical.review import Outcome
from sandbox.people import made_up
from sandbox.people.ledger import told
from sandbox.people.rates import WrongRates, load_rates, names_fit
from sandbox.people.years import WEEKS_A_YEAR, Years, settled
from sandbox.structure import faults

Resource = dict[str, Any]
END = datetime(2026, 4, 2, 9, 0, tzinfo=UTC)
NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
CFS = "1129321000000103"
CFS_LEVELS = {
    "1129331000000101": 1, "1129341000000105": 2, "1129351000000108": 3, "1129361000000106": 4,
    "1129371000000104": 5, "1129381000000102": 6, "1129391000000100": 7, "1129401000000102": 8,
    "1129411000000100": 9,
}  # fmt: skip


def busy(tmp_path: Path) -> Path:
    """Rates under which every fault of records and every rare ending happens often."""
    path = tmp_path / "busy.toml"
    path.write_text(
        """
        [arrivals]
        decisions_a_week = 30
        not_reviewed_a_week = 10
        returning = 0.4
        [reviews]
        redirect_from = 1.4
        redirect_to = 1.4
        [departures]
        reversed = 0.1
        cancelled = 0.1
        not_known = 0.05
        [after_redirect]
        on_the_boundary = 0.4
        elective_by_day = 0.01
        [records]
        late = 0.1
        corrected = 0.15
        in_error = 0.1
        deleted = 0.1
        date_only = 0.15
        without_time = 0.01
        without_method = 0.3
        planned_too = 0.2
        waits_corrected = 0.1
        [people]
        no_nhs_number = 0.05
        failing_nhs_number = 0.05
        very_restricted = 0.05
        second_record = 0.3
        birth_year_only = 0.2
        death_without_date = 0.2
        frailty_scored_again = 0.4
        frailty_in_error = 0.2
        """,
        "utf-8",
    )
    return path


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> tuple[Years, list[Resource]]:
    rates = load_rates(busy(tmp_path_factory.mktemp("rates")))
    made = Years(seed=11, end=END, weeks=26, sites=2, rates=rates)
    return made, list(made.resources())


class Reading:
    """The record as it stands in the end, read by the shapes of docs/record-shapes.md alone."""

    def __init__(self, resources: list[Resource]) -> None:
        self.by_id = {f"{each['resourceType']}/{each['id']}": each for each in resources}
        self.encounters: dict[str, list[Resource]] = defaultdict(list)
        self.contacts: dict[str, list[Resource]] = defaultdict(list)
        self.holders: dict[str, list[str]] = defaultdict(list)
        self.scores: dict[str, list[Resource]] = defaultdict(list)
        for each in resources:
            match each["resourceType"]:
                case "Encounter":
                    self.encounters[each["subject"]["reference"]].append(each)
                    for request in each.get("basedOn", ()):
                        self.contacts[request["reference"]].append(each)
                case "Patient":
                    for number in self.numbers(each):
                        self.holders[number].append(f"Patient/{each['id']}")
                case "Observation":
                    self.scores[each["subject"]["reference"]].append(each)

    @staticmethod
    def numbers(patient: Resource) -> list[str]:
        found = [
            each["value"] for each in patient.get("identifier", ()) if each["system"] == NHS_NUMBER
        ]
        return [each for each in found if check_digit_valid(each)]

    def same_person(self, patient: Resource) -> set[str]:
        joined = {f"Patient/{patient['id']}"}
        for number in self.numbers(patient):
            joined |= set(self.holders[number])
        return joined

    def later(self, patient: Resource, own: str, classes: set[str]) -> Iterator[Resource]:
        for holder in self.same_person(patient):
            for each in self.encounters[holder]:
                counts = each["status"] in {
                    "arrived",
                    "triaged",
                    "in-progress",
                    "onleave",
                    "finished",
                }
                if counts and each["id"] != own and each["class"]["code"] in classes:
                    yield each

    def case(self, task: Resource) -> RedirectCase:
        wait = self.by_id.get(task["focus"]["reference"])
        patient = self.by_id[task["for"]["reference"]]
        own = task["focus"]["reference"].partition("/")[2]
        outcome = task["businessStatus"]["coding"][0]["code"]
        departure, left, over = how_it_ended(wait)
        referral = self.by_id.get(f"ServiceRequest/{task['id'].replace('review', 'referral')}")
        restricted = patient["meta"]["security"][0]["code"] == "V"
        died = patient.get("deceasedDateTime")
        return RedirectCase(
            task=task["id"],
            encounter=own,
            outcome=None if outcome == "withdrawn" else Outcome(outcome),
            waiting_since=start_of(wait) if wait else None,
            flagged_at=read_moment(task["authoredOn"]),
            claimed_at=moment(task, "executionPeriod", "start"),
            decided_at=moment(task, "executionPeriod", "end"),
            departure=departure,
            left_site_at=left,
            handed_back_at=over,
            attendances=tuple(map(start_of, self.later(patient, own, {"EMER"}))),
            admissions=tuple(
                start_of(each)
                for each in self.later(patient, own, {"IMP", "ACUTE", "NONAC"})
                if is_emergency(each)
            ),
            deceased="deceasedDateTime" in patient or patient.get("deceasedBoolean", False),
            deceased_at=read_moment(died) if died else None,
            referred_at=read_moment(referral["authoredOn"]) if referral else None,
            contacts=tuple(
                CommunityContact(start_of(each), each["class"]["code"] == "HH")
                for each in self.contacts[f"ServiceRequest/{referral['id']}" if referral else ""]
            ),
            follow_up_visible=bool(self.numbers(patient)) and not restricted,
        )

    def frailty(self, task: Resource) -> int | None:
        decided = datetime.fromisoformat(task["executionPeriod"]["end"])
        found = []
        for each in self.scores[task["for"]["reference"]]:
            code = each["code"].get("coding", [{}])[0].get("code")
            if each["status"] != "final" or (code != CFS and code not in CFS_LEVELS):
                continue
            made = read_moment(each["effectiveDateTime"])
            if made is not None and made.earliest <= decided:
                found.append((made.earliest, each.get("valueInteger") or CFS_LEVELS[code]))
        return max(found)[1] if found else None


def moment(resource: Resource, element: str, end: str) -> Moment | None:
    text = resource.get(element, {}).get(end)
    return read_moment(text) if text else None


def start_of(encounter: Resource) -> Moment | None:
    return moment(encounter, "period", "start")


def is_emergency(stay: Resource) -> bool:
    hospitalization = stay.get("hospitalization", {})
    for extension in hospitalization.get("extension", ()):
        code: str = extension["valueCodeableConcept"]["coding"][0]["code"]
        return code.startswith("2")
    return True


def how_it_ended(wait: Resource | None) -> tuple[Departure, Moment | None, Moment | None]:
    if wait is None or wait["status"] in {"entered-in-error", "unknown"}:
        return Departure.NOT_KNOWN, None, None
    if wait["status"] == "arrived":
        return Departure.STILL_HERE, None, None
    within = [e for e in wait["statusHistory"] if e["status"] in {"in-progress", "triaged"}]
    if within:
        return Departure.HANDED_OVER, None, read_moment(within[0]["period"]["start"])
    ended = moment(wait, "period", "end")
    return (Departure.LEFT, ended, None) if ended else (Departure.NOT_KNOWN, None, None)


def test_what_the_books_say_is_what_the_record_shows(
    history: tuple[Years, list[Resource]],
) -> None:
    made, resources = history
    reading = Reading(list(settled(iter(resources))))
    hour, day = timedelta(hours=1), timedelta(days=1)
    seen: Counter[tuple[str, str]] = Counter()
    for written in made.decisions:
        truth = told(written, made.end)
        task = reading.by_id[f"Task/{written.task}"]
        case = reading.case(task)
        verdicts = {
            "redirected": outcomes.redirected(case, END),
            "reversed": outcomes.redirect_reversed(case, END),
            "attendance_within_24h": outcomes.attended_within(case, 24 * hour, END),
            "attendance_avoided": outcomes.attendance_avoided(case, 24 * hour, END),
            "admission_within_72h": outcomes.admitted_within(case, 72 * hour, END),
            "admission_within_7d": outcomes.admitted_within(case, 7 * day, END),
            "admission_within_30d": outcomes.admitted_within(case, 30 * day, END),
            "admission_avoided_72h": outcomes.admission_avoided(case, 72 * hour, END),
            "admission_avoided_7d": outcomes.admission_avoided(case, 7 * day, END),
            "admission_avoided_30d": outcomes.admission_avoided(case, 30 * day, END),
            "reattendance_72h": outcomes.attended_within(case, 72 * hour, END),
            "reattendance_7d": outcomes.attended_within(case, 7 * day, END),
            "death_7d": outcomes.died_within(case, 7 * day, END),
            "death_30d": outcomes.died_within(case, 30 * day, END),
        }
        for name, verdict in verdicts.items():
            expected = truth[name] or "no"
            assert verdict.value == expected, (written.task, name)
            seen[name, str(expected)] += 1
        response = {"met": "yes", "not-met": "no", "not-recorded": "unknown", None: "no"}
        answer = truth["response_2h"]
        assert outcomes.two_hour_response(case, 2 * hour, END).value == response.get(
            answer if answer is None else str(answer), answer
        )
        assert reading.frailty(task) == truth["frailty"]
        patient = reading.by_id[task["for"]["reference"]]
        born = read_moment(patient["birthDate"]) if "birthDate" in patient else None
        assert age_band(age_at(born, written.arrived)) == truth["age_band"]
    for name in ("attendance_within_24h", "admission_within_72h", "death_30d"):
        for answer in ("yes", "no", "pending", "unknown"):
            assert seen[name, answer] >= 1, (name, answer)


def test_some_windows_end_at_the_very_second_and_some_span_a_change_of_the_clocks(
    history: tuple[Years, list[Resource]],
) -> None:
    made, _ = history
    gaps = Counter(
        (event.first - written.left).total_seconds()
        for written in made.decisions
        if written.left is not None
        for event in written.life.happened
        if event.first == event.last
    )
    for hours in (24, 72, 168, 720):
        assert gaps[hours * 3600], "the last second counts"
        assert gaps[hours * 3600 + 1], "the first one after it doesn't"
    changes = (datetime(2025, 10, 26, 1, tzinfo=UTC), datetime(2026, 3, 29, 1, tzinfo=UTC))
    for change in changes:
        spanning = [
            written
            for written in made.decisions
            if written.left and written.left < change < written.left + timedelta(hours=72)
        ]
        assert any(event for written in spanning for event in written.life.happened)


def test_every_resource_of_the_years_is_valid(history: tuple[Years, list[Resource]]) -> None:
    _, resources = history
    assert [(each["id"], f) for each in settled(iter(resources)) for f in faults(each)] == []
    kinds: dict[str, int] = Counter()
    for each in settled(iter(resources)):
        kinds[each["resourceType"]] += 1
        if kinds[each["resourceType"]] <= 60:
            FHIRElementFactory.instantiate(each["resourceType"], each)


def test_records_come_late_are_corrected_and_deleted(
    history: tuple[Years, list[Resource]],
) -> None:
    _, resources = history
    versions = Counter(each["id"] for each in resources if each["resourceType"] == "Encounter")
    assert sum(1 for many in versions.values() if many == 2) > 20
    assert sum(1 for each in resources if each["resourceType"] == "Bundle") > 10
    states = Counter(e["status"] for e in resources if e["resourceType"] == "Encounter")
    assert {"entered-in-error", "planned", "cancelled", "finished"} <= states.keys()
    assert "arrived" not in states, "those who wait now are the cast, not of the history"


def test_nothing_lies_after_the_end(history: tuple[Years, list[Resource]]) -> None:
    made, resources = history
    assert all(written.decided <= END for written in made.decisions)
    starts = [
        read_moment(each["period"]["start"])
        for each in resources
        if each["resourceType"] == "Encounter" and "period" in each
    ]
    assert all(each is not None and each.earliest <= END for each in starts)


def test_two_years_at_two_sites_are_about_3000_decisions_and_60000_resources() -> None:
    made = Years(seed=1, end=END, weeks=2 * WEEKS_A_YEAR, sites=2, rates=load_rates())
    many = sum(1 for _ in made.resources())
    assert len(made.decisions) == pytest.approx(3000, rel=0.05)
    assert many == pytest.approx(65_000, rel=0.15)
    outcome = Counter(written.outcome for written in made.decisions)
    assert set(outcome) == {
        "redirected", "not-suitable", "patient-declined", "no-capacity", "deferred",
        "handed-over-first", "withdrawn",
    }  # fmt: skip
    refused = {(w.service, w.decided.hour) for w in made.decisions if w.outcome == "no-capacity"}
    assert len({service for service, _ in refused}) >= 6


def test_the_same_seed_and_end_give_the_same_years() -> None:
    def made(seed: int) -> list[Resource]:
        return list(Years(seed=seed, end=END, weeks=3, sites=2, rates=load_rates()).resources())

    assert made(4) == made(4)
    assert made(4) != made(5)


def test_eight_weeks_of_history_come_with_the_people() -> None:
    everything = list(made_up(seed=1, now=END))
    decided = [each for each in everything if "businessStatus" in each]
    assert len(decided) > 200
    assert len({(each["resourceType"], each["id"]) for each in everything}) == len(everything)
    waiting = [each for each in everything if each.get("status") == "arrived"]
    assert len(waiting) == 24
    standing = {each["status"] for each in decided if "wait-" in each["id"]}
    assert standing == {"completed"}, "one is redirected and still here"


def test_the_rates_name_the_needs_and_services_that_there_are() -> None:
    assert names_fit()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[arrivals]\ndecision_a_week = 3", "decision_a_week is not known"),
        ("[nonsense]\nx = 1", r"\[nonsense\] is not known"),
        ("[records]\nlate = 1.5", "has to be a share, 0 to 1"),
        ("[records]\nlate = true", "has to be a number"),
        ("[arrivals]\nby_hour = [1, 2]", "list of 24 numbers"),
        ("[arrivals\n", "is not TOML"),
    ],
)
def test_a_wrong_rate_is_named_with_what_would_be_right(
    tmp_path: Path, content: str, said: str
) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(content, "utf-8")
    with pytest.raises(WrongRates, match=said):
        load_rates(path)
