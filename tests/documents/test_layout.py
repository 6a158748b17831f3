"""The printed page as people see it: nothing over an edge, right line ends, rare characters and the code as pictures."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

import pytest
import segno

from app.documents.linebreaks import NEVER_FIRST, NEVER_LAST
from app.documents.typesetting import typeset
from tests.documents.pdf import POINTS_PER_MM, Character, pages, picture
from tests.documents.samples import longest, render_agreement, snapshot

WIDTH, HEIGHT = 210 * POINTS_PER_MM, 297 * POINTS_PER_MM
LEFT, RIGHT = 22 * POINTS_PER_MM, 188 * POINTS_PER_MM
FOOTER = 23 * POINTS_PER_MM
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
_SLACK = 1.0


@pytest.fixture(scope="module", params=["two_party", "three_party", "longest two_party", "longest three_party"])
def pdf(request: pytest.FixtureRequest) -> bytes:
    """Short and extreme agreements of both kinds."""
    kind = request.param.split()[-1]
    return render_agreement(longest(kind) if "longest" in request.param else snapshot(kind))


def lines_of(characters: list[Character]) -> list[list[Character]]:
    """Characters that follow each other on one height, in the order of the text."""
    lines: list[list[Character]] = []
    for character in characters:
        if not lines or not _continues(lines[-1][-1], character):
            lines.append([])
        lines[-1].append(character)
    return lines


def _continues(before: Character, after: Character) -> bool:
    overlap = min(before.top, after.top) - max(before.bottom, after.bottom)
    return after.left >= before.left and (overlap > -8) and after.left - before.right < 30


def test_nothing_runs_over_an_edge(pdf: bytes) -> None:
    for page in pages(pdf):
        assert page
        for character in page:
            assert character.left >= LEFT - _SLACK, character
            assert character.right <= RIGHT + _SLACK, character
            assert character.bottom >= 8 * POINTS_PER_MM, character
            assert character.top <= HEIGHT - 10 * POINTS_PER_MM, character


def test_text_and_footer_do_not_touch(pdf: bytes) -> None:
    for page in pages(pdf):
        heights = sorted(character.bottom for character in page)
        assert any(later - earlier > 8 for earlier, later in itertools.pairwise(heights) if earlier < FOOTER)


def test_no_line_starts_or_ends_with_a_forbidden_mark(pdf: bytes) -> None:
    looked_at = 0
    for page in pages(pdf):
        body = [c for c in page if c.bottom > FOOTER]
        wide = [line for line in lines_of(body) if line[-1].right > RIGHT - 25 and len(line) > 20]
        for line in wide:
            text = "".join(character.text for character in line)
            assert line[0].text not in NEVER_FIRST, text
            assert line[-1].text not in NEVER_LAST, text
            looked_at += 1
    assert looked_at > 25


@pytest.mark.parametrize("before", range(33, 42))
def test_no_page_begins_or_ends_with_a_single_line_of_a_paragraph(before: int) -> None:
    style = "body { font-family: song; font-size: 12pt; -pdf-word-wrap: CJK; } p { margin: 0; }"
    filler, paragraph = "<p>甲</p>" * before, "<p>" + "乙" * 250 + "</p>"
    html = f"<html><head><style>@page {{ size: a4; margin: 2cm; }} {style}</style></head><body>{filler}{paragraph}</body></html>"
    parts = [
        len(lines_of([c for c in page if c.text == "乙"])) for page in pages(typeset(html, title="t", made_at=NOON))
    ]
    assert sum(parts) >= 6
    assert 1 not in parts


@pytest.mark.parametrize("name", ["䶮", "㛃", "𬱖", "𠅤", "喆", "𠮷", "𪚥", "𮯠", "𰻝"])
def test_rare_characters_leave_ink(name: str) -> None:
    pdf = render_agreement(snapshot(graduate={"name": name}))
    found = [c for c in pages(pdf)[0] if c.text == name]
    assert found, "not found as text"
    scale = 150 / 72
    box = found[0]
    cut = picture(pdf).crop(
        (
            int(box.left * scale),
            int((HEIGHT - box.top) * scale),
            int(box.right * scale),
            int((HEIGHT - box.bottom) * scale),
        )
    )
    dark = sum(1 for value in cut.getdata() if value < 128)
    assert cut.width >= 10
    assert 0.08 < dark / (cut.width * cut.height) < 0.8


def test_the_code_on_the_page_leads_to_the_check_page() -> None:
    facts = snapshot()
    drawn = picture(render_agreement(facts), dots_per_inch=300)
    wanted = [
        [bool(module) for module in row] for row in segno.make(facts["verify_url"], error="m", micro=False).matrix
    ]
    size, dots_per_mm = len(wanted), 300 / 25.4
    corner = drawn.crop((int(150 * dots_per_mm), 0, drawn.width, int(45 * dots_per_mm))).point(
        lambda v: 255 * (v < 128)
    )
    left, top, right, bottom = code_box(corner, size)
    module = ((right - left) / size, (bottom - top) / size)
    seen = [
        [
            corner.getpixel((int(left + (x + 0.5) * module[0]), int(top + (y + 0.5) * module[1]))) > 0
            for x in range(size)
        ]
        for y in range(size)
    ]
    assert seen == wanted


def code_box(corner, size: int) -> tuple[int, int, int, int]:  # type: ignore[no-untyped-def]
    """Where the code is: the dark pixels of the rightmost block of the corner."""
    columns = [x for x in range(corner.width) if corner.crop((x, 0, x + 1, corner.height)).getbbox()]
    start = max(x for x in columns if x - 1 not in columns)
    blocks = [x for x in columns if x >= start]
    block = corner.crop((blocks[0], 0, blocks[-1] + 1, corner.height))
    box = block.getbbox()
    assert box is not None
    return blocks[0], box[1], blocks[-1] + 1, box[3]


def test_pages_are_not_blank_and_not_black(pdf: bytes) -> None:
    for number in range(len(pages(pdf))):
        values = list(picture(pdf, number, dots_per_inch=50).getdata())
        dark = sum(1 for value in values if value < 160) / len(values)
        assert 0.004 < dark < 0.2
