"""What of a record works for this program, what falls back to another way, and what is missing.

Each query that the app needs is tried for real, on one entry. Writes are tried only when asked
for, on Basic resources that are deleted again (``check_writes``).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any

from clinical.person import Caller
from fhir_queries.asking import Answer, Answers, Reading, Resource, Search
from fhir_queries.capability import Claims, ask_claims
from fhir_queries.check_writes import check_writes
from fhir_queries.deadline import Call
from fhir_queries.errors import NotPermitted, RecordError, RecordUnavailable
from fhir_queries.gathering import Gathering
from fhir_queries.history import read_history
from fhir_queries.log import Line, say
from fhir_queries.memory import Memory
from fhir_queries.paging import page_url
from fhir_queries.profile import RecordProfile
from fhir_queries.record import SharedRecord
from fhir_queries.references import local_reference, values_at
from fhir_queries.reviews import read_reviews
from fhir_queries.services import read_services
from fhir_queries.trial import FALLS_BACK, MISSING, NOTHING, WORKS, Trial
from fhir_queries.waiting import read_waiting
from fhir_queries.writes import Write

_COSTS = {
    "waits": "There is no waiting list: this record can't be used with this profile.",
    "wait": "A patient's record can't be opened from the waiting list.",
    "reviews": "Nobody sees who was flagged, who has them, and what was decided.",
    "services": "A redirect can't name the community service that accepts.",
}
_CALLER_NEVER_SENT = "no-such-resource"


class _Listening:
    """Stands in for a record to hear which searches a question would ask."""

    def __init__(self, profile: RecordProfile) -> None:
        self.profile = profile
        self.searches: list[Search] = []

    def ask(
        self,
        searches: Sequence[Search],
        *,
        audit: Resource | None = None,
        deadline: float | None = None,
    ) -> Answers:
        """Note the searches, and answer none."""
        del audit, deadline
        self.searches += searches
        raise RecordUnavailable("only listening")

    def fetch(self, reference: str) -> Resource:
        """Answers nothing."""
        raise RecordUnavailable(f"only listening to {reference.partition('/')[0]}")

    def create(self, resource: Resource, *, if_none_exist: str | None = None) -> Resource:
        """Writes nothing."""
        del if_none_exist
        return self.fetch(str(resource.get("resourceType")))

    def update(self, resource: Resource, *, version: str) -> Resource:
        """Writes nothing."""
        del version
        return self.fetch(str(resource.get("resourceType")))

    def transact(self, entries: Sequence[Write]) -> tuple[Resource, ...]:
        """Writes nothing."""
        raise RecordUnavailable(f"only listening to {len(entries)} entries")


def searches_of(profile: RecordProfile, ask: Callable[[Any], Any]) -> list[Search]:
    """The searches that ``ask`` sends to a record in its first exchange."""
    listening = _Listening(profile)
    with contextlib.suppress(RecordError):
        ask(listening)
    return listening.searches


def answer(record: SharedRecord, caller: Caller, args: Any) -> dict[str, Any]:
    """Everything that was tried, as JSON. Raises RecordError where the record isn't reached."""
    began = perf_counter()
    statement, claims = _try_statement(record)
    trials = [statement, *_try_queries(record, caller)]
    writes = check_writes(record) if getattr(args, "write", False) else []
    states = [trial.state for trial in (*trials, *writes)]
    say(Line.CHECKED, millis=round((perf_counter() - began) * 1000, 1))
    return {
        "record": record.base,
        "profile": record.profile.name,
        "software": claims.software,
        "fhir_version": claims.fhir_version,
        "trials": [asdict(trial) for trial in trials],
        "writes": [asdict(trial) for trial in writes],
        "summary": {state: states.count(state) for state in dict.fromkeys(states)},
    }


def exit_code(found: dict[str, Any]) -> int:
    """0 where there is a waiting list; otherwise 4 (not permitted) or 5."""
    waits = next(trial for trial in found["trials"] if trial["name"] == "waiting list")
    if waits["state"] != MISSING:
        return 0
    return 4 if "NotPermitted" in waits["instead"] else 5


def _try_statement(record: SharedRecord) -> tuple[Trial, Claims]:
    call = Call(record.settings.deadline_seconds)
    began = perf_counter()
    error: RecordError | None = None
    claims = Claims()
    try:
        claims = ask_claims(record.server, call)
    except RecordUnavailable:
        raise
    except RecordError as fault:
        error = fault
    millis = _since(began)
    if claims.fhir_version.startswith("4."):
        return Trial("capability statement", WORKS, milliseconds=millis, exchanges=1), claims
    if claims.fhir_version:
        cost = f"It speaks FHIR {claims.fhir_version}; this program reads R4."
        return Trial("capability statement", MISSING, "", cost, millis, 1), claims
    instead = "every search is tried, and doubted when it finds nothing"
    if error is not None:
        instead = f"{type(error).__name__}: {instead}"
    cost = "The first look at each kind of entry takes one exchange more."
    return Trial("capability statement", FALLS_BACK, instead, cost, millis, 1), claims


def _fresh(record: SharedRecord, takes_batch: bool | None = None) -> SharedRecord:
    memory = Memory(record.profile.searches)
    if takes_batch is not None:
        memory.takes_batch = takes_batch
    return SharedRecord(record.server, memory)


def _try_queries(record: SharedRecord, caller: Caller) -> list[Trial]:
    batch, takes_batch = _try_batch(record)
    profile = record.profile
    waits = searches_of(profile, read_waiting)
    trials = [batch, _try_pages(record)]
    patient = ""
    for search in waits:
        trial, found = _try(record, search, "waiting list", takes_batch)
        trials.append(trial)
        patient = patient or _patient_in(found)
    patient = patient or _any_patient(record)
    year_ago = datetime.now(UTC) - timedelta(days=365)
    history = searches_of(
        profile,
        lambda one: read_history(one, caller, _CALLER_NEVER_SENT, patient_id=patient or "none"),
    )
    for search in history:
        name = "wait of one patient" if search.name == "wait" else f"history: {search.name}"
        trials.append(_try(record, search, name, takes_batch)[0])
    for search in searches_of(profile, lambda one: read_reviews(one, caller, year_ago)):
        trials.append(_try(record, search, "reviews and decisions", takes_batch)[0])
    for search in searches_of(profile, read_services):
        trials.append(_try(record, search, "community services", takes_batch)[0])
    return trials


def _try(
    record: SharedRecord, search: Search, name: str, takes_batch: bool | None
) -> tuple[Trial, Answer | None]:
    one = Search(
        search.name,
        search.resource_type,
        (*search.params, ("_count", "1")),
        every_page=False,
        expect=search.expect,
    )
    fresh = _fresh(record, takes_batch)
    began = perf_counter()
    cost = _COSTS.get(search.name) or (
        f"{search.resource_type} entries are shown as not held, or as not loaded."
    )
    try:
        answers = fresh.ask([one])
    except RecordError as error:
        detail = f"{type(error).__name__}: {error.detail}"
        return Trial(name, MISSING, detail, cost, _since(began), 1), None
    millis = _since(began)
    found = answers.by_name[search.name]
    if found.reading is not Reading.ANSWERED:
        words = found.reading.value
        return Trial(name, MISSING, words, cost, millis, answers.exchanges), found
    ways = fresh.memory.ways()
    if ways:
        slower = "Slower: more exchanges for the same answer."
        trial = Trial(name, FALLS_BACK, "; ".join(ways), slower, millis, answers.exchanges)
        return trial, found
    state = WORKS if found.matches else NOTHING
    return Trial(name, state, milliseconds=millis, exchanges=answers.exchanges), found


def _try_batch(record: SharedRecord) -> tuple[Trial, bool | None]:
    fresh = _fresh(record)
    both = [
        Search(name, kind, (("_count", "1"),), every_page=False)
        for name, kind in (("encounters", "Encounter"), ("tasks", "Task"))
    ]
    began = perf_counter()
    try:
        answers = fresh.ask(both)
    except RecordUnavailable:
        raise
    except RecordError as error:
        words = f"{type(error).__name__}: {error.detail}"
        return Trial("batch", MISSING, words, "Nothing can be asked.", _since(began), 1), None
    millis = _since(began)
    takes = fresh.memory.takes_batch
    if takes:
        return Trial("batch", WORKS, milliseconds=millis, exchanges=answers.exchanges), takes
    instead = "several requests at a time, the audit entry first"
    cost = "Slower: a patient's record takes some 30 requests instead of one."
    return Trial("batch", FALLS_BACK, instead, cost, millis, answers.exchanges), takes


def _try_pages(record: SharedRecord) -> Trial:
    name = "further pages"
    began = perf_counter()
    try:
        reply = record.server.exchange(
            Call(record.settings.deadline_seconds), "GET", "Encounter?_count=1"
        )
        bundle = reply.json() if reply.ok else {}
    except RecordError as error:
        return Trial(name, MISSING, type(error).__name__, "Long answers are cut short.")
    page = Gathering(Search("pages", "Encounter", ()), ())
    page.take(bundle)
    millis = _since(began)
    if page.next_link and page_url(record.server, "Encounter", page.next_link):
        return Trial(name, WORKS, milliseconds=millis, exchanges=1)
    if page.next_link:
        cost = "Long answers are cut short, and said to be. Try page_links = 'on-our-address'."
        return Trial(name, MISSING, "the link leads to another address", cost, millis, 1)
    if page.total is not None and page.total > len(page.seen):
        cost = "Slower, and only where the record honours _offset."
        return Trial(name, FALLS_BACK, "no next link: by _offset", cost, millis, 1)
    return Trial(name, NOTHING, milliseconds=millis, exchanges=1)


def _patient_in(found: Answer | None) -> str:
    for match in found.matches if found is not None else ():
        for reference in values_at(match, "subject.reference"):
            return local_reference(reference).rpartition("/")[2]
    return ""


def _any_patient(record: SharedRecord) -> str:
    try:
        found = _fresh(record).ask([Search("people", "Patient", (("_count", "1"),), False)])
    except NotPermitted:
        return ""
    except RecordError:
        return ""
    for match in found.by_name["people"].matches:
        return str(match.get("id", ""))
    return ""


def _since(began: float) -> float:
    return round((perf_counter() - began) * 1000, 1)


def words(found: dict[str, Any]) -> str:
    """The same as a table."""
    software = found["software"] or "software not named"
    version = found["fhir_version"] or "FHIR version not said"
    lines = [f"{found['record']}  ({software}, {version}; profile {found['profile']})", ""]
    rows = [*found["trials"], *found["writes"]]
    wide = max(len(row["name"]) for row in rows)
    for row in rows:
        lines.append(
            f"{row['name']:<{wide}}  {row['state']:<14} {row['milliseconds']:>8.1f} ms"
            f"  {_times(row['exchanges'])}  {row['instead']}".rstrip()
        )
        if row["cost"] and row["state"] in (MISSING, FALLS_BACK):
            lines.append(f"{'':<{wide}}    {row['cost']}")
    lines += ["", ", ".join(f"{count} {state}" for state, count in found["summary"].items())]
    if not found["writes"]:
        lines.append("Writes were not tried; --write tries them on Basic resources.")
    return "\n".join(lines)


def _times(exchanges: int) -> str:
    return f"{exchanges:>2} x" if exchanges else "    "
