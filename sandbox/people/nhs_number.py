"""NHS numbers from the range that is never given to a person (999), with their check digit.

The check digit is modulus 11 over weights 10 to 2; a remainder that gives 10 makes no number
(NHS Data Dictionary, NHS NUMBER).
"""

from __future__ import annotations

from functools import cache


def check_digit(first_nine: str) -> int | None:
    """The tenth digit that belongs to nine, or None where they make no NHS number."""
    weighted = sum(
        int(digit) * weight for digit, weight in zip(first_nine, range(10, 1, -1), strict=True)
    )
    left = 11 - weighted % 11
    if left == 11:
        return 0
    return None if left == 10 else left


@cache
def _skipped(serial: int) -> tuple[str, int]:
    while (digit := check_digit(f"999{serial:06d}")) is None:
        serial += 1
    return f"999{serial:06d}", digit


def nhs_number(serial: int) -> str:
    """A number with a valid check digit for each even `serial` below a million.

    No two even serials share one: those of two neighbours are never both without a digit.
    """
    body, digit = _skipped(serial)
    return f"{body}{digit}"


def failing_nhs_number(serial: int) -> str:
    """A number that looks like an NHS number and fails its check digit."""
    body, digit = _skipped(serial)
    return f"{body}{(digit + 1) % 10}"
