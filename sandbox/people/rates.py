"""How often what happens in the years of history: `rates.toml`, and a site's own over it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.people.needs import BY_CODE
from sandbox.people.services import SERVICES

DEFAULT = Path(__file__).parent / "rates.toml"

Value = float | tuple[float, ...]


class WrongRates(ValueError):
    """Why a file of rates can't be used; names the setting and what would be right."""


@dataclass(frozen=True, slots=True)
class Rates:
    """The rates by section and name; `rates.toml` documents each."""

    sections: Mapping[str, Mapping[str, Value]]

    def one(self, section: str, name: str) -> float:
        """A single rate."""
        value = self.sections[section][name]
        if isinstance(value, tuple):
            raise WrongRates(f"[{section}] {name} has to be one number")
        return value

    def many(self, section: str, name: str) -> tuple[float, ...]:
        """A list of rates."""
        value = self.sections[section][name]
        if not isinstance(value, tuple):
            raise WrongRates(f"[{section}] {name} has to be a list of numbers")
        return value


def _number(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
        raise WrongRates(f"{where} has to be a number, 0 or more")
    return float(value)


def _value(value: object, usual: Value, where: str) -> Value:
    if isinstance(usual, tuple):
        if not isinstance(value, list) or len(value) != len(usual):
            raise WrongRates(f"{where} has to be a list of {len(usual)} numbers")
        return tuple(_number(each, where) for each in value)
    return _number(value, where)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise WrongRates(f"can't read {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WrongRates(f"{path} is not TOML: {error}") from error


def _check(rates: Rates) -> None:
    shares = ("reviews", "departures", "response", "records", "people", "not_recorded")
    for section in (*shares, "no_capacity"):
        for name, value in rates.sections[section].items():
            highest = max(value) if isinstance(value, tuple) else value
            limit = 5.0 if name in {"redirect_from", "redirect_to"} else 1.0
            if highest > limit:
                raise WrongRates(f"[{section}] {name} has to be a share, 0 to {limit:g}")
    if not any(rates.many("arrivals", "by_hour")):
        raise WrongRates("[arrivals] by_hour needs an hour with a weight above 0")
    if not any(rates.many("needs", name)[0] for name in rates.sections["needs"]):
        raise WrongRates("[needs] needs one with a weight above 0")


def load_rates(own: Path | None = None) -> Rates:
    """The default rates, with what the file `own` names instead. Raises WrongRates."""
    usual: dict[str, dict[str, Value]] = {
        section: {
            name: tuple(map(float, value)) if isinstance(value, list) else float(value)
            for name, value in table.items()
        }
        for section, table in _read(DEFAULT).items()
    }
    for section, table in (_read(own) if own else {}).items():
        if section not in usual or not isinstance(table, dict):
            raise WrongRates(f"[{section}] is not known; known are {', '.join(usual)}")
        for name, value in table.items():
            if name not in usual[section]:
                known = ", ".join(usual[section])
                raise WrongRates(f"[{section}] {name} is not known; known are {known}")
            usual[section][name] = _value(value, usual[section][name], f"[{section}] {name}")
    rates = Rates(usual)
    _check(rates)
    return rates


def names_fit() -> bool:
    """Whether the rates name exactly the needs and the open services that there are."""
    rates = load_rates()
    services = {each.id for each in SERVICES if each.redirect and each.active}
    return (
        rates.sections["needs"].keys() == BY_CODE.keys()
        and rates.sections["no_capacity"].keys() == services
    )
