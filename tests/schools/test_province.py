"""What a province opens: each module by itself, for good, by whom alone (R2.2)."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.access.actors import Actor
from app.access.audit import AuditLine
from app.base.database import savepoint, session
from app.base.errors import Conflict, Forbidden, Invalid
from app.schools.models import Province, ProvinceModule
from app.schools.queries import has_opened, opened_modules, province_visible_to
from app.schools.services import open_province_module
from tests.schools.people import MODULES, open_everything, with_module
from tests.signing.stage import user

pytestmark = pytest.mark.usefixtures("undone")


def _province() -> Province:
    return session.scalars(select(Province).where(Province.code == "44")).one()


def test_each_module_is_opened_by_itself() -> None:
    actor = user("province44")
    open_province_module("archive", actor=actor)
    assert set(opened_modules(_province().id)) == {"archive"}
    assert _province().agreement_type is None
    open_province_module("employment", "two_party", actor=actor)
    assert set(opened_modules(_province().id)) == {"archive", "employment"}
    assert _province().agreement_type == "two_party"
    assert not has_opened(_province().id, "hukou")


def test_opening_says_who_and_when_and_stands_in_the_audit_trail() -> None:
    province = open_province_module("employment", "three_party", actor=user("province44"))
    row = opened_modules(province.id)["employment"]
    assert row.opened_by == "司徒岭"
    assert row.opened_at is not None
    line = session.scalars(select(AuditLine).order_by(AuditLine.id.desc()).limit(1)).one()
    assert (line.action, line.subject, line.actor) == ("open_module", "province_settings 44", "province44")
    assert line.detail == {"module": "employment", "agreement_type": "three_party"}


@pytest.mark.parametrize("module", MODULES)
def test_what_is_open_is_not_opened_again(module: str) -> None:
    with pytest.raises(Conflict) as refused:
        open_province_module(module, "three_party", actor=user("province11"))
    assert refused.value.code == "already_open"
    assert "不可" in refused.value.message
    assert session.scalars(select(Province.agreement_type).where(Province.code == "11")).one() == "two_party"


@pytest.mark.parametrize("wrong", [None, "", "four_party", "TWO_PARTY", 2, ["two_party"], {}])
def test_signing_needs_one_of_two_kinds_of_agreement(wrong: object) -> None:
    with pytest.raises(Invalid) as refused:
        open_province_module("employment", wrong, actor=user("province44"))  # type: ignore[arg-type]
    assert set(refused.value.errors) == {"agreement_type"}
    assert not has_opened(_province().id, "employment")


@pytest.mark.parametrize("wrong", ["", "signing", "Employment", None, 7, ["employment"], {}])
def test_unknown_module_is_refused_at_its_field(wrong: object) -> None:
    with pytest.raises(Invalid) as refused:
        open_province_module(wrong, "two_party", actor=user("province44"))  # type: ignore[arg-type]
    assert set(refused.value.errors) == {"module"}


@pytest.mark.parametrize("username", ["operator", "school10001", "school10558", "dept10001a", "employer1", "graduate1"])
@pytest.mark.parametrize("module", MODULES)
def test_nobody_but_the_province_opens(username: str, module: str) -> None:
    with pytest.raises(Forbidden):
        open_province_module(module, "two_party", actor=user(username))


@pytest.mark.parametrize("permission", ["ro", "none"])
@pytest.mark.parametrize("module", MODULES)
def test_province_account_needs_read_and_write(module: str, permission: str) -> None:
    with pytest.raises(Forbidden):
        open_province_module(module, "two_party", actor=with_module("province44", permission, module))


def test_province_account_needs_the_permission_of_its_role() -> None:
    actor = user("province44")
    kept = frozenset(pair for pair in actor.permissions if pair != ("can_open", "province_settings"))
    with pytest.raises(Forbidden):
        open_province_module("archive", actor=Actor(**{**vars(actor), "permissions": kept}))


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM province_modules",
        "UPDATE province_modules SET module = 'hukou'",
        "UPDATE province_modules SET opened_by = 'x'",
        "TRUNCATE province_modules",
        "UPDATE provinces SET agreement_type = NULL WHERE code = '11'",
        "UPDATE provinces SET agreement_type = 'three_party' WHERE code = '11'",
        "UPDATE provinces SET agreement_type = 'four_party' WHERE code = '44'",
        "INSERT INTO province_modules (province_id, module, opened_at, opened_by)"
        " SELECT id, 'other', now(), 'x' FROM provinces",
        "DELETE FROM audit_lines",
        "UPDATE audit_lines SET actor = 'x'",
    ],
)
def test_database_refuses_to_close_what_is_open(statement: str) -> None:
    """Behind every door, FAB's screens, the command line and SQL included."""
    with pytest.raises(DBAPIError), savepoint():
        session.execute(text(statement))
    assert len(opened_modules(session.scalars(select(Province.id).where(Province.code == "11")).one())) == 3


def test_what_belongs_to_the_name_of_a_province_can_still_change() -> None:
    session.execute(text("UPDATE provinces SET name = '北京' WHERE code = '11'"))


def test_school_and_department_come_in_once_the_province_has_opened() -> None:
    before = user("school10558")
    assert before.closed_modules == set(MODULES)
    assert before.modules["employment"] == "rw"  # the account's own permission is another matter
    assert not any(before.reads(module) or before.writes(module) for module in MODULES)
    open_province_module("employment", "two_party", actor=user("province44"))
    after = user("school10558")
    assert after.closed_modules == {"archive", "hukou"}
    assert after.reads("employment")
    assert after.writes("employment")


def test_opening_changes_nothing_for_others() -> None:
    open_everything()
    rows = session.scalars(select(ProvinceModule.province_id).where(ProvinceModule.opened_by == "司徒岭")).all()
    assert set(rows) == {_province().id}
    assert user("province44").closed_modules == frozenset()
    assert user("school10001").closed_modules == frozenset()


@pytest.mark.parametrize(("username", "code"), [("province44", "44"), ("school10558", "44"), ("dept10001a", "11")])
def test_province_is_read_by_itself_and_its_schools(username: str, code: str) -> None:
    actor = user(username)
    assert province_visible_to(actor).code == code
    assert province_visible_to(actor, code).code == code
    with pytest.raises(Exception, match="范围"):
        province_visible_to(actor, "32")
