"""The HTTP interface of the stand-in (contract: app/ems/README.md): bearer token, JSON in and out."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request
from flask_babel import lazy_gettext as _
from sqlalchemy import Engine

from trial.ems import edits, records, rosters, students
from trial.ems.checks import check_key, check_roster_key, check_sequence, check_student
from trial.ems.refusals import Refusal

api = Blueprint("api", __name__, url_prefix="/api/v1")

_MAX_PAGE = 1000
_STUDENT = "/students/<school>/<cohort>/<exam_number>"
_ROSTER = "/schools/<school>/cohorts/<cohort>"


def engine() -> Engine:
    """The engine of this process."""
    return current_app.extensions["engine"]


@api.before_request
def check_token() -> None:
    """Only who brings the token may use the interface."""
    given = request.headers.get("Authorization", "").encode("utf-8", "replace")
    if not hmac.compare_digest(given, b"Bearer " + current_app.config["EMS_TOKEN"].encode()):
        raise Refusal(401, "unauthenticated", _("The access token is missing or wrong."))


@api.get("/rosters")
def list_rosters() -> Response:
    """Every roster with its cursor: one call tells where something has changed."""
    with engine().connect() as connection:
        rows = rosters.all_rosters(connection)
    shapes = [
        {
            "school": row.school_code,
            "name": row.school_name,
            "cohort": row.cohort,
            "cursor": row.last_change,
            "edits": row.last_edit,
            "students": row.present,
            "removed": row.removed,
            "switch_open": row.switch_open,
        }
        for row in rows
    ]
    return jsonify(rosters=shapes)


@api.put("/schools/<school>")
def put_school(school: str) -> Response:
    """Name a school."""
    check_roster_key(school, 2000)
    with engine().begin() as connection:
        rosters.name_school(connection, school, _body().get("name"))
    return jsonify(school=school)


@api.route(f"{_ROSTER}/switch", methods=["GET", "PUT"])
def switch(school: str, cohort: str) -> Response:
    """Read or tell whether the school has opened signing for the cohort."""
    code, year = check_roster_key(school, cohort)
    with engine().begin() as connection:
        if request.method == "GET":
            return jsonify(open=rosters.read_roster(connection, code, year).switch_open)
        body = _body()
        sequence = check_sequence(body["sequence"]) if body.get("sequence") is not None else None
        row, applied = rosters.turn_switch(connection, code, year, body.get("open"), sequence)
    return jsonify(open=row.switch_open, applied=applied)


@api.get(f"{_ROSTER}/students")
def changed(school: str, cohort: str) -> Response:
    """Students changed, removed or restored after the cursor `updated_since` (0 = from the start)."""
    code, year = check_roster_key(school, cohort)
    since, limit = _number("updated_since", 0, 2**62), max(1, _number("limit", 500, _MAX_PAGE))
    with engine().connect() as connection:
        rows, cursor, more = students.changed_students(connection, code, year, since, limit)
    return jsonify(students=[students.student_shape(row) for row in rows], cursor=cursor, more=more)


@api.get(f"{_ROSTER}/edits")
def edited(school: str, cohort: str) -> Response:
    """Archive and hukou records edited here after the cursor `after` (0 = from the start)."""
    code, year = check_roster_key(school, cohort)
    after, limit = _number("after", 0, 2**62), max(1, _number("limit", 500, _MAX_PAGE))
    with engine().connect() as connection:
        rows, cursor, more = edits.edits_after(connection, code, year, after, limit)
    return jsonify(edits=[edits.edit_shape(row) for row in rows], cursor=cursor, more=more)


@api.put(f"{_ROSTER}/students")
def upload(school: str, cohort: str) -> Response:
    """Add and change up to 1000 students, all or none; who was removed is on the roster again."""
    code, year = check_roster_key(school, cohort)
    with engine().begin() as connection:
        return jsonify(students.upload_students(connection, code, year, _list("students")))


@api.post(f"{_ROSTER}/students/remove")
def remove_many(school: str, cohort: str) -> Response:
    """Remove many at once; refused once the signing switch is open."""
    code, year = check_roster_key(school, cohort)
    with engine().begin() as connection:
        return jsonify(removed=students.remove_students(connection, code, year, _list("exam_numbers")))


@api.get(_STUDENT)
def get_student(school: str, cohort: str, exam_number: str) -> Response:
    """The student and the reported destination, in one call."""
    key = check_key(school, cohort, exam_number)
    with engine().connect() as connection:
        row = students.read_with_destination(connection, key)
    destination = records.record_shape(row) if row.data is not None else None
    return jsonify(student=students.student_shape(row), destination=destination)


@api.put(_STUDENT)
def put_student(school: str, cohort: str, exam_number: str) -> Response:
    """Add or change one student; a removed one is on the roster again."""
    key = check_key(school, cohort, exam_number)
    body = _body()
    check_student(body)  # Of one student the fields are told, not the place in a batch.
    with engine().begin() as connection:
        students.upload_students(
            connection, key[0], key[1], [{**body, "school": key[0], "cohort": key[1], "exam_number": key[2]}]
        )
        return jsonify(student=students.student_shape(students.read_student(connection, key)))


@api.patch(_STUDENT)
def patch_student(school: str, cohort: str, exam_number: str) -> Response:
    """Change some fields of a student on the roster."""
    key = check_key(school, cohort, exam_number)
    with engine().begin() as connection:
        return jsonify(student=students.student_shape(students.change_student(connection, key, _body())))


@api.delete(_STUDENT)
def delete_student(school: str, cohort: str, exam_number: str) -> Response:
    """Take the student off the roster; the row is kept for a restore."""
    key = check_key(school, cohort, exam_number)
    with engine().begin() as connection:
        return jsonify(student=students.student_shape(students.remove_student(connection, key)))


@api.post(f"{_STUDENT}/restore")
def restore_student(school: str, cohort: str, exam_number: str) -> Response:
    """Upload the kept row again."""
    key = check_key(school, cohort, exam_number)
    with engine().begin() as connection:
        return jsonify(student=students.student_shape(students.restore_student(connection, key)))


@api.get(f"{_STUDENT}/records/<kind>")
def get_record(school: str, cohort: str, exam_number: str, kind: str) -> Response:
    """What is reported about the student now, or null."""
    key = check_key(school, cohort, exam_number)
    with engine().connect() as connection:
        return jsonify(record=records.read_record(connection, key, records.check_kind(kind)))


@api.put(f"{_STUDENT}/records/<kind>")
def put_record(school: str, cohort: str, exam_number: str, kind: str) -> Response:
    """Report a record: once per Idempotency-Key, and only if its sequence is the highest so far."""
    key = check_key(school, cohort, exam_number)
    records.check_kind(kind)
    idempotency_key = request.headers.get("Idempotency-Key", "").strip()
    if not 0 < len(idempotency_key) <= 200:
        raise Refusal(400, "malformed", _("An Idempotency-Key of 1 to 200 characters is needed."))
    with engine().begin() as connection:
        return jsonify(records.report(connection, key, kind, _body(), idempotency_key))


def _body() -> Mapping[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Refusal(400, "malformed", _("The request is not a JSON object."))
    return body


def _list(name: str) -> list[Any]:
    value = _body().get(name)
    if not isinstance(value, list):
        raise Refusal(400, "malformed", _("The request is not a JSON object."))
    return value


def _number(name: str, default: int, highest: int) -> int:
    text = request.args.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 20) or int(text) > highest:
        raise Refusal(400, "malformed", _("A parameter of the address is not right."))
    return int(text)
