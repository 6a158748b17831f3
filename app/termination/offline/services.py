"""What can be done with offline terminations beside the events of the table: begin one, write it, change it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.access.actors import GRADUATE, Actor
from app.base.database import session, transaction
from app.base.errors import Conflict, Forbidden, Invalid
from app.codes.forms import read
from app.roster.models import Graduate
from app.termination.offline.forms import ReasonForm, SigningForm
from app.termination.offline.models import WITH_GRADUATE, OfflineTermination
from app.termination.offline.queries import unfinished_application
from app.termination.offline.workflow import OFFLINE_TERMINATION
from app.workflow import engine, registry
from app.workflow.table import Context


def begin_offline_termination(body: Mapping[str, Any], *, actor: Actor, submit: bool = True) -> OfflineTermination:
    """Apply to be released from an offline or supplementary signing (R7.7). For the graduate of the signing.

    Without `submit` it stays a draft that is checked for kinds and codes only. Raises Forbidden (role), Invalid
    (which signing), NotFound (not the graduate's), Conflict (`signing_not_in_force`, `termination_open`,
    `termination_limit`, rules of the roster), Invalid (fields, missing attachments).
    """
    row = engine.permits_creation(OFFLINE_TERMINATION, actor)
    about = read(SigningForm, body)
    try:
        with transaction():
            signing = engine.load(registry.get(about["signing_workflow"]), about["signing_id"], actor=actor)
            case = _new_case(signing, _held(signing.graduate_id))
            context = Context(OFFLINE_TERMINATION, row, case, actor)
            # The rules come before the fields, those of the submission too.
            for step in (row, *(OFFLINE_TERMINATION.named("submit") if submit else ())):
                engine.check_creation(Context(OFFLINE_TERMINATION, step, case, actor))
            _write(case, body)
            engine.start([context])
            if submit:
                engine.fire(case.workflow_name, case.id, "submit", actor=actor)
    except IntegrityError as error:
        raise engine.promise_broken(error) from error
    return case


def go_on_with_termination(signing_workflow: str, signing_id: int, *, actor: Actor) -> OfflineTermination:
    """The graduate's unfinished application about this signing, or a new empty draft. For pages; raises as above."""
    about = read(SigningForm, {"signing_workflow": signing_workflow, "signing_id": signing_id})
    signing = engine.load(registry.get(about["signing_workflow"]), about["signing_id"], actor=actor)
    found = unfinished_application(signing, actor)
    return found or begin_offline_termination(about, actor=actor, submit=False)


def edit_offline_termination(case_id: int, body: Mapping[str, Any], *, actor: Actor) -> OfflineTermination:
    """Write a draft or a returned application anew (R7.10). For its graduate.

    Raises NotFound, Forbidden, Conflict (`wrong_state`, rules of the roster), Invalid.
    """
    with transaction():
        case: OfflineTermination = engine.load(OFFLINE_TERMINATION, case_id, actor=actor, lock=True)
        _refuse_change(case, actor)
        stays = {name: getattr(case, name) for name in ("signing_workflow", "signing_id")}
        if any(body.get(name, value) != value for name, value in stays.items()):
            raise Invalid({"signing_id": [_("An application stays with its agreement. Please start a new one.")]})
        _write(case, body)
        case.version += 1
    return case


def _held(graduate_id: int) -> Graduate:
    """The roster row, held so that a removal at the same moment finds the new case."""
    query = select(Graduate).where(Graduate.id == graduate_id).options(*Graduate.eager_options())
    query = query.with_for_update(read=True, of=Graduate).execution_options(populate_existing=True)
    return session.scalars(query).one()


def _new_case(signing: Any, graduate: Graduate) -> OfflineTermination:
    return OfflineTermination(
        graduate=graduate,
        state="draft",
        version=1,
        data={},
        number=signing.number,
        signing_workflow=signing.workflow_name,
        signing_id=signing.id,
        agreement_type=signing.agreement_type,
        unit={"name": signing.employer.name, "uscc": signing.employer.uscc},
        province_id=graduate.province_id,
        school_id=graduate.school_id,
        department_id=graduate.department_id,
        level=graduate.level,
        graduate_id=graduate.id,
        cohort=graduate.cohort,
        invalid_since=graduate.invalid_since,
    )


def _refuse_change(case: OfflineTermination, actor: Actor) -> None:
    if actor.kind != GRADUATE or not actor.may("can_create", case.workflow_name):
        raise Forbidden()
    engine.check_common(OFFLINE_TERMINATION, case, actor)
    if case.state not in WITH_GRADUATE:
        raise Conflict(
            _("What has been submitted cannot be changed. Please withdraw it first, or wait for the result."),
            "wrong_state",
        )


def _write(case: OfflineTermination, body: Mapping[str, Any]) -> None:
    clean = read(ReasonForm, body)
    case.reason_code, case.reason = clean["reason_code"] or None, clean["reason"] or None
    names = ("signing_workflow", "signing_id", "reason_code", "reason")
    case.data = {name: getattr(case, name) for name in names}
