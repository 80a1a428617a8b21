"""What an OperationOutcome says, and which error an answer is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fhir_queries.errors import (
    BadRecord,
    Conflict,
    NotFound,
    NotPermitted,
    RecordError,
    RecordUnavailable,
    Refused,
)

_WITHHELD = frozenset({"suppressed", "forbidden", "security", "login", "expired", "unknown-user"})
_NOT_SUPPORTED = frozenset({"not-supported", "not-allowed"})
_ISSUE_CODES = frozenset(
    {
        "business-rule",
        "code-invalid",
        "conflict",
        "deleted",
        "duplicate",
        "exception",
        "expired",
        "extension",
        "forbidden",
        "incomplete",
        "informational",
        "invalid",
        "invariant",
        "lock-error",
        "login",
        "multiple-matches",
        "no-store",
        "not-allowed",
        "not-found",
        "not-supported",
        "processing",
        "required",
        "security",
        "structure",
        "suppressed",
        "throttled",
        "timeout",
        "too-costly",
        "too-long",
        "transient",
        "unknown",
        "unknown-user",
        "value",
    }
)
_SIGN_IN_AGAIN = "The shared record doesn't accept this sign-in any more. Sign in again."


@dataclass(frozen=True, slots=True)
class Said:
    """An OperationOutcome in words, and what it means for the answer that it is part of."""

    words: tuple[str, ...] = ()
    """Errors before warnings: a server that refuses may warn of ten other things first."""
    codes: tuple[str, ...] = ()
    """Issue codes of FHIR, any other left out: safe to log."""
    withheld: bool = False
    failed: bool = False
    """It reports an error: something that should be in the answer isn't."""
    not_supported: bool = False


def read_outcome(resource: Any) -> Said:
    """What an OperationOutcome says; empty for anything else. Never raises."""
    if not isinstance(resource, dict) or resource.get("resourceType") != "OperationOutcome":
        return Said()
    issues = resource.get("issue")
    errors: list[str] = []
    words: list[str] = []
    codes: list[str] = []
    failed = False
    for issue in issues if isinstance(issues, list) else ():
        if not isinstance(issue, dict):
            continue
        code = issue.get("code")
        if isinstance(code, str) and code in _ISSUE_CODES:
            codes.append(code)
        grave = issue.get("severity") in ("error", "fatal")
        failed = failed or grave
        said = _words(issue)
        if said:
            (errors if grave else words).append(said)
    return Said(
        words=(*errors, *words),
        codes=tuple(codes),
        withheld=not _WITHHELD.isdisjoint(codes),
        failed=failed,
        not_supported=not _NOT_SUPPORTED.isdisjoint(codes),
    )


def _words(issue: dict[str, Any]) -> str:
    details = issue.get("details")
    if isinstance(details, dict):
        codings = details.get("coding")
        displays = [
            coding["display"]
            for coding in (codings if isinstance(codings, list) else ())
            if isinstance(coding, dict) and isinstance(coding.get("display"), str)
        ]
        for candidate in (details.get("text"), *displays):
            if isinstance(candidate, str) and candidate.strip():
                return candidate.strip()
    diagnostics = issue.get("diagnostics")
    if isinstance(diagnostics, str) and diagnostics.strip():
        return diagnostics.strip()
    code = issue.get("code")
    return code if isinstance(code, str) else ""


_UNAVAILABLE = frozenset({407, 408, 425, 429, 500, 502, 503, 504})
_NOT_PERMITTED = frozenset({401, 403, 451})
_NOT_FOUND = frozenset({404, 410})
_CONFLICT = frozenset({409, 412})


def error_of(status: int, body: Any = None) -> RecordError:
    """The error that an answer with ``status`` is; ``body`` may be its OperationOutcome."""
    said = read_outcome(body)
    detail = f"status {status}" + (f" ({', '.join(said.codes)})" if said.codes else "")
    if status in _NOT_PERMITTED:
        sentence = _SIGN_IN_AGAIN if status == 401 else ""
        return NotPermitted(detail, sentence=sentence, status=status)
    if status in _NOT_FOUND:
        return NotFound(detail, status=status)
    if status in _CONFLICT:
        return Conflict(detail, status=status)
    if status in _UNAVAILABLE or status > 501:
        return RecordUnavailable(detail, status=status)
    if 400 <= status <= 501:
        why = said.words[0].rstrip(".") if said.words else ""
        sentence = f"The shared record did not accept this: {why}. Nothing was changed."
        return Refused(detail, sentence=sentence if why else "", status=status)
    return BadRecord(detail, status=status)


def not_supported(error: RecordError, body: Any) -> bool:
    """Whether a failed search means: this record doesn't do that, or doesn't hold the type."""
    if isinstance(error, NotFound) or error.status in (405, 501):
        return True
    return isinstance(error, Refused) and read_outcome(body).not_supported
