"""解约函 and 情况说明: one page, what is known filled in, lines for the rest (R9.2)."""

from __future__ import annotations

import io
import re
from datetime import date

import pytest
import segno
from pypdf import PdfReader

from app.documents.blanks import BLANKS, Blank, render_blank
from app.documents.errors import UnprintableText
from app.documents.scans import sight
from app.documents.words import TITLES
from app.employers.verification.authorization import authorization_letter, says_this
from tests.documents.pdf import POINTS_PER_MM, bare_text, pages
from tests.documents.samples import JOINED, SCRIPTS

FACTS = {
    "unit": "新疆维吾尔自治区巴音郭楞蒙古自治州和静县巩乃斯沟乡水管站",
    "uscc": "91110108749352307A",
    "graduate": "王䶮㛃·𠅤𪚥𰻝",
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


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_letter_sets_a_name_or_leaves_a_line_for_it(script: str) -> None:
    name = SCRIPTS[script]
    letter = render_blank("termination_letter", {**FACTS, "graduate": name})
    authorization = authorization_letter({"name": f"{name}有限公司", "uscc": FACTS["uscc"]}, {"name": name})
    for text in (bare_text(letter), bare_text(authorization)):
        assert ("".join(name.split()) in text) is (script not in JOINED)
        assert not any(sign in text for sign in name if script in JOINED and sign.strip())
    assert says_this(
        re.findall(r"SQ\d{8}-[0-9A-F]{8}", bare_text(authorization))[0],
        {"name": f"{name}有限公司", "uscc": FACTS["uscc"]},
        {"name": name},
    )


HARD = {
    **FACTS,
    "unit": str(FACTS["unit"]) + "·" + str(FACTS["unit"]),
    "graduate": "阿依古丽·阿卜杜热西提·买买提明·吐尔逊" * 3,
    "school": "新疆生产建设兵团兴新职业技术学院",
    "department": "马克思主义学院与国际合作交流中心联合培养基地" * 2,
    "major": "马克思主义中国化研究（中国特色社会主义理论与实践方向）" * 2,
    "reason": "因家庭原因和职业规划发生变化，经与单位多次沟通并达成一致。" * 7,
}


@pytest.mark.parametrize("kind", BLANKS)
def test_its_code_leads_to_the_public_check(kind: Blank) -> None:
    address = "https://wq.example.edu.cn/verify?number=202710001300000016"
    pdf = render_blank(kind, {**FACTS, "address": address})
    (shown,) = PdfReader(io.BytesIO(pdf)).pages[0].images
    picture, wanted = shown.image.convert("1"), segno.make(address, error="m", micro=False).matrix
    step, signs = picture.width // len(wanted), range(len(wanted))
    seen = [[not picture.getpixel((step * x + step // 2, step * y + step // 2)) for x in signs] for y in signs]
    assert seen == [[bool(one) for one in row] for row in wanted]
    assert "扫描右上角二维码" in bare_text(pdf)
    assert "二维码" not in bare_text(render_blank(kind, FACTS))


@pytest.mark.parametrize("kind", BLANKS)
def test_a_blank_stays_one_page_with_hard_data(kind: Blank) -> None:
    shown = pages(render_blank(kind, {**HARD, "address": "https://wq.example.edu.cn/verify?number=202710001300000016"}))
    assert len(shown) == 1
    assert "。。" not in "".join(one.text for one in shown[0])
    for character in shown[0]:
        assert 25 * POINTS_PER_MM <= character.left <= character.right <= 185 * POINTS_PER_MM, character


def test_the_letter_leaves_room_for_a_seal() -> None:
    shown = pages(render_blank("termination_letter", HARD))[0]
    seal = next(one for one in shown if one.text == "章" and one.left > 100 * POINTS_PER_MM)
    hint = max(one.top for one in shown if one.bottom < seal.bottom - 40 * POINTS_PER_MM)
    assert seal.top - hint > 44 * POINTS_PER_MM


def test_the_authorization_is_one_page_with_a_number_and_room_for_a_seal() -> None:
    unit = {"name": "单位" * 32, "uscc": "91110108749352307A", "address": "地址" * 64}
    person = {
        "name": "阿卜杜热合曼·买买提",
        "department": "部门" * 32,
        "post": "职务" * 10,
        "email": "a" * 60 + "@b.example",
    }
    pdf = authorization_letter(unit, person)
    shown = pages(pdf)
    assert len(shown) == 1
    text = bare_text(pdf)
    assert "单位（公章）" in text
    assert "经办人身份证件号码" in text
    assert re.search(r"编号：SQ\d{8}-[0-9A-F]{8}", text)
    number = re.search(r"SQ\d{8}-[0-9A-F]{8}", text)
    assert number is not None
    codes = sight.codes_on(next(sight.sheets(pdf, "application/pdf")))
    assert [code.number for code in codes] == [number[0]]
    assert says_this(number[0], unit, person)
    assert not says_this(number[0], {**unit, "uscc": "91110000600037341L"}, person)
    seal = next(one for one in shown[0] if one.text == "章" and one.left > 100 * POINTS_PER_MM)
    hint = max(one.top for one in shown[0] if one.bottom < seal.bottom - 44 * POINTS_PER_MM)
    assert seal.top - hint > 44 * POINTS_PER_MM


def test_a_name_that_cannot_be_printed_is_told_in_words() -> None:
    with pytest.raises(UnprintableText) as refused:
        authorization_letter({"name": "面馆😀"}, {})
    assert "😀 (U+1F600)" in refused.value.message


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
