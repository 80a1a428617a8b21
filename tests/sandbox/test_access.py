"""Who is let in, where the record listens, and what it says about that."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from sandbox.embedded import EmbeddedRecord, start_embedded_record

ROOT = Path(__file__).parents[2]
ANYWHERE = "0.0.0.0"  # noqa: S104 - what the tests are about


@pytest.fixture(scope="module")
def guarded() -> Iterator[EmbeddedRecord]:
    """A record with a full token and a read-only one."""
    started = start_embedded_record(
        None, token="full-token", arguments=("--empty", "--read-only-token", "read-token")
    )
    yield started
    started.stop()


def ask(
    record: EmbeddedRecord, method: str, path: str, token: str | None, **more: object
) -> httpx.Response:
    """Ask the record with this token."""
    headers = {"Content-Type": "application/fhir+json"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    url = f"{record.base}/{path}" if path else record.base
    return httpx.request(method, url, headers=headers, trust_env=False, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("token", [None, "wrong", "full-token "[:-2], "read-token-and-more"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "Patient"),
        ("GET", "Patient/x"),
        ("POST", "Patient"),
        ("POST", ""),
        ("GET", "$export"),
    ],
)
def test_without_the_right_token_nothing_is_told_or_taken(
    guarded: EmbeddedRecord, token: str | None, method: str, path: str
) -> None:
    answer = ask(guarded, method, path, token)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["resourceType"] == "OperationOutcome"


def test_a_read_only_token_reads_and_can_not_write(guarded: EmbeddedRecord) -> None:
    patient = {"resourceType": "Patient", "id": "kept"}
    assert ask(guarded, "PUT", "Patient/kept", "full-token", json=patient).status_code == 201
    assert ask(guarded, "GET", "Patient/kept", "read-token").status_code == 200
    assert ask(guarded, "GET", "Patient", "read-token").status_code == 200
    for method, path, body in (
        ("PUT", "Patient/kept", patient),
        ("POST", "Patient", {"resourceType": "Patient"}),
        ("DELETE", "Patient/kept", None),
    ):
        answer = ask(guarded, method, path, "read-token", json=body)
        assert answer.status_code == 403
        assert answer.json()["issue"][0]["code"] == "forbidden"
    assert ask(guarded, "GET", "Patient/kept", "full-token").json()["meta"]["versionId"] == "1"


def test_a_read_only_token_may_search_by_post_and_read_by_batch(guarded: EmbeddedRecord) -> None:
    batch = {
        "resourceType": "Bundle",
        "type": "batch",
        "entry": [
            {"request": {"method": "GET", "url": "Patient"}},
            {
                "resource": {"resourceType": "Patient"},
                "request": {"method": "POST", "url": "Patient"},
            },
        ],
    }
    answer = ask(guarded, "POST", "", "read-token", json=batch)
    assert answer.status_code == 200
    told = [entry["response"]["status"][:3] for entry in answer.json()["entry"]]
    assert told == ["200", "403"]
    assert (
        ask(guarded, "POST", "", "read-token", json={**batch, "type": "transaction"}).status_code
        == 403
    )
    posted = httpx.post(
        f"{guarded.base}/Patient/_search",
        data={"_id": "x"},
        headers={"Authorization": "Bearer read-token"},
        trust_env=False,
    )
    assert posted.status_code == 200


def test_what_the_record_can_do_is_told_to_everyone_but_a_wrong_token(
    guarded: EmbeddedRecord,
) -> None:
    assert ask(guarded, "GET", "metadata", None).status_code == 200
    assert ask(guarded, "GET", "metadata", "wrong").status_code == 401


def test_a_request_beside_the_base_is_told_where_the_base_is(guarded: EmbeddedRecord) -> None:
    answer = httpx.get(guarded.base.removesuffix("/fhir") + "/Patient", trust_env=False)
    assert answer.status_code == 404
    assert guarded.base in answer.json()["issue"][0]["diagnostics"]


def served(*arguments: str, token: str = "") -> subprocess.CompletedProcess[str]:
    """What `serve` says when its standard input ends at once."""
    environment = {**os.environ, "HANDOVER_SANDBOX_TOKEN": token, "HANDOVER_SANDBOX_READ_TOKEN": ""}
    return subprocess.run(
        [
            *(sys.executable, "-m", "sandbox", "serve", "--port", "0", "--empty"),
            *("--until-stdin-closes", *arguments),
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=environment,
        cwd=ROOT,
        timeout=30,
        check=False,
    )


def test_without_a_token_the_record_says_that_it_is_open() -> None:
    done = served()
    assert done.returncode == 0
    assert "no token" in done.stderr
    assert done.stdout.startswith("FHIR R4 record at http://127.0.0.1:")


def test_with_a_token_on_loopback_it_has_nothing_to_say() -> None:
    assert served(token="secret-token").stderr == ""


def test_beyond_loopback_it_refuses_without_a_token() -> None:
    done = served("--host", ANYWHERE)
    assert done.returncode == 3
    assert "refusing" in done.stderr
    assert done.stdout == ""


def test_beyond_loopback_with_a_token_it_warns_loudly_and_keeps_the_token_to_itself() -> None:
    done = served("--host", ANYWHERE, token="secret-token")
    assert "WARNING" in done.stderr
    assert ANYWHERE in done.stderr
    assert "secret-token" not in done.stderr + done.stdout


def test_a_port_that_is_taken_is_one_clear_line(guarded: EmbeddedRecord) -> None:
    port = guarded.base.rpartition(":")[2].partition("/")[0]
    done = served("--port", port)
    assert done.returncode == 3
    assert port in done.stderr
    assert "Traceback" not in done.stderr
