"""The record as one thing: answers an interaction, whatever brought it here."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Sequence
from typing import Any

from sandbox import exact_json
from sandbox.asking import Answer, Asked, Setting, refusal
from sandbox.bundles import (
    do_batch_writes,
    do_transaction,
    entries_of,
    read_entry,
    response_entry,
)
from sandbox.capability import capability_statement
from sandbox.export import Exports
from sandbox.problems import Problem, bad_request
from sandbox.reads import Reads
from sandbox.search.page import Snapshots, bundle
from sandbox.store import Store, instant, now_microseconds
from sandbox.transaction import READING, Entry
from sandbox.writes import Writes, check_resource, check_write

_READ_ONLY = "this token may read, not write"


class Record:
    """A FHIR record over a store."""

    def __init__(self, store: Store, *, secured: bool) -> None:
        self.store = store
        self.secured = secured
        self.exports = Exports(store)
        self._snapshots = Snapshots()
        self._started = now_microseconds()
        self._capability: dict[str, bytes] = {}
        self._capability_lock = threading.Lock()

    def metadata(self, base: str) -> Answer:
        """The CapabilityStatement."""
        with self._capability_lock:
            told = self._capability.get(base)
            if told is None:
                told = exact_json.dumps(
                    capability_statement(base, secured=self.secured, started=self._started)
                )
                if len(self._capability) > 8:
                    self._capability.clear()
                self._capability[base] = told
        return Answer(200, told)

    def _read_within(
        self, connection: sqlite3.Connection, asked: Asked, setting: Setting
    ) -> Answer:
        if asked.path == ("metadata",):
            return self.metadata(setting.base)
        return Reads(connection, setting, self._snapshots).do(asked)

    def read(self, asked: Asked, setting: Setting) -> Answer:
        """Answer a reading interaction. Raises Problem."""
        if asked.path == ("metadata",):
            return self.metadata(setting.base)
        with self.store.read() as connection:
            return self._read_within(connection, asked, setting)

    def write(self, asked: Asked, setting: Setting) -> Answer:
        """Carry out a writing interaction; it is durable when this returns. Raises Problem."""
        if not setting.may_write:
            raise Problem(403, "forbidden", _READ_ONLY)
        check_write(asked)
        if asked.method in {"POST", "PUT"}:
            check_resource(asked.resource, asked.path[0])
        answer: Answer = self.store.write(lambda connection: Writes(connection, setting).do(asked))
        return answer

    def bundle(self, resource: Any, setting: Setting, returning: str) -> Answer:
        """Carry out a batch or a transaction. Raises Problem."""
        if not isinstance(resource, dict) or resource.get("resourceType") != "Bundle":
            raise bad_request("the body is not a Bundle", "structure")
        kind = resource.get("type")
        if kind == "transaction":
            answers = self._transaction(resource, setting)
        elif kind == "batch":
            answers = self._batch(resource, setting)
        else:
            raise bad_request("the Bundle is neither a batch nor a transaction", "value")
        entries = [
            response_entry(
                answer,
                with_resource=returning == "representation" or not answer.location,
                with_outcome=returning == "OperationOutcome",
            )
            for answer in answers
        ]
        body = bundle(
            f"{kind}-response",
            total=None,
            links=(),
            entries=entries,
            updated=instant(setting.now),
        )
        return Answer(200, body)

    def _transaction(self, resource: dict[str, Any], setting: Setting) -> list[Answer]:
        methods = {
            str(each["request"].get("method"))
            for each in entries_of(resource)
            if isinstance(each, dict) and isinstance(each.get("request"), dict)
        }
        if not setting.may_write and methods - set(READING):
            raise Problem(403, "forbidden", _READ_ONLY)
        answers: list[Answer] = self.store.write(
            lambda connection: do_transaction(
                resource,
                connection,
                setting,
                lambda within, asked: self._read_within(within, asked, setting),
            )
        )
        return answers

    def _batch(self, resource: dict[str, Any], setting: Setting) -> list[Answer]:
        answers: dict[int, Answer] = {}
        reading: list[Entry] = []
        writing: list[Entry] = []
        entries = entries_of(resource)
        for position, each in enumerate(entries):
            try:
                entry = read_entry(position, each, setting.bases)
                if entry.asked.method in READING:
                    reading.append(entry)
                elif setting.may_write:
                    writing.append(entry)
                else:
                    raise Problem(403, "forbidden", _READ_ONLY)
            except Problem as problem:
                answers[position] = refusal(problem)
        if writing:
            answers |= self.store.write(
                lambda connection: do_batch_writes(writing, connection, setting)
            )
        if reading:
            answers |= self._batch_reads(reading, setting)
        return [answers[position] for position in range(len(entries))]

    def _batch_reads(self, reading: Sequence[Entry], setting: Setting) -> dict[int, Answer]:
        answers: dict[int, Answer] = {}
        with self.store.read() as connection:
            for entry in reading:
                try:
                    answers[entry.position] = self._read_within(connection, entry.asked, setting)
                except Problem as problem:
                    answers[entry.position] = refusal(problem)
        return answers

    def close(self) -> None:
        """Finish what is being written and let go of the store."""
        self.exports.close()
        self.store.close()
