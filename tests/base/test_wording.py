"""Words in a row, with the marks of the reader's language."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import Babel, force_locale

from app.base.wording import continued, explained, joined, labelled, listed

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def page() -> Iterator[None]:
    """A request in Chinese."""
    app = Flask(__name__)
    app.config.update(BABEL_DEFAULT_LOCALE="zh", BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "translations"))
    Babel(app)
    with app.test_request_context("/"):
        yield


def test_marks_are_those_of_the_language() -> None:
    assert listed(["甲", "乙", "丙"]) == "甲、乙、丙"
    assert joined(["甲", "乙"]) == "甲；乙"
    assert continued(["甲", "乙"]) == "甲，乙"
    assert labelled("姓名", "请填写") == "姓名：请填写"
    with force_locale("en"):
        assert listed(["a", "b", "c"]) == "a, b, c"
        assert joined(["a", "b"]) == "a; b"


def test_one_and_none_have_no_mark() -> None:
    assert listed([]) == ""
    assert listed(iter(["甲"])) == "甲"
    assert joined([5, "100 %", "%(name)s"]) == "5；100 %；%(name)s"


def test_a_part_explains_the_one_before() -> None:
    assert explained(["其他原因", "家中有事"]) == "其他原因：家中有事"
    assert explained(["其他原因"]) == "其他原因"
    assert explained([]) == ""
