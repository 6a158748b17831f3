"""Who works for a unit and in which role: owners change roles, hand over and remove (B13).

Every change holds the unit's row, so that of two owners who demote each other at once one comes second: a unit keeps an
owner for ever.
"""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import delete, select

from app.access import audit, devices
from app.access.actors import EMPLOYER, Actor, require
from app.access.api_keys.models import ApiKey
from app.access.models import Account
from app.access.sessions import end_sessions_of
from app.access.unit_roles import HR, OWNER, PEOPLE, has_owner
from app.base import clock
from app.base.database import session, transaction
from app.base.dates import time_text
from app.base.errors import Conflict, Forbidden, NotFound
from app.codes.forms import read
from app.employers.forms import RoleForm
from app.employers.guards import verified_employer
from app.employers.models import Employer, EmployerUser
from app.employers.services import enter_unit
from app.employers.words import ROLE_WORDS


def change_role(account_id: int, role: Any, *, actor: Actor) -> Account:
    """Give a colleague another role. For owners. Raises Forbidden, NotFound, Invalid, Conflict `last_owner`."""
    with transaction():
        unit = own_unit(actor)
        account = _colleague(Account.id == account_id, unit)
        role = read(RoleForm, {"role": role})["role"]
        if role != account.unit_role:
            before = account.unit_role
            if before == OWNER:
                _refuse_without_owner(unit, account)
            enter_unit(account.user_id, unit.id, role)
            detail = {"user": account.user.username, "before": before, "after": role}
            audit.record("colleague_role", actor=actor, subject=f"employer {unit.id}", detail=detail)
            if account.user_id != actor.user_id:
                _tell(account, "colleague_role", unit, actor.name, role)
    return account


def hand_over(account_id: int, *, actor: Actor) -> None:
    """Make a colleague owner in the actor's place, who goes on as HR. For owners. Raises Forbidden, NotFound."""
    with transaction():
        own = _colleague(Account.user_id == actor.user_id, own_unit(actor))
        if own.id == account_id:
            raise NotFound()
        change_role(account_id, OWNER, actor=actor)
        change_role(own.id, HR, actor=actor)


def remove_colleague(account_id: int, *, actor: Actor) -> None:
    """A colleague works for the unit no more: logged out at once, keys ended. For owners.

    Raises Forbidden, NotFound (not of the unit, or oneself: see leave_unit).
    """
    with transaction():
        unit = own_unit(actor)
        account = _colleague(Account.id == account_id, unit)
        if account.user_id == actor.user_id:
            raise NotFound()
        _put_out(account)
        detail = {"user": account.user.username, "name": account.name}
        audit.record("colleague_removed", actor=actor, subject=f"employer {unit.id}", detail=detail)
        _tell(account, "colleague_removed", unit, actor.name)


def leave_unit(*, actor: Actor) -> None:
    """The actor works for the unit no more. Raises Forbidden, Conflict (`unverified`, `last_owner`)."""
    if actor.key is not None:
        raise Forbidden()
    with transaction():
        unit = locked(verified_employer(actor).id)
        account = _colleague(Account.user_id == actor.user_id, unit)
        if account.unit_role == OWNER:
            _refuse_without_owner(unit, account)
        role = account.unit_role or HR
        _put_out(account)
        audit.record("colleague_left", actor=actor, subject=f"employer {unit.id}", detail={"role": role})
        tell_owners("colleague_left", unit, account.user_id, actor.name, role)


def own_unit(actor: Actor) -> Employer:
    """The owner's unit, held until the end; asked again behind the lock, for the role may have just gone.

    Raises Forbidden, Conflict `unverified`.
    """
    require(actor, "can_manage", PEOPLE, kinds=(EMPLOYER,))
    unit = locked(verified_employer(actor).id)
    own = (Account.user_id == actor.user_id, Account.employer_id == unit.id, Account.unit_role == OWNER)
    if session.scalar(select(Account.id).where(*own)) is None:
        raise Forbidden()
    return unit


def locked(unit_id: int) -> Employer:
    """The unit's row, held until the end of the transaction."""
    return session.get_one(Employer, unit_id, with_for_update=True, populate_existing=True)


def _colleague(who: Any, unit: Employer) -> Account:
    query = select(Account).where(who, Account.employer_id == unit.id, Account.kind == EMPLOYER)
    account = session.scalar(query.execution_options(populate_existing=True))
    if account is None:
        raise NotFound()
    return account


def _refuse_without_owner(unit: Employer, account: Account) -> None:
    if not session.scalar(select(has_owner(unit.id, beside=account.user_id))):
        raise Conflict(
            _("A unit always has an owner. Please make a colleague owner first, or hand over."), "last_owner"
        )


def _put_out(account: Account) -> None:
    enter_unit(account.user_id, None)
    person = session.get(EmployerUser, account.user_id)
    if person is not None:
        person.employer_id, person.unit = None, None
    session.execute(delete(ApiKey).where(ApiKey.user_id == account.user_id))
    end_sessions_of(account.user_id)


def _tell(account: Account, template: str, unit: Employer, by: str, role: str | None = None) -> None:
    facts = {"unit": unit.name, "by": by, "date": time_text(clock.now())}
    devices.tell(account, template, {**facts, **({"kind": str(ROLE_WORDS[role])} if role else {})})


def tell_owners(template: str, unit: Employer, user_id: int | None, name: str, role: str) -> None:
    """A notice about a colleague to all owners but them; in the caller's transaction."""
    owners = (Account.employer_id == unit.id, Account.unit_role == OWNER, Account.user_id != user_id)
    for account in session.scalars(select(Account).where(*owners)):
        _tell(account, template, unit, name, role)
