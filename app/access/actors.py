"""Who acts: one value that every rule receives, made from the account and never from the web."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import bindparam, func, select

from app.base.errors import Forbidden, Unauthenticated
from app.base.kept import Kept
from app.base.settings import settings

OPERATOR, PROVINCE, SCHOOL, DEPARTMENT = "operator", "province", "school", "department"
EMPLOYER, GRADUATE, SYSTEM_KIND = "employer", "graduate", "system"
KINDS = (OPERATOR, PROVINCE, SCHOOL, DEPARTMENT, EMPLOYER, GRADUATE)
STAFF = (OPERATOR, PROVINCE, SCHOOL, DEPARTMENT)
ROLE_OF_KIND = {kind: kind.capitalize() for kind in KINDS}
MODULES = ("employment", "archive", "hukou")
READ_WRITE, READ_ONLY, NO_ACCESS = "rw", "ro", "none"


@dataclass(frozen=True)
class KeyUse:
    """The API key by which a program acts in the place of who made it."""

    id: int
    mark: str
    scopes: frozenset[str]


@dataclass(frozen=True)
class Actor:
    """A person (or the program itself) with everything that scope and permission depend on."""

    kind: str
    user_id: int | None = None
    username: str = ""
    name: str = ""
    province_id: int | None = None
    school_id: int | None = None
    department_id: int | None = None
    place: str = ""  # the name of the school and department, the province or the unit it works for
    level: str | None = None
    employer_id: int | None = None
    unit_role: str | None = None  # in that unit; the permissions are within it already
    graduate_id: int | None = None
    graduate_ids: tuple[int, ...] = ()
    modules: Mapping[str, str] = field(default_factory=dict)
    # Not opened by the province: closed to its schools and departments, whatever the account holds (R2.2).
    closed_modules: frozenset[str] = frozenset()
    permissions: frozenset[tuple[str, str]] = frozenset()
    # Somebody without an account who came by a link: (workflow, id) of the one record that it opens.
    only_case: tuple[str, int] | None = None
    must_change_password: bool = False  # somebody else has set it
    toured: bool = True  # has put the tour of the first entry away
    must_add_factor: bool = False  # a second factor is demanded of staff, and this account has none
    ip: str | None = None
    # What a graduate has typed to show that it is they who act: the one-time code of this step (passcodes.acts).
    code: str | None = None
    device: bytes | None = None  # the mark of the browser (devices.py); programs have none
    key: KeyUse | None = None  # the name is the key's then, the account its maker's

    @property
    def known_as(self) -> str:
        """By what the audit trail knows who acts: the account, and the key if it was one."""
        return f"{self.username} {self.key.mark}…" if self.key else self.username or self.name

    @cached_property
    def at_hand(self) -> frozenset[int]:
        """Users of the school's departments whose accounts lie in the same hand: the same browser or contact.

        Asked once for each actor, and only where a second review depends on it.
        """
        from app.access.devices import at_hand_of

        return at_hand_of(self) if self.kind == SCHOOL and self.user_id is not None else frozenset()

    @property
    def is_system(self) -> bool:
        """Whether the program itself acts, e.g. when a time-out passes."""
        return self.kind == SYSTEM_KIND

    @property
    def is_staff(self) -> bool:
        """Operator, province, school or department."""
        return self.kind in STAFF

    def may(self, permission: str, view: str) -> bool:
        """Whether the role of this actor has the permission on FAB's screens (R1.3)."""
        return self.is_system or (permission, view) in self.permissions

    def reads(self, module: str) -> bool:
        """Whether the actor may enter the module at all (R1.4, R2.2); only staff can be kept out."""
        return module not in self.closed_modules and self.holds(module) in (READ_WRITE, READ_ONLY)

    def writes(self, module: str) -> bool:
        """Whether the actor may change things in the module (读写, R1.4, R2.2)."""
        return module not in self.closed_modules and self.holds(module) == READ_WRITE

    def holds(self, module: str) -> str:
        """The account's own permission on the module, whether or not the province has opened it (R1.4)."""
        if self.kind in (SYSTEM_KIND, OPERATOR, EMPLOYER, GRADUATE):
            return READ_WRITE
        return self.modules.get(module, NO_ACCESS)


# Sealed, and of no rule about who may do what.
_NOT_OF_ACTORS = frozenset({"mobile", "mobile_index", "email", "mobile_since", "mobile_vouched_at"})

SYSTEM = Actor(kind=SYSTEM_KIND, name="系统")


def module_refusal(actor: Actor, module: str) -> Forbidden:
    """Why this actor cannot enter the module or change things in it: not opened, 只读, 无权限, or else the role."""
    if module in actor.closed_modules:
        return Forbidden(
            _("Your province has not opened this module yet, so nothing can be done in it. Please ask the province."),
            "province_not_open",
        )
    if actor.holds(module) == READ_ONLY:
        return Forbidden(
            _("Your account may only view and download in this module. Please ask the level above for read and write."),
            "read_only",
        )
    if actor.holds(module) == NO_ACCESS:
        return Forbidden(
            _("Your account has no permission for this module. Please ask the level above."), "no_module_permission"
        )
    return Forbidden()


def load_actor(user_id: int, ip: str | None = None) -> Actor:
    """The actor behind an account, with the permissions of its roles as they are now.

    Raises Unauthenticated when the account is unknown, switched off or closed. One statement for the account and, for a
    graduate, one for the roster rows of the same person: the newest acts, older ones can be read (R1.10).
    """
    account = _account_query().first({"user_id": user_id})
    if account is None:
        raise Unauthenticated()
    return actor_behind(account, ip)


def actor_behind(account: Any, ip: str | None = None, device: bytes | None = None) -> Actor:
    """The same of an account that was read with accounts_of_actors(); raises Unauthenticated for one that is closed."""
    from app.access.lifetimes import why_closed
    from app.access.permissions import permissions_of
    from app.access.unit_roles import within_role

    if not account.active or why_closed(account):
        raise Unauthenticated()
    kind = account.kind
    permissions = permissions_of(account.roles or (), now=account.grants)
    actor = Actor(
        kind=kind,
        user_id=account.user_id,
        username=account.username,
        name=account.name,
        place=account.place or "",
        province_id=account.province_id,
        school_id=account.school_id,
        department_id=account.department_id,
        level=account.level,
        employer_id=account.employer_id,
        unit_role=account.unit_role,
        modules=account.modules,
        closed_modules=frozenset(MODULES) - set(account.opened or ()) if kind in (SCHOOL, DEPARTMENT) else frozenset(),
        permissions=within_role(permissions, account.unit_role) if kind == EMPLOYER else permissions,
        must_change_password=account.must_change_password,
        toured=account.toured_at is not None,
        must_add_factor=_must_add_factor(account),
        ip=ip,
        device=device,
    )
    if kind != GRADUATE or account.person is None:
        return actor
    ids = _roster_rows_of(account.person)
    return replace(actor, graduate_id=ids[0] if ids else None, graduate_ids=tuple(ids))


@cache
def _account_query() -> Kept:
    from app.access.models import Account

    return Kept(accounts_of_actors().where(Account.user_id == bindparam("user_id")))


def accounts_of_actors() -> Any:
    """Accounts with all that makes their actors. Plain columns: asked at every request, and nothing of it is changed."""
    from flask_appbuilder.security.sqla.models import User

    from app.access.models import Account
    from app.access.permissions import FINGERPRINT, roles_held

    table = Account.__table__.c
    query = select(
        *(column for column in table if column.name not in _NOT_OF_ACTORS),
        User.active,
        User.username,
        roles_held(table.user_id).label("roles"),
        _opened_modules().label("opened"),
        _place(table).label("place"),
        FINGERPRINT.label("grants"),
    )
    return query.join(User, User.id == table.user_id)


def _place(account: Any) -> Any:
    """The school and department, or else the province or the unit, by name."""
    from app.base.database import Model

    def name_in(table: str, own: Any) -> Any:
        found = Model.metadata.tables[table].c
        return select(found.name).where(found.id == own).scalar_subquery()

    school, department = name_in("schools", account.school_id), name_in("departments", account.department_id)
    of_school = func.nullif(func.concat_ws(" ", school, department), "")
    return func.coalesce(
        of_school, name_in("provinces", account.province_id), name_in("employers", account.employer_id)
    )


def _must_add_factor(account: Any) -> bool:
    from app.access.second_factor import is_on

    return settings().second_factor_required and account.kind in STAFF and not is_on(account.user_id)


def _opened_modules() -> Any:
    """What the province of the account's school has opened; part of the account's own statement."""
    from app.access.models import Account
    from app.base.database import Model

    schools, opened = Model.metadata.tables["schools"], Model.metadata.tables["province_modules"]
    return (
        select(func.array_agg(opened.c.module))
        .join(schools, schools.c.province_id == opened.c.province_id)
        .where(schools.c.id == Account.school_id)
        .correlate(Account)
        .scalar_subquery()
    )


def _roster_rows_of(person: bytes) -> list[int]:
    return [row.id for row in _rows_of_person().rows({"person": person})]


@cache
def _rows_of_person() -> Kept:
    from app.base.database import Model

    row = Model.metadata.tables["graduates"].c
    query = select(row.id).where(row.id_number_index == bindparam("person"))
    return Kept(query.order_by(row.cohort.desc(), row.id.desc()))


def require(
    actor: Actor, permission: str, view: str, *, kinds: tuple[str, ...] = (), module: str | None = None
) -> None:
    """Raise Forbidden unless the actor's role has the permission, the account is of one of `kinds` where any are named,
    and the actor may change things in `module` where one is named. The program itself may always.
    """
    if actor.is_system:
        return
    if (kinds and actor.kind not in kinds) or not actor.may(permission, view):
        raise Forbidden()
    if module is not None and not actor.writes(module):
        raise module_refusal(actor, module)
