"""The command line: the same questions as the screens ask, as words or as JSON.

Exit codes: 0 answered; 2 usage or a wrong setting; 3 the record is unavailable; 4 not permitted;
5 the record answered with something unusable. A fault is one line on standard error, never a
traceback.
"""

from __future__ import annotations

import argparse
import importlib
import io
import logging
import os
import re
import sys
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, NoReturn

import orjson

from clinical.person import Caller, Role
from fhir_queries.declared import WrongSetting
from fhir_queries.errors import NotPermitted, RecordError
from fhir_queries.record import SharedRecord
from fhir_queries.settings import RecordSettings

_USAGE, _INTERRUPTED = 2, 130
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
_MODULES = {
    "check": "fhir_queries.check",
    "waiting": "fhir_queries.commands.waiting",
    "history": "fhir_queries.commands.history",
    "outcomes": "fhir_queries.commands.outcomes",
    "departments": "fhir_queries.commands.departments",
    "trace": "fhir_queries.commands.trace",
    "bars": "fhir_queries.commands.bars",
}
_AS: dict[str, Role] = {
    "waiting": Role.COMMUNITY_CLINICIAN,
    "history": Role.COMMUNITY_CLINICIAN,
    "outcomes": Role.MANAGER,
    "departments": Role.MANAGER,
    "trace": Role.COMMUNITY_CLINICIAN,
    "bars": Role.COMMUNITY_CLINICIAN,
}


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise WrongSetting(f"{message}. See: {self.prog} --help")


def _parser() -> argparse.ArgumentParser:
    everywhere = _Parser(add_help=False)
    everywhere.add_argument("--record", metavar="URL", help="the record's FHIR base address")
    everywhere.add_argument("--profile", metavar="NAME_OR_FILE", help="the record profile")
    everywhere.add_argument(
        "--token-env", metavar="NAME", help="the environment variable that holds the bearer token"
    )
    everywhere.add_argument("--settings", metavar="FILE", help="a TOML file of settings")
    everywhere.add_argument("--json", action="store_true", help="answer as JSON")
    everywhere.add_argument(
        "--verbose", action="store_true", help="log each exchange to standard error"
    )
    parser = _Parser(prog="python -m fhir_queries", description=__doc__.partition("\n")[0])
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands.required = True

    def command(name: str, words: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, parents=[everywhere], help=words, description=words)

    check = command("check", "what of this record works, falls back, or is missing")
    check.add_argument("url", nargs="?", metavar="URL", help="the record's FHIR base address")
    check.add_argument(
        "--write", action="store_true", help="try writes too, on Basic resources, deleted again"
    )
    command("waiting", "who is waiting in ambulances outside the emergency department")
    history = command("history", "the shared record of the patient whose wait this is")
    history.add_argument("encounter_id", metavar="ENCOUNTER_ID", type=_encounter_id)
    outcomes = command("outcomes", "how many admissions were avoided, and all that goes with it")
    outcomes.add_argument("--from", dest="from_date", required=True, type=_date, metavar="DATE")
    outcomes.add_argument("--to", dest="to_date", required=True, type=_date, metavar="DATE")
    departments = command("departments", "how every emergency department stands, in numbers")
    departments.add_argument(
        "--write", action="store_true", help="write them to the record too, as MeasureReports"
    )
    trace = command("trace", "how a review came to its decision, from the record alone")
    trace.add_argument("task_id", metavar="TASK_ID", type=_task_id)
    bars = command("bars", "the BaRS-shaped message of a redirect's referral")
    bars.add_argument("task_id", metavar="TASK_ID", type=_task_id)
    return parser


def _task_id(text: str) -> str:
    if not _ID.fullmatch(text.removeprefix("Task/")):
        raise argparse.ArgumentTypeError("a Task's id is letters, digits, '-' and '.'")
    return text.removeprefix("Task/")


def _encounter_id(text: str) -> str:
    if not _ID.fullmatch(text.removeprefix("Encounter/")):
        raise argparse.ArgumentTypeError("an Encounter's id is letters, digits, '-' and '.'")
    return text.removeprefix("Encounter/")


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date, such as 2026-01-31") from None


def command_caller(settings: RecordSettings, command: str) -> Caller:
    """Who asks on the command line. Raises NotPermitted where their role may not ask this."""
    role = _AS.get(command, Role.COMMUNITY_CLINICIAN)
    if settings.caller_role != "all":
        role = Role(settings.caller_role)
        if role is Role.MANAGER and _AS.get(command) is Role.COMMUNITY_CLINICIAN:
            sentence = "A manager may ask for counts only: this shows people."
            raise NotPermitted("a manager asked for people", sentence=sentence)
    return Caller(
        user=settings.caller_id,
        user_system="https://fhir.nhs.uk/Id/sds-user-id",
        name=settings.caller_name,
        role=role,
        organisation=settings.caller_organisation,
        organisation_name="",
        purpose="HOPERAT" if role is Role.MANAGER else "TREAT",
    )


def _settings(arguments: argparse.Namespace) -> RecordSettings:
    said: dict[str, Any] = {
        "settings": arguments.settings,
        "record_url": getattr(arguments, "url", None) or arguments.record,
        "profile": arguments.profile,
    }
    if arguments.token_env:
        token = os.environ.get(arguments.token_env)
        if not token:
            raise WrongSetting(f"--token-env: the variable {arguments.token_env} is not set.")
        said["record_token"] = token
    return RecordSettings.read(said)


def _answer(arguments: argparse.Namespace) -> tuple[dict[str, Any], Callable[[Any], str], int]:
    """The answer as JSON, the function that words it, and the exit code."""
    settings = _settings(arguments)
    question = importlib.import_module(_MODULES[arguments.command])
    record = SharedRecord.connect(settings)
    try:
        caller = command_caller(settings, arguments.command)
        found: dict[str, Any] = question.answer(record, caller, arguments)
    finally:
        record.close()
    code = getattr(question, "exit_code", None)
    return found, question.words, code(found) if code else 0


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    arguments = argparse.Namespace(command="", json=False)
    try:
        arguments = _parser().parse_args(argv)
        if arguments.verbose:
            logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
        else:
            # Nothing but the one line that tells of a fault goes to standard error
            logging.getLogger("fhir_queries").addHandler(logging.NullHandler())
        found, words, code = _answer(arguments)
        text = _json(found) if arguments.json else words(found)
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8")
        sys.stdout.write(text.rstrip("\n") + "\n")
        sys.stdout.flush()
        return code
    except WrongSetting as wrong:
        return _say(str(wrong), _USAGE)
    except RecordError as error:
        return _say(f"{error} ({error.detail})" if error.detail else str(error), error.exit_code)
    except KeyboardInterrupt:
        return _say("Stopped.", _INTERRUPTED)
    except BrokenPipeError:
        # Whoever read the answer has seen enough; the interpreter must not flush again at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _json(found: dict[str, Any]) -> str:
    return orjson.dumps(found, option=orjson.OPT_INDENT_2, default=str).decode()


def _say(sentence: str, code: int) -> int:
    line = " ".join(sentence.split())
    sys.stderr.write(f"{line}\n")
    return code
