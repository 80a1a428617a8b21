"""One person or two: what is certain, what is possible, and what stops the decision."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinical.identity import Sameness, disagreements, identity_stops, sameness
from clinical.moments import read_moment
from clinical.nhs_number import read_nhs_number
from clinical.person import Confidentiality, NhsNumber, Person


def number_of(nine: int) -> str:
    """A number of the range for tests with its check digit."""
    return next(
        f"{nine}{last}" for last in range(10) if read_nhs_number(f"{nine}{last}").check_digit_valid
    )


VERIFIED = NhsNumber(number_of(999000101), True, "01")
UNVERIFIED = replace(VERIFIED, verification="02")
ANOTHER = NhsNumber(number_of(999000102), True, "01")
WRONG = NhsNumber("9990000000", False, "01")

ANN = Person(
    "ann", "O'Néill", "Ann Mary", "Mrs", read_moment("1940-05-01"), "female", (VERIFIED,), None,
    None, Confidentiality.NORMAL,
)  # fmt: skip
HOSPITAL = replace(ANN, patient="hospital")
NAMELESS = Person("x", "", "", "", None, "", (), None, None, Confidentiality.VERY_RESTRICTED)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Sameness.CERTAIN),
        ({"family": "ONEILL", "given": "ANN"}, Sameness.CERTAIN),
        ({"family": "Smith"}, Sameness.CERTAIN),
        ({"birth_date": read_moment("1940")}, Sameness.CERTAIN),
        ({"birth_date": None}, Sameness.CERTAIN),
        ({"birth_date": read_moment("1941-05-01")}, Sameness.POSSIBLE),
        ({"family": "Smith", "given": "Joan"}, Sameness.POSSIBLE),
        ({"nhs_numbers": (UNVERIFIED,)}, Sameness.POSSIBLE),
        ({"nhs_numbers": ()}, Sameness.POSSIBLE),
        ({"nhs_numbers": (ANOTHER,)}, Sameness.NOT_SHOWN),
        ({"nhs_numbers": (), "birth_date": read_moment("1940")}, Sameness.NOT_SHOWN),
        ({"nhs_numbers": (), "given": "Joan"}, Sameness.NOT_SHOWN),
        ({"nhs_numbers": (), "given": "Joan", "linked": ("ann",)}, Sameness.CERTAIN),
        ({"nhs_numbers": (ANOTHER,), "linked": ("ann",)}, Sameness.POSSIBLE),
        ({"nhs_numbers": (), "linked": ("ann",), "deceased": True}, Sameness.CERTAIN),
        (
            {"nhs_numbers": (), "linked": ("ann",), "birth_date": read_moment("1904-05-01")},
            Sameness.POSSIBLE,
        ),
    ],
)
def test_whether_two_records_are_of_one_person(
    changes: dict[str, object], expected: Sameness
) -> None:
    other = replace(HOSPITAL, **changes)  # type: ignore[arg-type]
    assert sameness(ANN, other) is expected
    assert sameness(other, ANN) is expected


def test_a_number_that_fails_its_check_digit_joins_nobody() -> None:
    one = replace(ANN, nhs_numbers=(WRONG,))
    other = replace(HOSPITAL, nhs_numbers=(WRONG,), family="Other", given="Else")
    assert sameness(one, other) is Sameness.NOT_SHOWN


def test_two_records_that_say_nothing_are_not_shown_to_be_one() -> None:
    assert sameness(NAMELESS, replace(NAMELESS, patient="y")) is Sameness.NOT_SHOWN
    assert disagreements(NAMELESS, ANN) == ()


@pytest.mark.parametrize(
    ("changes", "what", "stops"),
    [
        ({"birth_date": read_moment("1940-05-02")}, "birth date", True),
        ({"birth_date": read_moment("1941")}, "birth date", True),
        ({"family": "Smith"}, "name", False),
        ({"given": "Joan"}, "name", False),
        ({"family": "Smith", "given": "Joan"}, "name", True),
        ({"nhs_numbers": (ANOTHER,)}, "NHS number", True),
        ({"gender": "male"}, "gender", False),
        ({"address": ("2 Mill Lane", "Rivermead")}, "address", False),
        ({"telephone": ("01632 960002",)}, "telephone number", False),
        ({"general_practice": "Weir House Surgery"}, "general practice", False),
    ],
)
def test_what_two_records_disagree_about(
    changes: dict[str, object], what: str, stops: bool
) -> None:
    at_home = replace(
        ANN,
        address=("1 Mill Lane", "Rivermead", "FS1 1AA"),
        telephone=("01632 960001",),
        general_practice="Mill Lane Surgery",
    )
    (found,) = disagreements(at_home, replace(HOSPITAL, **changes))  # type: ignore[arg-type]
    assert (found.what, found.stops) == (what, stops)
    assert found.words.startswith(f"The records disagree about the {what}: ")


@pytest.mark.parametrize(
    "changes",
    [
        {"gender": "unknown"},
        {"gender": ""},
        {"birth_date": read_moment("1940-05")},
        {"given": "Ann"},
        {"family": "o neill"},
        {"nhs_numbers": ()},
        {"deceased": True},
        {"address": ("1 Mill Lane", "Rivermead")},
        {"address": ("1, Mill Lane, Rivermead, FS1 1AA",)},
        {"telephone": ("01632960001",)},
    ],
)
def test_what_one_record_does_not_say_is_no_disagreement(changes: dict[str, object]) -> None:
    reached = replace(
        ANN, address=("1 Mill Lane", "Rivermead", "FS1 1AA"), telephone=("01632 960001",)
    )
    assert disagreements(reached, replace(HOSPITAL, **changes)) == ()  # type: ignore[arg-type]


def test_one_record_that_says_dead_and_one_that_says_alive_stop_the_decision() -> None:
    alive, dead = replace(ANN, deceased=False), replace(HOSPITAL, deceased=True)
    (found,) = disagreements(alive, dead)
    assert found.stops
    assert found.words == ("The records disagree about the death: not deceased and deceased.")


def test_nothing_stops_a_person_with_one_record() -> None:
    assert identity_stops(ANN) == ()
    assert identity_stops(NAMELESS) == ()


def test_two_unlinked_records_with_one_number_stop_the_decision() -> None:
    said = "More than one record carries this NHS number, and they aren't linked."
    assert identity_stops(ANN, (HOSPITAL,)) == (said,)
    assert identity_stops(replace(ANN, same_nhs_number=("hospital",))) == (said,)


def test_linked_records_that_agree_do_not_stop_and_those_that_contradict_do() -> None:
    linked = replace(ANN, linked=("hospital",), same_nhs_number=("hospital",))
    assert identity_stops(linked, (HOSPITAL,)) == ()
    assert identity_stops(ANN, (replace(HOSPITAL, linked=("ann",)),)) == ()
    (stop,) = identity_stops(linked, (replace(HOSPITAL, birth_date=read_moment("1904-05-01")),))
    assert "birth date: 1940-05-01 and 1904-05-01" in stop


def test_a_namesake_with_another_number_does_not_stop() -> None:
    assert identity_stops(ANN, (replace(HOSPITAL, nhs_numbers=(ANOTHER,)),)) == ()


def test_a_number_that_fails_its_check_digit_or_cannot_be_read_stops() -> None:
    (wrong,) = identity_stops(replace(ANN, nhs_numbers=(WRONG,)))
    assert wrong == "999 000 0000 is not a valid NHS number."
    (unread,) = identity_stops(replace(ANN, unreadable=("the NHS number is a list",)))
    assert "NHS number" in unread
    assert identity_stops(replace(ANN, unreadable=("the address is a number",))) == ()


def test_two_numbers_on_one_record_or_a_conflict_found_by_the_trace_stop() -> None:
    (two,) = identity_stops(replace(ANN, nhs_numbers=(VERIFIED, ANOTHER)))
    assert "two NHS numbers" in two
    assert VERIFIED.digits[-4:] in two
    (conflict,) = identity_stops(replace(ANN, nhs_numbers=(replace(VERIFIED, verification="05"),)))
    assert "conflict" in conflict


people = st.builds(
    replace,
    st.just(HOSPITAL),
    family=st.sampled_from(["O'Néill", "ONeill", "Smith", ""]),
    given=st.sampled_from(["Ann", "Ann Mary", "Joan", ""]),
    birth_date=st.sampled_from(
        [read_moment(each) for each in ("1940-05-01", "1940-05", "1940", "1941", "1940-06-01", "")]
    ),
    nhs_numbers=st.sampled_from([(), (VERIFIED,), (UNVERIFIED,), (ANOTHER,), (VERIFIED, ANOTHER)]),
    gender=st.sampled_from(["female", "male", "unknown", ""]),
)


@given(people, people)
def test_neither_sameness_nor_disagreement_depends_on_which_record_is_open(
    one: Person, other: Person
) -> None:
    other = replace(other, patient="other")
    assert sameness(one, other) is sameness(other, one)
    assert [(each.what, each.stops) for each in disagreements(one, other)] == [
        (each.what, each.stops) for each in disagreements(other, one)
    ]


@given(people)
def test_nobody_disagrees_with_themselves(one: Person) -> None:
    assert disagreements(one, replace(one, patient="copy")) == ()


@given(people, people)
def test_what_is_certain_has_nothing_that_stops_it(one: Person, other: Person) -> None:
    if sameness(one, other) is Sameness.CERTAIN:
        assert not any(each.stops for each in disagreements(one, other))
