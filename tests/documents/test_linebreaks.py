"""Line ends of Chinese text: no comma starts a line, no opening bracket ends one, nothing is lost."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.documents.linebreaks import NEVER_FIRST, NEVER_LAST, SPACES, break_lines, is_narrow


def laid(text: str, width: float, *, forced: str = "|") -> list[str]:
    """The lines of `text`, one unit a wide character and half a narrow one; `|` is a break in the text."""
    widths = [0.0 if c == forced else 0.5 if is_narrow(c) or c == "\u00a0" else 1.0 for c in text]
    lines = break_lines(text, widths, [c == forced for c in text], [width])
    return [text[line.start : line.end] for line in lines]


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("甲方承诺提供住房补贴。", 10, ["甲方承诺提供住房", "补贴。"]),
        ("甲方承诺，乙方同意", 4, ["甲方承", "诺，乙方", "同意"]),
        ("详见《办法》与《规定》", 5, ["详见《办", "法》与《规", "定》"]),
        ("这是省略……号后", 5, ["这是省", "略……号后"]),
        ("以最新——为准的", 4, ["以最", "新——为", "准的"]),
        ("工资５０％计算", 4, ["工资５", "０％计算"]),
        ("见 www.example.com 网", 6, ["见 ", "www.example.", "com 网"]),
        ("编号20271000130000001X止", 10, ["编号", "20271000130000001X止"]),
        ("第一行|第二行", 10, ["第一行|", "第二行"]),
        ("第一行||第三行", 10, ["第一行|", "|", "第三行"]),
        ("阿依古丽·买买提", 4, ["阿依古", "丽·买买", "提"]),
        ("他说“好”字", 3, ["他说", "“好”", "字"]),
    ],
)
def test_lines_end_where_they_may(text: str, width: float, lines: list[str]) -> None:
    assert laid(text, width) == lines


def test_spaces_at_a_line_end_need_no_room() -> None:
    assert laid("四个汉字　　后", 4) == ["四个汉字　　", "后"]


def test_last_line_of_one_character_gets_company() -> None:
    assert laid("适当地予以增加或者减少。", 11) == ["适当地予以增加或者", "减少。"]


def test_a_number_is_not_cut_to_give_company() -> None:
    assert laid("99,999,999.99元", 6.5) == ["99,999,999.99", "元"]


def test_first_line_may_have_another_width() -> None:
    lines = break_lines("一二三四五六七八九", [1] * 9, [False] * 9, [2, 4])
    assert [(line.start, line.end) for line in lines] == [(0, 2), (2, 6), (6, 9)]


_TEXT = st.text(alphabet="甲乙丙丁一二，。（）《》“”——……·ab12 \u3000|、￥%", max_size=120)


@given(_TEXT, st.integers(min_value=4, max_value=30))
def test_nothing_is_lost_and_nothing_is_too_wide(text: str, width: int) -> None:
    lines = laid(text, width)
    assert "".join(lines) == text
    for line in lines:
        visible = line.rstrip("".join(SPACES) + "|")
        assert sum(0.5 if is_narrow(c) or c == "\u00a0" else 1 for c in visible if c != "|") <= width


@given(_TEXT, st.integers(min_value=8, max_value=30))
def test_forbidden_ends_happen_only_where_nothing_else_is_possible(text: str, width: int) -> None:
    lines = laid(text, width)
    for before, after in itertools.pairwise(lines):
        if before.endswith("|"):
            continue
        if after[0] in NEVER_FIRST or before[-1] in NEVER_LAST:
            # A line of marks alone, as people draw rules with them: it had to be cut somewhere.
            assert not any(_may_end(before, place) for place in range(1, len(before)))


def _may_end(line: str, place: int) -> bool:
    from app.documents.linebreaks import may_break

    return may_break(line[place - 1], line[place])
