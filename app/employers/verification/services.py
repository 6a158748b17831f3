"""The verification beside the events of its table: begin it, change it while it is with the applicant (R5.3-R5.8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.access.actors import EMPLOYER, Actor
from app.base.database import session, transaction
from app.base.errors import Conflict, Forbidden
from app.base.masks import mask_account
from app.codes.forms import read
from app.employers.forms import VerificationForm
from app.employers.models import Employer, EmployerUser, EmployerVerification
from app.employers.verification.workflow import VERIFICATION
from app.workflow import engine
from app.workflow.table import Context

WITH_APPLICANT = ("draft", "returned")


def begin_verification(body: Mapping[str, Any], *, actor: Actor, submit: bool = True) -> EmployerVerification:
    """Begin to prove who the unit is. For users of a unit that are not verified yet (R5.3-R5.5, R5.8).

    Without `submit` it stays a draft that is checked for kinds and codes only. Raises Forbidden, Conflict
    (`verified`, `no_unit`, `started`, `join_instead`, `nothing_to_join`), Invalid.
    """
    row = engine.permits_creation(VERIFICATION, actor)
    try:
        with transaction():
            case = EmployerVerification(applicant_id=actor.user_id, version=1, employer=_unit_of(actor), data={})
            context = Context(VERIFICATION, row, case, actor)
            engine.check_creation(context)
            _refuse_second(actor)
            _fill(case, body, actor)
            engine.start([context])
            if submit:
                engine.fire("verification", case.id, "submit", actor=actor)
    except IntegrityError as error:
        raise engine.promise_broken(error) from error
    return case


def edit_verification(case_id: int, body: Mapping[str, Any], *, actor: Actor) -> EmployerVerification:
    """Choose another method or account while it is a draft or was sent back. For the applicant.

    Raises NotFound, Forbidden, Conflict `wrong_state`, Invalid.
    """
    with transaction():
        case: EmployerVerification = engine.load(VERIFICATION, case_id, actor=actor, lock=True)
        if actor.kind != EMPLOYER or not actor.may("can_create", "verification"):
            raise Forbidden()
        if case.state not in WITH_APPLICANT:
            raise Conflict(
                _("What has been submitted cannot be changed. The service line helps if something is wrong."),
                "wrong_state",
            )
        case.employer = _unit_of(actor)
        _fill(case, body, actor)
        case.version += 1
    return case


def open_verification_of(actor: Actor) -> EmployerVerification | None:
    """The applicant's verification that has not ended well yet."""
    query = select(EmployerVerification).where(
        EmployerVerification.applicant_id == actor.user_id, EmployerVerification.state != "verified"
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


def _refuse_second(actor: Actor) -> None:
    if open_verification_of(actor) is not None:
        raise Conflict(_("A verification has been started already. Please go on with that one."), "started")


def _fill(case: EmployerVerification, body: Mapping[str, Any], actor: Actor) -> None:
    clean = read(VerificationForm, body)
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
