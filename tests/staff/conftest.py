"""Fixtures for accounts of staff: what is sent for a new one, and making several kinds of managers."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from flask import Flask

PASSWORD = "Xk9!mmpq27z"
_numbers = count(1)

# A department of 10001 and one of 10284 as the demonstration's roster names them.
Sent = Callable[..., dict[str, Any]]


@pytest.fixture
def sent() -> Sent:
    """A function: sent("school", school="10002") is a complete request for a new account of a new name."""

    def make(role: str, **more: Any) -> dict[str, Any]:
        return {
            "username": f"new{role}{next(_numbers)}",
            "password": PASSWORD,
            "name": "测试用户",
            "role": role,
            **more,
        }

    return make


@pytest.fixture
def departments(app: Flask) -> list[str]:
    """The departments on the roster of 10001."""
    from sqlalchemy import text

    from app.base.database import session

    query = text(
        "SELECT d.name FROM departments d JOIN schools s ON s.id = d.school_id WHERE s.code = '10001' ORDER BY 1"
    )
    with app.app_context():
        return list(session.scalars(query))


@pytest.fixture
def account_id(app: Flask) -> Callable[[str], int]:
    """A function that returns the id of a user's account."""
    from app.access.accounts import account_named

    def find(username: str) -> int:
        with app.app_context():
            account = account_named(username)
            assert account is not None, username
            return account.id

    return find


@pytest.fixture
def manager(app: Flask, actor_of: Callable[[str], Any]) -> Callable[..., Any]:
    """A function: manager("school", modules={"archive": "none"}, level="postgraduate") makes an account, gives its actor."""
    from app.access.accounts import account_named, create_account, hash_password
    from app.access.actors import SYSTEM

    def make(kind: str, *, like: str, modules: dict[str, str] | None = None, **changes: Any) -> Any:
        name = f"manager{next(_numbers)}"
        with app.app_context():
            model = account_named(like)
            assert model is not None
            scope = {
                column: getattr(model, column) for column in ("province_id", "school_id", "department_id", "level")
            }
            create_account(
                username=name,
                name=name,
                kind=kind,
                password_hash=hash_password(PASSWORD),
                modules={**(model.modules or {}), **(modules or {})},
                actor=SYSTEM,
                **{**scope, **changes},
            )
        return actor_of(name)

    return make
