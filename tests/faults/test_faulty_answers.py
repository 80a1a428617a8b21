"""Every way in which an answer goes wrong, and which error or tolerance it becomes."""

from __future__ import annotations

import gzip
import itertools
import json
import threading
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import pytest

from fhir_queries.asking import Answer, Reading, Search
from fhir_queries.errors import (
    BadRecord,
    Conflict,
    NotFound,
    NotPermitted,
    RecordError,
    RecordUnavailable,
    Refused,
)
from fhir_queries.record import SharedRecord
from tests.faults.connecting import connected
from tests.faults.fault_server import Asked, Respond, Sent, bundle, http, outcome, serving

pytestmark = pytest.mark.alone
ENCOUNTER = {"resourceType": "Encounter", "id": "e1", "status": "arrived"}
GOOD = bundle(ENCOUNTER)
QUEUE = Search("queue", "Encounter", (("status", "arrived"),))
Ask = Callable[[SharedRecord], Any]


def ask_queue(record: SharedRecord) -> Answer:
    return record.ask([QUEUE]).by_name["queue"]


def fetch_patient(record: SharedRecord) -> Any:
    return record.fetch("Patient/p1")


@dataclass(frozen=True)
class Faulty:
    """One faulty answer. ``becomes`` is an error, or holds of the Answer that is tolerated."""

    name: str
    respond: Respond
    becomes: type[RecordError] | Callable[[Any], bool]
    ask: Ask = ask_queue
    settings: dict[str, Any] = field(default_factory=dict)


def always(sent: Sent) -> Respond:
    return lambda _: sent


def in_turn(*sents: Sent) -> Respond:
    """Each answer once, the last for ever."""
    turn = itertools.chain(sents, itertools.repeat(sents[-1]))
    return lambda _: next(turn)


def status(number: int, body: Any = None, **headers: str) -> Respond:
    return always(http(number, body, {k.replace("_", "-"): v for k, v in headers.items()}))


def whole(answer: Answer) -> bool:
    return answer.reading is Reading.ANSWERED and answer.complete and len(answer.matches) == 1


def one_set_aside(answer: Answer) -> bool:
    return whole(answer) and answer.set_aside == 1


def empty(answer: Answer) -> bool:
    return answer.reading is Reading.ANSWERED and not answer.matches and answer.complete


def unsupported(answer: Answer) -> bool:
    return answer.reading is Reading.NOT_SUPPORTED


def with_entries(*entries: Any) -> Respond:
    found = [{"resource": ENCOUNTER}, *entries]
    return always(http(200, {"resourceType": "Bundle", "type": "searchset", "entry": found}))


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\n"
BODY = json.dumps(GOOD).encode()
LATIN = BODY.replace(b'"e1"', b'"e1", "x": "J\xfcrgen"')
BOMB = gzip.compress(b"[" + b" " * (8 << 20) + b"]")

STATUSES = [
    *(
        Faulty(f"status {number}", status(number, outcome("processing")), error)
        for number, error in {
            400: Refused,
            401: NotPermitted,
            402: Refused,
            403: NotPermitted,
            406: Refused,
            407: RecordUnavailable,
            408: RecordUnavailable,
            409: Conflict,
            412: Conflict,
            413: Refused,
            415: Refused,
            418: Refused,
            422: Refused,
            425: RecordUnavailable,
            429: RecordUnavailable,
            451: NotPermitted,
            500: RecordUnavailable,
            502: RecordUnavailable,
            503: RecordUnavailable,
            504: RecordUnavailable,
            511: RecordUnavailable,
            599: RecordUnavailable,
        }.items()
    ),
    Faulty("status 404 to a search: the type isn't held", status(404), unsupported),
    Faulty("status 405 to a search", status(405), unsupported),
    Faulty("status 501 to a search", status(501), unsupported),
    Faulty(
        "status 400 that says not-supported", status(400, outcome("not-supported")), unsupported
    ),
    Faulty("status 404 to a read", status(404, outcome("not-found")), NotFound, fetch_patient),
    Faulty("status 410 to a read", status(410, outcome("deleted")), NotFound, fetch_patient),
    Faulty("status 204 with nothing", status(204), BadRecord),
    Faulty("status 202, still working on it", status(202, b""), BadRecord),
    Faulty("status 304 that nobody asked for", status(304), BadRecord),
    Faulty("an error whose body is HTML", status(500, b"<html>oops</html>"), RecordUnavailable),
    Faulty("an error whose outcome is malformed", status(422, {"issue": 7}), Refused),
    Faulty(
        "503 twice, then an answer",
        in_turn(http(503), http(503), http(200, GOOD)),
        whole,
    ),
    Faulty(
        "429 with Retry-After: 0, then an answer",
        in_turn(http(429, None, {"Retry-After": "0"}), http(200, GOOD)),
        whole,
    ),
    Faulty(
        "503 with a Retry-After that is no number",
        in_turn(http(503, None, {"Retry-After": "soon"}), http(200, GOOD)),
        whole,
    ),
    Faulty(
        "503 with a Retry-After past the deadline: not waited for",
        status(503, None, Retry_After="120"),
        RecordUnavailable,
    ),
]

NETWORK = [
    Faulty("closed without a word", always(Sent([], close=True)), RecordUnavailable),
    Faulty("reset without a word", always(Sent([], reset=True)), RecordUnavailable),
    Faulty(
        "closed once, then an answer: asked again",
        in_turn(Sent([], close=True), http(200, GOOD)),
        whole,
    ),
    Faulty("silent for ever", always(Sent([60.0])), RecordUnavailable),
    Faulty(
        "silent within the head",
        always(Sent([b"HTTP/1.1 200 OK\r\nCont", 60.0])),
        RecordUnavailable,
    ),
    Faulty(
        "silent within the body",
        always(Sent([HEAD + b"Content-Length: 900\r\n\r\n" + BODY[:20], 60.0])),
        RecordUnavailable,
    ),
    Faulty(
        "a head that drips an octet at a time",
        always(Sent([part for octet in HEAD * 9 for part in (bytes([octet]), 0.05)])),
        RecordUnavailable,
    ),
    Faulty(
        "a body that drips an octet at a time",
        always(
            Sent(
                [
                    HEAD + b"Content-Length: 9000\r\n\r\n",
                    *(part for octet in BODY * 40 for part in (bytes([octet]), 0.05)),
                ]
            )
        ),
        RecordUnavailable,
    ),
    Faulty("not HTTP at all", always(Sent([b"SSH-2.0-OpenSSH_9.2\r\n"], close=True)), RecordError),
    Faulty(
        "a head without an end",
        always(Sent([HEAD + b"X: " + b"y" * 70_000], close=True)),
        RecordError,
    ),
    Faulty(
        "a status line that is no number",
        always(Sent([b"HTTP/1.1 OK fine\r\n\r\n"], close=True)),
        RecordError,
    ),
    Faulty(
        "a body cut short",
        always(Sent([HEAD + b"Content-Length: 9999\r\n\r\n" + BODY], close=True)),
        BadRecord,
    ),
    Faulty(
        "a body that ends in a reset",
        always(Sent([HEAD + b"Content-Length: 9999\r\n\r\n" + BODY, 0.05], reset=True)),
        RecordError,
    ),
    Faulty(
        "a chunked body cut short",
        always(Sent([HEAD + b"Transfer-Encoding: chunked\r\n\r\n40\r\n{"], close=True)),
        BadRecord,
    ),
    Faulty(
        "a chunk whose length is no number",
        always(Sent([HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}"], close=True)),
        BadRecord,
    ),
    Faulty(
        "a well-formed chunked body",
        always(
            Sent(
                [
                    HEAD
                    + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(BODY)
                    + BODY
                    + b"\r\n0\r\n\r\n"
                ]
            )
        ),
        whole,
    ),
    Faulty(
        "a body that ends with the connection",
        always(Sent([HEAD + b"\r\n" + BODY], close=True)),
        whole,
    ),
    Faulty(
        "gzip",
        always(http(200, gzip.compress(BODY), {"Content-Encoding": "gzip"})),
        whole,
    ),
    Faulty(
        "gzip that is broken",
        always(http(200, gzip.compress(BODY)[:40] + b"junk", {"Content-Encoding": "gzip"})),
        BadRecord,
    ),
    Faulty(
        "gzip cut short, with a length that fits",
        always(http(200, gzip.compress(BODY)[:-40], {"Content-Encoding": "gzip"})),
        BadRecord,
    ),
    Faulty(
        "gzip that isn't gzip",
        always(http(200, BODY, {"Content-Encoding": "gzip"})),
        BadRecord,
    ),
    Faulty(
        "deflate that nobody asked for",
        always(http(200, zlib.compress(BODY), {"Content-Encoding": "deflate"})),
        whole,
    ),
    Faulty(
        "a gzip bomb",
        always(http(200, BOMB, {"Content-Encoding": "gzip"})),
        BadRecord,
        settings={"most_mib": 1},
    ),
    Faulty(
        "more than an answer may hold",
        always(http(200, b"[" + b" " * (3 << 20) + b"]")),
        BadRecord,
        settings={"most_mib": 1},
    ),
    Faulty(
        "a redirect to another host",
        status(302, None, Location="http://127.0.0.2:9/fhir"),
        BadRecord,
    ),
    Faulty(
        "a redirect to a sign-in page elsewhere",
        status(302, None, Location="https://login.example/start"),
        BadRecord,
    ),
    Faulty("a redirect in a circle", status(307, None, Location="/fhir/Encounter"), BadRecord),
    Faulty("a redirect to nowhere", status(302), BadRecord),
    Faulty(
        "a redirect to what is no address", status(302, None, Location="http://[bad"), BadRecord
    ),
    Faulty(
        "a redirect within the record",
        in_turn(http(308, None, {"Location": "/fhir/Encounter/"}), http(200, GOOD)),
        whole,
    ),
]

BODIES = [
    Faulty(
        "200 with HTML", status(200, b"<!doctype html><html>", Content_Type="text/html"), BadRecord
    ),
    Faulty("200 with XML", status(200, b'<?xml version="1.0"?><Bundle/>'), BadRecord),
    Faulty("200 with nothing", status(200, b""), BadRecord),
    Faulty("200 with blanks", status(200, b" \n "), BadRecord),
    Faulty("JSON cut short", status(200, BODY[:-5]), BadRecord),
    Faulty("JSON with something after it", status(200, BODY + b"{}"), BadRecord),
    Faulty("JSON nested ten thousand deep", status(200, b"[" * 10_000), BadRecord),
    Faulty("a number in place of a Bundle", status(200, b"7"), BadRecord),
    Faulty("null in place of a Bundle", status(200, b"null"), BadRecord),
    Faulty("a list in place of a Bundle", status(200, [ENCOUNTER]), BadRecord),
    Faulty("one resource in place of a Bundle", status(200, ENCOUNTER), BadRecord),
    Faulty(
        "an OperationOutcome in place of a Bundle", status(200, outcome("exception")), BadRecord
    ),
    Faulty(
        "entries that are no list", status(200, {"resourceType": "Bundle", "entry": {}}), BadRecord
    ),
    Faulty("another resource than was read", status(200, ENCOUNTER), BadRecord, fetch_patient),
    Faulty("a byte order mark", status(200, b"\xef\xbb\xbf" + BODY), whole),
    Faulty("an octet that isn't UTF-8", status(200, LATIN), whole),
    Faulty(
        "half a surrogate pair in a name",
        status(200, BODY.replace(b'"e1"', b'"e1", "x": "\\ud800"')),
        whole,
    ),
    Faulty("NaN", status(200, BODY.replace(b'"e1"', b'"e1", "x": NaN')), whole),
    Faulty("a Bundle without entries", status(200, {"resourceType": "Bundle"}), empty),
    Faulty("entries that are null", status(200, {"resourceType": "Bundle", "entry": None}), empty),
    Faulty("an entry that is null", with_entries(None), one_set_aside),
    Faulty("an entry that is a number", with_entries(7), one_set_aside),
    Faulty("an entry without a resource", with_entries({"fullUrl": "x"}), one_set_aside),
    Faulty("an entry whose resource is a list", with_entries({"resource": []}), one_set_aside),
    Faulty("a resource without a type", with_entries({"resource": {"id": "x"}}), one_set_aside),
    Faulty(
        "a type that is a number", with_entries({"resource": {"resourceType": 7}}), one_set_aside
    ),
    Faulty(
        "something included without an id",
        with_entries({"resource": {"resourceType": "Patient"}}),
        one_set_aside,
    ),
    Faulty(
        "a search mode that is no object", with_entries({"resource": ENCOUNTER, "search": 7}), whole
    ),
    Faulty("the same entry twice", with_entries({"resource": ENCOUNTER}), whole),
    Faulty(
        "a match without an id is kept",
        with_entries({"resource": {"resourceType": "Encounter"}}),
        lambda answer: len(answer.matches) == 2,
    ),
    Faulty(
        "an included resource of the searched type isn't a match",
        with_entries({"resource": {**ENCOUNTER, "id": "e2"}, "search": {"mode": "include"}}),
        lambda answer: whole(answer) and "Encounter/e2" in answer.included,
    ),
    Faulty(
        "an OperationOutcome with a warning among the entries",
        with_entries({"resource": outcome("informational", "warning", "Index is being rebuilt")}),
        lambda answer: whole(answer) and answer.warnings == ("Index is being rebuilt",),
    ),
    Faulty(
        "an OperationOutcome with an error among the entries",
        with_entries({"resource": outcome("exception", "error", "One source failed")}),
        lambda answer: not answer.complete and answer.warnings == ("One source failed",),
    ),
    Faulty(
        "an OperationOutcome that says something is suppressed",
        with_entries({"resource": outcome("suppressed", "information")}),
        lambda answer: answer.withheld and len(answer.matches) == 1,
    ),
    Faulty(
        "a malformed OperationOutcome among the entries",
        with_entries({"resource": {"resourceType": "OperationOutcome", "issue": [7, {}]}}),
        whole,
    ),
    Faulty(
        "a total that says more than came, and no way to it",
        status(200, bundle(ENCOUNTER, total=7)),
        lambda answer: not answer.complete and len(answer.matches) == 1,
    ),
    Faulty("a total that is text", status(200, bundle(ENCOUNTER, total="7")), whole),
    Faulty("links that are no list", status(200, bundle(ENCOUNTER, link=7)), whole),
    Faulty(
        "a next link that is no text",
        status(200, bundle(ENCOUNTER, link=[{"relation": "next", "url": 7}])),
        whole,
    ),
]

FAULTS = [*STATUSES, *NETWORK, *BODIES]


def test_there_are_at_least_sixty() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 60


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_faulty_answer_becomes_one_known_error_or_is_tolerated(fault: Faulty) -> None:
    with serving(fault.respond) as server, connected(server.base, **fault.settings) as record:
        began = perf_counter()
        if isinstance(fault.becomes, type):
            with pytest.raises(fault.becomes) as raised:
                fault.ask(record)
            assert str(raised.value).endswith(".")
            assert raised.value.detail
        else:
            assert fault.becomes(fault.ask(record))
        assert perf_counter() - began < 2.5


@pytest.mark.parametrize("number", [301, 302, 307, 308])
def test_a_write_that_is_redirected_is_not_sent_on(number: int) -> None:
    def respond(asked: Asked) -> Sent:
        return http(number, None, {"Location": "/fhir/Elsewhere"})

    with serving(respond) as server, connected(server.base) as record:
        with pytest.raises(BadRecord):
            record.create({"resourceType": "Task"})
        assert len(server.asked) == 1


def test_a_record_that_is_not_there_is_said_at_once() -> None:
    with connected("http://127.0.0.1:1/fhir") as record:
        began = perf_counter()
        with pytest.raises(RecordUnavailable):
            ask_queue(record)
        assert perf_counter() - began < 1.0


def test_a_host_whose_name_is_not_found_in_time_ends_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = threading.Event()

    def never_found(*_: Any, **__: Any) -> Any:
        found.wait(5)
        raise OSError

    monkeypatch.setattr("socket.getaddrinfo", never_found)
    with connected("http://record.example/fhir", connect_seconds=0.3) as record:
        began = perf_counter()
        with pytest.raises(RecordUnavailable) as raised:
            ask_queue(record)
        assert perf_counter() - began < 1.5
    assert raised.value.detail == "no connection in time"
    found.set()
