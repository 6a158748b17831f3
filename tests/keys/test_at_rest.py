"""What a stolen copy of the database or of the files tells of people: nothing by which one is known or reached."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from cryptography.exceptions import InvalidTag
from flask import Flask
from sqlalchemy import select

from app.base.database import session
from app.documents.queries import document_of
from app.documents.sealedfiles import key_of
from app.documents.services import read_file
from app.documents.storage import LocalStorage, storage
from app.roster.models import Graduate
from app.signing.online.models import LetterTemplate, OnlineSigning
from tests.destination import stage as destinations
from tests.documents.pdf import bare_text
from tests.employers import stage_verification
from tests.household.stage import Stage as HouseholdStage
from tests.household.stage import body
from tests.keys.people import NUMBERS, lying_in_clear, secrets_of_people
from tests.signing.paper.stage import PaperStage
from tests.signing.stage import ARCHIVE, Stage, letter, user


@pytest.fixture
def secrets(app_context: Flask) -> dict[str, str]:
    """Everything by which one of the demonstration's people is known or reached, and whose it is."""
    return secrets_of_people()


# What the stages of the tests write into letters and applications of their people.
_WRITTEN = ("朝晖路 7 号 101 室", "010-62510000", "010-67000000", "13800002222", "1100123456784454")


@pytest.fixture
def busy(fresh_database: str, app_context: Flask) -> OnlineSigning:
    """Cases of every kind on their way, with messages that wait; the agreement that is signed."""
    signed = Stage("employer1", "graduate1", "dept10001a", "school10001").bring("signed")
    PaperStage("graduate2").offline("dept_review")
    HouseholdStage("archive", "graduate7").create(submit=False)
    hukou = HouseholdStage("hukou", "graduate3")
    hukou.fire(hukou.create(), "amend", hukou.department, **body("hukou", address="朝晖路 7 号 101 室"), reason="更正")
    destinations.draft(user("graduate7"))
    stage_verification.bring("remitting")
    people = {"kind": "archive", "employer_id": user("employer1").employer_id, "updated_by": "x", "name": "a"}
    session.add(LetterTemplate(**people, data=ARCHIVE))
    session.commit()
    return signed


def test_no_table_names_or_reaches_a_person_in_clear(
    busy: OnlineSigning, secrets: dict[str, str], sql: psycopg.Connection, drain: Callable[..., int]
) -> None:
    secrets |= dict.fromkeys(_WRITTEN, "a letter")
    assert set(lying_in_clear(sql, secrets)) == set()
    drain()
    assert set(lying_in_clear(sql, secrets)) == set()


def _opens(query: object) -> object:
    session.rollback()
    session.expunge_all()
    return session.execute(query).scalars().first()  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("move", "read"),
    [
        ("UPDATE graduates SET mobile = (SELECT mobile FROM graduates WHERE id = 2) WHERE id = 1", Graduate.mobile),
        ("UPDATE graduates SET email = mobile WHERE id = 1", Graduate.email),
        ("UPDATE graduates SET id_number = (SELECT mobile FROM accounts WHERE mobile IS NOT NULL LIMIT 1) WHERE id = 1",
         Graduate.id_number),
    ],
)  # fmt: skip
def test_a_value_that_was_moved_does_not_open(
    move: str, read: object, fresh_database: str, app_context: Flask, sql: psycopg.Connection
) -> None:
    query = select(read).where(Graduate.id == 1)  # type: ignore[call-overload]
    assert _opens(query)
    sql.execute(move)  # type: ignore[call-overload]
    with pytest.raises(InvalidTag):
        _opens(query)


def test_a_telephone_number_moved_to_another_document_does_not_open(
    fresh_database: str, app_context: Flask, sql: psycopg.Connection
) -> None:
    template = {"employer_id": user("employer1").employer_id, "kind": "position", "updated_by": "x"}
    for name in "ab":
        session.add(LetterTemplate(**template, name=name, data=letter()["position"]))
    session.commit()
    told = _opens(select(LetterTemplate.data).where(LetterTemplate.name == "b"))
    assert isinstance(told, dict)
    assert told["phone"] == "010-62510000"
    sql.execute(
        "UPDATE letter_templates SET data = (SELECT data FROM letter_templates WHERE name = 'a') WHERE name = 'b'"
    )
    with pytest.raises(InvalidTag):
        _opens(select(LetterTemplate.data).where(LetterTemplate.name == "b"))


def _files() -> list[Path]:
    kept = storage()
    assert isinstance(kept, LocalStorage)
    return [kept.folder / key[:2] / key for key in kept.digests()]


def test_no_file_tells_an_id_number(busy: OnlineSigning, drain: Callable[..., int]) -> None:
    """Neither as it lies there nor to a program that looks for texts; readers get the paper as it was made."""
    drain()
    agreement = document_of("online_signing", busy.id)
    assert agreement is not None
    assert busy.graduate.id_number in bare_text(read_file(agreement))
    assert len(_files()) > 1
    for path in _files():
        content = path.read_bytes()
        assert key_of(content), path
        texts = subprocess.run(["strings", "-n", "8", path], capture_output=True, check=True).stdout.decode()
        assert not NUMBERS.search(texts), path
        assert b"%PDF" not in content


def test_what_is_uploaded_lies_nowhere_in_clear(app: Flask) -> None:
    """Werkzeug would put more than half a megabyte into a temporary file as it is."""
    content = bytes(range(256)) * 8000
    with app.test_request_context(method="POST", data={"file": (io.BytesIO(content), "a.pdf")}) as context:
        stream = context.request.files["file"].stream
        assert stream.read() == content
        stream.seek(1_000_003)
        assert stream.read(999) == content[1_000_003:1_001_002]
        veiled = stream.raw  # type: ignore[attr-defined]
        veiled._file.seek(0)
        assert not {content[at : at + 8] for at in range(0, 4096, 8)} & {veiled._file.read(8) for _ in range(512)}
