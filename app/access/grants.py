"""Nobody hands out more than they have: what an operator may give by roles, accounts and passwords (R1.3, R1.4)."""

from __future__ import annotations

from collections.abc import Iterable

from flask_appbuilder.security.sqla.models import Role, assoc_user_role
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.access.actors import OPERATOR, ROLE_OF_KIND, Actor
from app.access.permissions import Pair, permissions_of
from app.access.posts import AUTHORIZE, POSTS
from app.access.roles import SeededPermission
from app.base.database import session
from app.base.errors import Conflict, Forbidden


def refuse_beyond_own(actor: Actor, kind: str, pairs: Iterable[Pair]) -> None:
    """Raise Forbidden `beyond_own` where these permissions of a role or account of this kind are more than the
    operator has.

    An operator with a role of their own is measured against it. What only other kinds of account can do at all, such
    as a school's review, is no operator's to have, and does not count. Other kinds give modules and levels, which the
    guards of their rooms measure.
    """
    if actor.kind == OPERATOR and _beyond_own(actor, kind, frozenset(pairs)):
        raise Forbidden(
            _(
                "This would give more than your own account may do. Please ask an operator who has these permissions "
                "to do it."
            ),
            "beyond_own",
        )


def pairs_of_user(user_id: int) -> frozenset[Pair]:
    """Everything that the roles of this user allow now."""
    query = select(assoc_user_role.c.role_id).where(assoc_user_role.c.user_id == user_id)
    return permissions_of(tuple(session.scalars(query)))


def pairs_of_kind(kind: str) -> frozenset[Pair]:
    """What a new account of this kind is given: the shipped role as it is now."""
    return permissions_of(tuple(session.scalars(select(Role.id).where(Role.name == ROLE_OF_KIND[kind]))))


def _beyond_own(actor: Actor, kind: str, pairs: frozenset[Pair]) -> frozenset[Pair]:
    if actor.may(*AUTHORIZE):
        return frozenset()  # the post whose holders let others do what they cannot do themselves
    shipped = _ever_given(ROLE_OF_KIND[OPERATOR], *POSTS)
    # Who has the operators' whole role can put back what was once taken from it; nobody else could.
    own = actor.permissions | (shipped if _has_whole_role(actor) else frozenset())
    if kind != OPERATOR:
        pairs &= shipped | pairs_of_kind(OPERATOR)
    return pairs - own


def refuse_to_mix_posts(role: str, pairs: Iterable[Pair]) -> None:
    """Raise Conflict `separate_posts` where a post would be given what is another's; holders cannot widen their own."""
    if role in POSTS and frozenset(pairs) - _ever_given(role):
        raise Conflict(
            _("This role stays apart from the others: it can be given only what it was shipped with."), "separate_posts"
        )


def _ever_given(*roles: str) -> frozenset[Pair]:
    query = select(SeededPermission.permission, SeededPermission.view).where(SeededPermission.role.in_(roles))
    return frozenset((permission, view) for permission, view in session.execute(query))


def _has_whole_role(actor: Actor) -> bool:
    query = (
        select(Role.id)
        .join(assoc_user_role, assoc_user_role.c.role_id == Role.id)
        .where(assoc_user_role.c.user_id == actor.user_id, Role.name == ROLE_OF_KIND[OPERATOR])
    )
    return session.scalar(query) is not None
