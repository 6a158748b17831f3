"""Who has to be told: from the kinds of reader that a workflow names to the accounts behind them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import ColumnElement, and_, false, or_, select, true

from app.access.actors import DEPARTMENT, EMPLOYER, GRADUATE, OPERATOR, PROVINCE, READ_ONLY, READ_WRITE, SCHOOL
from app.access.models import Account
from app.base.database import session
from app.base.wording import offered
from app.workflow import registry


def recipients(kinds: Sequence[str], case: Any) -> list[tuple[int, str, str]]:
    """(user id, kind, language) of everybody to be told about this case, each once; one statement.

    The graduate by the person, all users of the unit, and of staff those whose scope and module hold the case.
    Somebody without an account yet is simply not among them.
    """
    conditions = [and_(Account.kind == kind, _belongs(kind, case)) for kind in kinds]
    query = (
        select(Account.user_id, Account.kind, Account.language)
        .join(User, User.id == Account.user_id)
        .where(User.active.is_(True), or_(false(), *conditions))
        .order_by(Account.user_id)
    )
    return [(row.user_id, row.kind, offered(row.language)) for row in session.execute(query)]


def language_of(user_id: int) -> str:
    """In which language this account is told something."""
    return offered(session.scalar(select(Account.language).where(Account.user_id == user_id)))


def _belongs(kind: str, case: Any) -> ColumnElement[bool]:
    if kind == OPERATOR:
        return true()
    if kind == GRADUATE:
        return Account.person == case.graduate.id_number_index
    if kind == EMPLOYER and getattr(case, "applicant_id", None):
        return Account.user_id == case.applicant_id
    if kind == EMPLOYER:
        return Account.employer_id == case.employer_id if case.employer_id else false()
    columns = {PROVINCE: "province_id", SCHOOL: "school_id", DEPARTMENT: "department_id"}
    column = columns[kind]
    return and_(getattr(Account, column) == getattr(case, column), _reviews(case))


def _reviews(case: Any) -> ColumnElement[bool]:
    """In charge of the graduate's level (R1.5) and allowed into the module (R1.4)."""
    module = registry.get(case.workflow_name).module
    return and_(
        or_(Account.level.is_(None), Account.level.in_(("all", case.level))) if hasattr(case, "level") else true(),
        Account.modules[module].astext.in_((READ_WRITE, READ_ONLY)),
    )
