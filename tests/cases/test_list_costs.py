"""What the lists of the desk cost: never more than five statements besides those that find out who asks."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.benchmarks.recording import recording
from tests.fixtures.patience import calls_of

MOST_CALLS = 22_000  # of functions for a list with one row; it was four times that


@pytest.mark.parametrize("who", ["school10002", "province11"])
def test_every_list_costs_five_statements_at_most(
    plain_app: Flask, browse: Any, invite: Any, fire: Any, fresh_database: str, who: str
) -> None:
    from app.cases.admin.review import ReviewView

    for graduate, case_id in zip(names := ("graduate7", "graduate8"), invite(*names), strict=True):
        fire(graduate, case_id, "accept")
    client = browse(who)
    views = [one for one in plain_app.appbuilder.baseviews if isinstance(one, ReviewView)]  # type: ignore[attr-defined]
    for view in views:
        # One row a page: the list is longer than the page, so that it has to be counted too.
        address = f"{view.route_base}/list/?psize_{type(view).__name__}=1"
        assert client.get(address).status_code == 200, address
        calls = [calls_of(lambda address=address: client.get(address)) for _ in range(2)]  # type: ignore[misc]
        assert calls[-1] <= MOST_CALLS, (address, calls)  # the first puts statements together
        with recording(plain_app) as statements:
            text = client.get(address).text
        own = [one.text for one in statements if not one.is_authentication]
        assert len(own) <= 5, "\n".join(own)
        assert view.workflow != "online_signing" or "共 2 条" in text
