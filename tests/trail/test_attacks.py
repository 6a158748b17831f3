"""The owner of the tables, with every trigger off, changes what was written; `flask audit verify` finds each way."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.access import audit
from app.base import clock
from app.base.database import session
from app.documents.storage import LocalStorage, storage
from app.signing.online.models import OnlineSigning
from app.trail import blocks, heads
from app.workflow import chain, history
from app.workflow.models import History
from tests.signing.stage import Stage, fire, user
from tests.trail.conftest import Owner

Verify = Callable[..., tuple[int, str]]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def case(fresh_database: str, app_context: Flask, no_heads: None) -> OnlineSigning:
    """A signed case: a chain of four links, sealed today."""
    signed = Stage("employer1", "graduate1", "dept10001a", "school10001").bring("signed")
    audit.record("settings", actor=user("school10001"), subject="one")
    audit.record("settings", actor=user("school10001"), subject="two")
    blocks.close_blocks(timedelta())
    assert heads.seal_day()
    return signed


def _rows(case: OnlineSigning) -> list[History]:
    session.rollback()
    return list(session.scalars(select(History).where(History.chain == case.school_id).order_by(History.seq)))


def test_what_nobody_touched_holds(case: OnlineSigning, verify: Verify) -> None:
    code, said = verify()
    assert code == 0, said


@pytest.mark.parametrize("column", ["actor", "reason", "to_state", "at", "source", "proof", "detail", "seal"])
def test_a_changed_row_is_found(case: OnlineSigning, owner: Owner, verify: Verify, column: str) -> None:
    """With the number of the case, in plain words."""
    values = {"at": "now()", "proof": '\'{"kind": "sms"}\'', "detail": "'{\"x\": 1}'", "seal": "NULL"}
    owner(f"UPDATE history SET {column} = {values.get(column, repr('x'))} WHERE seq = 3")
    code, said = verify()
    assert code == 1
    assert str(case.number) in said


def test_a_removed_middle_is_found(case: OnlineSigning, owner: Owner, verify: Verify) -> None:
    owner("DELETE FROM history WHERE seq = 2")
    assert verify()[0] == 1


def test_a_cut_tail_is_found_though_the_head_is_set_back(case: OnlineSigning, owner: Owner, verify: Verify) -> None:
    """Also where the case is put back to the state that the history ends in."""
    link = bytes(_rows(case)[2].hash)
    owner("DELETE FROM history WHERE seq = 4")
    owner("UPDATE history_heads SET seq = 3, hash = %s", link)
    code, said = verify()
    assert code == 1
    assert str(case.number) in said
    owner("UPDATE online_signings SET state = 'school_review'")
    assert verify()[0] == 1


def test_a_cut_tail_is_found_though_an_old_head_with_its_seal_is_brought_back(
    fresh_database: str, app_context: Flask, no_heads: None, owner: Owner, verify: Verify
) -> None:
    """What was sealed outside the database in between tells."""
    stage = Stage("employer1", "graduate1", "dept10001a", "school10001")
    case = stage.bring("school_review")
    session.rollback()
    old = session.execute(text("SELECT seq, hash, seal FROM history_heads")).one()
    _sign(case)
    heads.seal_day()
    owner("DELETE FROM history WHERE seq = 4")
    owner("UPDATE history_heads SET seq = %s, hash = %s, seal = %s", old[0], bytes(old[1]), bytes(old[2]))
    owner("UPDATE online_signings SET state = 'school_review'")
    code, said = verify()
    assert code == 1
    assert clock.today().isoformat() in said


def _sign(case: OnlineSigning) -> None:
    fire(case, "approve", user("school10001"))


def test_a_whole_chain_that_is_gone_is_found(case: OnlineSigning, owner: Owner, verify: Verify) -> None:
    owner("DELETE FROM history")
    owner("DELETE FROM history_heads")
    code, said = verify()
    assert code == 1
    assert str(case.number) in said
    owner("DELETE FROM online_signings")
    assert verify()[0] == 1


def test_a_chain_written_anew_without_the_key_is_found(case: OnlineSigning, owner: Owner, verify: Verify) -> None:
    """Every hash fits its content and the hash before it, but for the seals."""
    previous = b""
    for row in _rows(case):
        content = {**chain.public_part(row), "hidden": hashlib.sha256(b"guess").hexdigest()}
        link = hashlib.sha256(previous + chain.canonical(content)).digest()
        owner("UPDATE history SET actor = 'somebody else', hash = %s WHERE id = %s", link, row.id)
        previous = link
    owner("UPDATE history_heads SET hash = %s", previous)
    assert verify()[0] == 1


def test_a_chain_written_anew_as_if_from_before_the_seals_is_found(
    case: OnlineSigning, owner: Owner, verify: Verify
) -> None:
    previous = b""
    for row in _rows(case):
        previous = chain.first_digest(row, previous)
        owner("UPDATE history SET hash = %s, seal = NULL WHERE id = %s", previous, row.id)
    owner("UPDATE history_heads SET hash = %s, sealed_from = 5", previous)
    assert verify()[0] == 1


def test_a_state_set_by_hand_is_found(case: OnlineSigning, owner: Owner, verify: Verify) -> None:
    owner("UPDATE online_signings SET state = 'voided'")
    code, said = verify()
    assert code == 1
    assert str(case.number) in said


@pytest.mark.parametrize("change", ["stage = 'voided'", "waits_for = 'school'"])
def test_a_record_that_counts_as_another_state_is_found(
    case: OnlineSigning, owner: Owner, verify: Verify, change: str
) -> None:
    """Figures, lists and rules ask these columns, not the state."""
    owner(f"UPDATE online_signings SET {change}")
    code, said = verify()
    assert code == 1
    assert str(case.number) in said


def test_steps_in_another_order_are_found(case: OnlineSigning, owner: Owner, verify: Verify) -> None:
    """Every link holds: an old step is only made to look like the newest one, and the record fits it."""
    owner("UPDATE history SET id = id + 1000000 WHERE seq = 2")
    owner("UPDATE online_signings SET state = (SELECT to_state FROM history WHERE seq = 2)")
    code, said = verify()
    assert code == 1
    assert str(case.number) in said


def test_a_removed_end_is_found(case: OnlineSigning, owner: Owner, verify: Verify) -> None:
    owner("DELETE FROM history_heads")
    assert verify()[0] == 1


def test_a_case_without_history_is_found(case: OnlineSigning, owner: Owner, verify: Verify) -> None:
    owner("UPDATE history SET case_id = 999999")
    code, said = verify()
    assert code == 1
    assert str(case.number) in said
    assert "999999" in said


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE audit_lines SET actor = 'x' WHERE subject = 'one'",
        "UPDATE audit_lines SET seal = NULL WHERE subject = 'two'",
        "DELETE FROM audit_lines WHERE subject = 'one'",
        "DELETE FROM audit_lines",
        "DELETE FROM audit_blocks",
        "UPDATE audit_blocks SET lines = lines - 1",
        "UPDATE audit_blocks SET until = '2020-01-01'",
        "INSERT INTO audit_lines (at, action, actor, detail) VALUES (now(), 'read', 'x', '{}')",
    ],
)
def test_a_changed_trail_is_found(case: OnlineSigning, owner: Owner, verify: Verify, tampering: str) -> None:
    owner(tampering)
    assert verify()[0] == 1


def test_a_removed_or_changed_file_of_heads_is_found(case: OnlineSigning, verify: Verify) -> None:
    """And whoever has kept one shows with it what was cut since."""
    kept = storage()
    assert isinstance(kept, LocalStorage)
    path = kept.folder / heads.FOLDER / f"{clock.today().isoformat()}.json"
    content = path.read_text()
    path.write_text(content.replace("history/", "history/1"))
    assert verify()[0] == 1
    path.unlink()
    assert verify()[0] == 1


def test_heads_that_somebody_has_kept_tell(case: OnlineSigning, owner: Owner, verify: Verify, tmp_path: Path) -> None:
    """Though chain, trail and files are gone together."""
    kept = storage()
    assert isinstance(kept, LocalStorage)
    path = kept.folder / heads.FOLDER / f"{clock.today().isoformat()}.json"
    own = tmp_path / path.name
    shutil.move(path, own)
    for table in ("history", "history_heads", "audit_lines", "audit_blocks", "claims", "online_signings"):
        owner(f"DELETE FROM {table}")
    assert verify()[0] == 0
    code, said = verify("--heads", str(own))
    assert code == 1
    assert "北京大学" in said


def test_a_long_history_is_read_in_pieces(case: OnlineSigning, owner: Owner) -> None:
    """However long it is: of 5,000 steps some 1,000 are held at a time."""
    columns = ", ".join(column.name for column in History.__table__.columns if column.name not in ("id", "seq"))
    owner(
        f"INSERT INTO history (seq, {columns}) SELECT 10 + number, {columns}"
        " FROM history, generate_series(1, 5000) AS number WHERE seq = 1"
    )
    most = 0
    for number, _row in enumerate(history.rows_of(case.school_id)):
        if number % 500 == 0:
            most = max(most, sum(isinstance(one, History) for one in session().identity_map.values()))
    assert 0 < most <= 2100


# The stranger's side --------------------------------------------------------------------------------------------------


def _exported(app: Flask, tmp_path: Path, *options: str) -> Path:
    path = tmp_path / "export.jsonl"
    session.rollback()
    result = app.test_cli_runner().invoke(args=["audit", "export", "--output", str(path), *options])
    assert result.exit_code == 0, result.output
    return path


def _stranger(*arguments: object) -> tuple[int, str]:
    """The stand-alone verifier, without the platform's libraries."""
    command = [sys.executable, "-I", "-S", str(ROOT / "docs" / "verify_history.py"), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_stranger_checks_an_export(case: OnlineSigning, app: Flask, tmp_path: Path) -> None:
    """Whole and of one school; with the certificate and the heads that they have kept."""
    export = _exported(app, tmp_path)
    code, said = _stranger(export)
    assert (code, "Everything holds" in said) == (0, True), said
    assert "4 steps" in said
    code, said = _stranger(_exported(app, tmp_path, "--school", "10001"))
    assert code == 0, said


def test_a_stranger_is_told_of_chains_that_were_left_out(case: OnlineSigning, app: Flask, tmp_path: Path) -> None:
    export = _exported(app, tmp_path)
    lines = [json.loads(line) for line in export.read_text().splitlines()]
    lines[0]["chains"] = lines[0]["chains"][:1]
    kept = [line for line in lines if "audit" not in line and line.get("step", {"chain": 0})["chain"] == 0]
    export.write_text("\n".join(map(json.dumps, kept)) + "\n")
    assert "are not in this export" in _stranger(export)[1]


def test_an_export_names_nobody(case: OnlineSigning, app: Flask, tmp_path: Path) -> None:
    said = _exported(app, tmp_path).read_text()
    names = {row.actor for row in _rows(case)} | {case.graduate.name, case.graduate.id_number}
    assert not [name for name in names if name in said]


@pytest.mark.parametrize("way", ["state", "gap", "tail", "hidden", "head", "chain", "old"])
def test_a_stranger_finds_what_was_changed(case: OnlineSigning, app: Flask, tmp_path: Path, way: str) -> None:
    export = _exported(app, tmp_path)
    lines = [json.loads(line) for line in export.read_text().splitlines()]
    steps = [line for line in lines if "step" in line]
    if way == "state":
        steps[1]["step"]["to_state"] = "voided"
    elif way == "gap":
        lines.remove(steps[1])
    elif way == "tail":
        lines.remove(steps[3])
    elif way == "hidden":
        steps[2]["hidden"] = "00" * 32
    elif way == "chain":
        lines = [line for line in lines if "step" not in line]
    elif way == "old":  # as if from before there were commitments, when no hash can be made again from what is public
        for step in steps:
            step |= {"first": True}
        steps[3]["step"]["to_state"] = "voided"
    else:
        _forge(lines[1])
    export.write_text("\n".join(map(json.dumps, lines)) + "\n")
    code, said = _stranger(export)
    assert code == 1, said


def _forge(line: dict[str, Any]) -> None:
    """Another statement under the same signature."""
    outer = json.loads(line["heads"])
    statement = json.loads(outer["statement"])
    statement["made_at"] = "2020-01-01T00:00:00+00:00"
    outer["statement"] = json.dumps(statement)
    line["heads"] = json.dumps(outer)
