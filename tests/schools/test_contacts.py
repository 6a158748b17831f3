"""协议经办人: named once, for the whole school or for each level, by whom (R3.5); who has none cannot use the module."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.access.actors import Actor
from app.base.cohorts import current_cohort
from app.base.database import savepoint, session
from app.base.errors import AppError, Conflict, Forbidden, Invalid
from app.employers.favorites.services import add_favorite
from app.roster.models import Graduate
from app.schools.queries import closures_of, contact_for, contacts_of
from app.schools.services import save_school_setting
from app.signing.online.services.invitations import invite_graduates
from tests.schools.people import contact, in_charge_of, open_everything, school
from tests.signing.stage import letter, user
from trial.demo.country import GRADUATES

pytestmark = pytest.mark.usefixtures("undone")

# What is submitted already, who asks, for which level: who may name it (R3.5).
ALL, UNDER, POST = "all", "undergraduate", "postgraduate"
OPEN_TO = {
    ((), ALL): {ALL, UNDER, POST},
    ((), UNDER): {UNDER},
    ((), POST): {POST},
    ((UNDER,), ALL): {POST},
    ((UNDER,), UNDER): set(),
    ((UNDER,), POST): {POST},
    ((POST,), ALL): {UNDER},
    ((POST,), UNDER): {UNDER},
    ((POST,), POST): set(),
    ((UNDER, POST), ALL): set(),
    ((UNDER, POST), UNDER): set(),
    ((UNDER, POST), POST): set(),
    ((ALL,), ALL): set(),
    ((ALL,), UNDER): set(),
    ((ALL,), POST): set(),
}


def _name(actor: Actor, *contacts: dict[str, Any]) -> None:
    save_school_setting({"contacts": list(contacts)}, actor=actor)


def _refused(actor: Actor, *contacts: Any) -> AppError:
    with pytest.raises(AppError) as refused:
        save_school_setting({"contacts": list(contacts)}, actor=actor)
    return refused.value


def _levels() -> set[str]:
    return set(contacts_of(school().id, current_cohort()))


@pytest.mark.parametrize("level", [ALL, UNDER, POST])
@pytest.mark.parametrize(("there", "in_charge"), OPEN_TO)
def test_each_level_is_named_once_by_those_in_charge(there: tuple[str, ...], in_charge: str, level: str) -> None:
    actor = open_everything()
    for one in there:
        _name(actor, contact(one, name=f"原{one[:4]}"))
    asking = in_charge_of("school10558", in_charge)
    if level in OPEN_TO[there, in_charge]:
        _name(asking, contact(level))
        assert _levels() == {*there, level}
        return
    refused = _refused(asking, contact(level))
    if in_charge != ALL and level != in_charge:
        assert isinstance(refused, Forbidden)
    else:
        assert isinstance(refused, Conflict)
        assert refused.code == "contact_exists"
    assert _levels() == set(there)


def test_account_in_charge_of_all_names_both_levels_at_once() -> None:
    _name(open_everything(), contact(UNDER, name="本科经办"), contact(POST, name="研究生经办"))
    assert {one.name for one in contacts_of(school().id, current_cohort()).values()} == {"本科经办", "研究生经办"}


def test_missing_level_is_added_later_beside_the_same_one_sent_again() -> None:
    """A client that sends everything back changes nothing by it."""
    actor = open_everything()
    _name(actor, contact(UNDER))
    _name(actor, contact(UNDER), contact(POST))
    assert _levels() == {UNDER, POST}


@pytest.mark.parametrize("field", ["name", "phone", "address", "postcode"])
def test_submitted_contact_is_never_changed(field: str) -> None:
    actor = open_everything()
    _name(actor, contact())
    other = {"name": "别人", "phone": "020-84119999", "address": "别处", "postcode": "510006"}[field]
    assert _refused(actor, contact(**{field: other})).code == "contact_exists"
    assert getattr(contacts_of(school().id, current_cohort())[ALL], field) == contact()[field]
    _name(actor, contact())  # the same once more


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE agreement_contacts SET phone = '1'",
        "DELETE FROM agreement_contacts",
        "TRUNCATE agreement_contacts",
        "INSERT INTO agreement_contacts SELECT school_id, cohort, 'undergraduate', name, phone, address, postcode"
        " FROM agreement_contacts WHERE level = 'all'",
    ],
)
def test_database_keeps_a_contact_as_it_was_submitted(statement: str) -> None:
    with pytest.raises(DBAPIError), savepoint():
        session.execute(text(statement))


def test_cohorts_have_contacts_of_their_own() -> None:
    actor = open_everything()
    _name(actor, contact())
    save_school_setting({"contacts": [contact(UNDER)]}, current_cohort() - 1, actor=actor)
    assert set(contacts_of(school().id, current_cohort() - 1)) == {UNDER}


def test_contact_of_the_level_goes_before_that_of_the_school() -> None:
    actor = open_everything()
    _name(actor, contact(POST, name="研究生经办"))
    found = contact_for(school().id, current_cohort(), POST)
    assert found is not None
    assert found.name == "研究生经办"
    assert contact_for(school().id, current_cohort(), UNDER) is None


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        *[("name", value) for value in ("", "  ", None, 7, "长" * 33, ["梁景行"])],
        *[("phone", value) for value in ("", None, "1234", "abc", 13800138000, "1380013800", "84110000", "0" * 40)],
        *[("address", value) for value in ("", None, 5, "长" * 129)],
        *[("postcode", value) for value in ("", None, "51027", "5102755", "51027a", 510275, "000000")],
        *[("level", value) for value in ("", None, "master", 1, ["all"])],
    ],
)
def test_wrong_field_is_told_at_its_place(field: str, wrong: Any) -> None:
    refused = _refused(open_everything(), contact(**{field: wrong}))
    assert isinstance(refused, Invalid)
    assert set(refused.errors) == {f"contacts.0.{field}"}
    assert _levels() == set()


@pytest.mark.parametrize("field", ["level", "name", "phone", "address", "postcode"])
def test_missing_field_is_told_at_its_place(field: str) -> None:
    one = {name: value for name, value in contact().items() if name != field}
    assert set(_refused(open_everything(), one).errors) == {f"contacts.0.{field}"}  # type: ignore[attr-defined]


@pytest.mark.parametrize("wrong", ["x", None, 3, {"level": "all"}, True])
def test_contacts_are_a_list(wrong: Any) -> None:
    with pytest.raises(Invalid) as refused:
        save_school_setting({"contacts": wrong}, actor=open_everything())
    assert set(refused.value.errors) == {"contacts"}


def test_entry_that_is_no_contact_is_told_at_its_place() -> None:
    refused = _refused(open_everything(), "x")
    assert isinstance(refused, Invalid)
    assert set(refused.errors) == {"contacts.0"}


@pytest.mark.parametrize("levels", [(ALL, UNDER), (POST, ALL), (UNDER, UNDER), (ALL, ALL), (UNDER, POST, ALL)])
def test_one_submission_does_not_contradict_itself(levels: tuple[str, ...]) -> None:
    refused = _refused(open_everything(), *(contact(level, name=f"第{n}") for n, level in enumerate(levels)))
    assert isinstance(refused, Invalid)
    assert set(refused.errors) == {"contacts"}
    assert _levels() == set()


@pytest.mark.parametrize("module", ["archive", "hukou"])
def test_contact_belongs_to_signing_alone(module: str) -> None:
    with pytest.raises(Invalid) as refused:
        save_school_setting({"contacts": [contact()]}, None, module, actor=open_everything())
    assert set(refused.value.errors) == {"contacts"}


# Who can use the module ---------------------------------------------------------------------------------------------


def _graduates() -> list[Graduate]:
    query = select(Graduate).where(Graduate.school_id == school().id, Graduate.cohort == current_cohort())
    return list(session.scalars(query.options(*Graduate.eager_options())))


def test_level_without_contact_cannot_use_the_module() -> None:
    actor = open_everything()
    one, *_others = _graduates()
    other = UNDER if one.level == POST else POST
    assert closures_of([one]) == {one.id: "school_not_open"}
    save_school_setting({"max_terminations": 2}, actor=actor)
    assert closures_of([one]) == {one.id: "school_not_open"}
    save_school_setting({"open": True}, actor=actor)
    assert closures_of([one]) == {one.id: "no_contact"}
    _name(actor, contact(other))
    assert closures_of([one]) == {one.id: "no_contact"}
    _name(actor, contact(one.level))
    assert closures_of([one]) == {}


def test_archive_and_hukou_need_no_contact() -> None:
    actor = open_everything()
    one = _graduates()[0]
    assert closures_of([one], "archive")
    save_school_setting({"open": True}, None, "archive", actor=actor)
    assert not closures_of([one], "archive")
    assert closures_of([one], "hukou")
    assert closures_of([one], "employment")


def test_graduate_of_a_level_without_contact_is_not_invited() -> None:
    actor = open_everything()
    data = next(one for one in GRADUATES if one.school == "10558")
    search = {"name": data.name, "id_number": data.id_number, "school": "中山大学"}
    favorite, _new = add_favorite(search, actor=user("employer1"))
    graduate = session.get_one(Graduate, favorite.graduate_id)
    other = UNDER if graduate.level == POST else POST
    save_school_setting({"open": True, "contacts": [contact(other)]}, actor=actor)
    (refusal,) = invite_graduates([graduate.id], letter(), actor=user("employer1")).refused
    assert refusal.code == "no_contact"
    assert "中山大学" in refusal.message
    assert "经办人" in refusal.message
    _name(actor, contact(graduate.level))
    outcome = invite_graduates([graduate.id], letter(), actor=user("employer1"))
    assert not outcome.refused
    assert outcome.created[0].agreement_type == "three_party"
