"""Who may choose which type of transfer: training mode, and whether it is clear already where one goes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.base.database import savepoint, session
from app.base.errors import Invalid
from app.household.pages.records import types_on_offer
from app.household.proposals import is_settled
from app.household.types import STAYS, UNDECIDED
from app.roster.models import Graduate
from tests.fixtures.application import Api
from tests.household.stage import Stage
from tests.signing.stage import fire, invite, user

pytestmark = pytest.mark.usefixtures("undone")


def _graduate(stage: Stage) -> Graduate:
    return session.get_one(Graduate, stage.graduate.graduate_id, options=Graduate.eager_options())


def _offered(stage: Stage) -> set[str]:
    return {code for code, _label in types_on_offer(stage.kind, stage.graduate)}


@pytest.mark.parametrize("mode", ["21", "22", "41"])
def test_who_was_sent_to_study_leaves_nothing_here(stage_of: Callable[..., Stage], mode: str) -> None:
    stage = stage_of("archive")
    _graduate(stage).training_mode = mode
    session.flush()
    for transfer_type in (STAYS, UNDECIDED):
        with pytest.raises(Invalid) as refused, savepoint():
            stage.create(transfer_type)
        assert "培养方式" in str(refused.value.errors["transfer_type"][0])
    assert not {STAYS, UNDECIDED} & _offered(stage)


@pytest.mark.parametrize("transfer_type", [STAYS, UNDECIDED])
def test_who_is_still_looking_may(stage_of: Callable[..., Stage], transfer_type: str) -> None:
    stage = stage_of("archive")
    assert transfer_type in _offered(stage)
    assert stage.create(transfer_type).state == "dept_review"


@pytest.mark.parametrize("transfer_type", [STAYS, UNDECIDED])
def test_who_has_signed_says_where_it_goes(stage_of: Callable[..., Stage], transfer_type: str) -> None:
    stage = stage_of("archive")
    case = invite(user("employer1"), stage.graduate)
    fire(case, "accept", stage.graduate)
    fire(case, "approve", stage.department)
    fire(case, "approve", stage.school)
    session.expire_all()
    assert is_settled(_graduate(stage))
    assert transfer_type not in _offered(stage)
    with pytest.raises(Invalid) as refused, savepoint():
        stage.create(transfer_type)
    assert "仍在求职" in str(refused.value.errors["transfer_type"][0])


def test_the_doors_say_and_refuse(api: Callable[[str], Api]) -> None:
    types = {
        one["code"]: one for one in api("graduate17").get("/dictionaries/archive_transfer_type").get_json()["result"]
    }
    assert types[UNDECIDED]["label"] == "暂不确定"
    assert (types[STAYS]["open_to"], types[STAYS]["until_settled"]) == (["1", "3", "42", "5"], True)
    assert (types["3"]["open_to"], types["3"]["until_settled"]) == ([], False)
    answer = api("graduate17").post("/archive/", {"transfer_type": STAYS})
    assert answer.status_code == 422
    assert "培养方式" in str(answer.get_json())
