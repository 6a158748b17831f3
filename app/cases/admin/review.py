"""The review page of a workflow on FAB's screens: the facts on the left, the verdict on the right, then the next case.

Subclass ``ReviewView`` as ``WorkflowModelView`` and add ``facts_template`` (a piece of HTML with the case's own
facts; it gets what ``review_context`` returns). Buttons, dialogs and the fields they ask for follow from the table;
the student's two copies, the reported data, warning, register and timeline are the same for all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder.security.decorators import has_access
from flask_appbuilder.views import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup
from sqlalchemy.orm import defaultload, defer

from app.access.actors import OPERATOR, PROVINCE, Actor
from app.base.cohorts import shown_cohorts
from app.base.dates import time_text
from app.base.errors import Conflict, Invalid
from app.cases import asks, attachments, progress
from app.cases.admin import desk
from app.cases.admin.assignments import REVIEWER, AssignedView
from app.cases.admin.lists import WorkflowModelView
from app.cases.admin.orders import case_orders, may_order
from app.cases.admin.phrases import KEEP, keep_sent, phrases_for
from app.cases.admin.review_facts import reported_rows, student_rows
from app.cases.admin.search import ID_NUMBER, MAJOR, NAME, DepartmentContains, SchoolIs
from app.cases.admin.views import KeptViews
from app.cases.models import CaseMixin
from app.cases.queries import waiting_states
from app.cases.services import undo_verdict
from app.cases.sheets import masked_id, whole_id
from app.cases.units import unit_of
from app.cases.verdicts import was_returned
from app.cases.words import state_word
from app.ems.queries import ems_view
from app.ems.queue import open_of_case
from app.fab.addresses import of_rows
from app.fab.conditions import Is, Where
from app.fab.search import Equal, OneOf, as_span
from app.flags.queries import warning_for
from app.roster.models import Graduate
from app.roster.pages import place_of
from app.schools.departments.words import department_word
from app.web.current import current_actor
from app.web.numbers import row_id, seen_version
from app.web.once import drawn_once
from app.web.shell import picked_cohort
from app.workflow import engine
from app.workflow.stages import Stage
from app.workflow.table import Context, Transition

_OPINION = "fields."
_EVERYWHERE = ("school", "department", "major", "level")  # filters that every list of graduates' cases has
_READ_SCHOOLS = (PROVINCE, OPERATOR)  # readers of more than one school


def level_word(case: CaseMixin) -> str:
    """本专科 or 研究生."""
    return gettext("Postgraduate") if case.level == "postgraduate" else gettext("Undergraduate")


def closed_in_lists(model: Any, names: Sequence[str]) -> list[Any]:
    """Loader options of a list: these columns, and how the graduate is reached, are read where somebody asks."""
    own = [defer(getattr(model, name)) for name in names if hasattr(model, name)]
    reached = [defer(column) for column in (Graduate.mobile, Graduate.email, Graduate.address)]
    return [*own, defaultload(model.graduate).options(*reached)] if hasattr(model, "graduate") else own


class ReviewView(KeptViews, AssignedView, WorkflowModelView):
    """A workflow's list and its review page (R8.3)."""

    review_template = "cases/review.html"
    facts_template = ""
    # Drawn by the template itself; every other event gets a dialog.
    drawn_events: Sequence[str] = ("approve", "return")
    # Columns and filters that every list of cases has; rooms name theirs in list_columns and search_columns.
    computed = {
        "state_word": state_word,
        "graduate_name": lambda case: case.graduate.name,
        "exam_number": lambda case: case.graduate.exam_number,
        "school": lambda case: case.graduate.school.name,
        "department": lambda case: department_word(case.graduate.department),
        "level_word": level_word,
        "major": lambda case: case.graduate.major,
        "id_number": masked_id,
    }
    whole = {"id_number": whole_id}
    label_columns = {
        "state_word": _("State"),
        "state": _("State"),
        "graduate_name": _("Name"),
        "exam_number": _("Exam number"),
        "school": _("Graduate's school"),
        "department": _("Department of study"),
        "level_word": _("Level"),
        "level": _("Level"),
        "major": _("Major"),
        "id_number": _("ID number"),
        "number": _("Agreement number"),
        "cohort": _("Cohort"),
        "created_at": _("Created at"),
        "updated_at": _("Last change"),
    }
    list_columns: Any = ("graduate_name", "state_word", "department", "level_word", "major", "id_number", "updated_at")
    numeric_columns: Sequence[str] = ("id_number", "exam_number", "number")
    formatters_columns = dict.fromkeys(("created_at", "updated_at"), time_text)
    base_order = ("waiting", "asc")
    # Sealed parts of a case that no row of the list shows: on a page of rows they stay closed.
    closed_columns: Sequence[str] = ("student", "amendments")
    search_columns: Any = ("state", "cohort", "graduate_name", "id_number")
    search_kinds = {
        "state": (OneOf,),
        "cohort": (OneOf,),
        "level": (OneOf,),
        "school": (SchoolIs,),
        "department": (DepartmentContains,),
        "major": MAJOR,
        "number": (Equal,),
        "graduate_name": NAME,
        "id_number": ID_NUMBER,
    }

    def __init__(self, **kwargs: Any) -> None:
        table = self.table
        declared = tuple(self.search_columns)
        self.search_columns = (*declared, *(name for name in _EVERYWHERE if name not in declared))
        self.search_choices = {
            "state": lambda: [(state.name, str(state.label)) for state in table.states],
            "cohort": lambda: [(str(cohort), str(cohort)) for cohort in shown_cohorts()],
            "level": lambda: [("undergraduate", gettext("Undergraduate")), ("postgraduate", gettext("Postgraduate"))],
            **self.search_choices,
        }
        super().__init__(**kwargs)
        self.datamodel.left_out = closed_in_lists(table.model, self.closed_columns)
        self.datamodel.orders = {"waiting": self._waiting_first}
        self.datamodel.ordered_by = case_orders(self.datamodel.obj)

    def _waiting_first(self) -> Sequence[Any]:
        actor = current_actor()
        states = waiting_states(self.table, actor) if actor.writes(self.table.module) else ()
        return desk.waiting_first(self.datamodel.obj, states)

    # What a room fills in -------------------------------------------------------------------------------------------

    def review_context(self, case: Any, actor: Actor) -> Mapping[str, Any]:
        """What `facts_template` needs."""
        del case, actor
        return {}

    def uscc_of(self, case: Any) -> str | None:
        """The credit code of the case's unit, for warning and company register; None where there is none."""
        del case
        return None

    def opinion_fields(self, case: Any) -> Sequence[tuple[str, Any]]:
        """The fields to which an opinion can be given when a case is returned: path and label."""
        del case
        return ()

    def dialog_words(self, case: Any, event: str) -> Mapping[str, Any]:
        """Of an event's dialog: `title`, `what` (sentences), `cannot`, `typed`, `verb`; all may be left out."""
        del case, event
        return {}

    # Pages ----------------------------------------------------------------------------------------------------------

    def row_extras(self, rows: Sequence[Any]) -> dict[str, Any]:
        """Numbers stay in one line; a record opens with the list's filter and order."""
        kept = desk.kept_query()
        urls = of_rows(f"{self.endpoint}.show", [row.id for row in rows], **kept) if kept else {}
        return {**super().row_extras(rows), "numeric_columns": list(self.numeric_columns), "row_urls": urls}

    def offered_columns(self) -> Sequence[str]:
        """With who looks after a record; who reads several schools sees which one, right after the name."""
        columns = self.with_reviewer(self.list_columns)
        if "school" in columns or "graduate_name" not in columns or current_actor().kind not in _READ_SCHOOLS:
            return columns
        after = columns.index("graduate_name") + 1
        return [*columns[:after], "school", *columns[after:]]

    def offered_orders(self) -> Sequence[str]:
        """Every column that is shown, for those who read one school."""
        kind, own = current_actor().kind, super().offered_orders()
        known = {*self.datamodel.ordered_by, *self.datamodel.list_columns} - set(own)
        return [*own, *(name for name in self.shown_columns() if name in known and may_order(kind, name))]

    def read_address(self) -> None:
        """What the address says, and the cohort that the reader has chosen in the head of the page."""
        super().read_address()
        cohort = picked_cohort()
        if cohort is not None and not any(name.endswith("_cohort") for name in request.args):
            self._filters.add_filter("cohort", Is, cohort)
        if request.args.get("returned"):
            self._filters.add_filter("id", Where, self._returned())

    def _returned(self) -> Any:
        """Both days belong to it."""
        first, last = request.args.get("returned_from"), request.args.get("returned_until")
        since, until = as_span(first)[0] if first else None, as_span(last)[1] if last else None
        return was_returned(self.datamodel.obj, list(self.table.states_in(Stage.RETURNED)), since, until)

    def back_url(self) -> str:
        """The list with its filter and order."""
        return url_for(f"{self.endpoint}.list", **desk.kept_query())

    def list_tools(self) -> Markup:
        """下载当前查询数据, and 导出退回修改学生名单 where cases can be returned (R8.13)."""
        tools = super().list_tools()
        returned = list(self.table.states_in(Stage.RETURNED))
        if not returned or not current_actor().may("can_export", self.workflow):
            return tools
        still = url_for(f"{self.endpoint}.export", _flt_0_state=returned)
        return tools + drawn_once("cases/_returned.html", "tools", url_for(f"{self.endpoint}.export"), still)

    @expose("/show/<pk>")
    @has_access
    def show(self, pk: Any) -> Any:
        """The review page of one case."""
        return self._review(engine.load(self.table, row_id(pk), actor=current_actor()), {})

    @expose("/decide/<pk>/<string:event>", methods=["POST"])
    def decide(self, pk: Any, event: str) -> Any:
        """A verdict from the review page; the next waiting case opens after it."""
        actor, number = current_actor(), row_id(pk)
        seen = seen_version(request.form.get("version"))
        following = desk.next_waiting(self, number, actor)
        try:
            case = engine.fire(self.workflow, number, event, actor=actor, data=sent(event), version=seen)
        except Invalid as error:
            shown = {f"{event}.{name}": texts for name, texts in error.errors.items()}
            return self._review(engine.load(self.table, number, actor=actor), shown, refused=event), 422
        except Conflict as error:
            flash(error.message, "danger")
            return redirect(self._address(number))
        desk.put_down(self.workflow, number, actor)
        keep_sent(self.table, event, sent(event), dict(self.opinion_fields(case)), actor)
        return self._after(case, actor, following)

    @expose("/undo/<pk>", methods=["POST"])
    def undo(self, pk: Any) -> Any:
        """Take the own verdict back within its seconds; the record opens as it was."""
        number = row_id(pk)
        try:
            undo_verdict(self.workflow, number, actor=current_actor())
            flash(gettext("Taken back: the record is as it was, and nobody has been told."), "success")
        except Conflict as error:
            flash(error.message, "danger")
        desk.forget_decision()
        return redirect(self._address(number))

    def _after(self, case: CaseMixin, actor: Actor, following: int | None) -> Any:
        done = gettext("%(name)s: %(label)s", name=case.graduate.name, label=self.table.label_of(case, actor))
        desk.remember(case, done, url_for(f"{self.endpoint}.undo", pk=case.id, **desk.kept_query()))
        if following is None:
            flash(done, "success")
            return redirect(self._address(case.id))
        flash(gettext("%(done)s This is the next one that waits for you.", done=done), "success")
        return redirect(self._address(following))

    def _address(self, case_id: int) -> str:
        return url_for(f"{self.endpoint}.show", pk=case_id, **desk.kept_query())

    def _review(self, case: CaseMixin, errors: Mapping[str, Any], refused: str = "") -> str:
        actor, uscc = current_actor(), self.uscc_of(case)
        transitions = {row.event: row for row in engine.available_transitions(case, actor)}
        place = desk.place_of(self, case, actor)
        files = attachments.files_of(case) if attachments.takes_files(self.workflow) else []
        return self.render_template(
            self.review_template,
            case=case,
            title=case.graduate.name,
            list_title=self.list_title,
            label=self.table.label_of(case, actor),
            tone=progress.tone_for(case, actor),
            transitions=transitions,
            dialogs=[self._dialog(case, row) for event, row in transitions.items() if event not in self.drawn_events],
            approve_fields=self._approve_fields(transitions.get("approve")),
            approve_says=self._foretold(case, transitions.get("approve")),
            opinion_fields=self.opinion_fields(case) if "return" in transitions else (),
            phrases=phrases_for(self.table, transitions.values(), actor),
            facts_template=self.facts_template,
            files=[(one, attachments.label_of(case, one.kind)) for one in files],
            student=student_rows(case),
            personal=place_of(case.graduate, actor),
            ems=ems_view(case.graduate, case.student),
            reported=reported_rows,
            unsent=open_of_case(self.workflow, case.id),
            timeline=progress.timeline(case, actor),
            waiting=progress.waiting_sentence(case, actor),
            warning=warning_for(uscc, actor, case.school_id) if uscc else None,
            uscc=uscc,
            unit_name=(unit_of(case) or ("",))[0],
            decide_url=lambda event: url_for(f"{self.endpoint}.decide", pk=case.id, event=event, **desk.kept_query()),
            record_address=self._address,
            place=place,
            assign_url=self.assign_address(case),
            assigned_to=next((vars(row)[REVIEWER] for row in place.rows if row.id == case.id), None),
            held_by=desk.take_up(self.workflow, case.id, actor) if place.waits else "",
            decided=desk.last_decision(),
            days_waited=desk.days_waited,
            state_word=state_word,
            back_url=self.back_url(),
            errors=errors,
            refused=refused,
            **self.review_context(case, actor),
        )

    def _approve_fields(self, row: Transition | None) -> Sequence[asks.Ask]:
        """What the approval asks beyond the note and the latest student data."""
        if row is None:
            return ()
        fields = asks.fields_of(row.form, sent("approve"))
        return [field for field in fields if field.name not in ("note", "refresh_student")]

    def _dialog(self, case: CaseMixin, row: Transition) -> dict[str, Any]:
        label = str(row.label(case))
        fields = asks.fields_of(row.form, sent(row.event))
        words = self.dialog_words(case, row.event)
        return {
            "event": row.event,
            "label": label,
            "title": gettext("%(verb)s: %(name)s", verb=label, name=case.graduate.name),
            "verb": label,
            "danger": row.irreversible,
            "fields": fields,
            "cannot": gettext("This cannot be taken back, and everybody concerned is told at once.")
            if row.irreversible
            else "",
            "typed": None,
            **words,
            "what": [*words.get("what", []), *self._foretold(case, row)],
        }

    def _foretold(self, case: CaseMixin, row: Transition | None) -> list[Any]:
        """What else the event changes, in the words of its effects."""
        return row.foretold(Context(self.table, row, case, current_actor())) if row is not None else []


def sent(event: str) -> dict[str, Any]:
    """The event's data from the review page: blank fields left out, opinions at fields gathered under `fields`.

    The page puts the event before each name, so that several forms can stand on it.
    """
    data: dict[str, Any] = {}
    opinions: dict[str, str] = {}
    for name, value in request.form.items():
        if name in ("csrf_token", "version", "confirm_number", KEEP) or not value.strip():
            continue
        plain = name.removeprefix(f"{event}.")
        if plain.startswith(_OPINION):
            opinions[plain.removeprefix(_OPINION)] = value
        else:
            data[plain] = value
    return {**data, "fields": opinions} if opinions else data
