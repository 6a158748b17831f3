"""Graduates of Hong Kong, Macao, Taiwan and abroad: known by the document that they have, from the sheet to the paper."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app.access.actors import Actor, load_actor
from app.access.usernames import account_named, typed_name
from app.base import clock
from app.base.database import session
from app.base.values import id_documents
from app.base.values.id_numbers import id_check_digit
from app.employers.favorites.services import find_graduate
from app.entrances.services.activation import finish_activation, start_activation
from app.entrances.services.federated import enter_by_identity
from app.passcodes.models import VerificationCode
from app.roster.imports.queries import dry_rows
from app.roster.imports.services.writing import commit_batch
from app.roster.models import RosterBatch
from app.roster.services.graduates import confirm_basic_information
from app.signing.queries import verify_agreement
from tests.documents.pdf import bare_text
from tests.documents.samples import render_agreement
from tests.roster.conftest import Check
from tests.roster.sheets import sheet, student
from tests.signing.stage import fire, invite, user

CASE = Path(__file__).parent / "brought" / "05_roster_documents_hmt_foreign.xlsx"
SCHOOL = "北京大学"
RESIDENCE = "81000020050301001" + id_check_digit("81000020050301001")
BLANKS = ["", " ", "\u3000", "\u200b"]
PEOPLE = {  # number -> name, kind, the label on the agreement, the number as people type it
    "H01234567": ("温书言", "2", "港澳居民来往内地通行证号", "ｈ０１２ 34567 01"),
    "01234567": ("温书言", "3", "台湾居民来往大陆通行证号", " 0123 4567"),
    "E12345678": ("Maria Example", "5", "护照号", "e 1234 5678"),
    "USA110004030401": ("John Example", "6", "外国人永久居留身份证号", "usa 1100 0403 0401"),
}


@pytest.fixture
def brought(check: Check, actor_of: Callable[[str], Actor]) -> RosterBatch:
    """The school has uploaded the sheet of the case."""
    return check(CASE.read_bytes(), actor=actor_of("school10001"))


def test_kinds_are_read_from_the_numbers_and_told(brought: RosterBatch) -> None:
    assert brought.state == "ready", brought.errors
    rows = dry_rows(brought, "new", 0)
    assert {row.values["id_number"]: row.values["id_type"] for row in rows} == {
        number: kind for number, (_name, kind, _label, _typed) in PEOPLE.items()
    }
    told = {warning["row"]: warning["message"] for warning in brought.warnings if warning["column"] == "身份证号"}
    assert sorted(told) == [2, 3, 4], "the old permanent residence card looks like nothing else"
    assert "港澳居民来往内地通行证" in told[2]
    assert not [warning for warning in brought.warnings if warning["column"] == "性别"], "no sex in these numbers"


@pytest.mark.usefixtures("fresh_database")
@pytest.mark.parametrize("number", PEOPLE)
def test_they_go_the_whole_way_to_the_agreement(app_context: Flask, brought: RosterBatch, number: str) -> None:
    name, kind, label, typed = PEOPLE[number]
    commit_batch(brought.id, actor=user("school10001"))
    graduate = find_graduate(name.upper(), typed, SCHOOL)
    assert graduate is not None
    assert (graduate.id_number, graduate.id_type) == (number, kind)
    actor = _come_in(name, typed, graduate.mobile or "")
    confirm_basic_information(actor=actor)
    meant = account_named(typed_name(typed))
    assert meant is not None
    assert meant.user_id == actor.user_id
    case = invite(user("employer1"), actor)
    fire(case, "accept", actor)
    with time_machine.travel(clock.now() + timedelta(days=7, hours=1), tick=True):  # the phone is known long enough
        for reviewer in ("dept10001a", "school10001"):
            fire(case, "approve", user(reviewer))
    session.refresh(case)
    text = bare_text(render_agreement(case.snapshot or {}))
    assert f"{label}{number}" in text
    assert "身份证号" not in text.replace(label, "")
    assert verify_agreement(case.number or "", name, ip=None).standing.ok


def _come_in(name: str, typed: str, mobile: str) -> Actor:
    """One activates the account with a code, the others come through their school's log-in."""
    if typed != PEOPLE["H01234567"][-1]:
        account = enter_by_identity({"name": name, "id_number": typed, "mobile": mobile})
    else:
        code = start_activation(name, typed, ip=None)
        sent = session.scalars(select(VerificationCode).where(VerificationCode.id == code.id)).one()
        assert sent.address == mobile
        account = finish_activation(code.id, sent.sealed or "", "abroad", "Feng-Ling-7788")
    return load_actor(account.user_id, ip=None)


@pytest.mark.parametrize(
    ("said", "number", "kind"),
    [
        ("护照", "123456789", "5"),
        ("5", "H01234567", "5"),
        ("回乡证", "h01234567", "2"),
        ("台湾居民来往大陆通行证", "1234567801(B)", "3"),
        ("港澳台居民居住证", RESIDENCE, "4"),
        ("", RESIDENCE, "4"),
        ("", "E1234567", "5"),
    ],
)
def test_the_sheet_may_say_the_kind(check: Check, said: str, number: str, kind: str) -> None:
    batch = check(sheet(student(身份证号=number, 证件类型=said)))
    assert batch.state == "ready", batch.errors
    assert dry_rows(batch, "new", 0)[0].values["id_type"] == kind


@pytest.mark.parametrize(
    ("said", "number", "column", "words"),
    [
        ("", "123456789", "身份证号", "证件类型"),
        ("", "AB12", "身份证号", "护照"),
        ("台胞证", "H01234567", "身份证号", "8 位数字"),
        ("回乡证", "01234567", "身份证号", "H 或 M"),
        ("护照", RESIDENCE, "身份证号", "另一种证件"),
        ("1", "H01234567", "身份证号", "H"),
        ("6", "USA110004133101", "身份证号", "出生"),
        ("军官证", "E12345678", "证件类型", "不在可选范围内"),
    ],
)
def test_what_does_not_go_together_is_refused_in_words(
    check: Check, said: str, number: str, column: str, words: str
) -> None:
    batch = check(sheet(student(身份证号=number, 证件类型=said)))
    assert batch.state == "refused"
    assert [error["column"] for error in batch.errors] == [column]
    assert words in batch.errors[0]["message"]


def test_a_kind_corrected_later_is_a_change(app_context: Flask, check: Check) -> None:
    one = student(身份证号="M12345678")
    commit_batch(check(sheet(one)).id, actor=user("school10284"))
    assert check(sheet(one)).unchanged == 1
    again = check(sheet({**one, "证件类型": "护照"}))
    assert [name for name, _old, _new in dry_rows(again, "changed", 0)[0].differences] == ["id_type"]


def test_the_other_systems_row_is_read_by_the_same_judgement() -> None:
    assert id_documents.settled("E12345678", None) == "5"
    assert id_documents.settled("USA110004030401", None) == "6"


@given(
    st.one_of(
        st.from_regex(r"[HM][0-9]{8}", fullmatch=True),
        st.from_regex(r"[0-9]{8}", fullmatch=True),
        st.from_regex(r"[A-Z]{1,2}[0-9]{6,8}", fullmatch=True),
        st.just("USA110004030401"),
        st.just(RESIDENCE),
    ),
    st.data(),
)
def test_every_spelling_is_one_number(number: str, data: st.DataObject) -> None:
    spelt = "".join(
        data.draw(st.sampled_from([sign, sign.lower(), chr(ord(sign) + 0xFEE0)])) + data.draw(st.sampled_from(BLANKS))
        for sign in number
    )
    assert id_documents.normalise(spelt) == id_documents.read(spelt) == number
