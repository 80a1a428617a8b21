"""NHS numbers: the check digit, and the groups they are read aloud in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical.nhs_number import check_digit_valid, formatted, read_nhs_number

PUBLISHED = ["9912003888", "9690937278", "6700028191"]


@pytest.mark.parametrize("digits", PUBLISHED)
def test_published_numbers_pass(digits: str) -> None:
    assert check_digit_valid(digits)


def test_a_published_example_that_fails_the_check_fails_here_too() -> None:
    assert not check_digit_valid("9912003814")


def weighted(nine: str) -> int:
    return sum((10 - place) * int(digit) for place, digit in enumerate(nine))


@given(st.integers(0, 999_999_999))
def test_the_check_digit_is_11_less_the_remainder(number: int) -> None:
    nine = f"{number:09}"
    remainder = weighted(nine) % 11
    right = {0: "0", 1: ""}.get(remainder, str(11 - remainder))
    passing = "".join(str(last) for last in range(10) if check_digit_valid(f"{nine}{last}"))
    assert passing == right or len(set(nine + right)) == 1


def test_a_number_whose_check_digit_would_be_10_is_invalid_with_every_last_digit() -> None:
    nine = next(f"{n}" for n in range(999_000_000, 999_000_099) if weighted(f"{n}") % 11 == 1)
    assert not any(check_digit_valid(f"{nine}{last}") for last in range(10))


@pytest.mark.parametrize("digit", "0123456789")
def test_one_digit_ten_times_is_nobodys_number(digit: str) -> None:
    assert not check_digit_valid(digit * 10)


@pytest.mark.parametrize(
    "text", ["", "999", "99120038880", "99120O3888", "٩٩١٢٠٠٣٨٨٨", "²912003888"]
)
def test_what_is_not_ten_digits_is_no_number(text: str) -> None:
    number = read_nhs_number(text)
    assert not number.check_digit_valid
    assert formatted(number) == text


@pytest.mark.parametrize("text", ["991 200 3888", "991-200-3888", " 9912003888 "])
def test_a_number_is_read_however_it_is_grouped_and_written_3_3_4(text: str) -> None:
    number = read_nhs_number(text, "01")
    assert (number.digits, number.check_digit_valid, number.verification) == (
        "9912003888",
        True,
        "01",
    )
    assert formatted(number) == "991 200 3888"


@given(st.integers(0, 999_999_999), st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(number: int, position: int, shift: int) -> None:
    nine = f"{number:09}"
    right = [f"{nine}{last}" for last in range(10) if check_digit_valid(f"{nine}{last}")]
    assert len(right) <= 1
    for digits in right:
        wrong = (int(digits[position]) + shift) % 10
        assert not check_digit_valid(f"{digits[:position]}{wrong}{digits[position + 1 :]}")
