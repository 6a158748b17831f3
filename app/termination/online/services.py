"""What can be done with online terminations beside the events of the table: start one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy.exc import IntegrityError

from app.access.actors import Actor
from app.base.database import transaction
from app.base.errors import AppError, Invalid, NotFound
from app.signing.online.models import OnlineSigning
from app.signing.online.workflow import ONLINE_SIGNING
from app.termination.online.models import OnlineTermination
from app.termination.online.workflow import ONLINE_TERMINATION
from app.workflow import engine
from app.workflow.table import Context


def start_termination(signing_id: Any, data: Mapping[str, Any], *, actor: Actor) -> OnlineTermination:
    """Ask the other side to end a signed agreement (R6.9, R7.5).

    Called by the graduate (`reason_code`, `reason`; counts against R3.4) or by a user of the unit (`reason`). Raises
    NotFound (the signing), Forbidden (role or module), Conflict (`not_signed`, `termination_open`,
    `termination_limit`), Invalid. The signing is held meanwhile: of both sides starting at once one comes second,
    and it cannot be voided under the application.
    """
    try:
        with transaction():
            signing = _held(signing_id, actor)
            row = engine.permits_creation(ONLINE_TERMINATION, actor)
            if signing is None:
                raise Invalid({"signing_id": [_("Please choose the agreement that shall end.")]})
            context = Context(ONLINE_TERMINATION, row, _new_case(signing, actor), actor, dict(data))
            engine.check_creation(context)
            context.data = row.form(context) if row.form else {}
            context.case.data = {"signing_id": signing.id, **context.data}
            engine.start([context])
    except IntegrityError as error:
        raise engine.promise_broken(error) from error
    return context.case


def why_not_to_start(signing: OnlineSigning, *, actor: Actor) -> AppError | None:
    """Why this side cannot ask for the end of the agreement now, None when it can; for pages, changes nothing."""
    try:
        row = engine.permits_creation(ONLINE_TERMINATION, actor)
        engine.check_creation(Context(ONLINE_TERMINATION, row, _new_case(signing, actor), actor))
    except AppError as refusal:
        return refusal
    return None


def _held(signing_id: Any, actor: Actor) -> OnlineSigning | None:
    """The agreement in the actor's scope, held; None for what cannot be an id at all, which is told later (422)."""
    if isinstance(signing_id, bool) or not isinstance(signing_id, int):
        return None
    if not 0 < signing_id < 2**63:
        raise NotFound()
    found: OnlineSigning = engine.load(ONLINE_SIGNING, signing_id, actor=actor, lock=True)
    return found


def _new_case(signing: OnlineSigning, actor: Actor) -> OnlineTermination:
    graduate = signing.graduate
    return OnlineTermination(
        signing=signing,
        signing_id=signing.id,
        graduate=graduate,
        graduate_id=graduate.id,
        employer=signing.employer,
        employer_id=signing.employer_id,
        version=1,
        started_by=actor.kind,
        agreement_type=signing.agreement_type,
        number=signing.number,
        province_id=graduate.province_id,
        school_id=graduate.school_id,
        department_id=graduate.department_id,
        level=graduate.level,
        cohort=graduate.cohort,
        invalid_since=graduate.invalid_since,
    )
