"""The roles as they are first given out: written down by the workflows, views and API rooms themselves (R1.3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask_appbuilder.security.sqla.models import Role, assoc_permissionview_role
from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.access.actors import EMPLOYER, GRADUATE, KINDS, OPERATOR, ROLE_OF_KIND, STAFF, SYSTEM_KIND
from app.access.permissions import Pair, ensure_pairs
from app.access.posts import POSTS, seeds_of_posts
from app.base.database import Model, session, transaction
from app.workflow import registry
from app.workflow.table import Workflow

_LOCK = 0x5EED0001  # two processes that start at once would both insert the shipped roles
Seeds = dict[str, set[Pair]]  # kind of account, or post -> (permission, view)


class SeededPermission(Model):
    """What a role has been given by the program once; never given a second time, so operators' edits stay."""

    __tablename__ = "seeded_permissions"
    __table_args__ = (UniqueConstraint("role", "permission", "view"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    role: Mapped[str] = mapped_column(String(64))
    permission: Mapped[str] = mapped_column(String(100))
    view: Mapped[str] = mapped_column(String(250))


class RoleKind(Model):
    """For which kind of account an operator has made a role; the shipped ones are known by their names."""

    __tablename__ = "role_kinds"

    role_id: Mapped[int] = mapped_column(ForeignKey("ab_role.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))


def callable_events(workflow: Workflow) -> tuple[str, ...]:
    """Events that a person may fire; those of the clock and of other workflows have no permission to give away."""
    rows = (*workflow.initial, *workflow.transitions)
    return tuple(dict.fromkeys(row.event for row in rows if set(row.who) != {SYSTEM_KIND}))


def workflow_permissions(workflow: Workflow) -> tuple[str, ...]:
    """Every permission of a workflow, as the role matrix shows them."""
    return tuple(f"can_{name}" for name in ("list", "show", "export", *callable_events(workflow)))


def seeds_of_workflow(workflow: Workflow) -> Iterator[tuple[str, Pair]]:
    """Who may see a workflow's cases, and who may fire which event, as its table says."""
    usual = (*STAFF, GRADUATE, *((EMPLOYER,) if workflow.model.employer_may_see else ()))
    for kind in getattr(workflow.model, "readers", usual):
        yield kind, ("can_list", workflow.name)
        yield kind, ("can_show", workflow.name)
        if kind != GRADUATE:
            yield kind, ("can_export", workflow.name)
    for row in (*workflow.initial, *workflow.transitions):
        for kind in row.who:
            if kind != SYSTEM_KIND:
                yield kind, (f"can_{row.event}", workflow.name)


def seeds_of_view(view: Any) -> Iterator[tuple[str, Pair]]:
    """What a view or API room gives to which kind of account: `permissions` as a mapping, or all to `open_to`."""
    if getattr(view, "workflow", ""):
        return  # its permissions follow from the table
    given = getattr(view, "permissions", None)
    if isinstance(given, Mapping):
        for permission, kinds in given.items():
            for kind in kinds:
                yield kind, (permission, view.class_permission_name)
        return
    for kind in getattr(view, "open_to", ()):
        for permission in view.base_permissions or ():
            yield kind, (permission, view.class_permission_name)


def seeds_of_menu(items: Iterable[Any]) -> Iterator[tuple[str, Pair]]:
    """A menu entry is for those whom its view is open to; a category for those of its entries."""
    for item in items:
        inner = list(seeds_of_menu(item.childs))
        yield from inner
        kinds = {kind for kind, _pair in inner} | set(getattr(item.baseview, "open_to", ()))
        if item.name != "-":
            yield from ((kind, ("menu_access", item.name)) for kind in sorted(kinds))


def all_seeds(views: Iterable[Any], menu: Iterable[Any]) -> Seeds:
    """What each kind of account, and each post of operators, is given from everything that is registered now."""
    seeds: Seeds = {kind: set() for kind in KINDS}
    for workflow in registry.all_workflows():
        for kind, pair in seeds_of_workflow(workflow):
            seeds[kind].add(pair)
    for view in views:
        for kind, pair in seeds_of_view(view):
            seeds[kind].add(pair)
    for kind, pair in seeds_of_menu(menu):
        seeds[kind].add(pair)
    return {**seeds, **seeds_of_posts(seeds[OPERATOR])}


def sync_roles(seeds: Seeds, all_pairs: Iterable[Pair]) -> int:
    """Bring FAB's tables up to date: all pairs, the shipped roles, and what a role has never been given before.

    Run by `flask access sync` after the migrations; idempotent, and safe when several processes run it at once.
    Never takes anything away and never gives back what an operator took away. Returns the number of new grants.
    """
    with transaction():
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        ids = ensure_pairs({*all_pairs, *(pair for pairs in seeds.values() for pair in pairs)})
        roles = _ensure_roles((*ROLE_OF_KIND.values(), *POSTS))
        query = select(SeededPermission.role, SeededPermission.permission, SeededPermission.view)
        seeded = {tuple(row) for row in session.execute(query)}
        new = [
            (ROLE_OF_KIND.get(kind, kind), pair)
            for kind, pairs in seeds.items()
            for pair in sorted(pairs)
            if (ROLE_OF_KIND.get(kind, kind), *pair) not in seeded
        ]
        if new:
            _grant([(roles[role], ids[pair]) for role, pair in new])
            rows = [{"role": role, "permission": pair[0], "view": pair[1]} for role, pair in new]
            session.execute(insert(SeededPermission).values(rows).on_conflict_do_nothing())
    return len(new)


def _ensure_roles(names: Iterable[str]) -> dict[str, int]:
    wanted = list(names)
    rows = [{"name": name} for name in wanted]
    known = set(session.scalars(select(Role.name)))
    missing = [row for row in rows if row["name"] not in known]
    if missing:
        session.execute(insert(Role).values(missing).on_conflict_do_nothing())
    return {name: key for key, name in session.execute(select(Role.id, Role.name).where(Role.name.in_(wanted)))}


def _grant(pairs: Iterable[tuple[int, int]]) -> None:
    rows = [{"role_id": role_id, "permission_view_id": pair_id} for role_id, pair_id in pairs]
    session.execute(insert(assoc_permissionview_role).values(rows).on_conflict_do_nothing())
