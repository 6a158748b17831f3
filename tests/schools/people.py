"""Actors for the tests of settings: the demonstration's accounts, and the same with other permissions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import select

from app.access.accounts import create_account
from app.access.actors import DEPARTMENT, SYSTEM, Actor
from app.access.models import Account
from app.base.database import session
from app.schools.models import Department, School
from app.schools.services import open_province_module
from tests.signing.stage import user

MODULES = ("employment", "archive", "hukou")
CONTACT = {"name": "梁景行", "phone": "020-84110000", "address": "广州市海珠区新港西路135号", "postcode": "510275"}


def contact(level: str = "all", **changes: Any) -> dict[str, Any]:
    """A complete agreement contact."""
    return {"level": level, **CONTACT, **changes}


def with_module(username: str, permission: str, module: str = "employment") -> Actor:
    """The account with another permission on one module."""
    actor = user(username)
    return replace(actor, modules={**actor.modules, module: permission})


def in_charge_of(username: str, level: str) -> Actor:
    """The school account in charge of one level."""
    return replace(user(username), level=level)


def open_everything(agreement_type: str = "three_party") -> Actor:
    """province44 opens all modules; returns school10558, which can use them now."""
    for module in MODULES:
        open_province_module(module, agreement_type, actor=user("province44"))
    return user("school10558")


def school(code: str = "10558") -> School:
    """A school of the demonstration."""
    return session.scalars(select(School).where(School.code == code)).one()


def department_of(code: str = "10558") -> list[Department]:
    """The departments of a school."""
    return list(session.scalars(select(Department).where(Department.school_id == school(code).id)))


def add_department_account(department: Department, permission: str = "rw", *, active: bool = True) -> Account:
    """An account of the department."""
    account = create_account(
        username=f"test-dept-{department.id}-{permission}-{active}",
        name="院系测试账号",
        kind=DEPARTMENT,
        password_hash="",
        modules={"employment": permission, "archive": "none", "hukou": "none"},
        province_id=department.province_id,
        school_id=department.school_id,
        department_id=department.id,
        actor=SYSTEM,
    )
    account.user.active = active
    session.flush()
    return account
