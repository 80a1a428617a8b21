"""What the record answers when it can't do as asked: one exception, one OperationOutcome."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Issue:
    """One issue of an OperationOutcome."""

    code: str
    """An IssueType code (http://hl7.org/fhir/issue-type)."""
    diagnostics: str
    severity: str = "error"
    expression: str = ""

    def as_json(self) -> dict[str, Any]:
        """The issue as FHIR JSON."""
        issue: dict[str, Any] = {
            "severity": self.severity,
            "code": self.code,
            "diagnostics": self.diagnostics,
        }
        if self.expression:
            issue["expression"] = [self.expression]
        return issue


def outcome(issues: Iterable[Issue]) -> dict[str, Any]:
    """An OperationOutcome of these issues."""
    return {"resourceType": "OperationOutcome", "issue": [issue.as_json() for issue in issues]}


class Problem(Exception):
    """A request that can't be done: its HTTP status, and what to say about it."""

    def __init__(
        self,
        status: int,
        code: str,
        diagnostics: str,
        *,
        expression: str = "",
        headers: Mapping[str, str] | None = None,
        issues: Iterable[Issue] = (),
    ) -> None:
        super().__init__(diagnostics)
        self.status = status
        self.issues = tuple(issues) or (Issue(code, diagnostics, expression=expression),)
        self.headers = dict(headers or {})

    def outcome(self) -> dict[str, Any]:
        """What to answer with."""
        return outcome(self.issues)


def bad_request(diagnostics: str, code: str = "invalid") -> Problem:
    """400: the request itself is wrong."""
    return Problem(400, code, diagnostics)


def not_found(kind: str, identity: str) -> Problem:
    """404: there never was such a resource."""
    return Problem(404, "not-found", f"{kind}/{identity} is not known")
