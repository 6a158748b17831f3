"""The evidence report of a record: a sealed paper that a court can read, with links that anybody can check."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select

from app.access.audit import AuditLine
from app.base.database import session
from app.base.settings import settings
from app.trail import heads
from app.trail.evidence.records import report_of
from app.trail.exporting import lines_of_export
from app.workflow import engine, history, registry
from tests.documents.pdf import bare_text, is_sealed_by
from tests.notices.browser import logged_in
from tests.signing.stage import Stage, user

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def signed(fresh_database: str, no_heads: None, app: Flask, drain: Callable[..., int]) -> int:
    """A signed agreement with its file, in a chain whose end is sealed."""
    with app.app_context():
        case_id = Stage("employer1", "graduate2", "dept10001a", "school10001").bring("signed").id
        session.remove()
    drain()
    with app.app_context():
        heads.seal_day()
        session.remove()
    return int(case_id)


def test_report_says_who_did_what_with_which_proof(signed: int, app: Flask) -> None:
    with app.app_context():
        case = engine.load(registry.get("online_signing"), signed, actor=user("graduate2"))
        content, name = report_of(case, user("graduate2"))
        rows = history.of_case("online_signing", signed)
        text = bare_text(content)
        for row in rows:
            assert row.hash.hex() in text
        (day,) = heads.all_files()
        for words in (
            *("业务办理证据报告", "一次性验证码", "陈䶮", str(case.number), case.employer.name),
            *(day.digest, f"history/{case.chain}·{rows[-1].seq}", "核验方法"),
        ):
            assert words in text, words
        sealed = settings().seal
        session.remove()
    assert sealed is not None
    assert is_sealed_by(sealed[0], content)
    assert name.startswith("证据报告 ZJ")
    reader = PdfReader(io.BytesIO(content))
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]


def checked(*arguments: object) -> tuple[int, str]:
    """What the independent program says."""
    command = [sys.executable, "-I", "-S", str(ROOT / "docs" / "verify_history.py"), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_links_are_checked_alone_and_against_the_export(signed: int, app: Flask, tmp_path: Path) -> None:
    answer = logged_in(app, "graduate2").get(f"/evidence/online_signing/{signed}?format=json")
    assert answer.status_code == 200
    excerpt, export = tmp_path / "evidence.jsonl", tmp_path / "export.jsonl"
    excerpt.write_bytes(answer.data)
    assert "陈" not in answer.text, "it names nobody"
    with app.app_context():
        export.write_text("\n".join(lines_of_export(None)) + "\n", encoding="utf-8")
        lines = session.scalars(select(AuditLine).where(AuditLine.action == "download")).all()
        assert any(line.subject == f"online_signing {signed}" for line in lines), "it stands in the trail"
        session.remove()
    code, said = checked(excerpt)
    assert (code, said.splitlines()[-1]) == (0, "Everything holds.")
    assert checked(export, "--excerpt", excerpt)[0] == 0
    told = [json.loads(line) for line in answer.text.splitlines()]
    told[-1]["step"]["to_state"] = "voided"
    excerpt.write_text("\n".join(json.dumps(one, ensure_ascii=False) for one in told), encoding="utf-8")
    for code, said in (checked(excerpt), checked(export, "--excerpt", excerpt)):
        assert code == 1
        assert "was changed" in said


def test_parties_and_reviewers_reach_it_and_nobody_else(signed: int, app: Flask) -> None:
    place = f"/evidence/online_signing/{signed}"
    for who in ("graduate2", "employer1", "dept10001a", "school10001"):
        answer = logged_in(app, who).get(place)
        assert (answer.status_code, "/downloads/" in answer.headers["Location"]) == (303, True), who
    for who in ("graduate1", "employer2", "school10002"):
        reader = logged_in(app, who)
        for address in (place, f"{place}?format=json", "/evidence/nothing/1"):
            assert reader.get(address).status_code == 404, (who, address)
    assert f'href="{place}"' in logged_in(app, "graduate2").get(f"/graduate/signing/{signed}").text


def test_programs_get_it_as_a_download(signed: int, api: Callable[..., Any], drain: Callable[..., int]) -> None:
    place = f"/evidence/online_signing/{signed}"
    links = api("graduate2").get(f"{place}?format=json")
    assert json.loads(links.text.splitlines()[0])["format"] == "history-excerpt"
    started = api("graduate2").get(place)
    assert started.status_code == 202, started.text
    drain()
    made = api("graduate2").get(f"/jobs/{started.get_json()['job_id']}/sheet")
    assert "业务办理证据报告" in bare_text(made.data)
    for who in ("graduate1", "employer2", "school10002"):
        for address in (place, f"{place}?format=json"):
            assert api(who).get(address).status_code == 404, who
