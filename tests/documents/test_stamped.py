"""The paper of an offline signing: room for stamps and signatures, number and code on every page (R9.2)."""

from __future__ import annotations

import pypdfium2
import pytest
import segno

from app.documents.agreement import lasting_agreement
from app.documents.lasting import page_addresses
from tests.documents.pdf import POINTS_PER_MM, bare_text, pages, picture
from tests.documents.samples import NUMBER, longest, render_agreement, snapshot
from tests.documents.test_layout import code_box


def stamped(agreement_type: str = "two_party", *, long: bool = False, **parts: object) -> bytes:
    """The paper of an application that the department and the school have approved."""
    facts = longest(agreement_type) if long else snapshot(agreement_type, **parts)
    facts["confirmations"] = [row for row in facts["confirmations"] if row["role"] in ("department", "school")]
    return render_agreement(facts, "stamped")


@pytest.mark.parametrize(
    ("agreement_type", "there", "not_there"),
    [
        ("two_party", ("鉴证学校", "（鉴证章）", "经学校鉴证通过之日起生效"), ("丙方",)),
        ("three_party", ("丙方（学校）", "（审核章）", "经丙方审核通过之日起生效"), ("鉴证",)),
    ],
)
def test_words_of_a_paper_that_is_stamped(
    agreement_type: str, there: tuple[str, ...], not_there: tuple[str, ...]
) -> None:
    text = bare_text(stamped(agreement_type))
    for words in (
        *there,
        "甲方加盖公章、乙方签名",
        "（公章）",
        "授权代表（签名）",
        "本协议一式三份",
        "信息科学技术学院（孙立新",
    ):
        assert words in text, words
    for words in (*not_there, "无须另行加盖印章", "乙方应约", "签约邀请函"):
        assert words not in text, words


@pytest.mark.parametrize("long", [False, True])
def test_number_code_and_page_are_on_every_page(long: bool) -> None:
    pdf = stamped("three_party", long=long)
    document = pypdfium2.PdfDocument(pdf)
    for number, page in enumerate(document, 1):
        text = "".join(page.get_textpage().get_text_range().split())
        assert text.count(NUMBER) >= 2
        assert f"第{number}页共{len(document)}页" in text
        drawn = [one.get_bounds() for one in page.get_objects() if one.type == pypdfium2.raw.FPDF_PAGEOBJ_PATH]
        codes = [one for one in drawn if one[3] - one[1] > 13 * POINTS_PER_MM and one[0] > 150 * POINTS_PER_MM]
        codes = [one for one in codes if one[1] > 250 * POINTS_PER_MM]
        assert len(codes) == 1
        assert codes[0][2] - codes[0][0] > 13 * POINTS_PER_MM
        assert codes[0][3] < (297 - 6) * POINTS_PER_MM  # printers leave the edge white
    document.close()


def test_the_code_leads_to_the_check_page_on_each_page() -> None:
    pdf = stamped()
    facts = snapshot()
    facts["confirmations"] = [row for row in facts["confirmations"] if row["role"] in ("department", "school")]
    addresses = page_addresses(lasting_agreement(facts, "stamped"))
    for number in range(len(pages(pdf))):
        assert addresses[number].startswith(f"{facts['verify_url']}&page={number + 1}-")
        wanted = segno.make(addresses[number], error="m", micro=False).matrix
        drawn = picture(pdf, number, dots_per_inch=300)
        dots = 300 / 25.4
        corner = drawn.crop((int(150 * dots), 0, drawn.width, int(36 * dots))).point(lambda v: 255 * (v < 128))
        left, top, right, bottom = code_box(corner, len(wanted))
        step = ((right - left) / len(wanted), (bottom - top) / len(wanted))
        seen = [
            [corner.getpixel((int(left + (x + 0.5) * step[0]), int(top + (y + 0.5) * step[1]))) > 0 for x, _ in row]
            for y, row in ((y, list(enumerate(line))) for y, line in enumerate(wanted))
        ]
        assert seen == [[bool(module) for module in line] for line in wanted]


@pytest.mark.parametrize("long", [False, True])
@pytest.mark.parametrize("agreement_type", ["two_party", "three_party"])
def test_nothing_runs_over_an_edge(agreement_type: str, long: bool) -> None:
    for page in pages(stamped(agreement_type, long=long)):
        beside = [one for one in page if one.left > 190 * POINTS_PER_MM]
        assert "".join(one.text for one in beside) == "骑缝章处"
        for character in page:
            if character in beside:
                continue
            assert 21.5 * POINTS_PER_MM <= character.left <= character.right <= 188.5 * POINTS_PER_MM, character
            assert 7 * POINTS_PER_MM <= character.bottom <= character.top <= 290 * POINTS_PER_MM, character


def test_rare_characters_stand_on_the_paper() -> None:
    assert bare_text(stamped(graduate={"name": "王䶮㛃·𠅤"})).count("王䶮㛃·𠅤") == 2


def test_stamps_of_all_parties_stand_on_one_page() -> None:
    for page in pypdfium2.PdfDocument(stamped("three_party", long=True)):
        text = "".join(page.get_textpage().get_text_range().split())
        assert ("签名与盖章" in text) == ("（公章）" in text) == ("（审核章）" in text)


def test_same_data_give_the_same_bytes() -> None:
    assert stamped() == stamped()
