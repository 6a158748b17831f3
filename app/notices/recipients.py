"""Who has to be told: from the kinds of reader that a workflow names to the accounts behind them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import and_, false, or_, select

from app.access.actors import DEPARTMENT, EMPLOYER, GRADUATE, OPERATOR, PROVINCE, READ_ONLY, READ_WRITE, SCHOOL
from app.access.models import Account
from app.base.database import session
from app.base.wording import offered
from app.workflow import registry

Reader = tuple[int, str, str]
_PLACED: Final = (PROVINCE, SCHOOL, DEPARTMENT)
_BELONGS: Final = ("person", "employer_id", "province_id", "school_id", "department_id")
_COLUMNS: Final = [getattr(Account, name) for name in ("user_id", "kind", "language", "level", "modules", *_BELONGS)]


def recipients(kinds: Sequence[str], case: Any) -> list[Reader]:
    """(user id, kind, language) of everybody to be told about this case, each once.

    The graduate by the person, all users of the unit, and of staff those whose scope and module hold the case.
    Somebody without an account yet is simply not among them.
    """
    return recipients_of([(kinds, case)])[0]


def recipients_of(wanted: Sequence[tuple[Sequence[str], Any]]) -> list[list[Reader]]:
    """The same for many cases, one list each; one statement."""
    asked = [[(kind, *_place(kind, case)) for kind in kinds] for kinds, case in wanted]
    places: defaultdict[tuple[str, str], set[Any]] = defaultdict(set)
    for several in asked:
        for kind, column, value in several:
            if value is not None:
                places[kind, column].add(value)
    conditions = [
        and_(Account.kind == kind, getattr(Account, column).in_(values)) for (kind, column), values in places.items()
    ]
    query = select(*_COLUMNS).join(User, User.id == Account.user_id)
    query = query.where(User.active.is_(True), or_(false(), *conditions)).order_by(Account.user_id)
    there: defaultdict[tuple[str, str, Any], list[Any]] = defaultdict(list)
    for row in session.execute(query):
        for kind, column in places:
            if row.kind == kind:
                there[kind, column, getattr(row, column)].append(row)
    return [
        sorted(
            {
                (row.user_id, row.kind, offered(row.language))
                for key in several
                for row in there[key]
                if _reads(row, case)
            }
        )
        for several, (_kinds, case) in zip(asked, wanted, strict=True)
    ]


def language_of(user_id: int) -> str:
    """In which language this account is told something."""
    return offered(session.scalar(select(Account.language).where(Account.user_id == user_id)))


def _place(kind: str, case: Any) -> tuple[str, Any]:
    """By which column accounts of a kind belong to the case, and its value there; None where nobody does."""
    if kind == OPERATOR:
        return "kind", OPERATOR
    if kind == GRADUATE:
        return "person", case.graduate.id_number_index
    if kind == EMPLOYER and getattr(case, "applicant_id", None):
        return "user_id", case.applicant_id
    column = {EMPLOYER: "employer_id", PROVINCE: "province_id", SCHOOL: "school_id", DEPARTMENT: "department_id"}[kind]
    return column, getattr(case, column) or None


def _reads(row: Any, case: Any) -> bool:
    """Of staff: in charge of the graduate's level (R1.5) and allowed into the module (R1.4)."""
    if row.kind not in _PLACED:
        return True
    if hasattr(case, "level") and row.level not in (None, "all", case.level):
        return False
    return row.modules.get(registry.get(case.workflow_name).module) in (READ_WRITE, READ_ONLY)
