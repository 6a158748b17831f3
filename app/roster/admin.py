"""学生名单管理 and 失效信息管理: the roster as staff read it; basic information is changed in the employment system (R4.2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import flash, get_template_attribute, redirect, request, url_for
from flask_appbuilder.security.decorators import has_access
from flask_appbuilder.views import expose
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup

from app.access.actors import SCHOOL, STAFF, Actor
from app.base.cohorts import shown_cohorts
from app.base.dates import time_text
from app.base.errors import Conflict, Forbidden, Malformed, TooLarge
from app.codes import queries as codes
from app.codes.graduate_fields import FIELDS
from app.ems.client import student_page
from app.ems.students import key_of
from app.fab.conditions import Lasting
from app.fab.datamodel import ScopedInterface
from app.fab.menu import Entry
from app.fab.search import Contains, ContainsCharacters, Equal, OneOf, SealedEqual, SearchFilter, related
from app.fab.views import ScopedModelView
from app.roster import records
from app.roster.imports.admin import RosterImportView
from app.roster.models import Graduate
from app.roster.pages import place_of
from app.roster.queries import cases_of, graduate_visible_to
from app.roster.reminders.queries import interval, is_registered, plan_of
from app.roster.reminders.services import MOST, remind, require_reminders
from app.roster.services.graduates import VIEW, remove_from_roster, restore_to_roster
from app.schools.departments.queries import unsettled_count
from app.schools.departments.words import department_word
from app.web.current import current_actor
from app.web.filters import state_markup
from app.web.links import record_url
from app.web.numbers import row_id
from app.web.pages import page_access
from app.web.sheets import Column

REGISTERED, NOTHING = "registered", "nothing"


class Registration(SearchFilter):
    """Whether something of the graduate's is in force or in review."""

    name, arg_name = _("is"), "eq"

    def condition(self, value: Any) -> Any:
        """Raises Malformed for anything but the two words."""
        if value not in (REGISTERED, NOTHING):
            raise Malformed(gettext("Please choose from the list."))
        return is_registered() if value == REGISTERED else ~is_registered()


LEVELS = {"undergraduate": _("Undergraduate"), "postgraduate": _("Postgraduate")}


def information_word(graduate: Graduate) -> Any:
    """Whether the graduate has confirmed the basic information (R1.9)."""
    if graduate.confirmed_at is not None:
        return state_markup(gettext("Confirmed"), "in_force")
    if graduate.reported_wrong_at is not None:
        return state_markup(gettext("Reported as wrong"), "failed")
    return state_markup(gettext("Not yet confirmed"), "theirs")


class RosterView(ScopedModelView):
    """What both lists share: columns, filters, the details, removal and restore."""

    datamodel = ScopedInterface(Graduate)
    class_permission_name = "graduates"
    module = "employment"
    open_to = STAFF
    base_permissions = ["can_list", "can_show", "can_export"]
    search_columns: Sequence[str] = (
        *("name", "id_number", "exam_number", "department_name", "major", "level", "training_mode", "cohort"),
        "registration",
    )
    search_kinds = {
        "registration": (Registration,),
        "name": (ContainsCharacters,),
        "id_number": (SealedEqual,),
        "exam_number": (Equal,),
        "department_name": (related("department", "name", Contains),),
        "major": (Contains,),
        "level": (OneOf,),
        "training_mode": (OneOf,),
        "cohort": (OneOf,),
    }
    search_choices = {
        "registration": lambda: [(REGISTERED, gettext("Registered")), (NOTHING, gettext("Not registered"))],
        "level": lambda: [(code, str(label)) for code, label in LEVELS.items()],
        "training_mode": lambda: codes.choices("training_mode"),
        "cohort": lambda: [(str(cohort), str(cohort)) for cohort in shown_cohorts()],
    }
    label_columns = {
        **{field.name: field.label for field in FIELDS},
        "department_name": _("Department of study"),
        "registration": _("Destination"),
        "level": _("Level"),
        "level_word": _("Level"),
        "information": _("Basic information"),
        "removed": _("Removed on"),
        "kind": _("Kind"),
    }
    whole = records.whole_cells()
    computed = {
        **records.cells(),
        "level_word": lambda one: str(LEVELS[one.level]),
        "information": information_word,
        "removed": lambda one: time_text(one.invalid_since),
        "kind": lambda one: state_markup(gettext("Invalid"), "invalid"),
    }
    order_columns: Sequence[str] = ("name", "exam_number", "cohort")

    def row_extras(self, rows: Sequence[Any]) -> dict[str, Any]:
        """Numbers stay in one line; the school is left out on small desks."""
        del rows
        return {"numeric_columns": ["id_number", "exam_number"], "wide_columns": ["school"]}

    def columns(self) -> Sequence[Column]:
        """The download has what the list of fields says, and since when a student is off the roster."""
        return [*records.sheet_columns(), Column(_("Removed on"), lambda one: one.invalid_since, 20)]

    @expose("/show/<pk>")
    @has_access
    def show(self, pk: Any) -> Any:
        """One graduate: basic information, the state of the roster, and the graduate's cases."""
        actor = current_actor()
        graduate = graduate_visible_to(actor, row_id(pk))
        return self.render_template(
            "roster/graduate.html",
            title=graduate.name,
            graduate=graduate,
            department=department_word(graduate.department),
            groups=records.fact_groups(graduate),
            personal=place_of(graduate, actor),
            information=information_word(graduate),
            cases=[
                {
                    "label": case.workflow_label,
                    "case": case.row,
                    "since": case.row.state_since,
                    "url": record_url(case.row.workflow_name, case.row.id, actor.kind),
                }
                for case in cases_of(graduate, actor)
            ],
            ems_page=student_page(key_of(graduate)),
            may_remove=_may(actor, "can_remove"),
            may_restore=_may(actor, "can_restore"),
            view=self.endpoint,
            back_url=url_for(f"{self.endpoint}.list"),
            back_label=self.list_title,
        )

    @expose("/remove/<pk>", methods=["POST"])
    def remove(self, pk: Any) -> Any:
        """Take the graduate off the roster (R4.7); the service decides who may."""
        return self._changed(pk, remove_from_roster, _("%(name)s has been removed from the roster."))

    @expose("/restore/<pk>", methods=["POST"])
    def restore(self, pk: Any) -> Any:
        """Upload the kept row again and restore graduate and states (R4.8); the service decides who may."""
        done = _("%(name)s is on the roster again, and every record is as it was.")
        return self._changed(pk, restore_to_roster, done)

    def _changed(self, pk: Any, change: Callable[..., Graduate], done: Any) -> Any:
        number = row_id(pk)
        try:
            graduate = change(number, actor=current_actor())
            flash(str(done) % {"name": graduate.name}, "success")
        except Conflict as refused:
            flash(refused.message, "danger")
        return redirect(url_for(f"{self.endpoint}.show", pk=number))


class GraduateAdmin(RosterView):
    """学生名单管理: those on the roster."""

    route_base = "/staff/graduates"
    menu = Entry("graduates", "users", "students")
    list_title = _("Student list management")
    base_filters = [["id", Lasting, Graduate.invalid_since.is_(None)]]
    list_columns: Sequence[str] = (*records.list_columns(), "information")

    def list_head(self) -> dict[str, Any]:
        """The list, with the way to the import and to the employment system."""
        lead = gettext(
            "Only students on this list can use the platform. Their basic information is changed in the employment "
            "management system and arrives here within a minute."
        )
        return {
            "lead": lead + _unsettled(current_actor()),
            "head_tools": _remind_link() + _import_link(current_actor()),
        }

    @expose("/remind")
    @page_access(SCHOOL)
    def remind(self) -> Any:
        """Whom a reminder to the graduates of this query would reach; sends nothing."""
        require_reminders(current_actor())
        plan = plan_of(self._matching(), current_actor())
        return self.render_template(
            "roster/remind.html",
            title=gettext("Remind of the destination"),
            plan=plan,
            days=interval().days,
            send_url=f"{url_for(f'{self.endpoint}.send_reminders')}?{_query()}",
            back_url=f"{url_for(f'{self.endpoint}.list')}?{_query()}",
        )

    @expose("/remind", methods=["POST"])
    @page_access(SCHOOL)
    def send_reminders(self) -> Any:
        """Have a worker remind them."""
        try:
            job = remind(self._matching(), actor=current_actor())
            count = job.payload["told"] + job.payload["by_address"]
            flash(gettext("%(count)s graduates are being reminded.", count=count), "success")
        except Conflict as refused:
            flash(refused.message, "danger")
        return redirect(f"{url_for(f'{self.endpoint}.list')}?{_query()}")

    def _matching(self) -> list[int]:
        found = self.datamodel.ids(self.list_filters(), *self.list_order(), limit=MOST + 1)
        if len(found) > MOST:
            raise TooLarge(gettext("At most %(most)s graduates at once. Please narrow the list.", most=MOST))
        return list(found)


class RemovedAdmin(RosterView):
    """失效信息管理: those removed from the roster (R8.12)."""

    route_base = "/staff/removed-graduates"
    menu = Entry("removed_graduates", "user-x", "students")
    list_title = _("Invalid information management")
    base_filters = [["id", Lasting, Graduate.invalid_since.is_not(None)]]
    list_columns: Sequence[str] = (
        *("kind", "name", "sex", "school", "department", "major", "level_word", "id_number"),
        *("cohort", "removed"),
    )

    def list_head(self) -> dict[str, Any]:
        """The list with a button to restore in each row."""
        lead = gettext(
            "Removed students can log in and read; every step is refused, and all their records keep their state. "
            "Uploaded again in the employment management system they come back by themselves; restored here, at once."
        )
        return {"lead": lead}

    def row_extras(self, rows: Sequence[Any]) -> dict[str, Any]:
        """Whoever may gets the button."""
        extras = {
            **super().row_extras(rows),
            "main_column": "name",
            "empty_title": gettext("Nobody has been removed"),
            "empty_text": gettext("Students who are removed from the roster are listed here until they come back."),
        }
        if _may(current_actor(), "can_restore"):
            post = get_template_attribute("components/buttons.html", "post")
            extras["row_tools"] = {
                row.id: post(gettext("Restore"), url_for(f"{self.endpoint}.restore", pk=row.id)) for row in rows
            }
        return extras


def _query() -> str:
    return request.query_string.decode("ascii", "replace")


def _unsettled(actor: Actor) -> str:
    """How many names of departments wait for the school, however they came."""
    waiting = unsettled_count(actor.school_id) if actor.kind == SCHOOL and actor.school_id else 0
    said = ngettext(
        "%(num)d department name is to be checked: assign it under “%(where)s”.",
        "%(num)d department names are to be checked: assign them under “%(where)s”.",
        waiting,
        where=gettext("Departments of the school"),
    )
    return f" {said}" if waiting else ""


def _remind_link() -> Any:
    if not _may_remind(current_actor()):
        return Markup("")
    button = get_template_attribute("components/buttons.html", "button")
    address = f"{url_for('GraduateAdmin.remind')}?{_query()}"
    return button(gettext("Remind of the destination…"), href=address, icon_name="bell")


def _may_remind(actor: Actor) -> bool:
    try:
        require_reminders(actor)
    except Forbidden:
        return False
    return True


def _may(actor: Actor, permission: str) -> bool:
    return actor.kind == SCHOOL and actor.writes("employment") and actor.may(permission, VIEW)


def _import_link(actor: Actor) -> Any:
    if not _may(actor, "can_import"):
        return Markup("")
    button = get_template_attribute("components/buttons.html", "button")
    return button(gettext("Import students"), "primary", url_for("RosterImportView.index"), "upload")


OPENS = (GraduateAdmin, RosterImportView, RemovedAdmin)
