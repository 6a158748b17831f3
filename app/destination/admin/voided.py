"""作废信息管理: graduates who voided something and have handed in nothing since, with all their voided records (R8.12)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import url_for
from flask_appbuilder.models.filters import BaseFilter
from flask_appbuilder.security.decorators import has_access
from flask_appbuilder.views import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.access.actors import STAFF
from app.base.errors import NotFound
from app.base.wording import joined
from app.cases.queries import graduates_without_successor, voided_numbers, voided_records
from app.destination.admin.destinations import voided_row
from app.fab.conditions import Where
from app.fab.datamodel import ScopedInterface
from app.fab.menu import Entry
from app.fab.views import ScopedModelView
from app.roster.admin import RosterView
from app.roster.models import Graduate
from app.roster.pages import place_of
from app.web.current import current_actor
from app.web.numbers import row_id
from app.web.sheets import Column


class WithoutSuccessor(BaseFilter):
    """Those who have handed in nothing since the last void; the value is a function that gives the actor."""

    name, arg_name = "without successor", None

    def apply(self, query: Any, value: Any) -> Any:
        """The query narrowed to them."""
        return query.filter(Graduate.id.in_(graduates_without_successor(value())))


class VoidedAdmin(ScopedModelView):
    """The list of these graduates; a row opens all that they have voided."""

    datamodel = ScopedInterface(Graduate)
    class_permission_name = "voided_records"
    route_base = "/staff/voided-records"
    menu = Entry("voided_records", "file-x", "students")
    list_title = _("Voided information management")
    module = "employment"
    open_to = STAFF
    base_permissions = ["can_list", "can_show", "can_export"]
    base_filters = [["id", WithoutSuccessor, current_actor], ["id", Where, Graduate.invalid_since.is_(None)]]
    list_columns: Sequence[str] = (
        *(
            "numbers",
            "name",
            "sex",
            "school",
            "department",
            "major",
            "level_word",
            "id_number",
            "cohort",
        ),
    )
    search_columns: Sequence[str] = ("name", "id_number", "department_name", "major", "level", "cohort")
    search_kinds = {name: RosterView.search_kinds[name] for name in search_columns}
    search_choices = {name: RosterView.search_choices[name] for name in ("level", "cohort")}
    # Another list of the same people: cells as on the roster, the ID number masked.
    label_columns = {**RosterView.label_columns, "numbers": _("Proof code of the signing")}
    computed = {**RosterView.computed, "numbers": lambda one: joined(getattr(one, "voided_numbers", ()))}
    whole = RosterView.whole
    order_columns: Sequence[str] = ("name", "cohort")

    def list_head(self) -> dict[str, Any]:
        """The list, and for what it is there."""
        lead = gettext(
            "Graduates whose signing or destination was voided and who have submitted nothing since: they count as "
            "waiting for employment."
        )
        return {"lead": lead}

    def row_extras(self, rows: Sequence[Any]) -> dict[str, Any]:
        """Numbers in one line, read with one statement a workflow; a row opens the voided records."""
        numbers = voided_numbers([row.id for row in rows], actor=current_actor()) if rows else {}
        for row in rows:
            row.voided_numbers = numbers.get(row.id, [])
        return {
            "main_column": "name",
            "numeric_columns": ["id_number", "numbers"],
            "wide_columns": ["school"],
            "row_urls": {row.id: url_for(f"{self.endpoint}.show", pk=row.id) for row in rows},
            "empty_title": gettext("Nobody is waiting after a void"),
            "empty_text": gettext(
                "Whoever voids a signing or destination is listed here until something new is submitted."
            ),
        }

    def columns(self) -> Sequence[Column]:
        """The columns of the guide."""
        numbers: dict[int, Sequence[str]] = dict(voided_numbers(None, actor=current_actor()))
        joins = [
            Column(_("Exam number"), lambda row: row.exam_number, 18),
            Column(_("Student number"), lambda row: row.student_number, 16),
        ]
        first = Column(self.label_columns["numbers"], lambda row: joined(numbers.get(row.id, ())), 24)
        return [first, *joins, *map(self.column, self.list_columns[1:])]

    @expose("/show/<pk>")
    @has_access
    def show(self, pk: Any) -> Any:
        """All voided records of one graduate, each leading to its details."""
        actor = current_actor()
        graduate: Graduate = self.row(row_id(pk))
        records = [voided_row(one, actor) for one in voided_records(graduate.id, actor=actor)]
        if not records:
            raise NotFound()
        return self.render_template(
            "destination/voided.html",
            title=graduate.name,
            graduate=graduate,
            records=records,
            person=[
                (self.label_columns[name], self.datamodel._get_attr_value(graduate, name))
                for name in (
                    "name",
                    "sex",
                    "school",
                    "department",
                    "major",
                    "education",
                )
            ],
            personal=place_of(graduate, actor),
            back_url=url_for(f"{self.endpoint}.list"),
            back_label=self.list_title,
        )
