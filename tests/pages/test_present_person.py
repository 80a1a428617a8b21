"""The patient banner: who this is, beyond doubt or with the doubt said."""

from __future__ import annotations

import pytest

from clinical.nhs_number import formatted
from clinical.person import NhsNumber
from pages.present.person import (
    VERIFICATION,
    alerts_html,
    banner,
    banner_html,
    verification,
)
from tests.pages.people import NOW, moment, person


def test_the_banner_reads_as_the_common_user_interface_has_it() -> None:
    shown = banner(person(), NOW)
    assert shown.family == "TESTPERSON"
    assert shown.given == "Anna (Mrs)"
    assert shown.born == "05-Mar-1938 (88 years)"
    assert shown.gender == "Female"
    assert shown.nhs_number == "999 000 0026"
    assert shown.verification == "present and verified"
    assert shown.cautions == ()


@pytest.mark.parametrize(
    ("birth_date", "shown"),
    [
        ("1938", "1938 (87 or 88 years)"),
        ("1938-03", "Mar-1938 (88 years)"),
        ("2025-07-01", "01-Jul-2025 (1 year)"),
        ("2027-01-01", "01-Jan-2027 (age not known)"),
    ],
)
def test_a_partial_birth_date_stays_partial(birth_date: str, shown: str) -> None:
    assert banner(person(birth_date=moment(birth_date)), NOW).born == shown


def test_a_birth_date_in_the_future_is_a_caution() -> None:
    shown = banner(person(birth_date=moment("2027-01-01")), NOW)
    assert "Birth date lies in the future" in shown.cautions


def test_a_number_that_fails_its_check_digit_never_looks_verified() -> None:
    wrong = NhsNumber("9912003814", False, "01")
    assert verification(wrong) == "NOT a valid NHS number: check digit fails"


@pytest.mark.parametrize("code", sorted(VERIFICATION))
def test_each_tracing_status_has_its_words(code: str) -> None:
    assert verification(NhsNumber("9990000026", True, code)) == VERIFICATION[code]


def test_a_status_nobody_knows_is_shown_and_none_is_said() -> None:
    assert verification(NhsNumber("9990000026", True, "99")) == "status 99"
    assert verification(NhsNumber("9990000026", True)) == "verification not recorded"


def test_no_number_says_not_recorded() -> None:
    assert banner(person(nhs_numbers=()), NOW).nhs_number == "not recorded"


def test_digits_of_another_length_are_not_grouped() -> None:
    assert formatted("12345") == "12345"


def test_markup_in_a_name_stays_text_in_the_banner() -> None:
    markup = banner_html(banner(person(family="O'Testé <b>", given="$x$"), NOW))
    assert "O&#39;TESTÉ &lt;B&gt;" in markup
    assert "<b>" not in markup.replace("<bdi>", "")


def test_what_could_not_be_read_of_the_patient_is_in_the_banner() -> None:
    markup = alerts_html(banner(person(unreadable=("1 address could not be read",)), NOW))
    assert "1 address could not be read" in markup


def test_an_interpreter_is_asked_for_in_the_banner() -> None:
    shown = banner(person(interpreter_required=True, language="Polish"), NOW)
    assert shown.cautions == ("Interpreter needed: Polish",)
