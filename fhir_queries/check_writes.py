"""Whether a record honours what writing relies on, tried on Basic resources, deleted again."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable
from decimal import Decimal
from time import perf_counter

from fhir_queries.asking import Resource
from fhir_queries.deadline import Call
from fhir_queries.errors import Conflict, NotFound, RecordError
from fhir_queries.exact import read_exact, write_exact
from fhir_queries.profile import LOCAL
from fhir_queries.record import SharedRecord
from fhir_queries.references import local_reference, values_at
from fhir_queries.trial import FALLS_BACK, MISSING, WORKS, Trial
from fhir_queries.writes import Write, version_of

_SYSTEM = f"{LOCAL}Id/check"
_BOTH = (
    "Two clinicians may both take one patient: the version is looked at before and after each "
    "write, which narrows the gap and can't close it."
)


def check_writes(record: SharedRecord) -> list[Trial]:
    """Try each kind of write, and delete what came of it. Never raises a RecordError."""
    trying = _Trying(record)
    try:
        return trying.all()
    finally:
        trying.delete_all()


class _Trying:
    def __init__(self, record: SharedRecord) -> None:
        self._record = record
        self._mark = uuid.uuid4().hex

    def all(self) -> list[Trial]:
        """Each write tried, in order; those after a failed create aren't."""
        created = self._try("create, read again", "Nothing can be written.", self._creation)
        if created.state == MISSING:
            return [created]
        return [
            created,
            self._try(
                "decimals kept to the last digit",
                "A number that this record stores is shown less exactly than it was measured.",
                self._exactness,
            ),
            self._try(
                "extensions of dates kept",
                "What a record says beside a date is lost when it is written back.",
                self._extensions,
            ),
            self._try(
                "conditional create",
                "A review flagged twice may be two reviews.",
                self._conditional_create,
            ),
            self._try("update of the right version", "No review can be taken.", self._update),
            self._try("update of a stale version is refused", _BOTH, self._stale_update),
            self._try("transaction", "No decision can be recorded.", self._transaction),
            self._try(
                "transaction is all or nothing",
                "A decision may be half written; that is noticed, and said.",
                self._half_transaction,
            ),
            self._try("delete", "What check wrote is still there.", self._deletion),
        ]

    def _try(self, name: str, cost: str, trial: Callable[[], str]) -> Trial:
        began = perf_counter()
        try:
            instead = trial()
        except RecordError as error:
            instead = f"{type(error).__name__}: {error.detail}"
        millis = round((perf_counter() - began) * 1000, 1)
        if not instead:
            return Trial(name, WORKS, milliseconds=millis)
        state = FALLS_BACK if instead.startswith("ignored") else MISSING
        return Trial(name, state, instead, cost, millis)

    def _basic(self, value: str) -> Resource:
        """A Basic with what servers lose: a primitive's extension, a decimal's last digit."""
        number = {"url": f"{LOCAL}StructureDefinition/check", "valueDecimal": Decimal("1.10")}
        return {**self._plain(value), "_created": {"extension": [number]}}

    def _plain(self, value: str) -> Resource:
        return {
            "resourceType": "Basic",
            "identifier": [{"system": _SYSTEM, "value": f"{self._mark}-{value}"}],
            "code": {"coding": [{"system": f"{LOCAL}CodeSystem/check", "code": "check"}]},
            "created": "2026-01-31",
        }

    def _creation(self) -> str:
        self._record.create(self._plain("plain"))
        return ""

    def _exactness(self) -> str:
        written = self._record.create(self._basic("exact"))
        kept = next(iter(values_at(written, "_created.extension.valueDecimal")), None)
        return "" if str(kept) == "1.10" else "1.10 came back in another form"

    def _extensions(self) -> str:
        written = self._record.create(self._basic("extended"))
        changed = self._record.update(
            {**written, "created": "2026-02-01"}, version=version_of(written)
        )
        return "" if values_at(changed, "_created.extension") else "an extension was dropped"

    def _conditional_create(self) -> str:
        basic = self._plain("once")
        query = f"identifier={_SYSTEM}|{self._mark}-once"
        ids = {self._record.create(basic, if_none_exist=query)["id"] for _ in range(2)}
        return "" if len(ids) == 1 else "If-None-Exist was ignored: two were made"

    def _update(self) -> str:
        written = self._record.create(self._plain("update"))
        changed = {**written, "created": "2026-02-01"}
        self._record.update(changed, version=version_of(written))
        return ""

    def _stale_update(self) -> str:
        first = self._record.create(self._plain("stale"))
        self._record.update({**first, "created": "2026-02-01"}, version=version_of(first))
        try:
            self._put_as_version(first, version_of(first))
        except Conflict:
            return ""
        return "ignored: If-Match is not honoured"

    def _put_as_version(self, resource: Resource, version: str) -> None:
        """PUT with If-Match and nothing else, to see what the record makes of it alone."""
        call = Call(self._record.settings.write_deadline_seconds)
        reply = self._record.server.exchange(
            call,
            "PUT",
            f"Basic/{resource['id']}",
            body=write_exact(resource),
            headers={"If-Match": f'W/"{version}"'},
        )
        if not reply.ok:
            raise reply.error()

    def _transaction(self) -> str:
        name = f"urn:uuid:{uuid.uuid4()}"
        second = self._plain("second") | {"subject": {"reference": name}}
        written = self._record.transact(
            [
                Write("POST", self._plain("first"), "Basic", full_url=name),
                Write("POST", second, "Basic"),
            ]
        )
        named = local_reference(next(iter(values_at(written[1], "subject.reference")), ""))
        return "" if named == f"Basic/{written[0]['id']}" else "references weren't resolved"

    def _half_transaction(self) -> str:
        standing = self._record.create(self._plain("standing"))
        stale = Write("PUT", standing, f"Basic/{standing['id']}", if_match="no-such-version")
        try:
            self._record.transact([Write("POST", self._plain("half"), "Basic"), stale])
        except RecordError:
            return "a part was kept" if self._find("half") else ""
        return "ignored: ifMatch in a transaction is not honoured"

    def _deletion(self) -> str:
        written = self._record.create(self._plain("delete"))
        self._delete(written["id"])
        try:
            self._record.fetch(f"Basic/{written['id']}")
        except NotFound:
            return ""
        return "it is still there"

    def _find(self, value: str = "") -> list[str]:
        """The ids of the Basics of this run; of one of them, where ``value`` names it."""
        call = Call(self._record.settings.deadline_seconds)
        found = []
        for each in (value,) if value else _VALUES:
            token = f"{_SYSTEM}%7C{self._mark}-{each}"
            reply = self._record.server.exchange(call, "GET", f"Basic?identifier={token}")
            if reply.ok:
                bundle = read_exact(reply.content)
                found += [str(own_id) for own_id in values_at(bundle, "entry.resource.id")]
        return found

    def delete_all(self) -> None:
        """Delete what this run wrote and can be found."""
        with contextlib.suppress(RecordError):
            for own_id in self._find():
                with contextlib.suppress(RecordError):
                    self._delete(own_id)

    def _delete(self, own_id: str) -> None:
        call = Call(self._record.settings.write_deadline_seconds)
        reply = self._record.server.exchange(call, "DELETE", f"Basic/{own_id}")
        if not reply.ok:
            raise reply.error()


_VALUES = (
    "plain",
    "exact",
    "extended",
    "once",
    "update",
    "stale",
    "first",
    "second",
    "standing",
    "half",
    "delete",
)
