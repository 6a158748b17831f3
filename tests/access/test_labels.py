"""Every permission has a name in Chinese, and belongs somewhere in the matrix (R1.3)."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from flask import Flask
from flask_babel import force_locale

from app.access.words import GROUPS, Sentence
from app.staff.roles import matrix as role_queries

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_RAW = re.compile(r"\bcan_|[a-z]+_[a-z]+|[A-Z][a-z]+(Api|View|Admin)\b")


@pytest.fixture(scope="module")
def rows(application: Flask) -> list[Sentence]:
    """The matrix of the running program, in Chinese."""
    with application.test_request_context(), force_locale("zh"):
        return role_queries.matrix()


def test_every_permission_is_a_chinese_sentence(rows: list[Sentence]) -> None:
    """Who fails here: set `permission_label` on the view, and `permission_labels` for verbs of its own."""
    wrong = [
        (row.pair, row.text)
        for row in rows
        if not (_CHINESE.search(row.thing) and _CHINESE.search(row.verb)) or _RAW.search(row.text)
    ]
    assert not wrong


def test_every_registered_permission_stands_in_the_matrix_once(application: Flask, rows: list[Sentence]) -> None:
    with application.test_request_context():
        assert {row.pair for row in rows} == role_queries.registered_pairs()
    assert max(Counter(row.pair for row in rows).values()) == 1


def test_no_two_permissions_read_alike(rows: list[Sentence]) -> None:
    """Two rows of one wording could not be told apart."""
    twice = [text for text, number in Counter((row.group, row.text) for row in rows).items() if number > 1]
    assert not twice


def test_rows_are_grouped_by_module(rows: list[Sentence]) -> None:
    groups = [row.group for row in rows]
    assert set(groups) <= set(GROUPS)
    assert groups == sorted(groups, key=list(GROUPS).index)
    assert {row.group for row in rows if row.pair[1] == "online_signing"} == {"employment"}
    steps = {row.text for row in rows if row.pair == ("can_approve", "online_signing")}
    assert steps == {"在线签约管理 · 审核通过"} or steps == {"线上签约 · 审核通过"}
