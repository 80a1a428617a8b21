"""The command line of the embedded record."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from pathlib import Path

from sandbox.serve import CannotServe, Serving, serve

TOKEN_VARIABLE = "HANDOVER_SANDBOX_TOKEN"  # noqa: S105 - the name of a variable
READ_TOKEN_VARIABLE = "HANDOVER_SANDBOX_READ_TOKEN"  # noqa: S105 - the name of a variable


def _db(text: str) -> Path | None:
    return None if text == ":memory:" else Path(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox",
        description="An embedded shared record: a FHIR R4 server with made-up people.",
    )
    commands = parser.add_subparsers(dest="command", required=True)

    serving = commands.add_parser("serve", help="serve a record over HTTP")
    serving.add_argument("--host", default="127.0.0.1")
    serving.add_argument("--port", type=int, default=8402, help="0 chooses a free one")
    serving.add_argument(
        "--db", type=_db, default=None, metavar="FILE", help="default: in memory, gone at the end"
    )
    serving.add_argument("--seed", type=int, default=1, help="which made-up people (default 1)")
    serving.add_argument("--waiting", type=int, default=None, help="how many wait in ambulances")
    serving.add_argument("--empty", action="store_true", help="without made-up people")
    serving.add_argument(
        "--token", default="", help=f"needed to read and write; better in {TOKEN_VARIABLE}"
    )
    serving.add_argument(
        "--read-only-token", default="", help=f"may only read; better in {READ_TOKEN_VARIABLE}"
    )
    serving.add_argument("--ready-json", action="store_true", help="say readiness as JSON")
    serving.add_argument(
        "--until-stdin-closes", action="store_true", help="stop when standard input ends"
    )

    loading = commands.add_parser("load", help="load FHIR files into a record")
    loading.add_argument("files", nargs="+", metavar="FILE", help="a Bundle, resource or NDJSON")
    target = loading.add_mutually_exclusive_group(required=True)
    target.add_argument("--db", type=Path, metavar="FILE", help="into this file")
    target.add_argument("--record", metavar="URL", help="into the record at this URL")
    loading.add_argument(
        "--token", default="", help=f"the record's token; better in {TOKEN_VARIABLE}"
    )
    loading.add_argument(
        "--in-ambulances",
        action="store_true",
        help="put each loaded patient in an ambulance outside an ED",
    )
    loading.add_argument("--seed", type=int, default=1)

    commands.add_parser("seed", add_help=False, help="write years of made-up history")
    return parser


def _seed(arguments: list[str]) -> int:
    people = importlib.import_module("sandbox.people")
    code: int = people.cli_seed(arguments)
    return code


def _serve(chosen: argparse.Namespace) -> int:
    serving = Serving(
        host=chosen.host,
        port=chosen.port,
        db=chosen.db,
        seed=chosen.seed,
        waiting=chosen.waiting,
        empty=chosen.empty,
        token=os.environ.get(TOKEN_VARIABLE) or chosen.token,
        read_only_token=os.environ.get(READ_TOKEN_VARIABLE) or chosen.read_only_token,
        ready_json=chosen.ready_json,
        until_stdin_closes=chosen.until_stdin_closes,
    )
    try:
        serve(serving)
    except CannotServe as error:
        sys.stderr.write(f"{error}\n")
        return 3
    return 0


def _load(chosen: argparse.Namespace) -> int:
    from sandbox import loading  # noqa: PLC0415 - serving needs none of it

    token = os.environ.get(TOKEN_VARIABLE) or chosen.token
    return loading.run(
        files=chosen.files,
        db=chosen.db,
        record=chosen.record,
        token=token,
        in_ambulances_too=chosen.in_ambulances,
        seed=chosen.seed,
    )


def main(arguments: list[str]) -> int:
    """Run one command; returns the exit code."""
    if arguments[:1] == ["seed"]:
        return _seed(arguments[1:])
    chosen = _parser().parse_args(arguments)
    return _serve(chosen) if chosen.command == "serve" else _load(chosen)
