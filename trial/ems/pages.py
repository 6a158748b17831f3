"""The pages of the stand-in for school staff: rosters, one student, edit, remove, upload again, restore."""

from __future__ import annotations

import hmac
from typing import Any

from flask import Blueprint, Flask, current_app, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.base.masks import mask_id_number
from app.base.wording import listed
from trial.ems import edits, records, rosters, students
from trial.ems.api import engine
from trial.ems.checks import MAX_BATCH, RECORD_KINDS, check_key, check_roster_key, check_student
from trial.ems.fields import DAYS, STUDENT_FIELDS, STUDENT_LABELS
from trial.ems.labels import choices, label_of
from trial.ems.refusals import Refusal
from trial.ems.wording import DESTINATION_LABELS, KIND_LABELS, RECORD_LABELS

pages = Blueprint("pages", __name__)

_PAGE_SIZE = 50
_STUDENT = "/students/<school>/<cohort>/<exam_number>"
_ROSTER = "/schools/<school>/<cohort>"


def prepare_templates(app: Flask) -> None:
    """What all templates may use."""
    app.add_template_filter(mask_id_number)
    app.add_template_filter(listed)
    app.add_template_global(label_of)
    app.context_processor(
        lambda: {
            "open_to_all": not app.config["PAGE_PASSWORD"],
            "platform_url": app.config["PLATFORM_URL"],
            "logged_in": bool(session.get("in")),
        }
    )


@pages.before_request
def check_login() -> Response | None:
    """Where a page password is set, the pages ask for it."""
    if not current_app.config["PAGE_PASSWORD"] or session.get("in") or request.endpoint == "pages.login":
        return None
    wanted = request.full_path if request.method == "GET" else "/"
    return redirect(url_for("pages.login", next=wanted))


@pages.route("/login", methods=["GET", "POST"])
def login() -> str | Response:
    """Ask for the page password."""
    if request.method == "POST":
        given = request.form.get("password", "").encode("utf-8", "replace")
        if hmac.compare_digest(given, current_app.config["PAGE_PASSWORD"].encode()):
            session.clear()
            session["in"] = session.permanent = True
            wanted = request.args.get("next", "/")
            return redirect(wanted if wanted.startswith("/") and wanted[1:2] not in ("/", "\\") else "/")
        flash(_("The password is not right."), "wrong")
    return render_template("standin/login.html")


@pages.post("/logout")
def logout() -> Response:
    """End the page session."""
    session.clear()
    return redirect(url_for("pages.home"))


@pages.get("/")
def home() -> str:
    """All schools and cohorts."""
    with engine().connect() as connection:
        return render_template("standin/home.html", rosters=rosters.all_rosters(connection))


@pages.get(_ROSTER)
def roster(school: str, cohort: str) -> str:
    """The students of a school and cohort, searched and paged."""
    code, year = check_roster_key(school, cohort)
    words, removed = (
        request.args.get("q", "").strip().replace("\x00", "")[:50],
        request.args.get("view") == "removed",
    )
    number = request.args.get("page", "1")
    page = min(max(int(number), 1), 100_000) if number.isascii() and number.isdigit() and len(number) < 7 else 1
    with engine().connect() as connection:
        row = rosters.read_roster(connection, code, year)
        found, count = students.find_students(connection, code, year, removed, words, page, _PAGE_SIZE)
    last = max(1, -(-count // _PAGE_SIZE))
    return render_template(
        "standin/roster.html",
        roster=row,
        rows=found,
        count=count,
        words=words,
        removed=removed,
        page=page,
        last=last,
    )


@pages.post(f"{_ROSTER}/remove")
def remove_many(school: str, cohort: str) -> str | Response:
    """Ask, then remove the chosen students."""
    code, year = check_roster_key(school, cohort)
    chosen = request.form.getlist("exam_number")[:MAX_BATCH]
    back = url_for("pages.roster", school=code, cohort=year)
    if not chosen:
        flash(_("Please tick the students first."), "wrong")
        return redirect(back)
    if request.form.get("sure") != "yes":
        return render_template("standin/remove_many.html", chosen=chosen, back=back)
    with engine().begin() as connection:
        count = students.remove_students(connection, code, year, chosen)
    flash(_("%(count)s students have been removed from the roster.", count=count))
    return redirect(back)


@pages.get(_STUDENT)
def student(school: str, cohort: str, exam_number: str) -> str:
    """One student with what is reported; the platform's link 到就业系统查看 leads here."""
    key = check_key(school, cohort, exam_number)
    with engine().connect() as connection:
        row = students.read_with_destination(connection, key)
        roster_row = rosters.read_roster(connection, key[0], key[1])
        history = records.history_of(connection, row.id)
        held = edits.held_records(connection, row.id)
    return render_template(
        "standin/student.html",
        row=row,
        roster=roster_row,
        history=history,
        held=held,
        record_labels=RECORD_LABELS,
        student_labels=STUDENT_LABELS,
        destination_labels=DESTINATION_LABELS,
        kind_labels=KIND_LABELS,
    )


@pages.route(f"{_STUDENT}/edit", methods=["GET", "POST"])
def edit(school: str, cohort: str, exam_number: str) -> str | Response:
    """Change the basic information: this system is its master."""
    key = check_key(school, cohort, exam_number)
    errors: dict[str, list[str]] = {}
    with engine().begin() as connection:
        row = students.read_student(connection, key)
        values: dict[str, Any] = students.student_shape(row)
        if request.method == "POST":
            values.update({field: request.form.get(field, "") for field in STUDENT_FIELDS})
            try:
                check_student({field: values[field] for field in STUDENT_FIELDS})
            except Refusal as refusal:
                errors = refusal.errors
            else:
                students.change_student(connection, key, {field: values[field] for field in STUDENT_FIELDS})
                flash(_("The basic information has been changed. The platform shows it at its next review."))
                return redirect(_address(key))
    page = render_template(
        "standin/edit.html", row=row, values=values, errors=errors, labels=STUDENT_LABELS, days=DAYS, choices=choices
    )
    return current_app.make_response((page, 422)) if errors else page


@pages.route(f"{_STUDENT}/records/<kind>", methods=["GET", "POST"])
def edit_record(school: str, cohort: str, exam_number: str, kind: str) -> str | Response:
    """Change a reported archive or hukou record; the platform takes the change over."""
    key = check_key(school, cohort, exam_number)
    fields = RECORD_KINDS[edits.check_editable(kind)][0]
    errors: dict[str, list[str]] = {}
    with engine().begin() as connection:
        row = students.read_student(connection, key)
        held = edits.held_records(connection, row.id).get(kind)
        values: dict[str, Any] = dict(held.data) if held else {}
        if request.method == "POST":
            values = {field: request.form.get(field, "").strip() for field in fields}
            try:
                edits.edit_record(connection, key, kind, values)
            except Refusal as refusal:
                if not refusal.errors:
                    raise
                errors = refusal.errors
            else:
                flash(_("The record has been changed. The platform takes it over within a minute."))
                return redirect(_address(key))
    labels = {field: RECORD_LABELS[field] for field in fields}
    page = render_template(
        "standin/edit_record.html",
        row=row,
        kind=kind,
        title=KIND_LABELS[kind],
        values=values,
        errors=errors,
        labels=labels,
        choices=choices,
    )
    return current_app.make_response((page, 422)) if errors else page


@pages.route(f"{_STUDENT}/remove", methods=["GET", "POST"])
def remove(school: str, cohort: str, exam_number: str) -> str | Response:
    """Ask, then take the student off the roster."""
    key = check_key(school, cohort, exam_number)
    with engine().begin() as connection:
        row = students.read_student(connection, key)
        if request.method == "GET":
            return render_template("standin/remove.html", row=row, back=_address(key))
        students.remove_student(connection, key)
    flash(_("The student has been removed from the roster."))
    return redirect(_address(key))


@pages.post(f"{_STUDENT}/upload")
def upload(school: str, cohort: str, exam_number: str) -> Response:
    """Upload the kept row again; the platform notices within an hour."""
    return _bring_back(
        check_key(school, cohort, exam_number),
        _("The student has been uploaded again. The platform takes it over within one hour."),
    )


@pages.post(f"{_STUDENT}/restore")
def restore(school: str, cohort: str, exam_number: str) -> Response:
    """恢复网签数据: the same row again, on the roster at once."""
    return _bring_back(
        check_key(school, cohort, exam_number),
        _("The signing data are being restored: the student is on the roster again."),
    )


def _bring_back(key: students.Key, told: str) -> Response:
    with engine().begin() as connection:
        students.restore_student(connection, key)
    flash(told)
    return redirect(_address(key))


def _address(key: students.Key) -> str:
    return url_for("pages.student", school=key[0], cohort=key[1], exam_number=key[2])
