"""No call ends in an answer of 5xx, whatever is sent. `make fuzz N=20000` sends more, SEED=7 others."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from app.web import errors
from tests.fixtures.standin import Standin
from tests.guards.walk import seldom
from tests.web.fuzzing import CALLERS, Fuzz

CALLS, SEED = int(os.environ.get("FUZZ", "1500")), int(os.environ.get("SEED", "2027"))


@pytest.fixture
def renew(application: Flask, ems: Standin) -> Callable[[], None]:
    """Accounts are open again with what they had, and nobody has to wait."""
    from sqlalchemy import text

    from app.base.database import session, transaction
    from app.workflow.queues import redis

    with application.app_context(), transaction():
        session.execute(text("CREATE TABLE kept_modules AS SELECT user_id, modules FROM accounts"))
        session.execute(text("CREATE TABLE kept_roles AS SELECT * FROM ab_user_role"))

    def again() -> None:
        redis().flushdb()
        with application.app_context(), transaction():
            session.execute(text("UPDATE ab_user SET active = true"))
            session.execute(text("UPDATE accounts SET must_change_password = false, expires_on = NULL"))
            session.execute(
                text("UPDATE accounts a SET modules = k.modules FROM kept_modules k WHERE k.user_id = a.user_id")
            )
            session.execute(text("INSERT INTO ab_user_role SELECT * FROM kept_roles ON CONFLICT DO NOTHING"))

    return again


@pytest.fixture
def quiet(application: Flask) -> Iterator[Flask]:
    """Forms need no token here: what stands behind it is of interest."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(application.config, "WTF_CSRF_ENABLED", False)
        patch.setattr(errors, "_page", seldom(errors._page))
        logging.disable(logging.WARNING)
        yield application
        logging.disable(logging.NOTSET)


def test_no_call_breaks_anything(quiet: Flask, database: str, renew: Callable[[], None]) -> None:
    fuzz = Fuzz(quiet, SEED)
    print({name: len(ids) for name, ids in fuzz.cases.items()})
    fuzz.run(CALLS, renew)
    print(f"seed {SEED}: {CALLS} calls as {len(CALLERS)} callers: {dict(sorted(fuzz.answers.items()))}")
    assert not fuzz.faults, "\n".join(fuzz.faults[:50])
    assert {200, 302, 400, 401, 403, 404, 405, 422} <= set(fuzz.answers)
