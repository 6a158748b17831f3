"""Fixtures of flagged units: what is sent, and marks of several schools."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.signing.conftest import statements
from tests.staff.conftest import manager

__all__ = ["manager", "statements"]
Sent = Callable[..., dict[str, Any]]
UNIT = "91110108MX5PER7K08"  # of employer1
STRANGE = "91350100M000100Y43"  # a valid code that nobody has registered


@pytest.fixture
def sent() -> Sent:
    """A function: sent(reason="…") is a complete mark on the unit of employer1."""
    return lambda **changes: {
        "uscc": UNIT,
        "name": "北京砚渡禾信息技术有限公司",
        "kinds": ["1", "4"],
        "reason": "招聘简章与实际岗位不符",
        **changes,
    }


@pytest.fixture
def marked_by(app: Flask, sent: Sent) -> Callable[..., None]:
    """A function: marked_by(["10284"], uscc=…) writes marks of these schools, and new schools for unknown codes."""
    from sqlalchemy import select

    from app.base.database import session, transaction
    from app.flags.models import UnitWarning
    from app.schools.models import Province, School

    def mark(codes: list[str], **changes: Any) -> None:
        with app.app_context(), transaction():
            province = session.scalars(select(Province).where(Province.code == "11")).one()
            for code in codes:
                school = session.scalar(select(School).where(School.code == code))
                if school is None:
                    school = School(code=code, name=f"学校{code}", province=province)
                    session.add(school)
                    session.flush()
                values = {**sent(reason=f"由{code}标记"), **changes}
                session.add(UnitWarning(school_id=school.id, created_by="x", **values))

    return mark
