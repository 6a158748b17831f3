"""The only writer of roles after they were first given out: operators change, copy, restore and assign them (R1.3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_appbuilder.security.sqla.models import Role, assoc_permissionview_role, assoc_user_role
from flask_babel import lazy_gettext as _
from sqlalchemy import delete, func, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert

from app.access import audit
from app.access.actors import KINDS, OPERATOR, ROLE_OF_KIND, Actor, load_actor
from app.access.grants import pairs_of_user, refuse_beyond_own, refuse_to_mix_posts
from app.access.models import Account
from app.access.permissions import Pair, ensure_pairs, fingerprint, read_grants
from app.access.posts import POSTS, refuse_two_posts
from app.access.roles import RoleKind
from app.access.sessions import end_sessions_of
from app.access.words import KIND_OF_ROLE, ROLE_NAMES
from app.base.database import session, transaction
from app.base.errors import Conflict, Forbidden, Invalid, NotFound

VIEW = "roles"
# Whoever loses these cannot come back to the matrix.
NEEDED: frozenset[Pair] = frozenset({("can_list", VIEW), ("can_edit", VIEW)})
CHANGED, MADE, REMOVED, ASSIGNED = "role_changed", "role_made", "role_removed", "account_roles"
ACTIONS = (CHANGED, MADE, REMOVED, ASSIGNED)
_LONGEST_NAME = 32
_LOCK = 0x5EED0001  # the same as for the seeds: changes of roles come one after the other


@dataclass(frozen=True)
class RoleCard:
    """A role as the screens show it."""

    id: int
    name: str
    kind: str
    shipped: bool
    users: int

    @property
    def label(self) -> str:
        """What people call it."""
        return str(ROLE_NAMES[self.name]) if self.shipped else self.name

    @property
    def seed(self) -> str:
        """Under what the program knows what a shipped role is first given: its kind, or its post."""
        return self.name if self.name in POSTS else self.kind


@dataclass(frozen=True)
class GrantChange:
    """One permission that a role is given, or that is taken from it."""

    role_id: int
    pair: Pair
    given: bool


def all_roles() -> list[RoleCard]:
    """Every role that belongs to a kind of account: the shipped ones first, then those that operators have made."""
    users = select(func.count()).where(assoc_user_role.c.role_id == Role.id).scalar_subquery()
    query = select(Role.id, Role.name, RoleKind.kind, users).outerjoin(RoleKind, RoleKind.role_id == Role.id)
    cards = [
        RoleCard(role_id, name, KIND_OF_ROLE.get(name) or kind, name in KIND_OF_ROLE, count)
        for role_id, name, kind, count in session.execute(query)
        if name in KIND_OF_ROLE or kind
    ]
    return sorted(cards, key=lambda one: (not one.shipped, KINDS.index(one.kind), one.name in POSTS, one.name))


def role_card(role_id: int) -> RoleCard:
    """One role; raises NotFound."""
    card = next((one for one in all_roles() if one.id == role_id), None)
    if card is None:
        raise NotFound()
    return card


def grants_of(role_ids: Iterable[int]) -> dict[int, set[Pair]]:
    """What each of these roles has now."""
    found = read_grants()
    return {role_id: set(found.get(role_id, ())) for role_id in role_ids}


def differences(wanted: Mapping[int, set[Pair]], among: Iterable[Pair]) -> list[GrantChange]:
    """What has to change so that the roles have what is wanted, looking only at the pairs `among`."""
    now, looked_at = grants_of(wanted), set(among)
    return [
        GrantChange(role_id, pair, pair in pairs)
        for role_id, pairs in wanted.items()
        for pair in sorted((pairs ^ now[role_id]) & looked_at)
    ]


def apply_changes(changes: Sequence[GrantChange], *, seen: str, actor: Actor) -> int:
    """Give and take permissions as confirmed; `seen` is the fingerprint that the confirmation was made from.

    Called by operators whose role has it. Holds at the next click of everybody. Raises Forbidden (also `beyond_own`),
    NotFound (a role that is gone), Conflict: `stale` when somebody else has changed roles meanwhile, `lock_out` when
    operators would lose the matrix, `not_for_kind` for the powers over roles in a role of others. Returns how many
    grants were changed.
    """
    with transaction():
        _begin(actor)
        if seen != fingerprint():
            raise Conflict(
                _("Somebody else has changed roles meanwhile. Please look at the matrix and decide again."), "stale"
            )
        _refuse_lock_out(changes)
        ids = ensure_pairs({change.pair for change in changes})
        for card in sorted({role_card(change.role_id) for change in changes}, key=lambda one: one.id):
            own = [change for change in changes if change.role_id == card.id]
            refuse_beyond_own(actor, card.kind, (one.pair for one in own if one.given))
            refuse_to_mix_posts(card.name, (one.pair for one in own if one.given))
            _write(
                card.id, [ids[one.pair] for one in own if one.given], [ids[one.pair] for one in own if not one.given]
            )
            detail = {
                "given": [list(one.pair) for one in own if one.given],
                "taken": [list(one.pair) for one in own if not one.given],
            }
            audit.record(CHANGED, actor=actor, subject=card.name, detail=detail)
        _still_in_power(actor)
    return len(changes)


def create_role(name: str, kind: str, *, actor: Actor, like: int | None = None) -> RoleCard:
    """Make a role for a kind of account, with the permissions of the role `like` or, without it, with none.

    Called by operators whose role has it. Raises Forbidden, NotFound, Invalid.
    """
    name = name.strip()
    with transaction():
        _begin(actor)
        model = role_card(like) if like is not None else None
        errors: dict[str, list[Any]] = {}
        if not 1 < len(name) <= _LONGEST_NAME or not name.isprintable():
            errors["name"] = [_("A name of 2 to %(most)s characters, please.", most=_LONGEST_NAME)]
        elif any(name.lower() in (card.name.lower(), card.label.lower()) for card in all_roles()):
            errors["name"] = [_("There is a role of this name already.")]
        if kind not in KINDS:
            errors["kind"] = [_("Please choose from the list.")]
        elif model is not None and model.kind != kind:
            errors["like"] = [_("Only a role of the same kind of account can be copied.")]
        elif model is not None and model.name in POSTS:
            errors["like"] = [_("This role stays apart from the others and is not copied.")]
        if errors:
            raise Invalid(errors)
        if model is not None:
            refuse_beyond_own(actor, kind, grants_of([model.id])[model.id])
        role = Role(name=name)
        session.add(role)
        session.flush()
        session.add(RoleKind(role_id=role.id, kind=kind))
        if model is not None:
            ids = ensure_pairs(grants_of([model.id])[model.id])
            _write(role.id, list(ids.values()), [])
        session.flush()
        audit.record(MADE, actor=actor, subject=name, detail={"kind": kind, "like": model.name if model else None})
    return role_card(role.id)


def remove_role(role_id: int, *, actor: Actor) -> None:
    """Remove a role that operators made and nobody has any more.

    Called by operators whose role has it. Raises Forbidden, NotFound, Conflict `shipped` or `in_use`.
    """
    with transaction():
        _begin(actor)
        card = role_card(role_id)
        if card.shipped:
            raise Conflict(_("The shipped roles stay. They can be changed and restored."), "shipped")
        if card.users:
            raise Conflict(
                _("%(count)s accounts have this role. Please give them another one first.", count=card.users), "in_use"
            )
        session.execute(delete(Role).where(Role.id == role_id))
        audit.record(REMOVED, actor=actor, subject=card.name, detail={"kind": card.kind})


def assign_roles(account_id: int, role_ids: Iterable[int], *, actor: Actor) -> Account:
    """Give an account one or more roles of its kind instead of those it has; its sessions end.

    Called by operators whose role has it, never for themselves. Raises Forbidden, NotFound, Invalid, Conflict
    `separate_posts`.
    """
    wanted = sorted(set(role_ids))
    with transaction():
        _begin(actor)
        account = session.scalar(select(Account).where(Account.id == account_id).with_for_update(of=Account))
        if account is None:
            raise NotFound()
        if account.user_id == actor.user_id:
            raise Forbidden(_("Nobody can change the own roles. Please ask another operator."), "own_account")
        cards = {card.id: card for card in all_roles() if card.kind == account.kind}
        if not wanted or not set(wanted) <= set(cards):
            raise Invalid({"roles": [_("Please choose at least one role of this kind of account.")]})
        refuse_two_posts(cards[one].name for one in wanted)
        refuse_beyond_own(actor, account.kind, pairs_of_user(account.user_id).union(*grants_of(wanted).values()))
        of_user = assoc_user_role.c.user_id == account.user_id
        before = set(session.scalars(select(assoc_user_role.c.role_id).where(of_user)))
        if before != set(wanted):
            session.execute(delete(assoc_user_role).where(of_user))
            session.execute(
                insert(assoc_user_role).values([{"user_id": account.user_id, "role_id": one} for one in wanted])
            )
            session.expire(account.user, ["roles"])
            end_sessions_of(account.user_id)
            names = {"before": _names(before), "after": _names(wanted)}
            detail = {when: {"roles": told} for when, told in names.items()}
            audit.record(ASSIGNED, actor=actor, subject=account.user.username, detail=detail, about=account)
    return account


def roles_of(account: Account) -> list[RoleCard]:
    """The roles that an account has."""
    query = select(assoc_user_role.c.role_id).where(assoc_user_role.c.user_id == account.user_id)
    held = set(session.scalars(query))
    return [card for card in all_roles() if card.id in held]


def may_administer(actor: Actor) -> bool:
    """Whether the actor changes roles: an operator whose role has it."""
    return actor.kind == OPERATOR and actor.may("can_edit", VIEW)


def _begin(actor: Actor) -> None:
    if not may_administer(actor):
        raise Forbidden()
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def _names(role_ids: Iterable[int]) -> list[str]:
    return sorted(session.scalars(select(Role.name).where(Role.id.in_(list(role_ids)))))


def _refuse_lock_out(changes: Sequence[GrantChange]) -> None:
    for change in changes:
        card = role_card(change.role_id)
        if card.name == ROLE_OF_KIND[OPERATOR] and not change.given and change.pair in NEEDED:
            raise Conflict(_("The operators' role must keep the permission to change roles."), "lock_out")
        if card.kind != OPERATOR and change.given and change.pair[1] == VIEW:
            raise Conflict(_("Only operators can have power over roles."), "not_for_kind")


def _still_in_power(actor: Actor) -> None:
    """The one who presses keeps the matrix, so that somebody can always put things right."""
    session.flush()
    if actor.user_id is None or not may_administer(load_actor(actor.user_id)):
        raise Conflict(_("With this you would lose the permission to change roles yourself."), "lock_out")


def _write(role_id: int, given: Sequence[int], taken: Sequence[int]) -> None:
    grants = assoc_permissionview_role
    if given:
        rows = [{"role_id": role_id, "permission_view_id": pair_id} for pair_id in given]
        session.execute(insert(grants).values(rows).on_conflict_do_nothing())
    if taken:
        keys = tuple_(grants.c.role_id, grants.c.permission_view_id)
        session.execute(delete(grants).where(keys.in_([(role_id, pair_id) for pair_id in taken])))
