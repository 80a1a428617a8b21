"""What really goes over the wire when something is written: guarded, and refused when told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from fhir_queries.deadline import Call
from fhir_queries.server import RecordServer, Reply

GUARDED = frozenset(
    {"Task", "QuestionnaireResponse", "ServiceRequest", "Provenance", "Observation"}
)
"""What this program writes about a review and the services, and others may write too."""
_EXCHANGE = RecordServer.exchange


@dataclass
class Watched:
    """Every write of ours since ``watch``: how many, and how many more of them are refused.

    Fails where one could overwrite what somebody else wrote meanwhile: an update without
    ``If-Match``, or something new without ``If-None-Exist``.
    """

    writes: int = 0
    refuse: int = 0
    refuse_with: int = 412
    sent: list[str] = field(default_factory=list)

    def exchange(
        self,
        server: RecordServer,
        call: Call,
        method: str,
        url: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
    ) -> Reply:
        """As ``RecordServer.exchange``."""
        if _is_write(method, body):
            for each in _parts(method, url, body, headers or {}):
                self._must_be_guarded(each)
            self.writes += 1
            if self.refuse > 0:
                self.refuse -= 1
                return _refusal(self.refuse_with)
        return _EXCHANGE(
            server, call, method, url, body=body, headers=headers, repeatable=repeatable
        )

    def _must_be_guarded(self, part: tuple[str, str, str]) -> None:
        method, url, guard = part
        kind = url.partition("/")[0].partition("?")[0]
        self.sent.append(f"{method} {kind}")
        if kind not in GUARDED:
            return
        if method == "PUT":
            assert guard.startswith('W/"'), f"{kind} updated without If-Match"
            assert guard != 'W/""', f"{kind} updated with an If-Match of no version"
        else:
            assert "=" in guard, f"{kind} created without If-None-Exist"


def watch(patch: pytest.MonkeyPatch) -> Watched:
    """Watch every connection until the test ends."""
    watched = Watched()

    def exchange(server: RecordServer, *arguments: Any, **named: Any) -> Reply:
        return watched.exchange(server, *arguments, **named)

    patch.setattr(RecordServer, "exchange", exchange)
    return watched


def _is_write(method: str, body: bytes | None) -> bool:
    if method == "PUT":
        return True
    return method == "POST" and body is not None and json.loads(body).get("type") != "batch"


def _parts(
    method: str, url: str, body: bytes | None, headers: Mapping[str, str]
) -> list[tuple[str, str, str]]:
    """Method, address and guard of everything that one request writes."""
    resource = json.loads(body or b"{}")
    if resource.get("resourceType") != "Bundle":
        guard = headers.get("If-Match" if method == "PUT" else "If-None-Exist", "")
        return [(method, url, guard)]
    asked = [each["request"] for each in resource["entry"]]
    return [
        (
            each["method"],
            each["url"],
            each.get("ifMatch" if each["method"] == "PUT" else "ifNoneExist", ""),
        )
        for each in asked
    ]


def _refusal(status: int) -> Reply:
    outcome = {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "error", "code": "conflict"}],
    }
    return Reply(status, {}, json.dumps(outcome).encode())
