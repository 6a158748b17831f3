"""The agreement number: its parts, its check character, what is no number."""

from __future__ import annotations

import pytest

from app.documents.numbering import agreement_number, check_character, is_agreement_number, level_digit


def test_number_has_its_parts_in_order() -> None:
    assert agreement_number(2027, "10001", 3, 1) == "202710001300000016"


@pytest.mark.parametrize(
    ("digits", "check"), [("36042619910101007", "1"), ("11010519491231002", "X"), ("34052419800101001", "X")]
)
def test_check_character_is_that_of_id_cards(digits: str, check: str) -> None:
    assert check_character(digits) == check


@pytest.mark.parametrize(
    ("education", "digit"),
    [("01", 1), ("03", 1), ("11", 2), ("13", 2), ("25", 5), ("26", 5), ("31", 3), ("33", 3), ("41", 4), ("43", 4)],
)
def test_level_follows_from_the_education(education: str, digit: int) -> None:
    assert level_digit(education) == digit


def test_every_single_wrong_digit_is_found() -> None:
    number = agreement_number(2027, "10284", 2, 1234567)
    assert is_agreement_number(number)
    for place in range(17):
        for digit in "0123456789":
            if digit != number[place]:
                assert not is_agreement_number(number[:place] + digit + number[place + 1 :])


def test_every_two_neighbours_exchanged_are_found() -> None:
    number = agreement_number(2027, "10284", 2, 1234567)
    for place in range(16):
        swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
        assert swapped == number or not is_agreement_number(swapped)


@pytest.mark.parametrize("text", ["", "2027100013000000", "２０２７10001300000016", "20271000130000001x", "abc" * 6])
def test_other_texts_are_no_numbers(text: str) -> None:
    assert not is_agreement_number(text)


@pytest.mark.parametrize("parts", [(27, "10001", 3, 1), (2027, "1001", 3, 1), (2027, "10001", 3, 10_000_000)])
def test_parts_that_do_not_fit_are_refused(parts: tuple[int, str, int, int]) -> None:
    with pytest.raises(ValueError, match="agreement number"):
        agreement_number(*parts)
