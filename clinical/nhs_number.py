"""The NHS number: its check digit, and how it is written.

Source: NHS Data Dictionary, NHS NUMBER. Weights 10 to 2 on the first nine digits; 11 less the
remainder of their sum by 11 is the check digit, 11 meaning 0; a number that gives 10 is invalid.
"""

from __future__ import annotations

from operator import mul

from clinical.person import NhsNumber, Person

_WEIGHTS = (10, 9, 8, 7, 6, 5, 4, 3, 2)
_ZERO = ord("0")
_OF_ZEROS = _ZERO * sum(_WEIGHTS)
"""What the characters of nine zeros add up to."""

VERIFIED = "01"
"""NHS number status: number present and verified."""


def check_digit_valid(digits: str) -> bool:
    """Whether ``digits`` are ten digits whose last is the right check digit.

    One digit ten times is what people type to get past a form. 0000000000 and 9999999999 pass the
    arithmetic and are still nobody's number: they are not valid either.
    """
    if not _ten_digits(digits):
        return False
    if digits == digits[0] * 10:
        return False
    octets = digits.encode()
    total: int = sum(map(mul, _WEIGHTS, octets)) - _OF_ZEROS
    check = 11 - total % 11
    return check != 10 and check % 11 == octets[9] - _ZERO


def read_nhs_number(text: str, verification: str = "") -> NhsNumber:
    """The number that ``text`` holds, spaces and hyphens left out, with its check digit verified.

    What isn't ten digits is kept as it is, and not valid.
    """
    digits = text if _ten_digits(text) else "".join(text.split()).replace("-", "")
    return NhsNumber(digits, check_digit_valid(digits), verification)


def formatted(number: NhsNumber | str) -> str:
    """The number in groups of 3, 3 and 4; what isn't ten digits as it is."""
    digits = number if isinstance(number, str) else number.digits
    if not _ten_digits(digits):
        return digits
    return f"{digits[:3]} {digits[3:6]} {digits[6:]}"


def valid_numbers(person: Person) -> frozenset[str]:
    """The digits of the person's NHS numbers whose check digit is right: those to join by."""
    return frozenset(number.digits for number in person.nhs_numbers if number.check_digit_valid)


def verified_numbers(person: Person) -> frozenset[str]:
    """Those of them that the record says were traced and verified (status 01)."""
    return frozenset(
        number.digits
        for number in person.nhs_numbers
        if number.check_digit_valid and number.verification == VERIFIED
    )


def _ten_digits(text: str) -> bool:
    return len(text) == 10 and text.isascii() and text.isdigit()
