"""Masks show enough to recognise what one knows, and never enough to learn it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.base import masks

Mask = Callable[[Any], str]
TEXTS = st.text("0123456789X王@.abc", max_size=40)


@pytest.mark.parametrize(
    ("mask", "value", "shown"),
    [
        (masks.mask_id_number, "110101200001011234", "110101********1234"),
        (masks.mask_id_number, "C12345678", "C******78"),
        (masks.mask_id_number, "C12345", "****"),
        (masks.mask_phone, "13812345678", "138****5678"),
        (masks.mask_phone, "010-62510000", "010****0000"),
        (masks.mask_phone, "1234567", "****"),
        (masks.mask_account, "11001234567894454", "1100*****4454"),
        (masks.mask_account, "12345678", "****"),
        (masks.mask_email, "zhang@example.com", "z***@example.com"),
        (masks.mask_email, "no address", "***"),
        (masks.mask_address, "13812345678", "138****5678"),
        (masks.mask_address, "a@b.cn", "a***@b.cn"),
        (masks.mask_person, "王小明", "王**"),
        (masks.mask_unit, "北京云帆数据科技有限公司", "北京******有限公司"),
    ],
)
def test_what_is_shown(mask: Mask, value: str, shown: str) -> None:
    assert mask(value) == shown


@pytest.mark.parametrize(
    "mask", [masks.mask_id_number, masks.mask_phone, masks.mask_account, masks.mask_email, masks.mask_address]
)
def test_nothing_is_shown_of_nothing(mask: Mask) -> None:
    assert (mask(None), mask("")) == ("", "")


@given(TEXTS)
def test_a_number_is_never_shown_whole(value: str) -> None:
    for mask, most in ((masks.mask_id_number, 10), (masks.mask_phone, 7), (masks.mask_account, 8)):
        assert len(mask(value).replace("*", "")) <= most
        assert not value or value not in mask(value)


@given(st.text("王小明张欧阳·A", max_size=20))
def test_of_a_person_only_the_first_character_is_shown(name: str) -> None:
    assert len(masks.mask_person(name)) == len(name)
    assert masks.mask_person(name)[1:].strip("*") == ""


@given(st.text("0123456789", min_size=11, max_size=18), st.data())
def test_two_numbers_differ_in_their_masks_where_they_differ(own: str, data: st.DataObject) -> None:
    other = data.draw(st.text("0123456789", min_size=len(own), max_size=len(own)))
    left, right = masks.mask_differing(own, other)
    assert (left == right) == (own == other)
    shown = [place for place in range(6, len(own) - 4) if left[place] != "*"]
    assert shown == [place for place in range(6, len(own) - 4) if own[place] != other[place]]


def test_numbers_of_different_length_are_masked_each_by_itself() -> None:
    assert masks.mask_differing("110101200001011234", "110101000101123") == (
        "110101********1234",
        "110101********1123",
    )


def test_numbers_within_are_hidden_and_nothing_else() -> None:
    said = {
        "q": ["id_number=H10000001&x", "给 13800001111 和 110101200001011234"],
        "uscc": "911101080000000000",
        "n": 5,
    }
    assert masks.mask_within(said) == {
        "q": ["id_number=H******01&x", "给 138****1111 和 110101********1234"],
        "uscc": "911101080000000000",
        "n": 5,
    }
