"""解约证明: the end of an agreement has a paper of its own, sealed and numbered, for both sides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.base.database import session
from app.base.errors import NotFound
from app.documents.sealing.queries import seal_found
from app.documents.services import document_file
from app.signing.online.models import OnlineSigning
from app.termination.snapshots import CERTIFICATE
from app.workflow import delivery
from app.workflow.models import OutboxMessage
from tests.documents.pdf import bare_text
from tests.termination.offline_stage import Desk
from tests.termination.stage import TerminationStage

pytestmark = pytest.mark.usefixtures("undone")


def made(case: Any) -> tuple[str, bytes, str]:
    """The certificate as the worker makes it: its text, its bytes, its name."""
    query = select(OutboxMessage.id).where(
        OutboxMessage.kind == "document",
        OutboxMessage.workflow == case.workflow_name,
        OutboxMessage.case_id == case.id,
    )
    assert document_file(case, CERTIFICATE) is None, "it is on its way"
    assert delivery.deliver(session.scalars(query).one())
    found = document_file(case, CERTIFICATE)
    assert found is not None
    content = found[0].read()
    return bare_text(content), content, found[1]


@pytest.mark.parametrize(("end", "how"), [("approved", "双方协商一致解除"), ("forced", "经学校审核解除")])
def test_end_of_an_online_agreement(stage: TerminationStage, end: str, how: str) -> None:
    case = stage.bring(end)
    signing = session.get_one(OnlineSigning, case.signing_id)
    assert signing.snapshot is not None
    text, content, name = made(case)
    assert signing.number is not None
    for words in (
        how,
        f"{signing.number}-J",
        signing.snapshot["graduate"]["name"],
        signing.snapshot["employer"]["name"],
    ):
        assert words in text
    assert name == f"解约证明 {signing.number}.pdf"
    found = seal_found(content)
    assert found is not None
    assert found.whole


@pytest.mark.parametrize("signing", ["printed", "registered"])
def test_end_of_an_agreement_on_paper(app_context: Any, signing: str) -> None:
    stage = Desk("graduate7", "school10002")
    case = stage.bring("approved", getattr(stage, signing)())
    text, content, _name = made(case)
    assert "双方协商一致解除" in text
    assert case.unit["name"] in text
    assert seal_found(content)


def test_before_the_end_there_is_none(stage: TerminationStage) -> None:
    with pytest.raises(NotFound):
        document_file(stage.bring("school_review"), CERTIFICATE)


def test_both_sides_have_it_and_nobody_else(
    stage: TerminationStage, api: Callable[..., Any], browse: Callable[..., FlaskClient]
) -> None:
    case = stage.bring("approved")
    made(case)
    session.commit()
    place = f"/online_termination/{case.id}/document"
    for username in ("graduate1", "employer1", "school10001"):
        assert api(username).get(place).mimetype == "application/pdf"
    assert api("graduate2").get(place).status_code == 404
    for username, door in (("graduate1", "graduate"), ("employer1", "employer")):
        page = browse(username, door)
        assert page.get(f"/{door}/terminations/{case.id}/certificate").mimetype == "application/pdf"
        assert f"/{door}/terminations/{case.id}/certificate" in page.get(
            f"/{door}/terminations/{case.id}", follow_redirects=True
        ).get_data(as_text=True)
