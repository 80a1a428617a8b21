"""A site's own thresholds and words, and that each wrong one is told."""

import re
from typing import Any

import pytest

from clinical import indicator_words as words
from clinical.indicator_rules.need import FRAILTY_LEVELS, FRAILTY_SCORES
from clinical.indicator_settings import UNVERIFIED, IndicatorSettings, settings_from
from clinical.indicators import RULES
from clinical.news2_chart import CONSCIOUSNESS_BY_SNOMED, OXYGEN_BY_SNOMED

LISTS = [
    *words.NEEDS.values(),
    *words.RED_FLAGS.values(),
    *words.HIGH_RISK_MEDICINES.values(),
    words.HEAD_INJURY,
    words.HOME_OXYGEN,
    words.PLAN,
    words.SAFEGUARDING,
    words.LIVES_ALONE,
]
SNOMED_CODES = sorted(
    {code for each in LISTS for code in each.codes if "|" not in code}
    | set(FRAILTY_LEVELS)
    | FRAILTY_SCORES
    | words.NO_SAFEGUARDING_ISSUES
    | set(CONSCIOUSNESS_BY_SNOMED)
    | set(OXYGEN_BY_SNOMED)
)


def verhoeff(digits: str) -> bool:
    """Whether the last digit is the check digit, by the dihedral group of order 10."""

    def times(a: int, b: int) -> int:
        if a < 5:
            return (a + b) % 5 if b < 5 else 5 + (a + b - 5) % 5
        return 5 + (a - 5 - b) % 5 if b < 5 else (a - b) % 5

    permuted = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]
    check = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit)
        for _ in range(place % 8):
            value = permuted[value]
        check = times(check, value)
    return check == 0


def test_the_check_digit_test_tells_a_typing_error() -> None:
    assert verhoeff("1104051000000101")
    assert not verhoeff("1104051000000102")
    assert not verhoeff("104586100000100")


@pytest.mark.parametrize("code", SNOMED_CODES)
def test_every_snomed_code_passes_its_check_digit(code: str) -> None:
    assert re.fullmatch(r"\d{6,18}", code)
    assert verhoeff(code)


def test_without_a_word_from_the_site_the_defaults_hold() -> None:
    assert settings_from({}) == IndicatorSettings()


def test_a_site_sets_thresholds_practices_and_words() -> None:
    settings = settings_from(
        {
            "news2_low_to": 3,
            "frailty_stale_months": 6,
            "area_practices": ["l84001", " L84002 "],
            "signed_off": ["news2-low"],
            "red_flags": {"stroke": {"also": ["gone wobbly"]}},
            "anticoagulants": {"title": "a thinner", "terms": ["warfarin"], "codes": ["48603004"]},
        }
    )
    assert settings.news2_low_to == 3
    assert settings.frailty_stale_months == 6
    assert settings.area_practices == {"L84001", "L84002"}
    assert "news2-low" not in settings.unverified
    assert "stroke" in settings.unverified
    assert {"stroke", "gone wobbly"} <= set(settings.red_flags["stroke"].terms)
    assert settings.red_flags["sepsis"] == words.RED_FLAGS["sepsis"]
    assert settings.anticoagulants.terms == ("warfarin",)
    assert settings.anticoagulants.title == "a thinner"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"news2_lwo_to": 3}, "news2_lwo_to is no setting.*news2_low_to"),
        ({"news2_low_to": "3"}, "news2_low_to is '3'; it has to be a whole number"),
        ({"news2_low_to": True}, "whole number"),
        ({"news2_low_to": -1}, "whole number"),
        ({"news2_low_to": 7}, "has to lie below news2_red_flag_from"),
        ({"frailty_from": 0}, "between 1 and 9"),
        ({"area_practices": "L84001"}, "area_practices has to be a list"),
        ({"signed_off": ["mews"]}, "signed_off names mews; allowed: .*news2"),
        ({"red_flags": {"strok": {}}}, "red_flags.strok is not known; allowed: .*stroke"),
        ({"red_flags": {"stroke": {"words": []}}}, "red_flags.stroke has words; allowed"),
        ({"red_flags": {"stroke": ["x"]}}, "red_flags.stroke has to be a table"),
        ({"needs": []}, "needs has to be a table"),
        ({"head_injury": {"terms": [1]}}, "head_injury.terms has to be a list of texts"),
        ({"head_injury": {"title": 1}}, "head_injury.title has to be a text"),
    ],
)
def test_a_wrong_setting_is_named_with_what_would_be_right(
    wrong: dict[str, Any], told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        settings_from(wrong)


def test_only_rules_that_exist_are_called_unverified() -> None:
    assert {rule.name for rule in RULES} >= UNVERIFIED
    assert set(words.RED_FLAGS) <= UNVERIFIED
