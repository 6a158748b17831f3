"""The description of the API is true: whatever is sent, the answer is one that it names, and never a failure of ours.

schemathesis makes requests from the description, good ones and bad ones, the same at every run and few enough to stay
within seconds; real ids of the caller's world are put in, so that not all of them end at 404.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.base.database import session
from tests.signing.stage import Stage, fire, invite, user

# Those who can do less come first: what they are answered is seen before others have changed anything.
ACCOUNTS = (None, "graduate7", "employer1", "dept10001a", "school10002", "province11", "operator")
WRONG_BY = 3  # one of so many accounts sends a wrong request
PARTS = 4  # each in a new world: what has been switched off does not stop all that follows
CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
FEW = settings(
    max_examples=3,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
# Made once for the caller's own documents and files, which need no fuzzing at every event.
SLOW = ("/export",)


@pytest.fixture
def world(app: Flask, fresh_database: str) -> list[int]:
    """Cases in several states; their ids."""
    with app.app_context():
        cases = [
            Stage("employer1", "graduate1", "dept10001a", "school10001").bring("dept_review"),
            Stage("employer1", "graduate2", "dept10001a", "school10001").bring("withdrawn"),
            invite(user("employer1"), user("graduate7")),
            fire(invite(user("employer1"), user("graduate8")), "accept", user("graduate8")),
        ]
        ids = [case.id for case in cases]
        session.remove()
    return ids


@pytest.fixture(scope="module")
def schema(application: Flask, database: str) -> Any:
    """The description as clients get it."""
    return schemathesis.openapi.from_wsgi("/api/v1/_openapi", application)


@pytest.mark.parametrize("part", range(PARTS))
def test_answers_are_those_of_the_description(
    app: Flask, schema: Any, world: list[int], api: Callable[..., Any], part: int
) -> None:
    """Each request is made once, which takes long, and a right one sent by every account.

    Of the wrong ones of an address each is sent by a third of the accounts, so that all of them have been there.
    """
    # Packed answers are tried elsewhere (tests/web/test_weight.py); nothing unpacks them here.
    packed = {"Accept-Encoding": "identity"}
    callers = [packed | (api(account).headers if account else {}) for account in ACCOUNTS]
    ids = itertools.cycle([*world, 10**12])
    seen = 0
    for operation in itertools.islice(_operations(schema), part, None, PARTS):
        for mode in _modes(operation):
            seen += _try(operation, mode, callers, ids)
    assert seen > 100


def _operations(schema: Any) -> Iterator[Any]:
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path.startswith("/api/v1/") and not operation.path.endswith(SLOW):
            yield operation


def _modes(operation: Any) -> tuple[GenerationMode, ...]:
    """Right calls, and wrong ones where there is anything to send: an open address without any takes no wrong call."""
    raw = operation.definition.raw
    takes = any(raw.get(name) for name in ("parameters", "requestBody", "security"))
    return (GenerationMode.POSITIVE, GenerationMode.NEGATIVE) if takes else (GenerationMode.POSITIVE,)


def _try(operation: Any, mode: GenerationMode, callers: Sequence[dict[str, str]], ids: Iterator[int]) -> int:
    seen = 0

    @FEW
    @given(case=operation.as_strategy(generation_mode=mode), query=_queries(operation))
    def run(case: Any, query: dict[str, Any] | None) -> None:
        nonlocal seen
        seen += 1
        if "pk" in (case.path_parameters or {}) and seen % 2:
            case.path_parameters["pk"] = next(ids)
        if "name" in (case.path_parameters or {}) and seen % 2:
            case.path_parameters["name"] = "reject_reason"
        if isinstance(case.body, dict) and "ids" in case.body and seen % 2:
            case.body["ids"] = [next(ids), next(ids)]
        if query is not None and seen % 2:
            case.query = {**(case.query or {}), "q": json.dumps(query)}
        asked = callers if mode is GenerationMode.POSITIVE else callers[seen % WRONG_BY :: WRONG_BY]
        for headers in asked:
            case.call_and_validate(headers=headers, checks=CHECKS)

    run()
    return seen


def _queries(operation: Any) -> st.SearchStrategy[dict[str, Any] | None]:
    """What `q` may hold as the description says; None where there is none. To schemathesis it is but a text."""
    parameters = operation.definition.raw.get("parameters", ())
    content = next((one["schema"]["contentSchema"] for one in parameters if one["name"] == "q"), None)
    if content is None:
        return st.none()
    offered = content["properties"]
    one_filter = offered["filters"]["items"]["properties"]
    value = st.one_of(st.text(max_size=8), st.integers(), st.booleans(), st.lists(st.integers(), max_size=3))
    choose = {name: st.sampled_from(one_filter[name]["enum"]) for name in ("col", "opr")}
    return st.fixed_dictionaries(
        {"filters": st.lists(st.fixed_dictionaries({**choose, "value": value}), max_size=2)},
        optional={
            **{name: st.sampled_from(offered[name]["enum"]) for name in ("order_column", "order_direction")},
            **{name: st.integers(0, 250) for name in ("page", "page_size")},
        },
    )
