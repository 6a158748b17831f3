"""Accounts that a reader may see, and the places that accounts can be given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, select, true
from sqlalchemy.orm import joinedload

from app.access.actors import OPERATOR, SCHOOL, STAFF, Actor
from app.access.audit import AuditLine
from app.access.models import Account
from app.access.scope import in_scope
from app.base.database import session
from app.base.errors import NotFound
from app.roster.models import Graduate
from app.schools.models import Department, Province, School


def accounts_visible_to(actor: Actor) -> ColumnElement[bool]:
    """The accounts of staff in the actor's scope; operators see those of units and graduates as well."""
    kinds = true() if actor.kind == OPERATOR else Account.kind.in_(STAFF)
    return and_(in_scope(Account, actor), kinds)


def account_options() -> tuple[Any, ...]:
    """Place names with the same statement."""
    return tuple(joinedload(place) for place in (Account.province, Account.school, Account.department))


def account_visible_to(actor: Actor, account_id: int, *, lock: bool = False) -> Account:
    """One account in the actor's scope with its places; raises NotFound outside."""
    query = select(Account).where(Account.id == account_id, accounts_visible_to(actor)).options(*account_options())
    if lock:
        query = query.with_for_update(of=Account).execution_options(populate_existing=True)
    account = session.scalar(query)
    if account is None:
        raise NotFound()
    return account


def contacts_of(user_id: int | None) -> set[str]:
    """Where a user's account is reached."""
    row = session.execute(select(Account.mobile, Account.email).where(Account.user_id == user_id)).first()
    return {one for one in row or () if one}


def changes_of(account: Account, *, most: int = 50) -> Sequence[AuditLine]:
    """What was done to the account, newest first."""
    query = select(AuditLine).where(AuditLine.subject == account.user.username)
    return session.scalars(query.order_by(AuditLine.id.desc()).limit(most)).all()


@dataclass(frozen=True)
class Place:
    """Where an account belongs, as far as it is told."""

    province: Province | None = None
    school: School | None = None


def place_in_scope(actor: Actor, province: str | None, school: str | None) -> Place:
    """The province and school of these codes, the actor's own where none is told; raises NotFound outside the scope."""
    own = session.get(School, actor.school_id) if actor.school_id else None
    place = Place(session.get(Province, actor.province_id) if actor.province_id else None, own)
    if school:
        found = session.scalar(select(School).where(School.code == school))
        if found is None or actor.province_id not in (None, found.province_id) or (own and own.id != found.id):
            raise NotFound()
        place = Place(found.province, found)
    if province:
        named = session.scalar(select(Province).where(Province.code == province[:2]))
        if named is None or (place.province and place.province.id != named.id):
            raise NotFound()
        place = Place(named, place.school)
    return place


def schools_to_choose(actor: Actor) -> Sequence[School]:
    """The schools for which the actor may make accounts, by code."""
    query = select(School).order_by(School.code)
    if actor.kind != OPERATOR:
        query = query.where(School.province_id == actor.province_id)
    if actor.kind == SCHOOL:
        query = query.where(School.id == actor.school_id)
    return session.scalars(query).all()


def provinces_to_choose() -> Sequence[Province]:
    """All provinces, by code."""
    return session.scalars(select(Province).order_by(Province.code)).all()


def roster_departments(school_id: int) -> list[Department]:
    """The departments that somebody on the school's roster belongs to, by name (R1.6); no names that wait to be assigned."""
    students = select(Graduate.id).where(Graduate.department_id == Department.id, Graduate.invalid_since.is_(None))
    settled = (Department.school_id == school_id, Department.unsettled_since.is_(None))
    query = select(Department).where(*settled, students.exists()).order_by(Department.name)
    return list(session.scalars(query))
