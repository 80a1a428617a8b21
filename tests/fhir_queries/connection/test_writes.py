"""Writing: nothing is done before it was read again, and servers that lie are found out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from fhirclient.models.patient import Patient

from fhir_queries.errors import BadRecord, Conflict, NotFound, RecordUnavailable, Refused
from fhir_queries.record import SharedRecord, Write
from tests.faults.connecting import connected
from tests.faults.fault_server import Asked, FaultServer, Sent, batch_of, http, outcome, serving

TASK = {"resourceType": "Task", "status": "requested", "intent": "proposal"}
RAW = (
    b'{"resourceType":"Patient","id":"p1","meta":{"versionId":"3"},"birthDate":"1931-02-01",'
    b'"_birthDate":{"extension":[{"url":"x","valueDateTime":"1931-02-01T05:00:00Z"}]},'
    b'"extension":[{"url":"y","valueDecimal":1.10},{"url":"z","valueDecimal":1e2}]}'
)


class Keeping:
    """A record that keeps what it is sent, honestly unless told to lie."""

    def __init__(self, **held: dict[str, Any]) -> None:
        self.held: dict[str, list[dict[str, Any]]] = {
            f"{one['resourceType']}/{one['id']}": [one] for one in held.values()
        }
        self.honours_if_match = True
        self.honours_none_exist = True
        self.spoils: dict[str, Any] = {}
        self.forgets_in_transactions: set[str] = set()
        self.drops_answers = 0
        self.by_identifier: dict[str, str] = {}

    def __call__(self, asked: Asked) -> Sent:
        if asked.method == "POST" and asked.path == "":
            kind = asked.resource["type"]
            if kind == "batch":
                return batch_of(asked, lambda one: self._read(one.path))
            return self._transaction(asked)
        if asked.method == "GET":
            return self._history(asked.path)
        status, key = self._write(asked.method, asked.path, asked.resource, asked.headers)
        if self.drops_answers:
            self.drops_answers -= 1
            return Sent([], close=True)
        if status >= 400:
            return http(status, outcome("conflict"))
        return http(status, self.held[key][-1], {"Location": f"{key}/_history/1"})

    def _read(self, path: str) -> tuple[int, Any]:
        versions = self.held.get(path)
        return (200, versions[-1]) if versions else (404, outcome("not-found"))

    def _history(self, path: str) -> Sent:
        key = path.removesuffix("/_history")
        if key == path:
            return http(*self._read(path))
        entries = [{"resource": one} for one in self.held[key]]
        return http(200, {"resourceType": "Bundle", "type": "history", "entry": entries})

    def _write(
        self, method: str, path: str, resource: dict[str, Any], headers: dict[str, str]
    ) -> tuple[int, str]:
        kind = resource["resourceType"]
        condition = headers.get("if-none-exist", "")
        if method == "POST" and condition in self.by_identifier and self.honours_none_exist:
            return 200, self.by_identifier[condition]
        key = path if method == "PUT" else f"{kind}/n{len(self.held) + 1}"
        versions = self.held.setdefault(key, [])
        wanted = headers.get("if-match", "").removeprefix('W/"').removesuffix('"')
        standing = versions[-1]["meta"]["versionId"] if versions else ""
        if self.honours_if_match and wanted and wanted != standing:
            return 412, key
        own_id = key.partition("/")[2]
        version = str(int(standing or "0") + 1)
        kept = {**resource, "id": own_id, "meta": {"versionId": version}, **self.spoils}
        versions.append(kept)
        if condition:
            self.by_identifier[condition] = key
        return (201 if method == "POST" else 200), key

    def _transaction(self, asked: Asked) -> Sent:
        answers, names = [], {}
        for entry in asked.resource["entry"]:
            request = entry["request"]
            headers = {
                "if-match": request.get("ifMatch", ""),
                "if-none-exist": request.get("ifNoneExist", ""),
            }
            status, key = self._write(request["method"], request["url"], entry["resource"], headers)
            if status >= 400:
                return http(status, outcome("conflict"))
            names[entry["fullUrl"]] = key
            answers.append({"response": {"status": str(status), "location": f"{key}/_history/1"}})
        for key in names.values():
            text = json.dumps(self.held[key][-1])
            for temporary, permanent in names.items():
                text = text.replace(temporary, permanent)
            self.held[key][-1] = json.loads(text)
            if key.partition("/")[0] in self.forgets_in_transactions:
                del self.held[key]
        return http(
            200, {"resourceType": "Bundle", "type": "transaction-response", "entry": answers}
        )


@contextmanager
def keeping(record: Keeping, **settings: Any) -> Iterator[tuple[SharedRecord, FaultServer]]:
    with serving(record) as server, connected(server.base, **settings) as connection:
        yield connection, server


def task(version: str = "1", **more: Any) -> dict[str, Any]:
    return {**TASK, "id": "t1", "meta": {"versionId": version}, **more}


def test_what_is_created_is_read_again() -> None:
    with keeping(Keeping()) as (record, server):
        created = record.create(TASK)
        assert created["id"] == "n1"
        assert [one.method for one in server.asked] == ["POST", "GET"]


def test_a_review_flagged_twice_is_one_review() -> None:
    with keeping(Keeping()) as (record, server):
        condition = "identifier=https://handover-viewer.example/fhir/Id/redirect-review|e 1"
        first = record.create(TASK, if_none_exist=condition)
        assert record.create(TASK, if_none_exist=condition)["id"] == first["id"]
        assert " " not in server.asked[0].headers["if-none-exist"]


def test_a_conditional_create_whose_answer_was_lost_is_sent_again() -> None:
    keeper = Keeping()
    keeper.drops_answers = 1
    with keeping(keeper) as (record, _):
        assert record.create(TASK, if_none_exist="identifier=a|b")["id"] == "n1"
        assert len(keeper.held) == 1


def test_a_plain_create_whose_answer_was_lost_is_not_sent_again() -> None:
    keeper = Keeping()
    keeper.drops_answers = 1
    with keeping(keeper) as (record, server):
        with pytest.raises(RecordUnavailable):
            record.create(TASK)
        assert len(server.asked) == 1


def test_an_update_says_which_version_it_replaces() -> None:
    with keeping(Keeping(task=task("7"))) as (record, server):
        updated = record.update(task("7", status="in-progress"), version="7")
        assert updated["meta"]["versionId"] == "8"
        put = next(one for one in server.asked if one.method == "PUT")
        assert put.headers["if-match"] == 'W/"7"'


def test_the_second_of_two_clinicians_is_told() -> None:
    with keeping(Keeping(task=task("1"))) as (record, _):
        record.update(task("1", status="in-progress"), version="1")
        with pytest.raises(Conflict):
            record.update(task("1", status="in-progress", description="me too"), version="1")


def test_the_second_is_told_even_by_a_server_that_ignores_if_match() -> None:
    keeper = Keeping(task=task("1"))
    keeper.honours_if_match = False
    with keeping(keeper) as (record, _):
        record.update(task("1", status="in-progress"), version="1")
        with pytest.raises(Conflict):
            record.update(task("1", status="in-progress", description="me too"), version="1")
        assert "description" not in keeper.held["Task/t1"][-1]


def test_a_server_that_stores_something_else_is_found_out() -> None:
    keeper = Keeping(task=task("1"))
    keeper.spoils = {"status": "cancelled"}
    with keeping(keeper) as (record, _), pytest.raises(Conflict):
        record.update(task("1", status="in-progress"), version="1")


def test_a_created_resource_that_lost_a_part_is_found_out() -> None:
    keeper = Keeping()
    keeper.spoils = {"intent": "order"}
    with keeping(keeper) as (record, _), pytest.raises(BadRecord):
        record.create(TASK)


def test_an_update_whose_answer_was_lost_is_no_conflict_with_oneself() -> None:
    keeper = Keeping(task=task("1"))
    keeper.drops_answers = 1
    with keeping(keeper) as (record, _):
        updated = record.update(task("1", status="in-progress"), version="1")
        assert updated["status"] == "in-progress"
        assert len(keeper.held["Task/t1"]) == 2


def test_read_modify_write_keeps_extensions_of_dates_and_digits_of_decimals() -> None:
    def respond(asked: Asked) -> Sent:
        if asked.method == "PUT":
            stored.append(asked.body)
            return http(200, asked.body)
        return http(200, stored[-1].replace(b'"3"', b'"4"') if len(stored) > 1 else RAW)

    stored = [RAW]
    with serving(respond) as server, connected(server.base) as record:
        patient = record.fetch("Patient/p1")
        assert patient["extension"][0]["valueDecimal"] == Decimal("1.10")
        record.update({**patient, "gender": "female"}, version="3")
    sent = stored[1]
    assert b'"valueDecimal":1.10' in sent
    assert b'"_birthDate":{"extension":[{"url":"x"' in sent
    assert json.loads(sent) == {**json.loads(RAW), "gender": "female"}


RESPONSE = "urn:uuid:11111111-1111-4111-8111-111111111111"


def decision() -> list[Write]:
    return [
        Write(
            "POST",
            {"resourceType": "QuestionnaireResponse", "status": "completed"},
            "QuestionnaireResponse",
            if_none_exist="identifier=a|t1",
            full_url=RESPONSE,
        ),
        Write(
            "PUT",
            task(
                "1",
                status="completed",
                output=[
                    {
                        "valueReference": {
                            "reference": "urn:uuid:11111111-1111-4111-8111-111111111111"
                        }
                    }
                ],
            ),
            "Task/t1",
            if_match="1",
        ),
    ]


def test_a_decision_is_written_whole_and_read_again() -> None:
    with keeping(Keeping(task=task("1"))) as (record, server):
        response, decided = record.transact(decision())
        reference = decided["output"][0]["valueReference"]["reference"]
        assert reference == f"QuestionnaireResponse/{response['id']}"
        entries = server.asked[0].resource["entry"]
        assert entries[1]["request"] == {"method": "PUT", "url": "Task/t1", "ifMatch": 'W/"1"'}
        assert [one.method for one in server.asked] == ["POST", "POST"]


def test_a_decision_on_what_somebody_else_changed_is_a_conflict() -> None:
    with keeping(Keeping(task=task("2"))) as (record, _), pytest.raises(Conflict):
        record.transact(decision())


def test_a_transaction_of_which_a_part_is_not_there_is_found_out() -> None:
    keeper = Keeping(task=task("1"))
    keeper.forgets_in_transactions = {"QuestionnaireResponse"}
    with keeping(keeper) as (record, _), pytest.raises(BadRecord) as raised:
        record.transact(decision())
    assert "only a part" in str(raised.value)


def test_a_transaction_that_stored_something_else_is_found_out() -> None:
    keeper = Keeping(task=task("1"))
    keeper.spoils = {"status": "cancelled"}
    with keeping(keeper) as (record, _), pytest.raises(BadRecord):
        record.transact(decision())


@pytest.mark.parametrize("status", [404, 405, 501])
def test_a_record_that_takes_no_transaction_takes_no_decision(status: int) -> None:
    with (
        serving(lambda _: http(status)) as server,
        connected(server.base) as record,
        pytest.raises(Refused, match="as one whole"),
    ):
        record.transact(decision())


@pytest.mark.parametrize(
    "answer",
    [
        {"resourceType": "Bundle", "entry": []},
        {"resourceType": "Bundle"},
        {"resourceType": "Bundle", "entry": [None, 7]},
        {"resourceType": "Bundle", "entry": [{}, {"response": {"status": "200"}}]},
        {"resourceType": "OperationOutcome"},
        b"<html>",
    ],
)
def test_an_answer_to_a_transaction_that_cant_be_read_is_never_success(answer: Any) -> None:
    with (
        serving(lambda _: http(200, answer)) as server,
        connected(server.base) as record,
        pytest.raises(BadRecord),
    ):
        record.transact(decision())


def test_an_entry_of_a_transaction_that_failed_is_its_error() -> None:
    entries = [
        {"response": {"status": "201", "location": "QuestionnaireResponse/q/_history/1"}},
        {"response": {"status": "409 Conflict"}},
    ]
    answer = {"resourceType": "Bundle", "entry": entries}
    with (
        serving(lambda _: http(200, answer)) as server,
        connected(server.base) as record,
        pytest.raises(Conflict),
    ):
        record.transact(decision())


def test_what_the_record_says_against_a_write_is_told() -> None:
    said = outcome("invariant", words="Task.for is needed")
    with serving(lambda _: http(422, said)) as server, connected(server.base) as record:
        with pytest.raises(Refused, match=r"Task\.for is needed") as raised:
            record.create(TASK)
        assert "Task.for" not in raised.value.detail


@pytest.mark.parametrize(
    "reference",
    ["Task", "Task/", "Task/a/b", "Task/../x", "/Task/a", "http://h/Task/a", "Task/a?b"],
)
def test_only_a_plain_reference_is_fetched(reference: str) -> None:
    with serving(lambda _: http(200)) as server, connected(server.base) as record:
        with pytest.raises(NotFound):
            record.fetch(reference)
        assert server.asked == []


def test_versions_come_newest_first_whatever_order_the_record_gives() -> None:
    keeper = Keeping(task=task("1"))
    keeper.held["Task/t1"] = [task("2"), task("10"), task("1"), task("2")]
    with keeping(keeper) as (record, _):
        versions = record.history_of("Task/t1")
        assert [one["meta"]["versionId"] for one in versions] == ["10", "2", "1"]


def test_fhirclients_own_models_fail_in_the_same_way_and_in_time() -> None:
    with (
        serving(lambda _: Sent([9.0])) as server,
        connected(server.base) as record,
        pytest.raises(RecordUnavailable),
    ):
        Patient.read("p1", record.server)
    with (
        serving(lambda _: http(404)) as server,
        connected(server.base) as record,
        pytest.raises(NotFound),
    ):
        Patient.read("p1", record.server)
    with serving(lambda _: http(200, RAW)) as server, connected(server.base) as record:
        assert Patient.read("p1", record.server).birthDate.isostring == "1931-02-01"
