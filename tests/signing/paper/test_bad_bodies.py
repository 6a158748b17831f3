"""Whatever a client sends for an application is taken or refused at its field; never a fault of the program."""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.base.errors import Invalid, Malformed
from app.signing.paper.forms import read_draft, read_whole
from tests.signing.paper.stage import application, registration

BODIES = {"offline_signing": application, "supplementary": registration}
FIELDS = (
    *(f"employer.{name}" for name in ("name", "uscc", "nature", "industry", "region", "address", "contact", "phone")),
    *("position.title", "position.category", "position.region", "position.salary_month", "position.report_by"),
    *("position.contact", "position.phone", "position.probation_months", "archive.accept", "hukou.accept"),
    *("employer", "position", "archive", "hukou", "clauses", "signed_on"),
)
REQUIRED = (*(name for name in FIELDS if name.startswith(("employer.", "position."))), "employer", "position")
WRONG = (None, "", " ", 7, -1.5, True, [], ["x"], {}, {"x": 1}, "长" * 5000, "\x00", "\ud800", "2026-02-30", "𠀀" * 3)
MISSING = object()

pytestmark = pytest.mark.usefixtures("app_context")
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=8), inner),
    max_leaves=12,
)


def with_value(body: dict[str, Any], field: str, value: Any) -> dict[str, Any]:
    """The body with one field changed or left out."""
    changed = copy.deepcopy(body)
    *groups, name = field.split(".")
    place = changed[groups[0]] if groups else changed
    if value is MISSING:
        place.pop(name, None)
    else:
        place[name] = value
    return changed


@pytest.mark.parametrize("workflow", list(BODIES))
@pytest.mark.parametrize("field", FIELDS)
def test_every_wrong_value_is_named_at_its_field(workflow: str, field: str) -> None:
    """Or it is harmless; it never falls over, and what is kept can be kept as JSON."""
    for value in WRONG:
        body = with_value(BODIES[workflow](), field, value)
        for read in (read_whole, read_draft):
            clean, errors = read(workflow, body)
            json.dumps(clean)
            assert all(name.split(".")[0] == field.split(".")[0] for name in errors), (value, errors)


@pytest.mark.parametrize("workflow", list(BODIES))
@pytest.mark.parametrize("field", [name for name in REQUIRED if name != "position.probation_months"])
def test_what_is_missing_is_named_when_submitted_only(workflow: str, field: str) -> None:
    """A draft may lack anything."""
    body = with_value(BODIES[workflow](), field, MISSING)
    assert read_draft(workflow, body)[1] == {}
    assert list(read_whole(workflow, body)[1]) == [field]


@given(anything)
@example({"employer": [1]})
@example({"position": {"report_by": "2026-11-22T00:00"}})
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_anything_is_read_or_refused(app_context: Flask, body: Any) -> None:
    for workflow in BODIES:
        for read in (read_whole, read_draft):
            try:
                clean, _errors = read(workflow, body)
                json.dumps(clean)
            except (Malformed, Invalid):
                pass


@pytest.mark.parametrize("workflow", list(BODIES))
def test_api_never_answers_with_a_fault(api: Callable[..., Any], workflow: str) -> None:
    """Bodies, events, ids and files of every wrong kind: 4xx with a message in Chinese, and nothing is created."""
    caller, path = api("graduate1"), f"/{workflow}"
    for field in FIELDS:
        for value in (7, [], "x", {"x": "y"}, None):
            answer = caller.post(f"{path}/", with_value(BODIES[workflow](), field, value))
            if answer.status_code == 201:  # harmless, e.g. no archive
                caller.post(f"{path}/{answer.get_json()['id']}/withdraw")
            else:
                assert answer.status_code in (409, 422), (field, value, answer.text)
                assert answer.get_json()["message"]
    for body in ("[]", "{", '"x"', "null", '{"a":NaN}'):
        for method, inner in (("POST", "/"), ("PUT", "/1"), ("POST", "/1/submit")):
            answer = caller.call(method, f"{path}{inner}", data=body, headers={"Content-Type": "application/json"})
            assert answer.status_code == 400, (method, inner, body)
    for number in ("0", "99999999999999999999", "-1", "x"):
        assert caller.get(f"{path}/{number}").status_code == 404
        assert caller.post(f"{path}/{number}/submit", {}).status_code in (404, 405)
    assert caller.post(f"{path}/1/no_such_event", {}).status_code == 404


def test_wrong_files_are_refused(api: Callable[..., Any], create: Any, attach: Any) -> None:
    """Unknown kinds, no file, and what is no picture."""
    case_id = create("graduate2", "supplementary", {**registration(), "submit": False})["id"]
    assert attach("graduate2", "supplementary", case_id, "stamped_agreement").status_code == 422
    path = f"/supplementary/{case_id}/attachments"
    # The content decides, never the name.
    assert attach("graduate2", "supplementary", case_id, "paper_agreement", name="a.exe").status_code == 201
    program = {"kind": "paper_agreement", "file": (io.BytesIO(b"MZ" + bytes(200)), "a.jpg")}
    assert api("graduate2").post(path, data=program, content_type="multipart/form-data").status_code == 415
    assert api("graduate2").post(path, {"kind": "paper_agreement"}).status_code == 415
    nothing = api("graduate2").post(path, data={"kind": "paper_agreement"}, content_type="multipart/form-data")
    assert (nothing.status_code, list(nothing.get_json()["errors"])) == (422, ["file"])
