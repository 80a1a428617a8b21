"""What the log may say: fixed lines, and fields that can't hold what identifies a person."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from fhir_queries.asking import Search
from fhir_queries.errors import RecordError
from fhir_queries.log import Line, say
from tests.faults.connecting import connected
from tests.faults.fault_server import Asked, Sent, batch_of, bundle, http, outcome, serving

NUMBER = "9990000018"
NAME = "QUILLFEATHER"


@pytest.fixture(autouse=True)
def _everything_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("search", NUMBER),
        ("search", "Aldous Quill"),
        ("resource_type", NAME + "7"),
        ("request", NAME),
        ("detail", f"status 500 for {NUMBER}"),
        ("parameter", f"identifier={NUMBER}"),
        ("error", NUMBER),
        ("status", NUMBER),
        ("method", NAME),
    ],
)
def test_a_value_of_another_shape_than_its_field_is_not_written(
    name: str, value: Any, caplog: pytest.LogCaptureFixture
) -> None:
    say(Line.FAILED, **{name: value})
    assert f"{name}=?" in caplog.text
    assert value not in caplog.text


def test_a_field_that_is_not_ours_is_a_mistake_in_the_program() -> None:
    with pytest.raises(TypeError, match="patient"):
        say(Line.FAILED, patient="p1")


def test_every_line_has_words_of_its_own() -> None:
    assert len({line.value for line in Line}) == len(Line)


@pytest.mark.parametrize(
    "respond",
    [
        lambda asked: batch_of(asked, lambda _: (200, bundle({"resourceType": "Patient"}))),
        lambda _: http(500, outcome("exception", words=f"{NAME} {NUMBER}")),
        lambda _: http(422, outcome("invalid", words=f"{NAME} {NUMBER}")),
        lambda _: http(200, f"<html>{NAME} {NUMBER}".encode()),
        lambda _: Sent([], close=True),
        lambda _: http(302, None, {"Location": f"http://elsewhere.example/{NUMBER}"}),
    ],
    ids=["answered", "broken", "refused", "markup", "closed", "redirected"],
)
def test_no_log_line_of_any_library_names_the_person_who_was_asked_for(
    respond: Any, caplog: pytest.LogCaptureFixture
) -> None:
    search = Search("people", "Patient", (("identifier", NUMBER), ("family", NAME)))
    with serving(respond) as server, connected(server.base) as record:
        detail = ""
        try:
            record.ask([search])
        except RecordError as error:
            detail = error.detail
        assert any(NUMBER.encode() in one.body for one in server.asked)
    logged = "".join(record.getMessage() for record in caplog.records)
    assert logged
    assert NUMBER not in logged + detail
    assert NAME not in logged + detail


def test_a_refused_connection_is_logged_without_its_url(caplog: pytest.LogCaptureFixture) -> None:
    with connected("http://127.0.0.1:1/fhir") as record, pytest.raises(RecordError):
        record.ask([Search("wait", "Encounter", (("patient", "Patient/p-123"),))])
    assert "p-123" not in caplog.text
    assert "no connection: refused, or no such host" in caplog.text


def test_the_request_id_in_the_log_is_the_one_that_was_sent(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def respond(asked: Asked) -> Sent:
        sent.append(asked.headers["x-request-id"])
        return http(200, bundle())

    sent: list[str] = []
    with serving(respond) as server, connected(server.base) as record:
        record.ask([Search("wait", "Encounter", ())])
    assert f'request="{sent[0]}"' in caplog.text
