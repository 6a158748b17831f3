"""单位信息 after the registration: who changes what, and what was changed (R5.2, R5.7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.access import audit, devices
from app.access.actors import EMPLOYER, OPERATOR, Actor
from app.access.models import Account
from app.access.scope import in_scope
from app.access.unit_roles import OWNER
from app.base import clock
from app.base.database import session, transaction
from app.base.dates import time_text
from app.base.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from app.base.wording import listed
from app.codes.forms import read, sort_out
from app.employers.forms import NewOwnerForm, UnitEditForm
from app.employers.guards import check_nature
from app.employers.models import Employer, EmployerUser, UnitChange
from app.employers.services import enter_unit, unit_by_code

OPERATOR_ONLY = ("name", "short_name", "uscc", "job_industry")
SELF_SERVICE = (
    *("type", "nature", "industry", "business_scope", "size", "region", "address", "website", "welfare", "intro"),
)
# The view of the role matrix.
UNITS = "employers"


def unit_for(unit_id: int, *, actor: Actor, lock: bool = False) -> Employer:
    """A unit: every one for operators, the own one for its users. Raises NotFound, Forbidden (R5.7)."""
    query = select(Employer).where(Employer.id == unit_id, in_scope(Employer, actor))
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    unit = session.scalar(query)
    if unit is None:
        raise NotFound()
    if not actor.may("can_show", UNITS):
        raise Forbidden()
    return unit


def update_unit(unit_id: int, values: Mapping[str, Any], *, actor: Actor, seen: str | None = None) -> Employer:
    """Change 单位信息, partly; what is not given stays (R5.7). `seen` is when the unit that the caller saw was changed.

    Its users change what is theirs, operators also name, short name, credit code and the job platform's industry.
    Signings that are not complete show the change, complete ones keep their snapshot. Raises NotFound, Forbidden
    (`operator_only`), Conflict (`stale`, `unit_exists`), Invalid.
    """
    with transaction():
        unit = unit_for(unit_id, actor=actor, lock=True)
        if not actor.may("can_edit", UNITS):
            raise Forbidden()
        _refuse_what_is_not_theirs(values, actor)
        if seen is not None and seen != unit.updated_at.isoformat():
            raise Stale()
        clean = _read(values)
        _check_together(unit, clean)
        changes = {name: [getattr(unit, name), value] for name, value in clean.items() if getattr(unit, name) != value}
        if changes:
            apply_changes(unit, changes, actor)
    return unit


def make_owner(unit_id: int, sent: Mapping[str, Any], *, actor: Actor) -> Account:
    """Make a user of a unit its owner, where the one it had has left: for operators, with a reason.

    Owners that it still has stay, and are told like all its users. Raises NotFound (also for who is not of the unit or
    cannot log in), Forbidden, Conflict `is_owner`, Invalid.
    """
    with transaction():
        unit = unit_for(unit_id, actor=actor, lock=True)
        if actor.kind != OPERATOR or not actor.may("can_edit", UNITS):
            raise Forbidden()
        clean = read(NewOwnerForm, sent)
        people = [account for account, _person in users_of(unit.id)]
        account = next((one for one in people if one.id == clean["account"]), None)
        if account is None:
            raise NotFound()
        if account.unit_role == OWNER:
            raise Conflict(_("This user is owner of the unit already."), "is_owner")
        reason, before = clean["reason"], account.unit_role
        owners = str(listed(one.name for one in people if one.unit_role == OWNER))
        enter_unit(account.user_id, unit.id, OWNER)
        _note(unit, {"owner": [owners, account.name], "reason": ["", reason]}, actor)
        detail = {"user": account.user.username, "before": before, "after": OWNER, "reason": reason}
        audit.record("colleague_role", actor=actor, subject=f"employer {unit.id}", detail=detail)
        facts = {"unit": unit.name, "by": account.name, "reason": reason, "date": time_text(clock.now())}
        for one in people:
            devices.tell(one, "owner_appointed", facts)
    return account


def apply_changes(unit: Employer, changes: Mapping[str, list[Any]], actor: Actor) -> None:
    """Write field → [before, after] and keep them; the caller holds the unit and has checked them. Raises Conflict."""
    for name, (_before, after) in changes.items():
        setattr(unit, name, after)
    unit.updated_at = clock.now()
    _note(unit, changes, actor)
    try:
        session.flush()
    except IntegrityError as error:  # somebody else took the code at the same moment
        raise Conflict(_("Another unit has this credit code."), "unit_exists") from error


def changes_of(unit: Employer, most: int = 50) -> Sequence[UnitChange]:
    """What was changed, newest first; the caller has checked that the reader may see the unit."""
    query = select(UnitChange).where(UnitChange.employer_id == unit.id).order_by(UnitChange.id.desc()).limit(most)
    return list(session.scalars(query))


def users_of(unit_id: int) -> list[tuple[Account, EmployerUser | None]]:
    """The users of a unit: an account belongs to it once its user has been verified; the caller has checked (R1.8)."""
    query = (
        select(Account, EmployerUser)
        .outerjoin(EmployerUser, EmployerUser.user_id == Account.user_id)
        .where(Account.kind == EMPLOYER, Account.employer_id == unit_id, Account.user.has(active=True))
        .order_by(Account.id)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def _refuse_what_is_not_theirs(values: Mapping[str, Any], actor: Actor) -> None:
    if actor.kind == OPERATOR or actor.is_system:
        return
    if any(name in values for name in OPERATOR_ONLY):
        raise Forbidden(
            _("Name, short name, credit code and the job platform's industry are changed by the service line only."),
            "operator_only",
        )


def _read(values: Mapping[str, Any]) -> dict[str, Any]:
    names = (*OPERATOR_ONLY, *SELF_SERVICE)
    clean, errors = sort_out(UnitEditForm(partial=True), {n: v for n, v in values.items() if n in names})
    if errors:
        raise Invalid(errors)
    return {name: value or None if name in _MAY_BE_EMPTY else value for name, value in clean.items()}


_MAY_BE_EMPTY = ("short_name", "job_industry", "business_scope", "website", "welfare", "intro")


def _check_together(unit: Employer, clean: Mapping[str, Any]) -> None:
    if "type" in clean or "nature" in clean:
        check_nature({"type": clean.get("type", unit.type), "nature": clean.get("nature", unit.nature)})
    other = unit_by_code(clean.get("uscc"))
    if other is not None and other.id != unit.id:
        raise Conflict(_("Another unit has this credit code."), "unit_exists")


def _note(unit: Employer, changes: Mapping[str, list[Any]], actor: Actor) -> None:
    session.add(
        UnitChange(
            employer_id=unit.id, actor_id=actor.user_id, actor=actor.name, role=actor.kind, changes=dict(changes)
        )
    )
