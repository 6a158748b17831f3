"""Permissions of roles as one cached set, read anew when any process has changed a role."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_appbuilder.security.sqla.models import (
    Permission,
    PermissionView,
    ViewMenu,
    assoc_permissionview_role,
    assoc_user_role,
)
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from app.base.database import session

Pair = tuple[str, str]

# Changes with every grant that is given or taken, by whomever: no counter to keep, nothing to forget.
_GRANT = assoc_permissionview_role.c
FINGERPRINT = (
    select(
        func.concat(
            func.count(),
            ":",
            func.coalesce(func.sum(func.hashint8extended(_GRANT.permission_view_id, _GRANT.role_id)), 0),
        )
    )
    .select_from(assoc_permissionview_role)
    .scalar_subquery()
)


def roles_held(user_id: Any) -> Any:
    """The ids of the roles of the user in this column of the statement around it; NULL where there is none."""
    held = assoc_user_role.c
    return select(func.array_agg(held.role_id)).where(held.user_id == user_id).scalar_subquery()


@dataclass
class _Known:
    fingerprint: str = ""
    of_role: dict[int, frozenset[Pair]] = field(default_factory=dict)
    of_roles: dict[tuple[int, ...], frozenset[Pair]] = field(default_factory=dict)  # of accounts, put together once


_known = _Known()


def permissions_of(role_ids: Sequence[int], now: str | None = None) -> frozenset[Pair]:
    """All (permission, view) pairs of these roles, as they are `now`: the fingerprint, where it has been read already.

    The grants themselves are read only after a change. Called for every actor.
    """
    global _known
    now = now or fingerprint()
    known = _known
    if known.fingerprint != now:
        known = _known = _Known(now, read_grants())
    held = tuple(role_ids)
    if held not in known.of_roles:
        known.of_roles[held] = frozenset().union(*(known.of_role.get(one, frozenset()) for one in held))
    return known.of_roles[held]


def fingerprint() -> str:
    """A text that changes with every grant: by it a form knows whether roles are still what they were."""
    return str(session.scalar(select(FINGERPRINT)))


def read_grants() -> dict[int, frozenset[Pair]]:
    """All pairs of every role, by the role's id, past the cache."""
    query = (
        select(_GRANT.role_id, Permission.name, ViewMenu.name)
        .join(PermissionView, PermissionView.id == _GRANT.permission_view_id)
        .join(Permission, Permission.id == PermissionView.permission_id)
        .join(ViewMenu, ViewMenu.id == PermissionView.view_menu_id)
    )
    found: dict[int, set[Pair]] = {}
    for role_id, permission, view in session.execute(query):
        found.setdefault(role_id, set()).add((permission, view))
    return {role_id: frozenset(pairs) for role_id, pairs in found.items()}


def ensure_pairs(pairs: Iterable[Pair]) -> dict[Pair, int]:
    """Make these (permission, view) pairs known to FAB's screens; returns their ids. Never removes any.

    Joins the caller's transaction; several processes at once do no harm.
    """
    wanted = set(pairs)
    permissions = _ensure_names(Permission, {permission for permission, _view in wanted})
    views = _ensure_names(ViewMenu, {view for _permission, view in wanted})
    known = {(row.permission_id, row.view_menu_id): row.id for row in session.scalars(select(PermissionView))}
    missing = {pair for pair in wanted if (permissions[pair[0]], views[pair[1]]) not in known}
    if missing:
        rows = [{"permission_id": permissions[p], "view_menu_id": views[v]} for p, v in sorted(missing)]
        session.execute(insert(PermissionView).values(rows).on_conflict_do_nothing())
        known = {(row.permission_id, row.view_menu_id): row.id for row in session.scalars(select(PermissionView))}
    return {(p, v): known[permissions[p], views[v]] for p, v in wanted}


def _ensure_names(model: type[Permission] | type[ViewMenu], names: set[str]) -> dict[str, int]:
    def known() -> dict[str, int]:
        return {name: key for key, name in session.execute(select(model.id, model.name))}

    missing = sorted(names - set(known()))
    if missing:
        session.execute(insert(model).values([{"name": name} for name in missing]).on_conflict_do_nothing())
    return known()
