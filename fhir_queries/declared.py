"""Frozen dataclasses filled from TOML: an unknown key or a wrong value is told with its line.

A field's ``metadata`` holds ``doc`` (what it means) and, where only some words are right,
``allowed``. A field whose type is itself such a dataclass is a table of the file.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

Filled = TypeVar("Filled")
Where = Callable[[str], str]
"""Turns a dotted key into the place it was written at, in words."""

_HEADER = re.compile(r"^\s*\[\[?\s*([^\]]+?)\s*\]?\]")
_KEY = re.compile(r"""^\s*("[^"]+"|'[^']+'|[A-Za-z0-9_.-]+)\s*=""")


class WrongSetting(ValueError):
    """A setting or a profile says something that can't be right; the message says what can."""


def declare(doc: str, default: Any, *, allowed: tuple[Any, ...] = (), secret: bool = False) -> Any:
    """A field with what it means, what it is when nobody says, and which words it may hold."""
    metadata = {"doc": doc, "allowed": allowed, "secret": secret}
    return dataclasses.field(default=default, repr=not secret, metadata=metadata)


def read_toml(path: Path) -> tuple[dict[str, Any], Where]:
    """The file's keys, and a function that says on which line a dotted key stands.

    Raises WrongSetting where the file can't be read or isn't TOML.
    """
    try:
        text = path.read_text(encoding="utf-8")
        found = tomllib.loads(text)
    except OSError as fault:
        raise WrongSetting(f"{path} can't be read: {fault.strerror or 'not a file'}.") from None
    except UnicodeDecodeError:
        raise WrongSetting(f"{path} isn't UTF-8 text, as TOML has to be.") from None
    except tomllib.TOMLDecodeError as fault:
        raise WrongSetting(f"{path} isn't TOML: {fault}.") from None
    lines = dict(_lines_of_keys(text))
    return found, lambda key: f"{path}, line {lines.get(key, 1)}"


def _lines_of_keys(text: str) -> Iterator[tuple[str, int]]:
    table_name = ""
    for number, line in enumerate(text.splitlines(), start=1):
        header = _HEADER.match(line)
        if header:
            table_name = header.group(1).replace(" ", "")
            yield table_name, number
            continue
        key = _KEY.match(line)
        if key:
            name = key.group(1).strip("\"'")
            yield (f"{table_name}.{name}" if table_name else name), number


def fill(into: type[Filled], found: Mapping[str, Any], where: Where, prefix: str = "") -> Filled:
    """``into``, with what ``found`` says in place of the defaults.

    Raises WrongSetting for an unknown key, a value of another type, or a word that isn't allowed.
    """
    fields = {field.name: field for field in dataclasses.fields(into)}  # type: ignore[arg-type]
    hints = get_type_hints(into)
    said: dict[str, Any] = {}
    for key, value in found.items():
        name = key.replace("-", "_")
        dotted = prefix + key
        if name not in fields:
            raise WrongSetting(_unknown(dotted, key, tuple(fields), where))
        hint = hints[name]
        if dataclasses.is_dataclass(hint):
            if not isinstance(value, dict):
                raise WrongSetting(f'{where(dotted)}: "{dotted}" has to be a table, [{dotted}].')
            said[name] = fill(hint, value, where, f"{dotted}.")  # type: ignore[arg-type]
        else:
            allowed = fields[name].metadata.get("allowed", ())
            said[name] = right_value(value, hint, allowed, f'{where(dotted)}: "{dotted}"')
    return into(**said)


def _unknown(dotted: str, key: str, names: tuple[str, ...], where: Where) -> str:
    near = difflib.get_close_matches(key.replace("-", "_"), names, n=1, cutoff=0.6)
    hint = f' Did you mean "{near[0]}"?' if near else ""
    return f'{where(dotted)}: "{dotted}" is not known here.{hint} Known: {", ".join(names)}.'


def right_value(value: Any, hint: Any, allowed: tuple[Any, ...], who: str) -> Any:
    """``value`` as ``hint`` wants it. ``who`` opens the sentence of the WrongSetting raised."""
    if get_origin(hint) is tuple:
        if not isinstance(value, list | tuple):
            raise WrongSetting(f"{who} has to be a list, not {value!r}.")
        return tuple(right_value(one, get_args(hint)[0], allowed, who) for one in value)
    if get_origin(hint) in (dict, Mapping):
        if not isinstance(value, dict):
            raise WrongSetting(f"{who} has to be a table of text, not {value!r}.")
        return {str(k): right_value(v, get_args(hint)[1], allowed, who) for k, v in value.items()}
    accepted: tuple[type, ...] = (int, float) if hint is float else (hint,)
    wrong_bool = isinstance(value, bool) and hint is not bool
    if wrong_bool or not isinstance(value, accepted):
        words = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
        raise WrongSetting(f"{who} has to be {words.get(hint, hint)}, not {value!r}.")
    if allowed and value not in allowed:
        choices = ", ".join(repr(choice) for choice in allowed)
        raise WrongSetting(f"{who} is {value!r}; allowed: {choices}.")
    return value * 1.0 if hint is float and isinstance(value, int) else value
