"""The shipped tables load fast, completely and again and again, and leave operators' edits alone."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.base import clock
from app.base.database import session
from app.codes import commands, queries
from app.codes.models import CodeEntry, CodesVersion, Region, University
from app.codes.seeds import DATA, seed_codes
from tests.fixtures.statements import counted

pytestmark = pytest.mark.usefixtures("reference")


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    """A copy of the shipped tables that a test may change."""
    return Path(shutil.copytree(DATA, tmp_path / "data"))


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def _entry(table: str, code: str) -> CodeEntry:
    return session.scalars(select(CodeEntry).filter_by(code_table=table, code=code)).one()


def test_every_shipped_row_is_there() -> None:
    for path in DATA.glob("*.csv"):
        with path.open(encoding="utf-8") as lines:
            codes = [line["code"] for line in csv.DictReader(lines)]
        if path.stem == "region":
            assert set(session.scalars(select(Region.code).where(Region.valid_to.is_(None)))) == set(codes)
        elif path.stem == "region_former":
            assert set(session.scalars(select(Region.code).where(Region.valid_to.is_not(None)))) == set(codes)
            assert not any(queries.region_exists(code) for code in codes)
            assert queries.region_label("110103") == "北京市 崇文区"
        elif path.stem == "university":
            assert set(session.scalars(select(University.identifier))) == set(codes)
        else:
            assert list(queries.labels(path.stem)) == codes, path.stem


def test_first_load_sends_the_rows_of_a_table_together(app: Flask) -> None:
    with counted(app) as statements:
        for model in (CodeEntry, Region, University):
            session.query(model).delete()
        assert seed_codes()["added"] > 6_000
    assert len(statements) < 100


def test_second_load_changes_nothing() -> None:
    version = session.scalar(select(CodesVersion.version))
    done = seed_codes()
    assert (done["added"], done["updated"]) == (0, 0)
    assert session.scalar(select(CodesVersion.version)) == version


def test_a_newer_shipment_renews_what_nobody_edited(shipped: Path) -> None:
    _replace(shipped / "sex.csv", "1,男,", "1,男性,")
    _replace(shipped / "region.csv", "110108,海淀区,", "110108,海定区,")
    version = session.scalar(select(CodesVersion.version))
    assert seed_codes(shipped)["updated"] == 2
    session.expire_all()
    assert _entry("sex", "1").label == "男性"
    assert session.get_one(Region, "110108").full_name == "北京市 海定区"
    assert session.scalar(select(CodesVersion.version)) != version
    assert seed_codes()["updated"] == 2


def test_a_newer_shipment_leaves_edited_rows_alone(shipped: Path) -> None:
    entry = _entry("sex", "1")
    entry.label, entry.edited_at = "男生", clock.now()
    session.commit()
    _replace(shipped / "sex.csv", "1,男,", "1,男性,")
    assert seed_codes(shipped)["updated"] == 0
    session.refresh(entry)
    assert entry.label == "男生"
    entry.label, entry.edited_at = "男", None
    session.commit()


def test_a_row_that_an_operator_added_first_is_not_added_twice(shipped: Path) -> None:
    own = CodeEntry(code_table="sex", code="9", label="未说明")
    session.add(own)
    session.commit()
    with (shipped / "sex.csv").open("a", encoding="utf-8") as lines:
        lines.write("9,未说明的性别,\n")
    assert seed_codes(shipped)["added"] == 0
    session.delete(own)
    session.commit()


def test_a_later_line_of_a_code_does_not_hide_the_shipped_one() -> None:
    later = CodeEntry(code_table="sex", code="1", label="男", valid_from=clock.today(), edited_at=clock.now())
    session.add(later)
    session.commit()
    assert seed_codes()["added"] == 0
    assert session.scalar(select(func.count()).where(CodeEntry.code_table == "sex", CodeEntry.code == "1")) == 2
    session.delete(later)
    session.commit()


def test_command_loads_and_shows(reference: Flask) -> None:
    reference.cli.add_command(commands.codes)
    runner = reference.test_cli_runner()
    loaded = runner.invoke(args=["codes", "load"])
    assert loaded.exit_code == 0, loaded.output
    assert loaded.output.startswith("0 added, 0 updated, ")
    assert "10A\t公招接收函\t10" in runner.invoke(args=["codes", "show", "destination"]).output
    assert "region_province_city" in runner.invoke(args=["codes", "show"]).output
    assert runner.invoke(args=["codes", "show", "nothing"]).exit_code == 1
