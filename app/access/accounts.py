"""Making accounts: the one place where a user, its role and its scope come into being together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_appbuilder.security.sqla.models import Role, User
from flask_babel import lazy_gettext as _
from psycopg import Error as PsycopgError
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from werkzeug.security import generate_password_hash

from app.access.actors import (
    DEPARTMENT,
    EMPLOYER,
    KINDS,
    MODULES,
    NO_ACCESS,
    OPERATOR,
    PROVINCE,
    READ_ONLY,
    READ_WRITE,
    ROLE_OF_KIND,
    SCHOOL,
    Actor,
)
from app.access.models import Account
from app.access.unit_roles import role_of_newcomer
from app.access.usernames import is_taken
from app.base import clock
from app.base.database import session, transaction
from app.base.errors import Conflict, Forbidden, Invalid, NotFound
from app.base.settings import settings

LEVEL_CHOICES = ("all", "undergraduate", "postgraduate")
# What a new or imported staff account may do until the level above decides otherwise (R1.4).
DEFAULT_MODULES = {"employment": READ_WRITE, "archive": NO_ACCESS, "hukou": NO_ACCESS}
_WITH_MODULES = (PROVINCE, SCHOOL, DEPARTMENT)


def hash_password(password: str) -> str:
    """The form in which a password is kept; slow on purpose, so call it once for each password."""
    return generate_password_hash(password, settings().password_hash)


def is_hashed_as_now(kept: str) -> bool:
    """Whether a kept password is as costly to try as the settings ask for; otherwise it is hashed anew at the log-in."""
    return kept.startswith(f"{settings().password_hash}$")


def create_account(
    *,
    username: str,
    name: str,
    kind: str,
    password_hash: str,
    actor: Actor,
    email: str | None = None,
    modules: Mapping[str, str] | None = None,
    **scope: Any,
) -> Account:
    """Make a user with the role of its kind and its scope (R1.3, R1.4).

    Called by operators and by the program itself (registration, activation, the demonstration). `scope` holds
    province_id, school_id, department_id, level, employer_id or person, as the kind needs them; `password_hash` comes
    from hash_password(). Raises Forbidden, Conflict `username_taken`, Invalid.
    """
    if not (actor.is_system or actor.kind == OPERATOR):
        raise Forbidden()
    _refuse_wrong(username, name, kind, modules or {}, scope)
    with transaction():
        if is_taken(username):
            raise _taken()
        if kind == EMPLOYER:
            scope["unit_role"] = role_of_newcomer(scope.get("employer_id"))
        user = User(
            first_name=name,
            last_name="",
            username=username,
            email=email or f"{username}@account.invalid",
            password=password_hash,
            active=True,
            roles=[_role_of(kind)],
        )
        account = Account(user=user, kind=kind, name=name, modules=_modules_of(kind, modules), **scope)
        session.add(account)
        try:
            session.flush()
        except IntegrityError as error:  # somebody else chose the name at the same moment
            if isinstance(error.orig, PsycopgError) and error.orig.diag.table_name == "ab_user":
                raise _taken() from error
            raise
    return account


def account_named(username: str) -> Account | None:
    """The account of a user name, or None."""
    return session.scalar(select(Account).join(Account.user).where(User.username == username))


def account_of_user(user_id: int) -> Account:
    """The account of a FAB user, as it is now."""
    return session.scalars(select(Account).where(Account.user_id == user_id)).one()


def put_tour_away(*, actor: Actor) -> None:
    """The tour of the first entry is not shown to this account again, wherever it logs in."""
    with transaction():
        account_of_user(actor.user_id or 0).toured_at = clock.now()


def keep_language(user_id: int, language: str) -> None:
    """Note in which language the person reads pages: notices come in it as well. Called for the person's own account."""
    own = (Account.user_id == user_id, Account.language.is_distinct_from(language))
    with transaction():
        session.execute(update(Account).where(*own).values(language=language))


def account_of(account_id: int) -> Account:
    """The account of this id, whoever's; raises NotFound. For operators: others see accounts within their scope."""
    account = session.get(Account, account_id)
    if account is None:
        raise NotFound()
    return account


def _taken() -> Conflict:
    return Conflict(_("This user name is taken. Please choose another one."), "username_taken")


def _refuse_wrong(username: str, name: str, kind: str, modules: Mapping[str, str], scope: Mapping[str, Any]) -> None:
    errors: dict[str, list[Any]] = {}
    for field, value, most in (("username", username, 64), ("name", name, 64)):
        if not value.strip():
            errors[field] = [_("Please fill this in.")]
        elif len(value) > most:
            errors[field] = [_("At most %(most)s characters; this has %(has)s.", most=most, has=len(value))]
    if kind not in KINDS:
        errors["role"] = [_("Please choose from the list.")]
    if kind == SCHOOL and scope.get("level") not in LEVEL_CHOICES:
        errors["level"] = [_("Please choose from the list.")]
    permissions = (READ_WRITE, READ_ONLY, NO_ACCESS)
    if any(module not in MODULES or value not in permissions for module, value in modules.items()):
        errors["modules"] = [_("Please choose from the list.")]
    if errors:
        raise Invalid(errors)


def _modules_of(kind: str, modules: Mapping[str, str] | None) -> dict[str, str]:
    return {**DEFAULT_MODULES, **(modules or {})} if kind in _WITH_MODULES else {}


def _role_of(kind: str) -> Role:
    # The permissions of a role come from `flask access sync`; until then it is an empty name.
    name = ROLE_OF_KIND[kind]
    role = session.scalar(select(Role).where(Role.name == name))
    if role is None:
        role = Role(name=name)
        session.add(role)
    return role
