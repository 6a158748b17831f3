"""在线签约管理 for staff: the list with its filters and the review page (R8.3, R8.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Flask, flash, redirect, request, url_for
from flask_appbuilder.security.decorators import has_access
from flask_appbuilder.views import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from marshmallow import Schema
from sqlalchemy import select

from app.access.actors import STAFF, Actor
from app.codes import queries as codes
from app.cohorts import shown_cohorts
from app.crypto import mask_id_number, mask_phone
from app.database import session
from app.doors import links
from app.doors.current import current_actor
from app.doors.datamodel import row_id
from app.doors.search import ContainsCharacters, Equal, OneOf, SealedEqual, SearchFilter, related
from app.doors.sheets import Column
from app.doors.states import state_word
from app.doors.workflow_views import WorkflowModelView
from app.ems.queries import ems_view
from app.errors import Conflict, Invalid
from app.flags.queries import warning_for
from app.signing import forms, records
from app.signing.models import OnlineSigning
from app.signing.queries import next_waiting_for
from app.signing.workflows.online_signing import ONLINE_SIGNING
from app.workflow import engine

INITIATORS = {"employer": _("Unit side"), "graduate": _("Student")}


class InitiatorIs(SearchFilter):
    """签约发起方: a unit started every online signing; students start offline ones, in a list of their own."""

    name, arg_name = _("is"), "eq"

    def condition(self, value: Any) -> Any:
        """Everything or nothing."""
        values = value if isinstance(value, list) else [value]
        return self.model.id.is_not(None) if "employer" in values else self.model.id.is_(None)


class OnlineSigningAdmin(WorkflowModelView):
    """The list: filter by initiator, state and graduate; a row opens the review page."""

    workflow = "online_signing"
    route_base = "/staff/online-signings"
    list_title = _("Online signing management")
    open_to = STAFF
    event_forms: Mapping[str, type[Schema]] = {
        "approve": forms.ApproveForm,
        "reject": forms.RejectForm,
        "void": forms.VoidForm,
        "edit_category": forms.CategoryForm,
    }
    list_columns: Sequence[str] = (
        *("graduate_name", "state_word", "initiator", "department", "level_word", "major", "id_number"),
        *("number", "unit"),
    )
    search_columns: Sequence[str] = ("initiator", "state", "cohort", "graduate_name", "id_number", "number", "unit")
    search_kinds = {
        "initiator": (InitiatorIs,),
        "state": (OneOf,),
        "cohort": (OneOf,),
        "graduate_name": (related("graduate", "name", ContainsCharacters),),
        "id_number": (related("graduate", "id_number", SealedEqual),),
        "number": (Equal,),
        "unit": (related("employer", "name", Equal),),
    }
    search_choices = {
        "initiator": lambda: [(name, str(label)) for name, label in INITIATORS.items()],
        "state": lambda: [(state.name, str(state.label)) for state in ONLINE_SIGNING.states],
        "cohort": lambda: [(str(cohort), str(cohort)) for cohort in shown_cohorts()],
    }
    label_columns = {
        "graduate_name": _("Name"),
        "state_word": _("Signing state"),
        "state": _("Signing state"),
        "initiator": _("Initiator"),
        "department": _("Department of study"),
        "level_word": _("Level"),
        "major": _("Major"),
        "id_number": _("ID number"),
        "number": _("Agreement number"),
        "unit": _("Signing unit"),
        "cohort": _("Cohort"),
    }
    computed = {
        "state_word": state_word,
        "graduate_name": lambda case: case.graduate.name,
        "initiator": lambda case: str(INITIATORS["employer"]),
        "department": lambda case: case.graduate.department.name,
        "level_word": lambda case: (
            gettext("Postgraduate") if case.level == "postgraduate" else gettext("Undergraduate")
        ),
        "major": lambda case: case.graduate.major,
        "id_number": lambda case: mask_id_number(case.graduate.id_number),
        "unit": lambda case: records.employer_facts(case)["name"],
    }
    order_columns: Sequence[str] = ("number",)

    def row_extras(self, rows: Sequence[Any]) -> dict[str, Any]:
        """Numbers stay in one line."""
        return {**super().row_extras(rows), "numeric_columns": ["id_number", "number"]}

    def columns(self) -> Sequence[Column]:
        """The download has what figs. 6 and 8 of the guides show."""
        return [
            *super().columns(),
            Column(_("Job category"), lambda case: codes.label("job_category", case.data["position"]["category"]), 20),
            Column(_("Credit code"), lambda case: records.employer_facts(case).get("uscc"), 22),
        ]

    @expose("/show/<pk>")
    @has_access
    def show(self, pk: Any) -> Any:
        """The review page of one signing."""
        return self._review(engine.load(ONLINE_SIGNING, row_id(pk), actor=current_actor()), {})

    @expose("/decide/<pk>/<string:event>", methods=["POST"])
    def decide(self, pk: Any, event: str) -> Any:
        """A verdict from the review page; the next waiting case opens after it."""
        actor, number = current_actor(), row_id(pk)
        data = {name: value for name, value in request.form.items() if name not in ("csrf_token", "version") and value}
        version = request.form.get("version", "")
        seen = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None
        try:
            case = engine.fire(self.workflow, number, event, actor=actor, data=data, version=seen)
        except Invalid as error:
            shown = {f"{event}.{name}": texts for name, texts in error.errors.items()}
            return self._review(engine.load(ONLINE_SIGNING, number, actor=actor), shown), 422
        except Conflict as error:
            flash(error.message, "danger")
            return redirect(url_for(f"{self.endpoint}.show", pk=number))
        return self._after(case, actor)

    def _after(self, case: OnlineSigning, actor: Actor) -> Any:
        done = gettext("%(name)s: %(label)s", name=case.graduate.name, label=ONLINE_SIGNING.label_of(case, actor))
        following = next_waiting_for(actor, after=case.id)
        if following is None:
            flash(done, "success")
            return redirect(url_for(f"{self.endpoint}.show", pk=case.id))
        flash(gettext("%(done)s This is the next one that waits for you.", done=done), "success")
        return redirect(url_for(f"{self.endpoint}.show", pk=following))

    def _review(self, case: OnlineSigning, errors: Mapping[str, Any]) -> str:
        actor = current_actor()
        return str(
            self.render_template(
                "signing/review.html",
                case=case,
                title=case.graduate.name,
                label=ONLINE_SIGNING.label_of(case, actor),
                tone=records.tone_for(case, actor),
                transitions={t.event: t for t in engine.available_transitions(case, actor)},
                records=records,
                student=student_rows(case),
                ems=ems_view(case.graduate, case.student),
                reported=records.reported_rows,
                contact=records.contact_rows(case),
                timeline=records.timeline(case, actor),
                waiting=records.waiting_sentence(case, actor),
                voided=earlier_voided(case),
                warning=warning_for(case.employer.uscc, actor, case.school_id),
                reject_reasons=codes.choices("reject_reason"),
                categories=codes.choices("job_category"),
                decide=f"{self.endpoint}.decide",
                back_url=self.back_url(),
                errors=errors,
            )
        )


def student_rows(case: OnlineSigning) -> list[tuple[Any, Any]]:
    """The platform's copy of the student beyond the compared fields."""
    graduate = case.graduate
    return [
        (_("Exam number"), graduate.exam_number),
        (_("Mobile"), mask_phone(graduate.mobile)),
        (_("Home address"), graduate.address),
        (_("Training mode"), codes.label("training_mode", graduate.training_mode)),
    ]


def earlier_voided(case: OnlineSigning) -> list[OnlineSigning]:
    """Voided and terminated signings of the same graduate, for the reviewer (R8.3)."""
    query = (
        select(OnlineSigning)
        .where(OnlineSigning.graduate_id == case.graduate_id, OnlineSigning.id != case.id)
        .where(OnlineSigning.state.in_(("voided", "terminated")))
        .options(*OnlineSigning.eager_options())
        .order_by(OnlineSigning.id.desc())
        .limit(10)
    )
    return list(session.scalars(query))


def register(app: Flask) -> None:
    """Open the list under the module's menu."""
    app.appbuilder.add_view(  # type: ignore[attr-defined]
        OnlineSigningAdmin,
        "online_signing",
        label=_("Online signing management"),
        category="students",
        icon="file-pen-line",
        category_label=_("Student management"),
    )
    for kind in STAFF:
        links.declare("online_signing", kind, "OnlineSigningAdmin.show", "pk")
