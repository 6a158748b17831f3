"""解约函 and 情况说明: one page, what is known filled in, lines for the rest (R9.2)."""

from __future__ import annotations

from datetime import date

import pytest

from app.documents.blanks import BLANKS, Blank, render_blank
from app.documents.words import TITLES
from tests.documents.pdf import POINTS_PER_MM, bare_text, pages

FACTS = {
    "unit": "新疆维吾尔自治区巴音郭楞蒙古自治州和静县巩乃斯沟乡水管站",
    "uscc": "91110108749352307A",
    "graduate": "王䶮㛃·𠅤",
    "id_number": "110101200501011234",
    "school": "北京大学",
    "department": "信息科学技术学院",
    "major": "计算机科学与技术",
    "student_number": "2300012345",
    "number": "202710001300000016",
    "signed_on": date(2026, 11, 21),
}


@pytest.mark.parametrize("kind", BLANKS)
def test_what_is_known_is_filled_in(kind: Blank) -> None:
    text = bare_text(render_blank(kind, FACTS))
    for name, value in FACTS.items():
        wanted = {"id_number": "110101********1234", "signed_on": "2026年11月21日"}.get(name, str(value))
        assert wanted in text, name
    assert "110101200501011234" not in text
    assert TITLES[kind] in text


@pytest.mark.parametrize("kind", BLANKS)
@pytest.mark.parametrize("facts", [FACTS, {}], ids=["filled", "blank"])
def test_a_blank_is_one_page_and_keeps_its_edges(kind: Blank, facts: dict[str, object]) -> None:
    shown = pages(render_blank(kind, facts))
    assert len(shown) == 1
    for character in shown[0]:
        assert 25 * POINTS_PER_MM <= character.left <= character.right <= 185 * POINTS_PER_MM, character
        assert character.bottom >= 20 * POINTS_PER_MM, character


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("termination_letter", ("违约金", "已结清", "日起解除就业协议", "用人单位（公章）", "毕业生（签名）")),
        ("statement", ("用人单位不能提供解约材料", "协议书内容有误", "毕业生（签名）")),
    ],
)
def test_a_blank_has_the_places_to_write(kind: Blank, words: tuple[str, ...]) -> None:
    text = bare_text(render_blank(kind, {}))
    assert "＿＿＿" in text
    assert "None" not in text
    assert [one for one in words if one not in text] == []
