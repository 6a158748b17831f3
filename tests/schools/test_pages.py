"""The pages of the settings without a browser: who opens them, what they take, how they refuse."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.access.models import Account
from app.base.cohorts import current_cohort
from app.base.database import session, transaction
from app.schools.queries import contacts_of, opened_modules, setting_of
from tests.fixtures.pages import token
from tests.schools.people import CONTACT, open_everything, school
from tests.signing.stage import invite, user

pytestmark = pytest.mark.usefixtures("fresh_database")

Browse = Callable[[str], FlaskClient]
SIGNING, ARCHIVE, OPENING = "/staff/settings/employment/", "/staff/settings/archive/", "/staff/settings/province/"


def _send(client: FlaskClient, path: str, data: dict[str, Any], *, seen: str | None = None) -> Any:
    """Post the form of the page at `seen`, with its token and version."""
    page = client.get(seen or path).text
    found = re.search(r'name="version" value="(\d+)"', page)
    version = {"version": found[1]} if found else {}
    return client.post(path, data={"csrf_token": token(page), **version, **data})


def _open(app: Flask) -> None:
    with app.app_context():
        open_everything()


def _permit(app: Flask, username: str, modules: dict[str, str], level: str | None = None) -> None:
    with app.app_context(), transaction():
        account = session.scalars(select(Account).join(Account.user).where(Account.user.has(username=username))).one()
        account.modules = modules
        account.level = level or account.level


def _said(answer: Any) -> str:
    return unescape(answer.text)


# The province -------------------------------------------------------------------------------------------------------


def test_opening_needs_both_answers(app: Flask, browse: Browse) -> None:
    client, path = browse("province44"), f"{OPENING}employment"
    assert _send(client, path, {}).status_code == 422
    second = _send(client, path, {"agreement_type": "two_party"})
    assert second.status_code == 200
    assert "confirm_number" in second.text
    for typed in ("", "0", "2", "一", "1.0"):
        answer = _send(client, path, {"agreement_type": "two_party", "confirm_number": typed})
        assert answer.status_code == 422, typed
    with app.app_context():
        assert not opened_modules(school().province_id)
    done = _send(client, path, {"agreement_type": "two_party", "confirm_number": "1"})
    assert done.status_code == 302
    with app.app_context():
        assert set(opened_modules(school().province_id)) == {"employment"}


def test_looking_at_the_question_opens_nothing(app: Flask, browse: Browse) -> None:
    client = browse("province44")
    assert client.get(f"{OPENING}archive?agreement_type=two_party&confirm_number=1").status_code == 200
    with app.app_context():
        assert not opened_modules(school().province_id)


def test_form_without_token_opens_nothing(app: Flask, browse: Browse) -> None:
    assert browse("province44").post(f"{OPENING}archive", data={"confirm_number": "1"}).status_code == 400
    with app.app_context():
        assert not opened_modules(school().province_id)


def test_unknown_module_is_not_found(browse: Browse) -> None:
    assert browse("province44").get(f"{OPENING}nothing").status_code == 404


@pytest.mark.parametrize("account", ["operator", "school10558", "dept10001a"])
def test_others_do_not_reach_the_page_of_the_province(browse: Browse, account: str) -> None:
    client = browse(account)
    for path in (OPENING, f"{OPENING}employment"):
        assert client.get(path).status_code == 403
    answer = client.post(f"{OPENING}archive", data={"csrf_token": token(client.get("/no/page").text)})
    assert answer.status_code == 403


def test_province_that_may_only_read_is_offered_no_opening(app: Flask, browse: Browse) -> None:
    _permit(app, "province44", {"employment": "ro", "archive": "rw", "hukou": "none"})
    client = browse("province44")
    page = client.get(OPENING).text
    assert f"{OPENING}archive" in page
    assert f"{OPENING}employment" not in page
    assert client.get(f"{OPENING}employment").status_code == 403
    assert client.get("/staff/settings/hukou/?school=10558").status_code == 403


# The school ---------------------------------------------------------------------------------------------------------


FORM = {"open": "1", "review_mode": "school", "max_terminations": "2"}


def test_what_cannot_be_undone_is_asked_again(app: Flask, browse: Browse) -> None:
    _open(app)
    client = browse("school10558")
    contacts = {"contact_scope": "all", **{f"contact-all-{name}": value for name, value in CONTACT.items()}}
    asked = _send(client, SIGNING, {**FORM, **contacts})
    assert asked.status_code == 200
    assert "确认提交，不再修改" in _said(asked)
    with app.app_context():
        assert setting_of(school().id, current_cohort()) is None
    saved = _send(client, SIGNING, {**FORM, **contacts, "confirmed": "1"})
    assert saved.status_code == 302
    with app.app_context():
        setting = setting_of(school().id, current_cohort())
        assert setting is not None
        assert (setting.open, setting.max_terminations) == (True, 2)
        assert set(contacts_of(school().id, current_cohort())) == {"all"}


def test_harmless_change_is_saved_at_once(app: Flask, browse: Browse) -> None:
    answer = _send(browse("school10001"), SIGNING, {"max_terminations": "9"})
    assert answer.status_code == 302
    with app.app_context():
        setting = setting_of(school("10001").id, current_cohort())
        assert setting is not None
        assert (setting.max_terminations, setting.review_mode) == (9, "department_school")


@pytest.mark.parametrize("wrong", ["", "100", "-1", "2.0", "２", "x", "9" * 30])
def test_wrong_number_comes_back_at_its_field(app: Flask, browse: Browse, wrong: str) -> None:
    answer = _send(browse("school10001"), SIGNING, {"max_terminations": wrong})
    assert answer.status_code == 422
    assert 'id="f-max_terminations-error"' in answer.text
    assert f'value="{wrong}"' in answer.text


def test_half_a_contact_comes_back_with_every_missing_field(app: Flask, browse: Browse) -> None:
    _open(app)
    sent = {**FORM, "contact_scope": "levels", "contact-postgraduate-name": "梁景行", "contact-postgraduate-phone": "1"}
    answer = _send(browse("school10558"), SIGNING, sent)
    assert answer.status_code == 422
    for field in ("phone", "address", "postcode"):
        assert f'id="f-contact-postgraduate-{field}-error"' in answer.text
    assert "contact-undergraduate-name-error" not in answer.text


def test_contact_of_the_other_choice_is_left_alone(app: Flask, browse: Browse) -> None:
    """Without scripts both forms are on the page; only those of the choice are taken."""
    _open(app)
    both = {f"contact-{level}-{name}": value for level in ("all", "undergraduate") for name, value in CONTACT.items()}
    answer = _send(browse("school10558"), SIGNING, {**FORM, **both, "contact_scope": "all", "confirmed": "1"})
    assert answer.status_code == 302
    with app.app_context():
        assert set(contacts_of(school().id, current_cohort())) == {"all"}


def test_refusal_of_a_rule_keeps_what_was_typed(app: Flask, browse: Browse) -> None:
    _open(app)
    answer = _send(
        browse("school10558"), SIGNING, {**FORM, "review_mode": "department_school", "max_terminations": "42"}
    )
    assert answer.status_code == 409
    assert "完全一致" in _said(answer)
    assert 'value="42"' in answer.text


def test_page_that_is_out_of_date_shows_what_holds_now(app: Flask, browse: Browse) -> None:
    client = browse("school10001")
    page = client.get(SIGNING).text
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found
    _send(client, SIGNING, {"max_terminations": "7"})
    sent = {"csrf_token": token(page), "version": found[1], "max_terminations": "8"}
    answer = client.post(SIGNING, data=sent)
    assert answer.status_code == 409
    assert "其他人修改过" in _said(answer)
    assert 'value="7"' in answer.text
    for broken in ("x", "-1", "9" * 5000):  # never taken for "whatever is there now"
        assert client.post(SIGNING, data={**sent, "version": broken}).status_code == 422
    assert 'value="7"' in client.get(SIGNING).text


def test_what_is_fixed_is_shown_with_its_reason(app: Flask, browse: Browse) -> None:
    with app.app_context():
        from tests.signing.stage import fire

        case = invite(user("employer1"), user("graduate1"))
    client = browse("school10001")
    page = _said(client.get(SIGNING))
    assert "不可再关闭" in page
    assert 'name="open"' not in page
    assert 'name="review_mode"' in page
    with app.app_context():
        fire(case, "accept", user("graduate1"))
    page = _said(client.get(SIGNING))
    assert "处于流程中" in page
    assert 'name="review_mode"' not in page
    assert _send(client, SIGNING, {"open": "0"}).status_code == 409
    assert _send(client, SIGNING, {"review_mode": "school"}).status_code == 409
    assert _send(client, SIGNING, {"max_terminations": "3"}).status_code == 302


def test_account_of_one_level_is_offered_its_own_contact(app: Flask, browse: Browse) -> None:
    _open(app)
    _permit(app, "school10558", {"employment": "rw", "archive": "rw", "hukou": "rw"}, "postgraduate")
    client = browse("school10558")
    page = client.get(SIGNING).text
    assert "contact-postgraduate-name" in page
    assert "contact-all-name" not in page
    assert "contact-undergraduate-name" not in page
    forced = {f"contact-undergraduate-{name}": value for name, value in CONTACT.items()}
    assert _send(client, SIGNING, {**FORM, **forced, "confirmed": "1"}).status_code == 403
    with app.app_context():
        assert contacts_of(school().id, current_cohort()) == {}


def test_account_that_may_only_read_sees_facts(app: Flask, browse: Browse) -> None:
    _permit(app, "school10001", {"employment": "ro", "archive": "none", "hukou": "rw"})
    client = browse("school10001")
    page = _said(client.get(SIGNING))
    assert "只有查看权限" in page
    assert 'name="max_terminations"' not in page
    csrf = token(client.get("/no/page").text)
    assert client.post(SIGNING, data={"csrf_token": csrf, "max_terminations": "3"}).status_code == 403
    assert client.get(ARCHIVE).status_code == 403


@pytest.mark.parametrize(
    ("account", "query", "status"),
    [
        ("dept10001a", "", 403),
        ("province11", "?school=10001", 200),
        ("province11", "?school=10284", 404),
        ("province11", "", 404),
        ("operator", "?school=10284", 200),
        ("school10001", "?school=10002", 404),
        ("school10001", "?cohort=1999", 400),
    ],
)
def test_who_opens_the_page(browse: Browse, account: str, query: str, status: int) -> None:
    answer = browse(account).get(SIGNING + query)
    assert answer.status_code == status
    if account in ("province11", "operator") and status == 200:
        assert 'name="max_terminations"' not in answer.text


def test_season_that_is_over_is_shown_and_not_taken(browse: Browse) -> None:
    client = browse("school10001")
    old = f"{SIGNING}?cohort={current_cohort() - 2}"
    assert 'name="open"' not in client.get(old).text
    csrf = token(client.get("/no/page").text)
    answer = client.post(old, data={"csrf_token": csrf, "max_terminations": "3"})
    assert answer.status_code == 409


def test_types_are_chosen_and_at_least_one(app: Flask, browse: Browse) -> None:
    _open(app)
    client = browse("school10558")
    form = {"open": "1", "review_mode": "school", "types_offered": "1"}
    assert _send(client, ARCHIVE, form).status_code == 422
    assert _send(client, ARCHIVE, {**form, "types": ["1", "nothing"]}).status_code == 422
    assert _send(client, ARCHIVE, {**form, "types": ["1", "4"], "confirmed": "1"}).status_code == 302
    with app.app_context():
        setting = setting_of(school().id, current_cohort(), "archive")
        assert setting is not None
        assert setting.types == ["1", "4"]


# The module ---------------------------------------------------------------------------------------------------------


def _switch(page: str) -> dict[str, str]:
    """The module switch at the top: what it shows of each module."""
    part = page.split('class="topbar__modules"')[1].split("</nav>")[0]
    found = {}
    for label in ("毕业去向登记与网签", "档案信息登记", "户口信息登记"):
        before, _label, after = part.partition(label)
        tag = before.rpartition("<")[2] if "<use" not in before.rpartition("<a ")[2] else "span"
        locked = "visually-hidden" in after.split("</a>")[0][:60]
        found[label] = "locked" if locked else "current" if "aria-current" in tag else "open"
    return found


def test_one_usable_module_leads_straight_home(app: Flask, browse: Browse) -> None:
    _permit(app, "school10001", {"employment": "rw", "archive": "none", "hukou": "none"})
    client = browse("school10001")
    answer = client.get("/staff/")
    assert answer.status_code == 200
    assert _switch(answer.text) == {
        "毕业去向登记与网签": "current",
        "档案信息登记": "locked",
        "户口信息登记": "locked",
    }
    assert client.get("/staff/modules/archive").status_code == 403


def test_several_usable_modules_are_chosen_from_once(browse: Browse) -> None:
    client = browse("school10001")
    assert client.get("/staff/").headers["Location"] == "/staff/modules/"
    assert client.get("/staff/modules/hukou").headers["Location"] == "/staff/"
    home = client.get("/staff/")
    assert home.status_code == 200
    assert _switch(home.text)["户口信息登记"] == "current"
    assert "/staff/settings/hukou/" in home.text
    assert SIGNING not in home.text
    assert "/staff/online-signings/" not in home.text


def test_page_of_a_module_is_its_choice(browse: Browse) -> None:
    """Who comes by a link works in the module of the page from then on."""
    client = browse("school10001")
    page = client.get("/staff/online-signings/list/")
    assert _switch(page.text)["毕业去向登记与网签"] == "current"
    assert client.get("/staff/").status_code == 200
    client.get(ARCHIVE)
    assert _switch(client.get("/staff/").text)["档案信息登记"] == "current"


def test_permission_that_is_taken_away_ends_the_choice(app: Flask, browse: Browse) -> None:
    client = browse("school10001")
    client.get("/staff/modules/hukou")
    _permit(app, "school10001", {"employment": "rw", "archive": "rw", "hukou": "none"})
    assert client.get("/staff/").headers["Location"] == "/staff/modules/"
    assert client.get("/staff/settings/hukou/").status_code == 403


@pytest.mark.parametrize("account", ["operator", "province11"])
def test_provinces_and_operators_choose_no_module(browse: Browse, account: str) -> None:
    client = browse(account)
    home = client.get("/staff/")
    assert home.status_code == 200
    assert "topbar__modules" not in home.text
    assert client.get("/staff/modules/").status_code == 403


def test_unknown_module_cannot_be_chosen(browse: Browse) -> None:
    assert browse("school10001").get("/staff/modules/nothing").status_code == 404


def test_menu_is_only_for_whom_it_is(browse: Browse) -> None:
    department, province, operator = browse("dept10001a"), browse("province11"), browse("operator")
    department.get("/staff/modules/employment")
    assert SIGNING not in department.get("/staff/").text
    page = province.get("/staff/").text
    assert OPENING in page
    assert SIGNING not in page
    page = operator.get("/staff/").text
    assert OPENING not in page
    assert SIGNING not in page
    assert "/staff/provinces/list/" in page


def test_home_shows_the_contacts_of_the_levels(app: Flask, browse: Browse) -> None:
    from app.schools.services import save_school_setting
    from tests.schools.people import contact

    with app.app_context():
        named = [contact("undergraduate", name="本科经办"), contact("postgraduate", name="研经办")]
        save_school_setting({"contacts": named}, actor=open_everything())
    client = browse("school10558")
    client.get("/staff/modules/employment")
    home = _said(client.get("/staff/"))
    assert "本科经办" in home
    assert "研经办" in home
