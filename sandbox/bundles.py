"""Batch and transaction (http://hl7.org/fhir/R4/http.html#transaction)."""

from __future__ import annotations

import base64
import binascii
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote

import orjson

from sandbox import exact_json
from sandbox.asking import Answer, Asked, Conditions, Setting, refusal
from sandbox.problems import Problem, bad_request
from sandbox.search.clauses import local
from sandbox.store import instant
from sandbox.transaction import ORDER, Entry, Transaction, at_entry
from sandbox.writes import Writes

MAX_ENTRIES = 20_000


def _text(holder: dict[str, Any], name: str) -> str:
    value = holder.get(name, "")
    if not isinstance(value, str):
        raise bad_request(f"entry.request.{name} is not a text", "structure")
    return value


def parsed_url(url: str, bases: Sequence[str]) -> tuple[tuple[str, ...], list[tuple[str, str]]]:
    """The path below the base and the parameters of a request's URL."""
    path, _, query = local(url, bases).partition("?")
    segments = tuple(unquote(part) for part in path.split("/") if part)
    return segments, parse_qsl(query, keep_blank_values=True, max_num_fields=1000)


def _json_patch(resource: Any) -> Any:
    """A patch travels in a Bundle as a Binary (3.1.0.6)."""
    if not isinstance(resource, dict) or resource.get("resourceType") != "Binary":
        raise Problem(422, "not-supported", "a patch in a Bundle is a Binary of JSON Patch")
    if not str(resource.get("contentType", "")).startswith("application/json-patch+json"):
        raise Problem(422, "not-supported", "the Binary's contentType is not JSON Patch")
    try:
        return exact_json.loads(base64.b64decode(resource.get("data", ""), validate=True))
    except (ValueError, TypeError, binascii.Error) as error:
        raise bad_request("the Binary holds no JSON Patch") from error


def read_entry(position: int, entry: Any, bases: Sequence[str]) -> Entry:
    """Understand one entry. Raises Problem (400, 422)."""
    request = entry.get("request") if isinstance(entry, dict) else None
    if not isinstance(request, dict):
        raise bad_request("the entry has no request", "required")
    method, url = _text(request, "method"), _text(request, "url")
    if method not in ORDER:
        raise bad_request("entry.request.method is not an HTTP verb of FHIR", "value")
    if "://" in url.partition("?")[0] and local(url, bases) == url:
        raise bad_request("entry.request.url lies outside this record", "value")
    path, parameters = parsed_url(url, bases)
    resource = entry.get("resource")
    conditions = Conditions(
        if_match=_text(request, "ifMatch"),
        if_none_match=_text(request, "ifNoneMatch"),
        if_modified_since=_text(request, "ifModifiedSince"),
        if_none_exist=_text(request, "ifNoneExist"),
    )
    asked = Asked(method, path, tuple(parameters), conditions, resource)
    if method == "PATCH":
        asked = replace(asked, resource=None, patch=_json_patch(resource))
    full_url = entry.get("fullUrl", "")
    return Entry(position, full_url if isinstance(full_url, str) else "", asked)


def entries_of(bundle: dict[str, Any]) -> list[Any]:
    """The entries of a Bundle. Raises Problem (400, 413) if there can't be any."""
    entries = bundle.get("entry", [])
    if not isinstance(entries, list):
        raise bad_request("Bundle.entry is not a list", "structure")
    if len(entries) > MAX_ENTRIES:
        raise Problem(413, "too-costly", f"a Bundle has at most {MAX_ENTRIES} entries here")
    return entries


def response_entry(answer: Answer, *, with_resource: bool, with_outcome: bool = False) -> bytes:
    """The entry of the response Bundle that tells an answer."""
    phrase = HTTPStatus(answer.status).phrase
    response: dict[str, Any] = {"status": f"{answer.status} {phrase}"}
    if answer.location:
        response["location"] = answer.location
    if answer.etag:
        response["etag"] = answer.etag
    if answer.updated is not None:
        response["lastModified"] = instant(answer.updated)
    failed = answer.status >= 400
    if answer.outcome is not None and (failed or with_outcome):
        response["outcome"] = answer.outcome
    told = b'"response":' + orjson.dumps(response)
    if answer.body and not failed and with_resource:
        return b'{"resource":%b,%b}' % (answer.body, told)
    return b"{%b}" % told


def do_transaction(
    bundle: dict[str, Any],
    connection: sqlite3.Connection,
    setting: Setting,
    read: Callable[[sqlite3.Connection, Asked], Answer],
) -> list[Answer]:
    """Carry out a transaction on an open write transaction. Raises Problem."""
    entries = []
    for position, each in enumerate(entries_of(bundle)):
        try:
            entries.append(read_entry(position, each, setting.bases))
        except Problem as problem:
            raise at_entry(position, problem) from problem
    return Transaction(entries, Writes(connection, setting), read).do()


def do_batch_writes(
    entries: Sequence[Entry], connection: sqlite3.Connection, setting: Setting
) -> dict[int, Answer]:
    """Carry out the writing entries of a batch, each on its own, within one commit."""
    answers: dict[int, Answer] = {}
    for entry in entries:
        connection.execute("SAVEPOINT entry")
        try:
            answers[entry.position] = Writes(connection, setting).do(entry.asked)
        except Problem as problem:
            connection.execute("ROLLBACK TO entry")
            answers[entry.position] = refusal(problem)
        connection.execute("RELEASE entry")
    return answers
