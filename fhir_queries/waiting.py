"""Who is waiting in an ambulance outside the emergency department? One exchange."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from clinical.person import Person
from clinical.waiting import WaitingList, WaitingPatient
from fhir_queries.asking import Answer, Resource, Search
from fhir_queries.collector import collected_afterwards
from fhir_queries.errors import RecordError
from fhir_queries.port import Record, page_of
from fhir_queries.profile import RecordProfile, Wait
from fhir_queries.reading.fields import Included, id_of, objects, resolve, target, text
from fhir_queries.reading.people import person, unknown_person
from fhir_queries.reading.reviews import encounter_of
from fhir_queries.reading.sections import UNREADABLE
from fhir_queries.reading.waits import is_waiting, waiting_patient, waiting_since

CAME_WITH = (
    ("_include", "Encounter:subject"),
    ("_include", "Encounter:location"),
    ("_include", "Encounter:service-provider"),
    ("_revinclude", "Observation:encounter"),
    ("_revinclude", "Task:encounter"),
    ("_revinclude", "Task:focus"),
)
"""What has to come with an Encounter for it to be read as a wait."""


@collected_afterwards
def read_waiting(
    record: Record, *, audit: Resource | None = None, departments: Sequence[str] = ()
) -> WaitingList:
    """Everybody waiting, in one exchange; at these departments (ids or ODS codes), or at all.

    Where the profile joins the ambulance service's own Encounter by its episode (BaRS), its
    findings take one exchange more. Raises RecordError where the record gives no answer at all. A
    part that is missing is told in the list's ``warnings``, and what can't be read is counted in
    ``set_aside``.
    """
    answers = record.ask([waits_search(record.profile)], audit=audit)
    answer = answers.by_name["waits"]
    if answer.error is not None:
        raise answer.error
    if record.profile.wait.join_by_episode:
        answer = _with_senders_findings(record, answer)
    unread, as_at = _Unread.of(answer), answers.as_at
    # Nothing else holds the resources now: each is let go of as soon as it is read
    del answers, answer
    return _listed(unread, as_at, record.profile, departments)


def _with_senders_findings(record: Record, answer: Answer) -> Answer:
    """The answer, with what the ambulance service recorded on its own Encounters put on ours."""
    waits: dict[str, str] = {}
    for encounter in answer.matches:
        for episode in objects(encounter.get("episodeOfCare")):
            if is_waiting(encounter, record.profile.wait, answer.included) and target(episode):
                waits[target(episode)] = text(encounter.get("id"))
    if not waits:
        return answer
    search = Search(
        "senders",
        "Encounter",
        (
            ("episode-of-care", ",".join(waits)),
            ("_revinclude", "Observation:encounter"),
            *page_of(record.profile),
        ),
    )
    try:
        senders = record.ask([search]).by_name["senders"]
    except RecordError as error:
        return _without_findings(answer, str(error))
    if senders.error is not None:
        return _without_findings(answer, str(senders.error))
    ours = {
        text(encounter.get("id")): waits[target(episode)]
        for encounter in senders.matches
        for episode in objects(encounter.get("episodeOfCare"))
        if target(episode) in waits
    }
    included = dict(answer.included)
    for key, resource in senders.included.items():
        wait = ours.get(id_of(resource.get("encounter"), "Encounter"))
        if wait is not None and key.startswith("Observation/"):
            included[key] = {**resource, "encounter": {"reference": f"Encounter/{wait}"}}
    return replace(answer, included=included)


def _without_findings(answer: Answer, why: str) -> Answer:
    said = f"The ambulance service's findings could not be loaded. {why}"
    return replace(answer, complete=False, warnings=(*answer.warnings, said))


def waits_search(profile: RecordProfile) -> Search:
    """The search for Encounters that this profile calls waits, and what comes with them."""
    statuses = profile.wait.statuses
    asked, expect = of_the_classes(profile.wait)
    return Search(
        "waits",
        "Encounter",
        (("status", ",".join(statuses)), *asked, *CAME_WITH, *page_of(profile)),
        expect=(("status", frozenset(statuses)), *expect),
    )


def of_the_classes(
    rules: Wait,
) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, frozenset[str]], ...]]:
    """What asks for Encounters of a wait's classes only, and what each match has to fulfil."""
    if not rules.classes:
        return (), ()
    asked = ("class", ",".join(f"{rules.class_system}|{each}" for each in rules.classes))
    return (asked,) if rules.class_in_search else (), (("class.code", frozenset(rules.classes)),)


def waiting_list(
    answer: Answer, as_at: datetime, profile: RecordProfile, departments: Sequence[str] = ()
) -> WaitingList:
    """The list that one answer gives: longest wait first, unknown starts before them all."""
    return _listed(_Unread.of(answer), as_at, profile, departments)


@dataclass(slots=True)
class _Unread:
    """What came and is still to be read, by wait.

    Taken out as it is read, a wait's JSON is freed while the processor still has it at hand, and
    its memory goes to what is read next.
    """

    encounters: list[Resource]
    """The last one is read next."""
    observations: dict[str, list[Resource]]
    tasks: dict[str, list[Resource]]
    around: Included
    """What waits refer to: people, places, organisations."""
    answer: Answer
    """What else is known of the answer."""

    @classmethod
    def of(cls, answer: Answer) -> _Unread:
        """What is in an answer."""
        observations, tasks, around = by_encounter(answer.included)
        bare = replace(answer, matches=(), included=around)
        return cls([*reversed(answer.matches)], observations, tasks, around, bare)


def _listed(
    unread: _Unread, as_at: datetime, profile: RecordProfile, departments: Sequence[str]
) -> WaitingList:
    answer, around = unread.answer, unread.around
    people: dict[str, Person] = {}
    waits: list[WaitingPatient] = []
    aside, left_over = answer.set_aside, 0
    oldest = None
    if profile.wait.longest_hours:
        oldest = as_at - timedelta(hours=profile.wait.longest_hours)
    while unread.encounters:
        encounter = unread.encounters.pop()
        identity = text(encounter.get("id"))
        try:
            if not is_waiting(encounter, profile.wait, around):
                continue
            since = waiting_since(encounter, profile.wait)
            if oldest is not None and since is not None and since.before < oldest:
                left_over += 1
                continue
            if not identity:
                aside += 1
                continue
            found = waiting_patient(
                encounter,
                person_of(encounter, around, people),
                observations=unread.observations.pop(identity, ()),
                tasks=unread.tasks.pop(identity, ()),
                included=around,
                profile=profile,
            )
        except UNREADABLE:
            aside += 1
            continue
        if not departments or {found.department.id, found.department.ods} & {*departments}:
            waits.append(found)
    waits.sort(key=_longest_first)
    complete = answer.complete and not answer.withheld
    return WaitingList(
        as_at,
        tuple(_sharing_a_number(waits)),
        aside,
        complete,
        tuple(_warnings(answer, left_over)),
    )


def by_encounter(
    included: Included,
) -> tuple[dict[str, list[Resource]], dict[str, list[Resource]], dict[str, Resource]]:
    """The Observations and the Tasks that came along, by the id of their Encounter; and the rest,
    as it was."""
    observations: dict[str, list[Resource]] = {}
    tasks: dict[str, list[Resource]] = {}
    rest: dict[str, Resource] = {}
    # In the order of their keys, since servers send what came along now so, now so.
    for key in sorted(included):
        resource = included[key]
        if key.startswith("Observation/"):
            wait = id_of(resource.get("encounter"), "Encounter")
            observations.setdefault(wait, []).append(resource)
        elif key.startswith("Task/"):
            tasks.setdefault(encounter_of(resource), []).append(resource)
        else:
            rest[key] = resource
    return observations, tasks, rest


def person_of(
    encounter: dict[str, Any], included: Included, people: dict[str, Person] | None = None
) -> Person:
    """The person whose wait it is, read once each. One that didn't come is an unknown person."""
    subject = encounter.get("subject")
    known = people if people is not None else {}
    named = target(subject)
    if named in known:
        return known[named]
    found = resolve(subject, encounter, included)
    identity = id_of(subject, "Patient")
    if found is None or found.get("resourceType") != "Patient":
        why = "the record did not send this patient's details"
        if not named:
            why = "the record does not say who this patient is"
        return unknown_person(identity, why)
    try:
        read = person(found, included)
    except UNREADABLE:
        return unknown_person(identity, "this patient's details can't be read")
    known[named] = read
    return read


def _longest_first(wait: WaitingPatient) -> tuple[float, str]:
    since = wait.waiting_since
    start = float("-inf")
    if since is not None and since.exact:
        start = since.earliest.timestamp()
    return start, wait.encounter


def _sharing_a_number(waits: Sequence[WaitingPatient]) -> list[WaitingPatient]:
    """The waits, each told which other waiting Patients carry the same NHS number."""
    holders: dict[str, set[str]] = {}
    for wait in waits:
        for number in wait.person.nhs_numbers:
            holders.setdefault(number.digits, set()).add(wait.person.patient)
    if all(len(patients) == 1 for patients in holders.values()):
        return list(waits)
    told: list[WaitingPatient] = []
    for wait in waits:
        others: set[str] = set()
        for number in wait.person.nhs_numbers:
            others |= holders[number.digits] - {wait.person.patient}
        if others:
            person_told = replace(wait.person, same_nhs_number=tuple(sorted(others)))
            told.append(replace(wait, person=person_told))
        else:
            told.append(wait)
    return told


def _warnings(answer: Answer, left_over: int) -> list[str]:
    said = list(answer.warnings)
    if not answer.complete:
        said.append("Not everybody waiting could be read: there may be more than are shown.")
    if answer.withheld:
        said.append("The record withholds some of those waiting from you.")
    if answer.set_aside == 1:
        said.append("1 entry could not be read.")
    elif answer.set_aside:
        said.append(f"{answer.set_aside} entries could not be read.")
    if left_over:
        said.append(f"{left_over} marked as waiting for too long to be true are left out.")
    return said
