"""What a user of a unit may do by their role in it: an owner all, HR all but manage people, a viewer nothing but look.

Asked where the actor is made (load_actor), so that pages, API, keys and workers find the same answer in the actor's
permissions; and once more before any request that writes (web/gate.py), whatever its view asks.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from flask_appbuilder.security.sqla.models import User
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, case, exists, literal

from app.access.permissions import Pair
from app.base.errors import Forbidden

OWNER, HR, VIEWER = "owner", "hr", "viewer"
UNIT_ROLES = (OWNER, HR, VIEWER)
# The view of the role matrix under which a unit's people are managed.
PEOPLE: Final = "colleagues"
_LOOKING: Final = frozenset(("can_list", "can_show", "can_export", "can_download"))
_READING: Final = frozenset(("GET", "HEAD", "OPTIONS"))
# What a viewer sends concerns the own account alone.
_OWN: Final = (
    *("/employer/account", "/employer/accounts", "/messages", "/tour"),
    *("/api/v1/me", "/api/v1/notifications", "/api/v1/security"),
)


def may_in_unit(role: str | None, pair: Pair) -> bool:
    """Whether the role leaves this permission of employers' accounts to its user."""
    permission, view = pair
    if role == VIEWER:
        return permission in _LOOKING
    return role == OWNER or view != PEOPLE or permission in _LOOKING


@lru_cache(maxsize=64)
def within_role(permissions: frozenset[Pair], role: str | None) -> frozenset[Pair]:
    """Of what employers' accounts may do what is left to a user of this role; without a unit nobody manages people."""
    return frozenset(pair for pair in permissions if may_in_unit(role, pair))


def refuse_beyond_role(role: str | None, method: str, path: str) -> None:
    """Raise Forbidden where a viewer sends anything but what concerns the own account."""
    if role != VIEWER or method in _READING or any(path == own or path.startswith(f"{own}/") for own in _OWN):
        return
    raise Forbidden(_("In your unit you may look, but not act. Please ask an owner of the unit for more."), "viewer")


def role_of_newcomer(employer_id: int | None) -> Any:
    """For statements: HR, or owner where no user who can log in is the unit's owner yet; no role without a unit."""
    return None if employer_id is None else case((has_owner(employer_id), literal(HR)), else_=literal(OWNER))


def has_owner(employer_id: int, *, beside: int | None = None) -> ColumnElement[bool]:
    """Whether the unit has an owner who can log in, `beside` this user."""
    from app.access.models import Account

    other = Account.__table__.alias("other_account")
    own = (other.c.employer_id == employer_id, other.c.unit_role == OWNER, User.id == other.c.user_id, User.active)
    return exists().where(*own, *(() if beside is None else (other.c.user_id != beside,)))
