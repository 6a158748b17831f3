"""The paper that says that an agreement has ended (解约证明), from what was frozen when it was signed and when it ended."""

from __future__ import annotations

from typing import Any, Final

from app.access.actors import SYSTEM
from app.base.clock import SHANGHAI
from app.cases.models import CaseMixin
from app.documents.agreement import environment
from app.documents.lasting import Lasting
from app.documents.typefaces import cleaned
from app.documents.words import FILES, TITLES
from app.signing.online.snapshots import verify_address
from app.workflow import engine, history, registry
from app.workflow.stages import Stage

CERTIFICATE: Final = "termination_certificate"
_FORCED: Final = "force"


def certificate_of(case: Any) -> Lasting | None:
    """The certificate of a termination, online or offline; None until it has ended the agreement."""
    if case.stage != Stage.IN_FORCE:
        return None
    signing = engine.load(registry.get(_signing_workflow(case)), case.signing_id, actor=SYSTEM)
    ended = next((row for row in reversed(history.of_case(signing.workflow_name, signing.id)) if _ends(row)), None)
    if ended is None or not signing.snapshot:
        return None
    number, at = signing.number or signing.snapshot["number"], ended.at.astimezone(SHANGHAI)
    facts = {
        "unit": signing.snapshot["employer"],
        "graduate": signing.snapshot["graduate"],
        "agreement": number,
        "signed_at": signing.signed_at.astimezone(SHANGHAI) if signing.signed_at else None,
        "ended_at": at,
        "how": _how(case),
    }
    return Lasting(
        kind=CERTIFICATE,
        title=TITLES[CERTIFICATE],
        number=f"{number}-J",
        body=environment().get_template("documents/termination_certificate.html").render(cleaned(facts)),
        made_at=at,
        address=verify_address(number),
        file_name=f"{FILES[CERTIFICATE]} {number}.pdf",
    )


def _signing_workflow(case: CaseMixin) -> str:
    return str(getattr(case, "signing_workflow", "online_signing"))


def _ends(row: Any) -> bool:
    return row.event == "terminate"


def _how(case: Any) -> str:
    """As the school has found it; online both sides have agreed, unless the school has ended it alone."""
    if getattr(case, "settlement", None):
        return str(case.settlement)
    events = {row.event for row in history.standing(history.of_case(case.workflow_name, case.id))}
    return "forced" if _FORCED in events else "mutual"
