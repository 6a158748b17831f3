"""Papers that last: what archives, blind readers and courts ask of the file, and pages without gaps."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pdfua
import pypdfium2
import pytest
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from app.documents.agreement import Way, lasting_agreement
from app.documents.errors import DocumentRejected
from app.documents.lasting import page_codes, readback
from app.documents.lasting.records import blocks_of, breakable, words_of
from app.documents.words import FRAME
from tests.documents.pdf import POINTS_PER_MM, bare_text, pages
from tests.documents.samples import NUMBER, SCRIPTS, in_script, longest, render_agreement, snapshot

LONG_ADDRESS = f"https://qianyue.jiuye.hlj-university-consortium.example.edu.cn/platform/verify?number={NUMBER}"
FOOTER = 24 * POINTS_PER_MM


def printed(way: Way = "online", *, facts: dict[str, Any] | None = None, **parts: Any) -> bytes:
    """An agreement either way, with an address as production has it."""
    facts = facts or snapshot("three_party", verify_url=LONG_ADDRESS, **parts)
    if way == "stamped":
        rows = [row for row in facts["confirmations"] if row["role"] in ("department", "school")]
        facts = {**facts, "confirmations": rows}
    return render_agreement(facts, way)


@pytest.fixture(scope="module", params=["online", "stamped"])
def file(request: pytest.FixtureRequest) -> PdfReader:
    """An agreement, opened."""
    return PdfReader(io.BytesIO(printed(request.param)))


def test_file_says_that_it_is_for_archives_and_for_everybody(file: PdfReader) -> None:
    said = file.trailer["/Root"]["/Metadata"].get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in said
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in said
    assert "<pdfuaid:part>1</pdfuaid:part>" in said
    root = file.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "zh-CN"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert root["/OutputIntents"][0]["/S"] == "/GTS_PDFA1"
    assert file.metadata is not None
    assert file.metadata.author == "毕业去向登记与网上签约平台"


def test_every_face_is_in_the_file_and_is_ours(file: PdfReader) -> None:
    names = set()
    for page in file.pages:
        for face in page["/Resources"]["/Font"].values():
            inner = face.get_object()["/DescendantFonts"][0].get_object()
            names.add(inner["/BaseFont"].partition("+")[2])
            assert "/FontFile2" in inner["/FontDescriptor"]
            assert "/ToUnicode" in face.get_object()
    assert names == {"NotoSansCJKsc-Bold", "NotoSerifCJKsc-Regular"}


def test_everything_is_tagged(file: PdfReader) -> None:
    kinds: list[str] = []
    _collect(file.trailer["/Root"]["/StructTreeRoot"], kinds)
    for kind in ("/H1", "/H2", "/H3", "/P", "/Table", "/TR", "/TD"):
        assert kind in kinds, kind
    assert kinds.count("/H1") == 1
    assert kinds.count("/H3") == 11
    if "/Figure" in kinds:
        assert "二维码" in str(_first(file.trailer["/Root"]["/StructTreeRoot"], "/Figure")["/Alt"])


def _collect(element: Any, kinds: list[str]) -> None:
    if isinstance(element, DictionaryObject) and "/S" in element:
        kinds.append(element["/S"])
    for inner in _inner(element):
        _collect(inner, kinds)


def _first(element: Any, kind: str) -> Any:
    if element.get("/S") == kind:
        return element
    return next((found for inner in _inner(element) if (found := _first(inner, kind))), None)


def _inner(element: Any) -> list[Any]:
    kids = element.get("/K", [])
    kids = kids.get_object() if hasattr(kids, "get_object") else kids
    every = [one.get_object() for one in (kids if isinstance(kids, list) else [kids])]
    return [one for one in every if isinstance(one, DictionaryObject) and "/S" in one]


@pytest.mark.parametrize("way", ["online", "stamped"])
def test_an_independent_tool_finds_nothing_that_a_blind_reader_would_miss(way: Way, tmp_path: Path) -> None:
    """PDF/UA-1 as far as machines can tell: labels are heads of their rows, and the file's table of places is whole."""
    (tmp_path / "paper.pdf").write_bytes(printed(way))
    assert [str(one) for one in pdfua.validate(tmp_path / "paper.pdf").findings] == []
    read = PdfReader(tmp_path / "paper.pdf", strict=True)
    kinds: list[str] = []
    _collect(read.trailer["/Root"]["/StructTreeRoot"], kinds)
    assert kinds.count("/TH") > 30


def test_each_page_bears_a_code_of_its_own_that_follows_from_all_that_the_paper_says() -> None:
    paper, other = (lasting_agreement(snapshot(clauses=clauses)) for clauses in ("一", "二"))
    document = pypdfium2.PdfDocument(render_agreement(snapshot(clauses="一")))
    for code, page in zip(page_codes(paper), document, strict=False):
        assert code in page.get_textpage().get_text_range()
    assert not set(page_codes(paper)) & set(page_codes(other))
    document.close()


@pytest.mark.parametrize("way", ["online", "stamped"])
@pytest.mark.parametrize("lines", [0, 1, 4, 6, 9, 12, 14, 17, 21, 26, 33, 40])
def test_no_page_is_nearly_empty_and_the_end_stands_together(way: Way, lines: int) -> None:
    facts = snapshot(
        "three_party" if lines % 2 else "two_party",
        verify_url=LONG_ADDRESS,
        clauses="\n".join(f"{line}、双方另行约定的事项。" for line in range(lines)),
    )
    if lines % 4 == 1:
        facts["archive"], facts["hukou"] = {"accept": False}, {"accept": False}
    look_at(printed(way, facts=facts))


@pytest.mark.parametrize("way", ["online", "stamped"])
def test_the_longest_agreement_keeps_the_rules(way: Way) -> None:
    look_at(printed(way, facts={**longest(), "verify_url": LONG_ADDRESS}))


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_of_the_country_is_set_and_read_back(script: str) -> None:
    """The maker itself reads each word back in the order of the tags; here also that the face is in the file, once."""
    pdf = printed(facts={**in_script(SCRIPTS[script]), "verify_url": LONG_ADDRESS})
    look_at(pdf)
    fonts = PdfReader(io.BytesIO(pdf)).pages[0]["/Resources"]["/Font"].values()
    assert len({one.get_object()["/BaseFont"].partition("+")[2] for one in fonts}) == 3


def test_scripts_stand_side_by_side_and_an_independent_tool_finds_nothing(tmp_path: Path) -> None:
    (tmp_path / "paper.pdf").write_bytes(printed(facts=in_script("；".join(SCRIPTS[one] for one in SCRIPTS))))
    assert [str(one) for one in pdfua.validate(tmp_path / "paper.pdf").findings] == []


@pytest.mark.parametrize(("said", "instead"), [("ئابلىمىت", "ئابلىمت"), ("ئابدۇرېھىم ئابلىمىت", "ئابلىمىت ئابدۇرېھىم")])
def test_a_letter_or_an_order_of_words_that_is_not_on_the_paper_is_found(said: str, instead: str) -> None:
    facts = in_script(SCRIPTS["uyghur"])
    body = lasting_agreement(facts)
    wanted = "".join(words_of(blocks_of(body.body))).replace(said, instead)
    with pytest.raises(DocumentRejected):
        readback.accept(render_agreement(facts), wanted, page_codes(body), FRAME["page"])


def test_letters_are_joined_and_stacked_on_the_page() -> None:
    """As an eye sees it: joined letters leave no gap between them, and a stack is narrower than its letters in a row."""
    assert _width_of_title("ئابلىمىت") < 0.7 * _width_of_title("ئ ا ب ل ى م ى ت")
    assert _width_of_title("རྒྱ") < 0.5 * _width_of_title("རགཡ")


def _width_of_title(text: str) -> float:
    letters = text.replace(" ", "")
    found = [one for page in pages(printed(position={"title": text})) for one in page if one.text in letters]
    signs = found[: len(letters)]
    return max(one.right for one in signs) - min(one.left for one in signs)


def look_at(pdf: bytes) -> None:
    """What an eye would see at once: empty pages, a block alone, something over an edge."""
    found = pages(pdf)
    for page in found:
        body = [one for one in page if one.bottom > FOOTER and one.right < 190 * POINTS_PER_MM]
        top, bottom = max(one.top for one in body), min(one.bottom for one in body)
        assert top - bottom > 0.25 * (297 - 40) * POINTS_PER_MM
        assert min(one.left for one in page) > 21 * POINTS_PER_MM
        assert max(one.right for one in body) < 189 * POINTS_PER_MM
        assert min(one.bottom for one in page) > 7 * POINTS_PER_MM
    last = "".join(one.text for one in found[-1])
    assert "（以下空白）" in last
    assert "第十一条" in last


def test_words_are_read_in_the_order_of_the_tags() -> None:
    pdf = printed()
    body = lasting_agreement(snapshot("three_party", verify_url=LONG_ADDRESS))
    with pytest.raises(DocumentRejected):
        readback.accept(
            pdf, "".join(words_of(blocks_of(body.body))).replace("18,000", "81,000"), page_codes(body), FRAME["page"]
        )


def test_a_word_that_no_line_holds_is_broken_and_nothing_is_added_to_it() -> None:
    word = "W" * 200
    assert word in bare_text(printed(clauses=f"见 {word}"))
    look_at(printed(clauses=f"见 {word}", employer={"name": word[:128], "contact": word[:60]}))
    assert breakable("13800001234 https://a.example/b", 8) == "13800001234 https://a.example/b"
    assert breakable("W" * 10, 8) == "W" * 7 + "\u200b" + "WWW"


def test_parts_of_a_table_know_what_stands_beside_them() -> None:
    first, second = blocks_of(
        '<table data-columns="10 156"><tbody><tr><th scope="rowgroup" rowspan="1">甲</th><td>一 <b>二</b></td></tr></tbody>'
        "<tbody><tr><th>乙</th><td>三</td></tr></tbody></table>"
    )
    assert [cell["x"] for cell in first["rows"][0]["cells"]] == ["甲", "一 二"]
    assert first["rows"][0]["cells"][0]["names"]
    assert (first["goes_on"], second["goes_on"]) == (False, True)
