"""Ten thousand requests that make no sense: each is answered, none with a fault of ours.

HANDOVER_TEST_FUZZ says how many for each kind; the strict run does 2,000, 10,000 in all.
"""

from __future__ import annotations

import json
import os
import socket
import time
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from sandbox import definitions, expressions
from sandbox.embedded import EmbeddedRecord
from tests.conftest import STRICT
from tests.sandbox.conformance.cases import resources

EACH = int(os.environ.get("HANDOVER_TEST_FUZZ") or (2000 if STRICT else 100))
many = settings(
    max_examples=EACH,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
pytestmark = [pytest.mark.alone, pytest.mark.timeout(900)]

KINDS = some.sampled_from(["Patient", "Encounter", "Observation", "Task", "Bundle", "Basic"])
NAMES = some.sampled_from(
    sorted(
        {
            name
            for kind in ("Patient", "Encounter", "Observation", "Task")
            for name in expressions.searchable(kind).parameters
        }
        | {"_count", "_sort", "_include", "_revinclude", "_summary", "_elements", "_total"}
        | {"_has", "_page", "_format", "_since", "_at", "_type", "_lastUpdated", "_id"}
    )
)
MODIFIERS = some.sampled_from(
    [
        "",
        ":not",
        ":missing",
        ":exact",
        ":contains",
        ":text",
        ":of-type",
        ":identifier",
        ":iterate",
        ":below",
        ":above",
        ":Patient",
        ":",
        ":Patient.name",
        ".name",
        ".",
        ":a:b:c",
        "..",
        ":*",
    ]
)
HOSTILE = some.sampled_from(
    [
        "",
        ",",
        "|",
        "||",
        "\\",
        "\\,",
        "'",
        '"',
        "%",
        "\x00",
        "gt",
        "1e999",
        "-1e-999",
        "9" * 400,
        "2026-13-45",
        "0000-00-00",
        "9999-12-31",
        "0001-01-01T00:00:00+14:00",
        "Patient/",
        "/",
        "*",
        "Patient?x=y",
        "NaN",
        "true",
        "Encounter:patient",
        "Encounter:*",
        "x:y:z:w",
        "🚑",
        "Observation:patient:code",
        "," * 3000,
        "a," * 1500,
        "gt1," * 300,
        "_has:" * 20,
        "eq" * 50,
    ]
)
TEXTS = some.one_of(HOSTILE, some.text(max_size=30), some.integers().map(str))


def ask(http: httpx.Client, method: str, path: str, **more: Any) -> httpx.Response:
    """Send it; whatever it is, there is a decent answer within a while."""
    begun = time.monotonic()
    answer = http.request(method, path, **more)
    assert time.monotonic() - begun < 10
    assert answer.status_code < 500, answer.text[:500]
    if answer.status_code >= 400 and answer.content:
        assert answer.json()["resourceType"] == "OperationOutcome"
    return answer


def at_path(http: httpx.Client, path: str) -> str:
    """The URL of a path that httpx may not tidy up."""
    return f"{http.base_url}{path}"


@many
@given(
    kind=KINDS,
    parameters=some.lists(
        some.tuples(some.tuples(NAMES, MODIFIERS).map("".join), TEXTS), max_size=4
    ),
    prefer=some.sampled_from(["handling=strict", "handling=lenient", "handling=odd", "x", ""]),
)
def test_searches_that_make_no_sense(
    http: httpx.Client, kind: str, parameters: list[tuple[str, str]], prefer: str
) -> None:
    query = "&".join(f"{quote(name)}={quote(text, errors='replace')}" for name, text in parameters)
    ask(http, "GET", f"{kind}?{query}", headers={"Prefer": prefer})


JSON = some.recursive(
    some.one_of(
        some.none(),
        some.booleans(),
        some.integers(-(10**20), 10**20),
        some.floats(allow_nan=False, allow_infinity=False),
        some.text(max_size=12),
        some.sampled_from(["Patient", "Bundle", "transaction", "batch", "POST", "urn:uuid:1"]),
    ),
    lambda inner: some.one_of(
        some.lists(inner, max_size=3),
        some.dictionaries(
            some.sampled_from(
                [
                    "resourceType",
                    "id",
                    "meta",
                    "entry",
                    "request",
                    "resource",
                    "method",
                    "url",
                    "type",
                    "status",
                    "identifier",
                    "name",
                    "_name",
                    "extension",
                    "contained",
                    "value",
                    "valueQuantity",
                    "subject",
                    "reference",
                    "period",
                    "start",
                    "fullUrl",
                ]
            ),
            inner,
            max_size=5,
        ),
    ),
    max_leaves=12,
)
EXAMPLES = [json.dumps(each) for each in resources()]


@some.composite
def broken_resources(draw: some.DrawFn) -> Any:
    """A good resource with something else in some place of it."""
    resource = json.loads(draw(some.sampled_from(EXAMPLES)))
    for _ in range(draw(some.integers(1, 3))):
        place: Any = resource
        for _ in range(draw(some.integers(0, 4))):
            inner = list(place.values()) if isinstance(place, dict) else place
            held = [each for each in inner if isinstance(each, (dict, list)) and each]
            if not held:
                break
            place = draw(some.sampled_from(held))
        key: Any
        if isinstance(place, dict):
            key = draw(
                some.one_of(
                    some.sampled_from(sorted(place)), some.sampled_from(["_x", "extension"])
                )
            )
        else:
            key = draw(some.integers(0, len(place) - 1))
        place[key] = draw(JSON)
    return resource


@many
@given(
    resource=some.one_of(broken_resources(), JSON),
    method=some.sampled_from(["POST", "PUT"]),
    kind=KINDS,
)
def test_resources_that_make_no_sense(
    http: httpx.Client, resource: Any, method: str, kind: str
) -> None:
    path = kind
    if isinstance(resource, dict) and isinstance(resource.get("resourceType"), str):
        path = quote(resource["resourceType"], safe="") or kind
    if method == "PUT":
        identity = resource.get("id") if isinstance(resource, dict) else None
        path += f"/{quote(str(identity or 'x'), safe='', errors='replace')}"
    content = json.dumps(resource).encode()
    ask(http, method, path, content=content)


REQUESTS = some.fixed_dictionaries(
    {},
    optional={
        "method": some.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "get", 1]),
        "url": some.one_of(
            some.sampled_from(
                [
                    "Patient",
                    "Patient/x",
                    "Patient?_id=x",
                    "",
                    "/",
                    "http://elsewhere/x",
                    "metadata",
                    "Patient/x/$everything",
                    "_history",
                    "Patient/x/_history/1",
                    "$export",
                    "Bundle",
                    "Encounter?status=arrived&_include=Encounter:*",
                    "?",
                    "Patient?identifier=",
                ]
            ),
            TEXTS,
            JSON,
        ),
        "ifNoneExist": some.one_of(TEXTS, some.just("identifier=a|b"), JSON),
        "ifMatch": some.one_of(TEXTS, some.just('W/"1"')),
    },
)
ENTRIES = some.fixed_dictionaries(
    {},
    optional={
        "fullUrl": some.one_of(some.just("urn:uuid:1"), TEXTS, JSON),
        "resource": some.one_of(
            broken_resources(), some.sampled_from(EXAMPLES).map(json.loads), JSON
        ),
        "request": some.one_of(REQUESTS, JSON),
    },
)


@many
@given(
    kind=some.sampled_from(["batch", "transaction"]),
    entries=some.one_of(some.lists(some.one_of(ENTRIES, JSON), max_size=4), JSON),
    prefer=some.sampled_from(["return=minimal", "return=representation", ""]),
)
def test_bundles_that_make_no_sense(
    http: httpx.Client, kind: str, entries: Any, prefer: str
) -> None:
    content = json.dumps({"resourceType": "Bundle", "type": kind, "entry": entries}).encode()
    answer = ask(http, "POST", "", content=content, headers={"Prefer": prefer})
    if answer.status_code == 200:
        told = answer.json().get("entry", [])
        assert len(told) == len(entries)
        for entry in told:
            assert not entry["response"]["status"].startswith("5"), entry


OPERATIONS = some.fixed_dictionaries(
    {},
    optional={
        "op": some.sampled_from(["add", "remove", "replace", "move", "copy", "test", "odd", 1]),
        "path": some.one_of(
            some.sampled_from(
                ["", "/", "/name", "/name/0", "/name/-", "/name/9", "/id", "/x/y", "name"]
            ),
            some.sampled_from(
                ["/birthDate", "/meta/versionId", "/resourceType", "/name/0/given/0/x"]
            ),
            JSON,
        ),
        "from": some.sampled_from(["/name", "/id", "/nothing", "", "/name/0/given"]),
        "value": JSON,
    },
)


@many
@given(patch=some.one_of(some.lists(OPERATIONS, max_size=4), JSON))
def test_patches_that_make_no_sense(http: httpx.Client, patch: Any) -> None:
    body = {"resourceType": "Patient", "id": "patched", "name": [{"given": ["Eve", "Marie"]}]}
    ask(http, "PUT", "Patient/patched", json=body)
    headers = {"Content-Type": "application/json-patch+json"}
    ask(http, "PATCH", "Patient/patched", content=json.dumps(patch).encode(), headers=headers)
    back = ask(http, "GET", "Patient/patched").json()
    assert back["resourceType"] == "Patient"
    assert back["id"] == "patched"


@many
@given(
    method=some.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"]),
    path=some.one_of(
        some.lists(
            some.sampled_from(
                [
                    *sorted(definitions.resource_types())[:8],
                    "Patient",
                    "_history",
                    "_search",
                    "metadata",
                    "$everything",
                    "$export",
                    "$export-file",
                    "$export-status",
                    "..",
                    ".",
                    "x",
                    "%00",
                    "1",
                    "%2e%2e",
                    "%ff",
                    "a" * 70,
                    "_history/1",
                    "Patient%2Fx",
                    "",
                ]
            ),
            max_size=5,
        ).map("/".join),
        some.text(max_size=20).map(lambda text: quote(text, errors="replace")),
    ),
    headers=some.dictionaries(
        some.sampled_from(
            [
                "Accept",
                "Content-Type",
                "If-Match",
                "If-None-Match",
                "If-Modified-Since",
                "Prefer",
                "If-None-Exist",
                "Content-Encoding",
                "Accept-Encoding",
                "Host",
            ]
        ),
        some.sampled_from(
            [
                "",
                "*",
                "*/*",
                "gzip",
                "deflate",
                'W/"1"',
                "W/",
                '"',
                "application/fhir+json",
                "text/xml",
                "respond-async",
                "return=minimal",
                "identifier=",
                "q=0",
                ";;;",
                ",,,",
                "x=y&z",
                "~" * 999,
                "application/x-www-form-urlencoded",
                "application/json-patch+json",
                "Mon, 99 Foo 1",
            ]
        ),
        max_size=4,
    ),
    body=some.one_of(
        some.binary(max_size=40), some.sampled_from([b"", b"{}", b"[]", b"_id=x", b"[" * 9999])
    ),
)
def test_requests_that_make_no_sense(
    http: httpx.Client, method: str, path: str, headers: dict[str, str], body: bytes
) -> None:
    ask(http, method, at_path(http, path), headers=headers, content=body)


@settings(max_examples=max(30, EACH // 10), deadline=None, database=None, derandomize=True)
@given(
    sent=some.one_of(
        some.binary(min_size=1, max_size=200),
        some.binary(max_size=60).map(lambda junk: b"GET /fhir/Patient HTTP/1.1\r\n" + junk),
        some.binary(max_size=60).map(lambda junk: b"POST /fhir HTTP/1.1\r\nHost: x\r\n\r\n" + junk),
    )
)
def test_bytes_that_are_no_http(record: EmbeddedRecord, sent: bytes) -> None:
    where = urlsplit(record.base)
    with socket.create_connection((where.hostname, where.port), timeout=10) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        told = b""
        while part := connection.recv(4096):
            told += part
    assert not told.startswith(b"HTTP/1.1 5")


def test_after_all_that_the_record_still_answers(http: httpx.Client) -> None:
    assert http.get("metadata").status_code == 200
    assert http.get("Patient?_count=1").status_code == 200
