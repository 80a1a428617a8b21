"""How requests and answers travel: compressed, bounded, and without waiting."""

from __future__ import annotations

import gzip
import socket
import time
from urllib.parse import urlsplit

import httpx
import pytest

from sandbox import negotiation
from sandbox.embedded import EmbeddedRecord
from tests.sandbox.conftest import client_of

pytestmark = pytest.mark.alone
PATIENT = b'{"resourceType":"Patient","gender":"male"}'


def test_a_large_answer_is_compressed_for_who_takes_gzip(http: httpx.Client) -> None:
    plain = http.get("metadata", headers={"Accept-Encoding": "identity"})
    packed = http.get("metadata", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) * 5 < len(plain.content)
    assert packed.content == plain.content
    assert "Accept-Encoding" in packed.headers["vary"]


def test_a_compressed_body_is_read(http: httpx.Client) -> None:
    answer = http.post(
        "Patient", content=gzip.compress(PATIENT), headers={"Content-Encoding": "gzip"}
    )
    assert answer.status_code == 201
    assert answer.json()["gender"] == "male"


def test_a_body_that_is_not_what_its_encoding_says_is_refused(http: httpx.Client) -> None:
    for body in (PATIENT, gzip.compress(PATIENT)[:-9], b"\x1f\x8b"):
        answer = http.post("Patient", content=body, headers={"Content-Encoding": "gzip"})
        assert answer.status_code == 400
    assert (
        http.post("Patient", content=PATIENT, headers={"Content-Encoding": "br"}).status_code == 415
    )


def test_a_body_that_unpacks_without_end_is_refused(http: httpx.Client) -> None:
    bomb = gzip.compress(b" " * (negotiation.MAX_BODY + 1))
    assert len(bomb) < 1_000_000
    answer = http.post("Patient", content=bomb, headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 413
    assert answer.json()["issue"][0]["code"] == "too-long"


def test_a_body_too_long_is_refused_before_it_is_sent(record: EmbeddedRecord) -> None:
    where = urlsplit(record.base)
    with socket.create_connection((where.hostname, where.port), timeout=10) as connection:
        connection.sendall(
            f"POST /fhir/Patient HTTP/1.1\r\nHost: {where.netloc}\r\n"
            f"Authorization: Bearer {record.token}\r\n"
            "Content-Type: application/fhir+json\r\nContent-Length: 999999999999\r\n\r\n".encode()
        )
        assert connection.recv(64).startswith(b"HTTP/1.1 413")


def test_small_requests_on_one_connection_do_not_wait_for_each_other(
    record: EmbeddedRecord,
) -> None:
    """Nagle's algorithm and delayed acknowledgement would cost 40 ms each."""
    with client_of(record) as client:
        client.get("Patient/none")
        start = time.perf_counter()
        for _ in range(50):
            client.get("Patient/none")
        assert time.perf_counter() - start < 50 * 0.03


def test_links_lead_back_through_the_door_the_caller_came_by(record: EmbeddedRecord) -> None:
    with client_of(record) as client:
        told = client.get("Patient", headers={"Host": "record.example:8080"}).json()
        assert told["link"][0]["url"] == "http://record.example:8080/fhir/Patient"
        odd = client.get("Patient", headers={"Host": "a b<script>"})
        assert odd.status_code == 400 or "<script>" not in odd.text


def test_answers_are_not_to_be_cached(http: httpx.Client) -> None:
    assert http.get("Patient").headers["cache-control"] == "no-store"


def test_an_unknown_method_is_told_which_there_are(http: httpx.Client) -> None:
    answer = http.request("TRACE", "Patient")
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]
