"""Every setting of the program: from arguments, ``HANDOVER_*`` variables, or one TOML file.

The first that says something wins: an argument, then the variable, then the file that
``HANDOVER_SETTINGS`` names, then the default. A wrong one is told with what would be right.
"""

from __future__ import annotations

import dataclasses
import difflib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

from clinical.person import Role
from fhir_queries.declared import WrongSetting, declare, fill, read_toml, right_value

PREFIX = "HANDOVER_"
_LISTS_SEPARATED_BY = ","
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


@dataclass(frozen=True, slots=True)
class RecordSettings:
    """What one running program was told. ``metadata["doc"]`` of each field says what it means."""

    record_url: str = declare(
        "The FHIR R4 base address of the shared record, such as https://record.example/fhir.", ""
    )
    record_token: str = declare(
        "The bearer token for the record; it is sent to the record's own origin only.",
        "",
        secret=True,
    )
    profile: str = declare(
        "The record profile: a name that comes with the program, or a .toml file.", "uk_core"
    )
    connect_seconds: float = declare("How long to wait for a connection to the record.", 3.0)
    read_seconds: float = declare("How long the record may be silent within an answer.", 10.0)
    deadline_seconds: float = declare(
        "How long one question may take in all: retries, pages and fallbacks included.", 15.0
    )
    write_deadline_seconds: float = declare(
        "How long one write, with its re-reading, may take in all.", 20.0
    )
    attempts: int = declare("How often a read is tried when the record says: not now.", 3)
    pool_size: int = declare("Connections to the record kept open for all users together.", 32)
    parallel: int = declare(
        "How many requests one program has in flight where a record takes no batch.", 8
    )
    most_pages: int = declare("The most pages read of one search.", 200)
    most_mib: int = declare("The largest answer accepted, decompressed, in MiB.", 64)
    proxy: str = declare("The proxy to reach the record through; empty: none.", "")
    ca_file: str = declare(
        "A PEM file of the authorities that sign the record's certificate; empty: the usual ones.",
        "",
    )
    client_certificate: str = declare("A PEM file that this program shows the record.", "")
    client_key: str = declare("The PEM file of its private key, where that is another file.", "")
    plain_http: bool = declare(
        "Whether a token may travel unencrypted to another machine. Only for a closed network.",
        False,
    )
    refresh_seconds: int = declare("How often the waiting list is read again.", 15)
    stale_seconds: int = declare("How old a waiting list may be before it is greyed.", 60)
    departments: tuple[str, ...] = declare(
        "Ids or ODS codes of the emergency departments covered; empty: every one the record has.",
        (),
    )
    idle_minutes: int = declare(
        "After how many minutes without a sign of whoever holds a review it is let go of.", 20
    )
    undo_minutes: int = declare("For how many minutes whoever decided may undo it; 0: never.", 15)
    answer_minutes: int = declare(
        "After how many minutes a review that nobody has taken is marked as needing an answer.", 15
    )
    decision_minutes: int = declare(
        "After how many minutes a review that somebody has, undecided, is marked so.", 30
    )
    capacity_minutes: int = declare(
        "After how many minutes a service's number of free places is old, and greyed: ask.", 120
    )
    waiting_minutes: tuple[int, ...] = declare(
        "Where the bands of waiting begin: strictly more than so many minutes.", (15, 30, 45, 60)
    )
    indicators: str = declare(
        "A TOML file of the site's indicator thresholds, words and in-area practices; empty: the "
        "defaults of docs/indicators.md.",
        "",
    )
    checklist: str = declare(
        "A FHIR Questionnaire that takes the place of the redirect checklist; empty: the one that "
        "comes with the program. One that can't be shown in full is refused at the start.",
        "",
    )
    demonstration: bool = declare(
        "Whether anybody may choose which made-up person to be. Only for a record of made-up "
        "people; the embedded record turns it on.",
        False,
    )
    break_glass: bool = declare(
        "Whether a community clinician may open a restricted record by typing a reason, which is "
        "audited. The embedded record of made-up people turns it on.",
        False,
    )
    break_glass_minutes: int = declare(
        "For how many minutes a restricted record stays open then.", 30
    )
    document_mib: int = declare("The largest file of a document that is opened, in MiB.", 10)
    feed_token: str = declare(
        "The bearer token with which another program may read the departments' numbers at "
        "/feeds/metrics and /feeds/departments.json; empty: there are no such addresses.",
        "",
        secret=True,
    )
    state_dir: str = declare(
        "Where the embedded record and the program's own files are kept.", ".handover"
    )
    caller_id: str = declare(
        "Who asks on the command line: the user id that the record's audit shows.", "command-line"
    )
    caller_name: str = declare("Their name, as the audit shows it.", "Command line")
    caller_role: str = declare(
        "What they are on the command line: a community-clinician and an ed-coordinator may ask "
        "for people, a manager for counts only; 'all' is whichever of them the command needs.",
        "all",
        allowed=("all", *(role.value for role in Role)),
    )
    caller_organisation: str = declare("The ODS code of the organisation they ask for.", "")

    @classmethod
    def read(
        cls,
        arguments: Mapping[str, Any] | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> RecordSettings:
        """The settings in force. Raises WrongSetting with what is wrong and what would be right."""
        environ = os.environ if environ is None else environ
        settings_file = (arguments or {}).get("settings") or environ.get(f"{PREFIX}SETTINGS")
        said: dict[str, Any] = {}
        origin: dict[str, str] = {}
        if settings_file:
            found, where = read_toml(Path(settings_file))
            from_file = fill(cls, found, where)
            for key in found:
                name = key.replace("-", "_")
                said[name] = getattr(from_file, name)
                origin[name] = f'{where(key)}: "{key}"'
        for name, value, who in _from_environment(environ):
            said[name], origin[name] = value, who
        for name, value in (arguments or {}).items():
            if value is not None and name in _hints():
                said[name], origin[name] = value, _ARGUMENTS.get(name, name)
        settings = cls(**said)
        _judge(settings, lambda name: origin.get(name, f"{PREFIX}{name.upper()}"))
        return settings

    def for_record(self, url: str, token: str = "") -> RecordSettings:
        """These settings for another record. Raises WrongSetting where the address is wrong."""
        other = dataclasses.replace(self, record_url=url, record_token=token)
        _judge(other, lambda name: name)
        return other


def variables() -> tuple[str, ...]:
    """The names of all environment variables that are read."""
    names = tuple(PREFIX + name.upper() for name in _hints())
    return (*names, f"{PREFIX}SETTINGS")


def _hints() -> dict[str, Any]:
    return get_type_hints(RecordSettings)


def _from_environment(environ: Mapping[str, str]) -> Iterator[tuple[str, Any, str]]:
    allowed = {f.name: f.metadata["allowed"] for f in dataclasses.fields(RecordSettings)}
    hints = _hints()
    known = variables()
    for variable, text in environ.items():
        if not variable.startswith(PREFIX):
            continue
        if variable not in known:
            near = difflib.get_close_matches(variable, known, n=1, cutoff=0.88)
            if near:
                raise WrongSetting(f"{variable} is not a setting. Did you mean {near[0]}?")
            continue
        name = variable.removeprefix(PREFIX).lower()
        if name in hints and text != "":
            value = _from_text(text, hints[name], variable)
            yield name, right_value(value, hints[name], allowed[name], variable), variable


def _from_text(text: str, hint: Any, who: str) -> Any:
    if get_origin(hint) is tuple:
        parts = [part.strip() for part in text.split(_LISTS_SEPARATED_BY)]
        return [_from_text(part, get_args(hint)[0], who) for part in parts if part]
    if hint is bool:
        if text.lower() in _TRUE + _FALSE:
            return text.lower() in _TRUE
        raise WrongSetting(f"{who} is {text!r}; allowed: true, false.")
    if hint in (int, float):
        try:
            return hint(text)
        except ValueError:
            words = "a whole number" if hint is int else "a number"
            raise WrongSetting(f"{who} has to be {words}, not {text!r}.") from None
    return text


_ARGUMENTS = {"record_url": "--record", "record_token": "--token-env", "profile": "--profile"}
_MORE_THAN_ZERO = (
    "connect_seconds",
    "read_seconds",
    "deadline_seconds",
    "write_deadline_seconds",
    "attempts",
    "pool_size",
    "parallel",
    "most_pages",
    "most_mib",
    "break_glass_minutes",
    "document_mib",
    "refresh_seconds",
    "stale_seconds",
    "idle_minutes",
    "answer_minutes",
    "decision_minutes",
    "capacity_minutes",
)


def _judge(settings: RecordSettings, who: Any) -> None:
    for name in _MORE_THAN_ZERO:
        if not getattr(settings, name) > 0:
            raise WrongSetting(f"{who(name)} is {getattr(settings, name)}; it has to be over 0.")
    if settings.undo_minutes < 0:
        raise WrongSetting(
            f"{who('undo_minutes')} is {settings.undo_minutes}; it can't be less than 0."
        )
    if list(settings.waiting_minutes) != sorted(set(settings.waiting_minutes)):
        raise WrongSetting(f"{who('waiting_minutes')} has to rise, such as 15, 30, 45, 60.")
    for name in ("ca_file", "client_certificate", "client_key"):
        path = getattr(settings, name)
        if path and not Path(path).is_file():
            raise WrongSetting(f"{who(name)} is {path!r}; there is no such file.")
    if settings.record_url:
        _judge_address(settings, who("record_url"))


def _judge_address(settings: RecordSettings, who: str) -> None:
    right = "such as https://record.example/fhir"
    try:
        parts = urlsplit(settings.record_url)
        port_is_right = parts.port is None or parts.port > 0
    except ValueError:
        raise WrongSetting(f"{who} is not a web address; give one {right}.") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_right:
        raise WrongSetting(
            f"{who} is {settings.record_url!r}; it has to be a http or https address, {right}."
        )
    if parts.username or parts.password:
        raise WrongSetting(f"{who} holds a name or password; use {PREFIX}RECORD_TOKEN, {right}.")
    if parts.query or parts.fragment:
        raise WrongSetting(f"{who} has a '?' or '#' part; give the base address, {right}.")
    unencrypted = parts.scheme == "http" and not _is_this_machine(parts.hostname)
    if settings.record_token and unencrypted and not settings.plain_http:
        raise WrongSetting(
            f"{who} is http: the token would travel unencrypted. Use https, or set "
            f"{PREFIX}PLAIN_HTTP=true on a closed network."
        )


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
