"""``python -m fhir_queries bars``: the BaRS-shaped message of a redirect's referral."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

import orjson

from clinical.person import Caller
from fhir_queries.bars_message import read_message
from fhir_queries.port import Record


def answer(record: Record, caller: Caller, args: Namespace) -> dict[str, Any]:
    """The message Bundle: ``new`` while the referral stands, a cancellation once it doesn't."""
    return read_message(record, caller, args.task_id)


def words(found: dict[str, Any]) -> str:
    """The same Bundle: a message is its JSON, whoever reads it."""
    return orjson.dumps(found, option=orjson.OPT_INDENT_2, default=str).decode()
