"""名单导入: upload, progress, dry run, commit and undo on the screens of schools (R4.1)."""

from __future__ import annotations

import io
from functools import partial
from typing import Any

from flask import flash, redirect, request, send_file, url_for
from flask_appbuilder.baseviews import BaseView
from flask_appbuilder.views import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import RequestEntityTooLarge

from app.access.actors import SCHOOL
from app.base.database import session
from app.base.errors import AppError, Conflict, Forbidden, Invalid
from app.base.masks import mask_id_number
from app.codes.graduate_fields import field_named
from app.fab.menu import Entry
from app.roster import records
from app.roster.imports import columns
from app.roster.imports.api import template_answer, uploaded_file
from app.roster.imports.columns import HEADING_OF
from app.roster.imports.queries import PAGE, batch_visible_to, batches_visible_to, dry_rows, progress_of
from app.roster.imports.services.batches import receive_sheet, require_import
from app.roster.imports.services.writing import commit_batch, undo_batch
from app.roster.imports.sheets import error_sheet, notes
from app.roster.models import CHANGED, CHECKING, COMMITTED, NEW, READY, REFUSED, UNDONE, RosterBatch
from app.roster.queries import sync_problems
from app.schools.departments.queries import alike, known_departments, unsettled_count
from app.schools.models import School
from app.web.current import actor_or_none, current_actor
from app.web.numbers import row_id
from app.web.pages import page_access, refusal_text
from app.web.sheets import MIMETYPE, mark, origin

WRONG, ODD = "wrong", "odd"
_TONES = {CHECKING: "theirs", READY: "mine", REFUSED: "failed", COMMITTED: "in_force", UNDONE: "over"}


def _in_menu() -> bool:
    """The entry is shown to those who import."""
    actor = actor_or_none()
    try:
        require_import(actor) if actor else None
    except Forbidden:
        return False
    return actor is not None


class RosterImportView(BaseView):
    """The way of a sheet: uploaded, checked by a worker, looked through, committed or not, undone while that is possible."""

    route_base = "/staff/roster-imports"
    menu = Entry("roster_imports", "upload", "students", _l("Import of the student list"), _in_menu)
    class_permission_name = "roster"
    default_view = "index"
    module = "employment"
    open_to = (SCHOOL,)

    @expose("/")
    @page_access(SCHOOL)
    def index(self) -> Any:
        """The upload form and the last imports."""
        require_import(current_actor())
        return self._index()

    def _index(self, error: str = "") -> str:
        actor = current_actor()
        school = session.get_one(School, actor.school_id)
        return self.render_template(
            "roster/imports.html",
            title=_("Import of the student list"),
            batches=batches_visible_to(actor),
            notes=notes(school.code),
            problems=sync_problems(school.id),
            most=columns.MOST_ROWS,
            megabytes=columns.MOST_BYTES // 1024 // 1024,
            words=state_words,
            tones=_TONES,
            error=error,
        )

    @expose("/", methods=["POST"])
    @page_access(SCHOOL)
    def upload(self) -> Any:
        """Take the sheet; the page of its check opens."""
        actor = current_actor()
        require_import(actor)
        try:
            content, name = uploaded_file()
            batch = receive_sheet(content, name, actor=actor)
        except Forbidden:
            raise
        except AppError as refused:
            return self._index(refusal_text(refused)), refused.status
        except RequestEntityTooLarge:
            most = columns.MOST_BYTES // 1024 // 1024
            return self._index(_("The file is larger than %(most)s MB. Please divide it.", most=most)), 413
        return redirect(url_for("RosterImportView.show", pk=batch.id))

    @expose("/template.xlsx")
    @page_access(SCHOOL)
    def template(self) -> Any:
        """The empty sheet."""
        require_import(current_actor())
        return template_answer(current_actor().school_id)

    @expose("/<pk>")
    @page_access(SCHOOL)
    def show(self, pk: Any) -> Any:
        """One import in whatever state it is."""
        return self.render_template("roster/import.html", **self._batch(pk))

    @expose("/<pk>/progress")
    @page_access(SCHOOL)
    def progress(self, pk: Any) -> Any:
        """The part of the page that changes while the worker checks."""
        return self.render_template("roster/_import.html", **self._batch(pk))

    @expose("/<pk>/errors.xlsx")
    @page_access(SCHOOL)
    def errors(self, pk: Any) -> Any:
        """What is wrong, as a sheet."""
        batch = self._own(pk)
        name = _("Wrong rows") + f"-{batch.id}.xlsx"
        wrong = [*(batch.errors or []), *(batch.warnings or [])]
        sheet = io.BytesIO(error_sheet(wrong, mark=lambda book, data: mark(book, data, origin())))
        return send_file(sheet, mimetype=MIMETYPE, as_attachment=True, download_name=name)

    @expose("/<pk>/commit", methods=["POST"])
    @page_access(SCHOOL)
    def commit(self, pk: Any) -> Any:
        """Write the batch; the page has asked twice, the second time for the number of students."""
        write = partial(commit_batch, queue=request.form.getlist("queue"))
        return self._do(pk, write, _("The students are on the roster. The employment management system is told."))

    @expose("/<pk>/undo", methods=["POST"])
    @page_access(SCHOOL)
    def undo(self, pk: Any) -> Any:
        """Take the batch back."""
        return self._do(pk, undo_batch, _("The import has been undone."))

    def _do(self, pk: Any, change: Any, done: str) -> Any:
        batch = self._own(pk)
        if request.form.get("confirm_number", "").strip() != str(batch.new + batch.changed):
            flash(_("The number does not agree with the number of students. Nothing was changed."), "danger")
            return redirect(url_for("RosterImportView.show", pk=batch.id))
        try:
            change(batch.id, actor=current_actor())
            flash(done, "success")
        except (Conflict, Invalid) as refused:
            flash(refusal_text(refused), "danger")
        return redirect(url_for("RosterImportView.show", pk=batch.id))

    def _own(self, pk: Any) -> RosterBatch:
        batch = batch_visible_to(current_actor(), row_id(pk))
        require_import(current_actor())
        return batch

    def _batch(self, pk: Any) -> dict[str, Any]:
        batch = self._own(pk)
        counts = {NEW: batch.new, CHANGED: batch.changed, WRONG: batch.wrong_rows, ODD: batch.warning_count}
        tab = request.args.get("tab", "")
        if tab not in counts:
            tab = next((name for name in (WRONG, NEW, CHANGED) if counts[name]), NEW)
        kept = {WRONG: len(batch.errors or []), ODD: len(batch.warnings or [])}.get(tab, counts[tab])
        pages = max(1, -(-kept // PAGE))
        text = request.args.get("page", "1")
        page = min(max(1, int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1), pages)
        return {
            "title": batch.file_name,
            "batch": batch,
            "word": state_words()[batch.state],
            "tone": _TONES[batch.state],
            "progress": progress_of(batch),
            "counts": counts,
            "kept": kept,
            "tab": tab,
            "page": page,
            "pages": pages,
            "rows": self._rows(batch, tab, page),
            "shown": shown,
            "headings": HEADING_OF,
            "mask_id_number": mask_id_number,
            "unmatched": unmatched(batch),
            "unsettled": unsettled_count(batch.school_id) if batch.state == COMMITTED else 0,
        }

    def _rows(self, batch: RosterBatch, tab: str, page: int) -> list[Any]:
        if tab in (WRONG, ODD):
            problems = (batch.errors if tab == WRONG else batch.warnings) or []
            return problems[(page - 1) * PAGE : page * PAGE]
        return dry_rows(batch, tab, page - 1) if batch.state == READY else []


def unmatched(batch: RosterBatch) -> list[tuple[str, str | None]]:
    """The names of a ready batch that mean no department, each with the name that it may be meant for."""
    if batch.state != READY or not batch.departments:
        return []
    words = known_departments(batch.school_id).words
    return [(name, alike(name, words)) for _id, name in batch.departments]


def state_words() -> dict[str, str]:
    """What the states of an import are called."""
    return {
        CHECKING: _("Being checked"),
        READY: _("Checked, waits for your commit"),
        REFUSED: _("Refused, nothing was written"),
        COMMITTED: _("Written to the roster"),
        UNDONE: _("Undone"),
    }


def shown(name: str, value: Any) -> str:
    """One value of a row as people read it."""
    if name == "on_roster":
        return _("on the roster") if value else _("removed")
    if value is None or value == "":
        return "—"
    field = field_named(name)
    if field is None or "*" in str(value):  # masked already
        return str(value)
    return str(records.shown(field, value))


OPENS = ()  # app/roster/admin.py opens it, between its lists
