"""The reading copy beside a PDF: the same words from the same blocks, for those who may read the paper, and no others."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask

from app.documents.agreement import Way, lasting_agreement
from app.documents.lasting import said_blocks
from app.documents.lasting.reading import reading_copy
from app.documents.lasting.records import bare, words_of
from tests.documents.samples import longest, snapshot
from tests.notices.browser import logged_in


class Read(HTMLParser):
    """What a page says, and its tags."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.said, self.tags = "", list[tuple[str, dict[str, str | None]]]()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.said += data


@pytest.mark.parametrize("way", ["online", "stamped"])
@pytest.mark.parametrize(
    "facts", [snapshot(wording="2026.3"), longest(), snapshot("three_party", clauses="<b>&amp;{x}")]
)
def test_it_says_what_the_pdf_says(facts: dict[str, Any], way: Way) -> None:
    paper = lasting_agreement(facts, way)
    read = Read(str(reading_copy(paper)))
    assert bare("".join(words_of(said_blocks(paper)))) in bare(read.said)
    assert read.said.count(paper.number) >= 1
    assert all("scope" in given for tag, given in read.tags if tag == "th"), "each head says what it names"
    tables = [tag for tag, _given in read.tags if tag == "table"]
    assert len(tables) == 2


def test_who_may_read_the_paper_reads_it_here(signed: int, app: Flask, api: Any) -> None:
    place = f"/papers/online_signing/{signed}/agreement"
    digest = hashlib.sha256(api("graduate2").get(f"/online_signing/{signed}/document").data).hexdigest()
    for who in ("graduate2", "employer1", "dept10001a", "school10001", "province11"):
        page = logged_in(app, who).get(place)
        assert page.status_code == 200, who
        assert digest in page.text
        assert "/verify?number=" in page.text
        assert ("side__group" in page.text) == (who not in ("graduate2", "employer1")), "staff find their menu here too"
    for who in ("graduate1", "employer2", "dept10001b", "school10002", "province44"):
        assert logged_in(app, who).get(place).status_code == 404, who
    client = logged_in(app, "graduate2")
    for other in ("agreement-ended", "supplement", "nonsense"):
        assert client.get(f"/papers/online_signing/{signed}/{other}").status_code == 404, other
    assert client.get(f"/papers/nonsense/{signed}/agreement").status_code == 404
    assert f"{place}" in client.get(f"/graduate/signing/{signed}").text, "the record leads to it"


def test_of_what_is_over_it_says_so(signed: int, app: Flask, api: Any, drain: Callable[..., int]) -> None:
    assert api("school10001").post(f"/online_signing/{signed}/void", {"reason": "双方协商一致"}).status_code == 200
    api("graduate2").get(f"/online_signing/{signed}/document")
    drain()
    page = logged_in(app, "graduate2").get(f"/papers/online_signing/{signed}/agreement").text
    assert "已作废" in page
