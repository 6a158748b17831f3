"""What a school sets for a cohort and module: every rule beside its refusal (R3.1–R3.4, R3.6)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from app.access.actors import SYSTEM, Actor
from app.base.clock import SHANGHAI
from app.base.cohorts import current_cohort
from app.base.database import session
from app.base.errors import AppError, Conflict, Forbidden, Invalid
from app.roster.models import Graduate
from app.roster.services.graduates import set_roster_presence
from app.schools.models import SchoolSetting
from app.schools.queries import changes_of, departments_without_reviewer, school_subject, setting_of
from app.schools.services import preview_school_setting, save_school_setting
from app.workflow.models import OutboxMessage
from tests.schools.people import MODULES, add_department_account, department_of, open_everything, school, with_module
from tests.signing.stage import STATES, Stage, fire, invite, user

pytestmark = pytest.mark.usefixtures("undone")


def _save(actor: Actor, module: str = "employment", cohort: int | None = None, **changes: Any) -> SchoolSetting:
    return save_school_setting(changes, cohort, module, actor=actor)


def _refused(actor: Actor, module: str = "employment", cohort: Any = None, **changes: Any) -> AppError:
    with pytest.raises(AppError) as refused:
        save_school_setting(changes, cohort, module, actor=actor)
    assert refused.value.message
    return refused.value


def _messages() -> list[dict[str, Any]]:
    query = select(OutboxMessage.payload).where(OutboxMessage.kind == "ems").order_by(OutboxMessage.id)
    return [payload for payload in session.scalars(query) if payload.get("action") == "switch"]


# Who, where, when ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", MODULES)
def test_nothing_is_set_before_the_province_has_opened(module: str) -> None:
    refused = _refused(user("school10558"), module, open=True)
    assert isinstance(refused, Conflict)
    assert refused.code == "province_not_open"
    assert "省级" in refused.message


def test_other_modules_stay_closed() -> None:
    from app.schools.services import open_province_module

    open_province_module("employment", "two_party", actor=user("province44"))
    school_account = user("school10558")
    assert _save(school_account, open=True).open
    assert _refused(school_account, "archive", open=True).code == "province_not_open"


@pytest.mark.parametrize("username", ["operator", "province11", "dept10001a", "employer1", "graduate1"])
@pytest.mark.parametrize("module", MODULES)
def test_only_school_accounts_set_anything(username: str, module: str) -> None:
    assert isinstance(_refused(user(username), module, max_terminations=3), Forbidden)


@pytest.mark.parametrize("permission", ["ro", "none"])
@pytest.mark.parametrize("module", MODULES)
def test_each_module_needs_its_own_read_and_write(module: str, permission: str) -> None:
    actor = with_module("school10001", permission, module)
    assert isinstance(_refused(actor, module, review_mode="school"), Forbidden)
    other = "archive" if module != "archive" else "hukou"
    assert _save(actor, other, review_mode="school").review_mode == "school"


def test_role_needs_the_permission() -> None:
    actor = user("school10001")
    kept = frozenset(pair for pair in actor.permissions if pair != ("can_save", "school_settings"))
    assert isinstance(_refused(Actor(**{**vars(actor), "permissions": kept}), max_terminations=3), Forbidden)


@pytest.mark.parametrize("level", ["undergraduate", "postgraduate"])
def test_account_of_one_level_sets_for_the_whole_school(level: str) -> None:
    actor = Actor(**{**vars(user("school10001")), "level": level})
    assert _save(actor, max_terminations=5).max_terminations == 5


@pytest.mark.parametrize("wrong", [1999, 0, -1, 2099, True, 2027.0, "2027", [2027], {}])
def test_unknown_cohort_is_refused_at_its_field(wrong: Any) -> None:
    refused = _refused(user("school10001"), cohort=wrong, max_terminations=3)
    assert isinstance(refused, Invalid)
    assert set(refused.errors) == {"cohort"}


def test_no_cohort_is_the_current_one() -> None:
    assert _save(user("school10001"), max_terminations=3).cohort == current_cohort()


def test_season_that_is_over_can_only_be_read() -> None:
    refused = _refused(user("school10001"), cohort=current_cohort() - 2, open=True)
    assert isinstance(refused, Conflict)
    assert refused.code == "cohort_closed"


def test_last_season_can_be_set_until_its_end() -> None:
    last = current_cohort() - 1
    with time_machine.travel(datetime(last + 1, 1, 31, 23, 59, tzinfo=SHANGHAI)):
        assert _save(user("school10001"), cohort=last, max_terminations=4).max_terminations == 4
    with time_machine.travel(datetime(last + 1, 2, 1, 0, 1, tzinfo=SHANGHAI)):
        assert _refused(user("school10001"), cohort=last, max_terminations=5).code == "cohort_closed"


@pytest.mark.parametrize("wrong", ["", "signing", None, 3, [], {}])
def test_unknown_module_is_refused_at_its_field(wrong: Any) -> None:
    refused = _refused(user("school10001"), wrong, open=True)
    assert isinstance(refused, Invalid)
    assert set(refused.errors) == {"module"}


# Partial changes, defaults, history ---------------------------------------------------------------------------------


def test_what_is_not_named_stays() -> None:
    actor = open_everything()
    first = _save(actor, open=True, max_terminations=7)
    assert (first.open, first.review_mode, first.max_terminations) == (True, "school", 7)
    second = _save(actor, max_terminations=8)
    assert (second.open, second.review_mode, second.max_terminations) == (True, "school", 8)


def test_cohorts_and_modules_are_set_apart() -> None:
    actor = open_everything()
    _save(actor, cohort=current_cohort() - 1, open=True, max_terminations=1)
    _save(actor, "archive", open=True)
    assert setting_of(school().id, current_cohort()) is None
    assert setting_of(school().id, current_cohort(), "hukou") is None
    assert setting_of(school().id, current_cohort(), "archive") is not None


def test_first_submission_offers_every_type() -> None:
    actor = open_everything()
    assert _save(actor, "archive", open=True).types == ["1", "2", "3", "4", "5", "6", "7", "8", "9"]
    assert _save(actor, "hukou", open=True).types[0] == "0"
    assert _save(actor, open=True).types == []


def test_every_change_is_kept_with_before_and_after() -> None:
    actor = open_everything()
    _save(actor, open=False, max_terminations=1)
    _save(actor, open=True, max_terminations=2)
    _save(actor, open=True, max_terminations=2)  # nothing changes: nothing to keep
    newest, first = changes_of(school_subject(school(), current_cohort(), "employment"))
    assert newest.detail == {
        "before": {"open": False, "max_terminations": 1},
        "after": {"open": True, "max_terminations": 2},
    }
    assert newest.actor == "school10558"
    assert newest.source == "127.0.0.1"
    assert first.detail["before"] == {}
    assert first.detail["after"] == {"open": False, "review_mode": "school", "max_terminations": 1, "types": []}


def test_refused_change_leaves_nothing() -> None:
    actor = open_everything()
    _save(actor, max_terminations=1)
    _refused(actor, open=True, max_terminations=100)
    setting = setting_of(school().id, current_cohort())
    assert setting is not None
    assert (setting.open, setting.max_terminations, setting.version) == (False, 1, 1)
    assert len(changes_of(school_subject(school(), current_cohort(), "employment"))) == 1
    assert not [sent for sent in _messages() if sent["school"] == "10558"]


def test_preview_says_what_would_change_and_writes_nothing() -> None:
    actor = open_everything()
    change = preview_school_setting({"open": True, "max_terminations": 3}, actor=actor)
    assert change.opens
    assert change.cannot_be_undone
    assert setting_of(school().id, current_cohort()) is None


def test_who_saw_an_older_version_is_refused() -> None:
    actor = user("school10001")
    seen = setting_of(actor.school_id or 0, current_cohort())
    assert seen is not None
    version = seen.version
    save_school_setting({"max_terminations": 9}, actor=actor, version=version)
    with pytest.raises(Conflict) as refused:
        save_school_setting({"max_terminations": 1}, actor=actor, version=version)
    assert refused.value.code == "stale"
    assert seen.max_terminations == 9


# The switch (R3.2) --------------------------------------------------------------------------------------------------


def test_opening_tells_the_employment_system_once() -> None:
    actor = open_everything()
    before = len(_messages())
    _save(actor, open=True)
    _save(actor, open=True, max_terminations=3)
    assert _messages()[before:] == [{"action": "switch", "school": "10558", "cohort": current_cohort(), "open": True}]


@pytest.mark.parametrize("module", ["archive", "hukou"])
def test_other_modules_tell_the_employment_system_nothing(module: str) -> None:
    actor = open_everything()
    before = len(_messages())
    _save(actor, module, open=True)
    assert len(_messages()) == before


def test_unused_switch_can_be_closed_again() -> None:
    actor = user("school10284")
    before = len(_messages())
    assert not _save(actor, open=False).open
    assert [sent["open"] for sent in _messages()[before:]] == [False]
    assert _save(actor, open=True).open


@pytest.mark.parametrize("state", STATES)
def test_any_case_of_the_cohort_keeps_the_switch_open(state: str) -> None:
    Stage("employer1", "graduate1", "dept10001a", "school10001").bring(state)
    refused = _refused(user("school10001"), open=False)
    assert isinstance(refused, Conflict)
    assert refused.code == "cases_exist"
    assert _save(user("school10001"), "archive", open=False).open is False
    assert _save(user("school10001"), cohort=current_cohort() - 1, open=False).open is False


def test_case_of_a_removed_graduate_keeps_the_switch_open() -> None:
    case = invite(user("employer1"), user("graduate1"))
    set_roster_presence(case.graduate_id, present=False, actor=SYSTEM)
    assert _refused(user("school10001"), open=False).code == "cases_exist"


# The review mode (R3.3) ---------------------------------------------------------------------------------------------


IN_PROGRESS = {"dept_review", "school_review"}


@pytest.mark.parametrize("state", STATES)
def test_review_mode_rests_while_a_record_is_in_progress(state: str) -> None:
    Stage("employer1", "graduate1", "dept10001a", "school10001").bring(state)
    if state in IN_PROGRESS:
        refused = _refused(user("school10001"), review_mode="school")
        assert isinstance(refused, Conflict)
        assert refused.code == "in_progress"
        assert "1" in refused.message
        assert _save(user("school10001"), max_terminations=6).max_terminations == 6
        assert _save(user("school10001"), review_mode="department_school").review_mode == "department_school"
    else:
        assert _save(user("school10001"), review_mode="school").review_mode == "school"


def test_record_of_another_cohort_school_or_module_does_not_hold_the_mode() -> None:
    Stage("employer1", "graduate1", "dept10001a", "school10001").bring("dept_review")
    assert _save(user("school10001"), cohort=current_cohort() - 1, review_mode="school").review_mode == "school"
    assert _save(user("school10001"), "archive", review_mode="school").review_mode == "school"
    assert isinstance(_refused(user("school10002"), review_mode="department_school"), Conflict)


def test_record_of_a_removed_graduate_stands_still_and_holds_nothing() -> None:
    case = Stage("employer1", "graduate1", "dept10001a", "school10001").bring("dept_review")
    set_roster_presence(case.graduate_id, present=False, actor=SYSTEM)
    assert _save(user("school10001"), review_mode="school").review_mode == "school"
    set_roster_presence(case.graduate_id, present=True, actor=SYSTEM)
    session.refresh(case)
    assert (case.state, case.review_mode) == ("dept_review", "department_school")


def test_department_first_names_the_departments_without_reviewer() -> None:
    actor = open_everything()
    names = sorted(department.name for department in department_of())
    assert names
    refused = _refused(actor, review_mode="department_school")
    assert isinstance(refused, Conflict)
    assert refused.code == "departments_without_account"
    assert sorted(refused.values["departments"]) == names
    assert all(name in refused.message for name in names)
    assert setting_of(school().id, current_cohort()) is None


def test_department_first_is_possible_once_every_department_has_a_reviewer() -> None:
    actor = open_everything()
    for department in department_of():
        add_department_account(department)
    assert _save(actor, review_mode="department_school", open=True).review_mode == "department_school"


@pytest.mark.parametrize(("permission", "active"), [("ro", True), ("none", True), ("rw", False)])
def test_account_that_cannot_review_does_not_count(permission: str, active: bool) -> None:
    actor = open_everything()
    first, *others = department_of()
    for department in others:
        add_department_account(department)
    add_department_account(first, permission, active=active)
    assert _refused(actor, review_mode="department_school").values["departments"] == [first.name]


def test_permission_on_another_module_does_not_count() -> None:
    actor = open_everything()
    for department in department_of():
        add_department_account(department)
    assert _refused(actor, "archive", review_mode="department_school").code == "departments_without_account"


def test_departments_of_other_cohorts_and_of_removed_graduates_do_not_count() -> None:
    actor = open_everything()
    graduates = session.scalars(select(Graduate).where(Graduate.school_id == school().id)).all()
    for graduate in graduates:
        set_roster_presence(graduate.id, present=False, actor=SYSTEM)
    assert departments_without_reviewer(school().id, current_cohort()) == []
    assert _save(actor, review_mode="department_school").review_mode == "department_school"


def test_opening_asks_again_whether_every_department_has_a_reviewer() -> None:
    """The mode may have been set before the roster came."""
    actor = open_everything()
    graduates = session.scalars(select(Graduate).where(Graduate.school_id == school().id)).all()
    for graduate in graduates:
        set_roster_presence(graduate.id, present=False, actor=SYSTEM)
    _save(actor, review_mode="department_school")
    set_roster_presence(graduates[0].id, present=True, actor=SYSTEM)
    assert _refused(actor, open=True).code == "departments_without_account"
    assert _save(actor, open=True, review_mode="school").open


# A change never alters a case in progress ---------------------------------------------------------------------------


def test_invitation_follows_the_mode_of_its_acceptance_and_keeps_it() -> None:
    case = invite(user("employer1"), user("graduate7"))
    for department in department_of("10002"):
        add_department_account(department)
    _save(user("school10002"), review_mode="department_school")
    assert fire(case, "accept", user("graduate7")).state == "dept_review"
    assert case.review_mode == "department_school"
    # Even if the row changed behind the program's back, the case goes the way it began.
    setting = setting_of(case.school_id, case.cohort)
    assert setting is not None
    setting.review_mode = "school"
    session.flush()
    with pytest.raises(AppError):
        fire(case, "approve", user("school10002"))
    assert case.state == "dept_review"


def test_other_settings_change_beside_a_case_without_touching_it() -> None:
    case = Stage("employer1", "graduate1", "dept10001a", "school10001").bring("dept_review")
    before = (case.state, case.version, case.review_mode, dict(case.data), case.updated_at)
    _save(user("school10001"), max_terminations=50)
    session.refresh(case)
    assert (case.state, case.version, case.review_mode, dict(case.data), case.updated_at) == before


# Bad input (R3.4) ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [0, 1, 50, 99])
def test_whole_numbers_from_0_to_99_are_accepted(number: int) -> None:
    assert _save(user("school10001"), max_terminations=number).max_terminations == number


WRONG_NUMBERS = [-1, 100, 10**20, 2.0, 2.5, True, False, "2", "", "二", None, [2], {"n": 2}, float("nan"), -0.0]


@pytest.mark.parametrize("wrong", WRONG_NUMBERS, ids=repr)
def test_anything_else_is_no_number_of_terminations(wrong: Any) -> None:
    refused = _refused(user("school10001"), max_terminations=wrong)
    assert isinstance(refused, Invalid)
    assert set(refused.errors) == {"max_terminations"}


@pytest.mark.parametrize("wrong", ["true", "yes", 1, 0, None, [], "1"], ids=repr)
def test_switch_is_true_or_false(wrong: Any) -> None:
    refused = _refused(user("school10001"), open=wrong)
    assert isinstance(refused, Invalid)
    assert set(refused.errors) == {"open"}


@pytest.mark.parametrize("wrong", ["", "department", "SCHOOL", None, 1, ["school"]], ids=repr)
def test_review_mode_is_one_of_two(wrong: Any) -> None:
    refused = _refused(user("school10001"), review_mode=wrong)
    assert isinstance(refused, Invalid)
    assert set(refused.errors) == {"review_mode"}


def test_every_wrong_field_is_told_at_once() -> None:
    refused = _refused(
        user("school10001"), open="yes", review_mode="x", max_terminations="9", contacts=[{"level": "moon"}]
    )
    assert isinstance(refused, Invalid)
    assert {"open", "review_mode", "max_terminations", "contacts.0.level"} <= set(refused.errors)


def test_a_rule_answers_before_a_field() -> None:
    """409 before 422, as everywhere."""
    invite(user("employer1"), user("graduate1"))
    assert _refused(user("school10001"), open=False, max_terminations=100).code == "cases_exist"


@pytest.mark.parametrize("wrong", [["99"], ["1", "nowhere"], "1", [1], None, {"1": True}, [["1"]]], ids=repr)
def test_types_come_from_the_table(wrong: Any) -> None:
    refused = _refused(user("school10001"), "archive", types=wrong)
    assert isinstance(refused, Invalid)
    assert set(refused.errors) == {"types"}


def test_types_are_kept_each_once() -> None:
    assert _save(user("school10001"), "archive", types=["4", "1", "4"]).types == ["4", "1"]


def test_open_module_offers_at_least_one_type() -> None:
    actor = open_everything()
    refused = _refused(actor, "hukou", open=True, types=[])
    assert isinstance(refused, Invalid)
    assert set(refused.errors) == {"types"}
    assert _save(actor, "hukou", open=False, types=[]).types == []
    assert isinstance(_refused(actor, "hukou", open=True), Invalid)


def test_signing_offers_no_types() -> None:
    refused = _refused(user("school10001"), types=["1"])
    assert isinstance(refused, Invalid)
    assert set(refused.errors) == {"types"}
