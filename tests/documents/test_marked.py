"""An agreement that is over says so when it is downloaded; the sealed original stays as it is, one click away."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import select

from app.base.database import session
from app.base.settings import settings
from app.documents.services import document_file
from app.signing.online.models import OnlineSigning
from app.workflow import delivery, engine
from app.workflow.models import OutboxMessage
from tests.documents.pdf import bare_text, is_sealed_by
from tests.signing.stage import Stage, fire
from tests.termination.offline_stage import Desk


def void(app: Flask, case_id: int, reason: str = "双方协商一致") -> None:
    """The school voids it."""
    with app.app_context():
        stage = Stage("employer1", "graduate2", "dept10001a", "school10001")
        fire(session.get_one(OnlineSigning, case_id), "void", stage.school, reason=reason)
        session.remove()


def checked(client: FlaskClient, content: bytes) -> tuple[bool, bool, str]:
    """The three answers of the public check to a file."""
    found = client.post("/api/v1/verify", data={"file": (io.BytesIO(content), "a.pdf")}).get_json()["result"]
    return found["file"]["ok"], found["seal"]["ok"], found["standing"]["state"]


def test_what_is_over_is_marked_and_the_original_is_one_click_away(
    signed: int, app: Flask, api: Any, client: FlaskClient, drain: Callable[..., int]
) -> None:
    place = f"/online_signing/{signed}/document"
    original = api("graduate2").get(place).data
    void(app, signed)
    waiting = api("graduate2").get(place)
    assert (waiting.status_code, waiting.headers["Retry-After"]) == (202, "2")
    assert api("employer1").get(place).status_code == 202, "one copy is on its way for both"
    drain()
    copies = {api(name).get(place).data for name in ("graduate2", "employer1", "school10001")}
    assert len(copies) == 1
    copy = copies.pop()
    assert copy != original
    assert api("graduate2").get(place + "?original=true").data == original, "as it was sealed"
    assert api("graduate1").get(place + "?original=true").status_code == 404
    for page in PdfReader(io.BytesIO(copy)).pages:
        assert "不再有效" in page.extract_text(), "each page says so"
    for words in ("已作废", "双方协商一致", hashlib.sha256(original).hexdigest()):
        assert words in bare_text(copy)
    assert checked(client, copy) == (True, True, "void")
    assert checked(client, original) == (True, True, "void")


def test_copy_is_for_archives_and_for_everybody_and_sealed(
    signed: int, app: Flask, api: Any, drain: Callable[..., int]
) -> None:
    place = f"/online_signing/{signed}/document"
    void(app, signed, "原因里有打印不出的字😀")
    api("graduate2").get(place)
    drain()
    copy = api("graduate2").get(place).data
    reader = PdfReader(io.BytesIO(copy))
    said = reader.trailer["/Root"]["/Metadata"].get_data().decode()
    assert re.search(r"conformance(>|=\")A", said)
    assert re.search(r"pdfuaid|pdfua/ns/id", said)
    assert reader.metadata is not None
    assert str(reader.metadata.title).endswith("（已作废）")
    assert "打印不出的字〓" in bare_text(copy)
    with app.app_context():
        sealed = settings().seal
    assert sealed is not None
    assert is_sealed_by(sealed[0], copy)


def made(case: Any, kind: str) -> bytes:
    """The paper as the worker makes it; the newest order."""
    assert document_file(case, kind) is None
    query = select(OutboxMessage.id).where(OutboxMessage.kind == "document", OutboxMessage.case_id == case.id)
    assert delivery.deliver(session.scalars(query.order_by(OutboxMessage.id.desc())).first() or 0)
    found = document_file(case, kind)
    assert found is not None
    return found[0].read()


@pytest.mark.usefixtures("undone")
def test_agreement_on_paper_is_marked_when_it_is_terminated(app_context: Any) -> None:
    stage = Desk("graduate7", "school10002")
    signing = stage.printed()
    kind = "offline_agreement"
    original = made(signing, kind)
    stage.bring("approved", signing)
    session.refresh(signing)
    copy = made(signing, kind)
    assert "已解除" in bare_text(copy)
    assert "已解除" not in bare_text(original)
    found = document_file(signing, kind, original=True)
    assert found is not None
    assert found[0].read() == original


@pytest.mark.usefixtures("undone")
def test_copy_of_an_end_that_was_taken_back_makes_way(app_context: Any) -> None:
    """The school voids, takes it back and voids again: the copy of the first time is not handed out."""
    stage = Desk("graduate7", "school10002")
    signing = stage.printed()
    made(signing, "offline_agreement")
    engine.fire(signing.workflow_name, signing.id, "void", actor=stage.school, data={"reason": "第一次"})
    session.refresh(signing)
    first = made(signing, "offline_agreement")
    signing.state_since = signing.state_since.replace(year=signing.state_since.year + 1)
    session.flush()
    assert document_file(signing, "offline_agreement") is None
    query = select(OutboxMessage).where(OutboxMessage.kind == "document", OutboxMessage.case_id == signing.id)
    assert len(session.scalars(query).all()) == 3
    assert "第一次" in bare_text(first)
