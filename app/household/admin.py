"""What 档案信息管理 and 户口信息管理 share: list, review page, corrections (R2.4, R8.16)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, get_template_attribute, redirect, request, url_for
from flask_appbuilder.security.decorators import has_access
from flask_appbuilder.views import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup

from app.access.actors import OPERATOR, STAFF, Actor, module_refusal
from app.base.errors import Conflict, Forbidden, Invalid, texts_of
from app.cases.admin.review import ReviewView
from app.codes import queries as codes
from app.fab.search import Contains, ContainsCharacters, Equal, OneOf, SealedEqual, related
from app.household.models import HouseholdMixin
from app.household.proposals import binding_case, letter_of, locked_values
from app.household.queries import previous_of
from app.household.records import changes_of, full_address, letter_rows, record_rows, type_label, warnings_of
from app.household.search import DataContains, DataIs, InRegion, OfDepartment, OfSchool
from app.household.services.pulling import pull_changes
from app.household.sheets import ADDRESS_COLUMN, TYPE_COLUMN, record_columns
from app.household.types import FIELDS, LABELS, NEEDS, TABLES
from app.web.current import current_actor
from app.web.numbers import row_id, seen_version
from app.web.sheets import Column
from app.workflow import engine
from app.workflow.stages import OVER


class HouseholdView(ReviewView):
    """A subclass for each kind, so that menu and module switch know them apart."""

    open_to = STAFF
    review_template = "household/review.html"
    facts_template = "household/_facts.html"
    drawn_events = (*ReviewView.drawn_events, "amend")
    list_columns: Sequence[str] = (
        *("exam_number", "graduate_name", "school", "department", "major", "education", "origin", "id_number"),
        *("transfer_type", "address", "state_word"),
    )
    search_columns: Sequence[str] = (
        *("exam_number", "graduate_name", "school", "department", "major", "education", "origin", "id_number"),
        *("transfer_type", "address", "state", "cohort"),
    )
    search_kinds = {
        **ReviewView.search_kinds,
        "exam_number": (related("graduate", "exam_number", Equal),),
        "graduate_name": (related("graduate", "name", ContainsCharacters),),
        "school": (OfSchool,),
        "department": (OfDepartment,),
        "major": (related("graduate", "major", Contains),),
        "education": (related("graduate", "education", OneOf),),
        "origin": (InRegion,),
        "id_number": (related("graduate", "id_number", SealedEqual),),
        "transfer_type": (DataIs,),
        "address": (DataContains,),
    }
    computed = {
        "education": lambda case: codes.label("education_level", case.graduate.education),
        "origin": lambda case: codes.region_label(case.graduate.origin_region),
        "transfer_type": type_label,
        "address": full_address,
    }
    order_columns: Sequence[str] = ()

    def __init__(self, **kwargs: Any) -> None:
        kind = self.workflow
        self.label_columns = {
            **ReviewView.label_columns,
            "education": _("Education"),
            "origin": _("Place of origin"),
            "transfer_type": TYPE_COLUMN[kind],
            "address": ADDRESS_COLUMN[kind],
        }
        self.search_choices = {
            "transfer_type": lambda: codes.choices(TABLES[kind]),
            "education": lambda: codes.choices("education_level"),
        }
        super().__init__(**kwargs)
        del self.actions["amend"]  # each record is corrected on its own page

    def row_extras(self, rows: Sequence[Any]) -> dict[str, Any]:
        """The row is headed by the student; school, origin and studies are left out on small desks."""
        extras = super().row_extras(rows)
        return {**extras, "main_column": "graduate_name", "wide_columns": ["school", "origin", "education", "major"]}

    def columns(self) -> Sequence[Column]:
        """The download has what the list shows and the rest of the record."""
        return record_columns(self.workflow)

    def list_tools(self) -> Markup:
        """Operators can fetch at once what was changed in the employment system."""
        tools = super().list_tools()
        if current_actor().kind != OPERATOR:
            return tools
        return tools + get_template_attribute("household/_pull.html", "pull")(url_for(f"{self.endpoint}.pull"))

    def opinion_fields(self, case: Any) -> Sequence[tuple[str, Any]]:
        """The type and what it asks for."""
        return [(name, LABELS[name]) for name in ("transfer_type", *FIELDS[self.workflow]) if case.data.get(name)]

    def review_context(self, case: Any, actor: Actor) -> Mapping[str, Any]:
        """The record, what it would replace, what the unit's letter says, what deserves a second look."""
        del actor
        letter = letter_of(binding_case(case.graduate))
        previous = previous_of(case)
        return {
            "rows": record_rows(case),
            "copied": [str(LABELS[name]) for name in case.copied],
            "previous": record_rows(previous) if previous is not None else [],
            "letter": letter,
            "letter_rows": letter_rows(self.workflow, letter) if letter is not None else [],
            "warnings": warnings_of(case) if case.stage not in OVER else [],
            "changes": changes_of(case),
            "amend_url": url_for(f"{self.endpoint}.amend", pk=case.id),
        }

    @expose("/amend/<pk>")
    @has_access
    def amend(self, pk: Any) -> Any:
        """修改登记: the reviewer's form."""
        actor = current_actor()
        if not actor.writes(self.workflow):  # 只读 gets as far as no form (R1.4)
            raise module_refusal(actor, self.workflow)
        case = engine.load(self.table, row_id(pk), actor=actor)
        return self._amend_page(case, {**case.data}, {})

    @expose("/amend/<pk>", methods=["POST"])
    def save_amendment(self, pk: Any) -> Any:
        """Correct the record; the state stays, the graduate is told."""
        actor, number = current_actor(), row_id(pk)
        names = ("transfer_type", *FIELDS[self.workflow], "reason")
        data = {name: request.form[name] for name in names if request.form.get(name, "").strip()}
        seen = seen_version(request.form.get("version"))
        try:
            engine.fire(self.workflow, number, "amend", actor=actor, data=data, version=seen)
        except Invalid as error:
            case = engine.load(self.table, number, actor=actor)
            return self._amend_page(case, data, error.errors), 422
        except Conflict as error:
            flash(error.message, "danger")
        else:
            flash(gettext("The record has been corrected. The graduate is told."), "success")
        return redirect(url_for(f"{self.endpoint}.show", pk=number))

    def _amend_page(self, case: HouseholdMixin, values: Mapping[str, Any], errors: Mapping[str, Any]) -> Any:
        kind = self.workflow
        if "amend" not in engine.available(case, current_actor()):
            flash(gettext("This record cannot be corrected now."), "danger")
            return redirect(url_for(f"{self.endpoint}.show", pk=case.id))
        fields = {
            name: "|".join(code for code, needs in _needs_by_code(kind).items() if name in needs)
            for name in FIELDS[kind]
        }
        return self.render_template(
            "household/amend.html",
            title=gettext("Correct the record"),
            case=case,
            kind=kind,
            types=codes.choices(TABLES[kind]),
            fields=fields,
            labels=LABELS,
            values=values,
            locked=locked_values(kind, case.graduate, case.data.get("transfer_type")),
            region_words=codes.region_label(values.get("region")),
            errors=texts_of(errors),
            back_url=url_for(f"{self.endpoint}.show", pk=case.id),
            list_title=self.list_title,
            list_url=self.back_url(),
        )

    @expose("/pull", methods=["POST"])
    def pull(self) -> Any:
        """Fetch what was changed in the employment system now; for operators, who watch the synchronisation."""
        actor = current_actor()
        if actor.kind != OPERATOR or not actor.may("can_retry", "sync"):
            raise Forbidden()
        count = pull_changes(10.0)
        flash(
            gettext("%(count)s records were changed in the employment system and taken over.", count=count), "success"
        )
        return redirect(self.back_url())


def _needs_by_code(kind: str) -> dict[str, tuple[str, ...]]:
    """Every type of the code table with its fields; those without an own entry ask for everything."""
    known = {code: needs.fields for code, needs in NEEDS[kind].items()}
    return {code: known.get(code, FIELDS[kind]) for code, _label in codes.choices(TABLES[kind])}
