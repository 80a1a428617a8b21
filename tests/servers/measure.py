"""What each question and write costs on one server, and whether it works there as it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

from clinical.review import Outcome
from clinical.waiting import WaitingPatient
from fhir_queries.check_writes import check_writes
from fhir_queries.checklist import load_checklist, read_draft, save_answers
from fhir_queries.decisions import decide
from fhir_queries.errors import RecordError
from fhir_queries.record import SharedRecord
from fhir_queries.reviews import claim, flag
from fhir_queries.trial import FALLS_BACK, MISSING, WORKS
from tests.servers.journey import WHY, answers_for_a_redirect, decision_of, first_service
from tests.servers.questions import COUNTED_LAST, QUESTIONS, who_is_waiting
from tests.servers.records import HERON, ORCHARD, OpenRecord

STEPS = (
    "ask for a review",
    "take it",
    "begin the checklist",
    "save an answer",
    "record a redirect",
)


@dataclass(frozen=True, slots=True)
class Measured:
    """One line of docs/servers.md for one server."""

    name: str
    state: str
    """``works``, ``falls back`` or ``missing``."""
    instead: tuple[str, ...]
    """What is done in its place, or why it is missing."""
    cost: str
    exchanges: int
    """HTTP exchanges of one asking, once the server's ways are known; 0 where not counted."""
    milliseconds: float
    """The median."""


def measure(server: OpenRecord, times: int = 5) -> Iterator[Measured]:
    """Every question, step and guard on this server; it needs ``times`` people never flagged."""
    for name, question in QUESTIONS.items():
        yield _question(server, name, question, times)
    yield from _steps(server, times)
    for trial in check_writes(server.fresh()):
        yield Measured(
            trial.name,
            trial.state,
            (trial.instead,) if trial.instead else (),
            trial.cost,
            trial.exchanges,
            trial.milliseconds,
        )
    for name, question in COUNTED_LAST.items():
        yield _question(server, name, question, times)


def _question(
    server: OpenRecord, name: str, ask: Callable[[SharedRecord], Any], times: int
) -> Measured:
    record = server.fresh()
    try:
        ask(record)
        took, exchanges = [], 0
        for _ in range(times):
            before, began = server.exchanges, perf_counter()
            ask(record)
            took.append((perf_counter() - began) * 1000)
            exchanges = server.exchanges - before
    except RecordError as error:
        return Measured(name, MISSING, (str(error),), "", 0, 0.0)
    ways = record.memory.ways()
    return Measured(name, FALLS_BACK if ways else WORKS, ways, "", exchanges, median(took))


def _steps(server: OpenRecord, times: int) -> list[Measured]:
    record = server.fresh()
    checklist = load_checklist()
    service = first_service(record)
    answers = answers_for_a_redirect(checklist, service)
    waits = [wait for wait in who_is_waiting(record).waiting if wait.review is None]
    took: dict[str, list[float]] = {step: [] for step in STEPS}
    exchanges: dict[str, int] = {}

    def timed(step: str, do: Callable[[], Any]) -> Any:
        before, began = server.exchanges, perf_counter()
        done = do()
        took[step].append((perf_counter() - began) * 1000)
        exchanges[step] = server.exchanges - before
        return done

    def walk(wait: WaitingPatient) -> None:
        asked = timed(STEPS[0], lambda: flag(record, ORCHARD, wait, WHY))
        held = timed(STEPS[1], lambda: claim(record, HERON, asked))
        draft = read_draft(record, held, checklist)
        begun = timed(STEPS[2], lambda: save_answers(record, HERON, held, draft, answers[:1]))
        most = save_answers(record, HERON, held, begun, answers[1:-1])
        full = timed(STEPS[3], lambda: save_answers(record, HERON, held, most, answers[-1:]))
        decision = decision_of(held, Outcome.REDIRECTED, service)
        timed(STEPS[4], lambda: decide(record, HERON, decision, checklist, full))

    for wait in waits[:times]:
        walk(wait)
    ways = record.memory.ways()
    state = FALLS_BACK if any("batch" in way for way in ways) else WORKS
    return [Measured(step, state, (), "", exchanges[step], median(took[step])) for step in STEPS]
