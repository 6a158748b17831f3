"""Official words that graduates meet have a meaning in every language that is offered beside Chinese."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterator
from typing import Any

from app.base.official import words
from app.documents.texts.words import NEWEST, platform_wording
from config import ROOT

CHINESE = re.compile(r"[\u3400-\u9fff]")
# Tables whose labels stand on graduates' pages; names of places, schools and majors are names.
TABLES = (
    *(
        "agreement_type",
        "archive_dispatch_way",
        "archive_transfer_type",
        "country",
        "destination",
        "education_group",
        "education_level",
    ),
    *("employer_industry", "employer_nature", "employer_size", "employer_type", "employment_form", "ethnicity"),
    *("hardship_category", "hukou_transfer_type", "id_type", "job_category", "normal_student", "origin_kind"),
    *("political_status", "reject_reason", "rescission_reason", "rescission_result", "return_reason", "sex"),
    *("study_form", "training_mode", "waiting_reason", "withdraw_reason"),
)


def _texts(declared: Any) -> Iterator[str]:
    if isinstance(declared, dict):
        declared = list(declared.values())
    if isinstance(declared, list):
        for one in declared:
            yield from _texts(one)
    elif isinstance(declared, str) and CHINESE.search(declared):
        yield declared


def _labels(table: str) -> Iterator[str]:
    with (ROOT / "app/codes/data" / f"{table}.csv").open(encoding="utf-8") as lines:
        yield from (row["label"] for row in csv.DictReader(lines))


def _agreement() -> Iterator[str]:
    for kind in ("two_party", "three_party"):
        text = platform_wording(kind, NEWEST)
        yield from text.opening
        for clause in text.clauses:
            yield from (clause.title, *clause.paragraphs)


def test_every_official_word_of_graduates_can_be_read_in_english() -> None:
    types = (tomllib.loads(path.read_text("utf-8")) for path in (ROOT / "app/destination/data/types").glob("*.toml"))
    needed = {*(text for one in types for text in _texts(one)), *(label for one in TABLES for label in _labels(one))}
    missing = sorted((needed | set(_agreement())) - set(words("en")))
    assert missing == [], "translations/en/official.csv"
    assert [one for one in words("en").values() if CHINESE.search(one) or not one.strip()] == []
