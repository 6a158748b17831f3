"""Before many are decided at once the units that stand out are shown: flagged ones and those not in business."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.cases.test_workflow_views import BASE, _form, _in_review

FLAG = {"uscc": "91110108MX5PER7K08", "name": "北京砚渡禾信息技术有限公司", "kinds": ["2"], "reason": "收取培训费。"}


@pytest.fixture(autouse=True)
def _fresh(fresh_database: str) -> None:
    """Each test has its own cases."""


def test_bulk_page_warns_of_the_units(
    browse: Callable[..., FlaskClient],
    invite: Callable[..., list[int]],
    fire: Callable[..., str],
    actor_of: Callable[[str], Any],
    plain_app: Flask,
) -> None:
    from app.company_register.queries import FOUND, UnitState, _keep
    from app.flags.services import add_warning

    ready = _in_review(invite, fire, "graduate7", "graduate8")
    client = browse("school10002")
    asked = _form(client, action="approve", rowid=ready)
    page = client.post(f"{BASE}/action_post", data=asked).text
    assert "涉及单位" in page
    assert "北京砚渡禾信息技术有限公司" in page
    assert "收取培训费" not in page
    assert f"/staff/register/{FLAG['uscc']}" in page  # asked by the page itself, nobody waits for it
    with plain_app.app_context():
        add_warning(FLAG, actor=actor_of("school10002"))
        _keep(str(FLAG["uscc"]), UnitState(FOUND, "吊销"))
    page = client.post(f"{BASE}/action_post", data=asked).text
    assert "收取培训费" in page
    assert "所选记录中 2 条" in page
    done = client.post(f"{BASE}/fire/approve", data=_form(client, rowid=ready, register_state="1"))
    assert done.status_code == 200
    record = client.get(f"{BASE}/show/{ready[0]}")
    assert record.status_code == 200
    with plain_app.app_context():
        from app.workflow import history

        last = history.of_case("online_signing", ready[0])[-1]
        assert last.detail["register_state"] == "吊销"
