"""How an applicant writes a verification: the method, and the account that proves the unit (R5.3-R5.8)."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.access.actors import Actor
from app.base.database import session
from app.base.errors import Conflict
from app.base.masks import mask_account
from app.cases.services import Body, Writing
from app.codes.forms import read
from app.employers.forms import VerificationForm
from app.employers.models import Employer, EmployerUser, EmployerVerification
from app.workflow.stages import Stage


def open_verification_of(actor: Actor) -> EmployerVerification | None:
    """The applicant's verification that has not ended well yet."""
    query = select(EmployerVerification).where(
        EmployerVerification.applicant_id == actor.user_id, EmployerVerification.stage != Stage.IN_FORCE
    )
    return session.scalar(query.options(*EmployerVerification.eager_options()))


def _unit_of(actor: Actor) -> Employer:
    person = session.get(EmployerUser, actor.user_id)
    unit_id = person.employer_id if person and person.employer_id else actor.employer_id
    unit = session.get(Employer, unit_id) if unit_id else None
    if unit is None:
        raise Conflict(_("Please fill in the unit information first."), "no_unit")
    if unit.verified_at is not None and actor.employer_id == unit.id:
        raise Conflict(_("Your unit is verified already. There is nothing more to do."), "verified")
    return unit


def _open(body: Body, actor: Actor) -> EmployerVerification:
    case = EmployerVerification(applicant_id=actor.user_id, version=1, employer=_unit_of(actor), data={})
    method = body.get("method")
    case.method = (
        method if isinstance(method, str) else ""
    )  # rules ask for it; whether it is one is said with the fields
    if open_verification_of(actor) is not None:
        raise Conflict(_("A verification has been started already. Please go on with that one."), "started")
    return case


def _write(case: EmployerVerification, body: Body, *, actor: Actor, whole: bool) -> None:
    del whole
    clean = read(VerificationForm, body)
    case.employer = _unit_of(actor)
    joins = actor.employer_id != case.employer.id
    if joins and clean["method"] != "join":
        raise Conflict(
            _("This unit has been registered by somebody else. Please ask to join it."),
            "join_instead",
        )
    if not joins and clean["method"] == "join":
        raise Conflict(_("There is nothing to join: you registered this unit yourself."), "nothing_to_join")
    case.method = clean["method"]
    remitted = case.method == "remittance"
    case.account = (clean["account"] or None) if remitted else None
    case.data = {
        "method": case.method,
        "account": mask_account(case.account) if case.account else "",
        "bank": (clean["bank"] or "") if remitted else "",
        "bank_code": (clean["bank_code"] or "") if remitted else "",
    }


def _why_closed(case: EmployerVerification) -> Any:
    del case
    return _("What has been submitted cannot be changed. The service line helps if something is wrong.")


WRITING = Writing(form=VerificationForm, open=_open, write=_write, closed=_why_closed)
