"""The departments' numbers for another program, behind a token of their own.

Without ``HANDOVER_FEED_TOKEN`` there is no such address at all. The token opens these numbers and
nothing else.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

import orjson

from clinical.person import Caller, Role
from fhir_queries.command_centre import CentreView, CommandCentreKeeper
from fhir_queries.errors import NotPermitted
from fhir_queries.open_metrics import CONTENT_TYPE, as_json, as_metrics
from fhir_queries.settings import RecordSettings

PATHS = ("/feeds/departments.json", "/feeds/metrics")
_PLAIN = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class FeedAnswer:
    """What to answer over HTTP."""

    status: int
    content_type: str
    body: bytes


def feed_caller(settings: RecordSettings) -> Caller:
    """Who the record's audit shows for what a command centre's program asks."""
    return Caller(
        user="departments-feed",
        user_system="https://handover-viewer.example/fhir/Id/program",
        name="Feed of the departments' numbers",
        role=Role.MANAGER,
        organisation=settings.caller_organisation,
        organisation_name="",
        purpose="HOPERAT",
    )


def answer_feed(keeper: CommandCentreKeeper, path: str, authorization: str) -> FeedAnswer:
    """The answer to a GET of ``path`` with this Authorization header.

    404 where no token is set, 401 without the right one; 503, with the same shape, while there are
    no numbers: "up" is then 0 or false, and nothing is said of anybody.
    """
    token = keeper.record.settings.feed_token
    if not token:
        return FeedAnswer(404, _PLAIN, b"not found\n")
    if not hmac.compare_digest(authorization.encode(), f"Bearer {token}".encode()):
        return FeedAnswer(401, _PLAIN, b"a bearer token is needed\n")
    try:
        view = keeper.view(feed_caller(keeper.record.settings))
    except NotPermitted as error:
        view = CentreView(None, (), None, error)
    status = 200 if view.centre is not None else 503
    if path.endswith(".json"):
        return FeedAnswer(status, "application/json", orjson.dumps(as_json(view)))
    return FeedAnswer(status, CONTENT_TYPE, as_metrics(view))
