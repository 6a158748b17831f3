"""The agreement as PDF: what stands on it, what refuses to be printed, and that the bytes repeat."""

from __future__ import annotations

import hashlib
import io
import json
import os
import socket
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from pypdf import PdfReader

from app.documents.agreement import Way, agreement_html_context
from app.documents.errors import DocumentRejected, UnprintableText
from app.documents.readback import accept
from app.documents.typesetting import typeset
from tests.documents.pdf import bare_text
from tests.documents.samples import NUMBER, long_clauses, longest, render_agreement, snapshot

MADE_AT = datetime(2026, 11, 21, tzinfo=UTC)


def page(body: str) -> str:
    """A small page in our text face."""
    return f"<html><head><style>body {{ font-family: song; }}</style></head><body>{body}</body></html>"


@pytest.mark.parametrize("agreement_type", ["two_party", "three_party"])
def test_everything_of_the_snapshot_is_printed(agreement_type: str) -> None:
    facts = snapshot(agreement_type)
    text = bare_text(render_agreement(facts))
    for part in ("employer", "graduate", "school", "archive"):
        for name, value in facts[part].items():
            if isinstance(value, str) and name not in ("graduated_on", "duration"):
                assert "".join(value.split()) in text, f"{part}.{name}"
    for words in (
        *(
            "全国普通高等学校毕业生就业协议书",
            f"协议编号：{NUMBER}",
            "后端开发工程师",
            "北京市海淀区中关村大街27号",
            "18,000.00元",
        ),
        *(
            "人民币18,000.00元（大写：壹万捌仟元整）",
            "人民币5,000.00元（大写：伍仟元整）",
            "2027年7月15日以前（含当日）",
        ),
        *(
            "一、甲方为乙方提供两年免费住宿；",
            "2026年11月20日10:12:35",
            "2026年11月21日16:30:45",
            "周文斌",
            "第1页共4页",
        ),
        f"https://qianyue.example.edu.cn/verify?number={NUMBER}",
    ):
        assert words in text


@pytest.mark.parametrize(
    ("agreement_type", "there", "not_there"),
    [
        ("two_party", ("（两方协议）", "鉴证学校", "院系鉴证", "学校鉴证", "经学校鉴证通过"), ("丙方", "审核")),
        ("three_party", ("（三方协议）", "丙方学校", "院系审核", "学校审核", "经丙方审核通过"), ("鉴证",)),
    ],
)
def test_words_follow_the_kind_of_agreement(
    agreement_type: str, there: tuple[str, ...], not_there: tuple[str, ...]
) -> None:
    text = bare_text(render_agreement(snapshot(agreement_type)))
    assert [words for words in there if words not in text] == []
    assert [words for words in not_there if words in text] == []


@pytest.mark.parametrize("way", ["online", "stamped"])
@pytest.mark.parametrize("agreement_type", ["two_party", "three_party"])
def test_proof_of_the_graduate_stands_on_the_paper(agreement_type: str, way: Way) -> None:
    facts = snapshot(agreement_type)
    rows = [dict(row) for row in facts["confirmations"]]
    assert "验证码" not in bare_text(render_agreement(facts, way))
    rows[1]["proof"] = {"kind": "sms", "sent_to": "138****5678"}
    text = bare_text(render_agreement({**facts, "confirmations": rows}, way))
    at = text.index("经短信验证码（138****5678）确认")
    assert text[:at].endswith("李思源于2026年11月20日12:40:02") or "李思源于" in text[at - 40 : at]
    assert text.count("验证码") == 1


def test_clauses_are_numbered_one_to_eleven() -> None:
    text = bare_text(render_agreement(snapshot()))
    places = [text.index(f"第{number}条") for number in (*"一二三四五六七八九十", "十一")]
    assert places == sorted(places)


def test_what_was_not_agreed_is_said() -> None:
    facts = snapshot(
        employer={"short_name": None, "uscc": None},
        position={"department": None, "probation_months": None, "probation_salary": None, "liquidated_damages": "0.00"},
        clauses="",
        graduate={"address": None, "mobile": None},
    )
    facts["archive"], facts["hukou"] = {"accept": False}, {"accept": False}
    text = bare_text(render_agreement(facts))
    for words in (
        *("无统一社会信用代码", "双方不约定试用期", "甲乙双方不约定违约金", "甲乙双方没有补充条款"),
        *("甲方不接收乙方的人事档案", "甲方不接收乙方的户口"),
    ):
        assert words in text
    assert "None" not in text


def test_rare_characters_of_a_name_are_printed_and_can_be_searched() -> None:
    assert "王䶮𬱖㛃·𠅤" in bare_text(render_agreement(snapshot(graduate={"name": "王䶮𬱖㛃·𠅤"})))


def test_long_terms_are_printed_to_the_last_character() -> None:
    terms = long_clauses()
    text = bare_text(render_agreement(longest()))
    # Page ends lie between; so sentence by sentence.
    for line in terms.split("\n"):
        for sentence in line.split("；"):
            assert "".join(sentence.split())[:40] in text


def test_same_snapshot_gives_same_bytes_in_every_process() -> None:
    program = (
        "import hashlib, json, sys; from tests.documents.samples import render_agreement;"
        "print(hashlib.sha256(render_agreement(json.load(sys.stdin))).hexdigest())"
    )
    facts = snapshot("three_party")
    here = hashlib.sha256(render_agreement(facts)).hexdigest()
    for seed in ("1", "2"):
        child = subprocess.run(
            [sys.executable, "-c", program],
            input=json.dumps(facts),
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        )
        assert child.stdout.strip() == here


def test_properties_name_the_agreement_and_its_day() -> None:
    properties = PdfReader(io.BytesIO(render_agreement(snapshot()))).metadata
    assert properties is not None
    assert properties.title == f"全国普通高等学校毕业生就业协议书 {NUMBER}"
    assert properties.creation_date == datetime.fromisoformat("2026-11-21T16:30:45+08:00")


@pytest.mark.parametrize(
    ("facts", "field", "characters"),
    [
        (snapshot(clauses="包吃住😀，工资🎉面议"), "clauses", ("😀", "🎉")),
        (snapshot(graduate={"name": "王\U0002ebf0"}), "graduate.name", ("\U0002ebf0",)),
        (snapshot(position={"title": "工程师☃️🏻"}), "position.title", ("🏻",)),
    ],
)
def test_characters_without_a_picture_are_refused_by_name(
    facts: dict[str, object], field: str, characters: tuple[str, ...]
) -> None:
    with pytest.raises(UnprintableText) as refused:
        render_agreement(facts)
    assert refused.value.field == field
    assert refused.value.characters == characters
    assert f"U+{ord(characters[0]):04X}" in refused.value.message


def test_markup_in_terms_is_printed_as_written() -> None:
    text = bare_text(render_agreement(snapshot(clauses='<b>一</b>&amp;<img src="http://127.0.0.1/x.png"/>{{ 7*7 }}')))
    assert '<b>一</b>&amp;<imgsrc="http://127.0.0.1/x.png"/>{{7*7}}' in text


@pytest.mark.parametrize(
    "body",
    [
        '<img src="http://127.0.0.1:9/x.png"/>',
        '<img src="file:///etc/passwd"/>',
        '<img src="app/documents/fonts/OFL.txt"/>',
        "<style>@font-face { font-family: song; src: url(/etc/passwd.ttf); }</style>文",
        "<style>p { font-family: 'Somebody Else'; }</style><p>文</p>",
        "<p>😀</p>",
    ],
)
def test_nothing_comes_from_outside_and_no_other_face_steps_in(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    with pytest.raises(DocumentRejected):
        typeset(page(body), title="t", made_at=MADE_AT)


@pytest.mark.parametrize(
    ("printed", "wanted"), [("甲方乙方", "甲方乙方丙方"), ("李四光", "李四"), ("月薪1000元", "月薪7000元")]
)
def test_a_paper_that_says_something_else_is_rejected(printed: str, wanted: str) -> None:
    pdf = typeset(page(f"<p>{printed}</p>"), title="t", made_at=MADE_AT)
    accept(pdf, page(f"<p>{printed}</p>"))
    with pytest.raises(DocumentRejected):
        accept(pdf, page(f"<p>{wanted}</p>"))


def test_place_of_work_names_the_province_once() -> None:
    facts = snapshot(position={"region": "北京市 海淀区", "address": "北京市海淀区中关村大街27号"})
    assert agreement_html_context(facts)["agreement"]["position"]["place"] == "北京市海淀区中关村大街27号"


def test_a_draft_can_be_previewed_without_number_and_confirmations() -> None:
    from app.documents.agreement import environment

    draft = snapshot(number=None, confirmations=[], verify_url=None)
    html = environment().get_template("documents/_agreement_text.html").render(**agreement_html_context(draft))
    assert "第十一条" in html
    assert "agreement-confirmations" not in html
