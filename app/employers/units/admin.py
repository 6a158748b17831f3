"""单位信息管理: the service line looks a unit up and changes what the unit cannot change itself (R5.7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_appbuilder.views import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.access.actors import OPERATOR
from app.base.dates import time_text
from app.base.errors import Conflict, Invalid, texts_of
from app.base.masks import mask_phone
from app.codes import queries as codes
from app.employers.guards import NATURES_OF_TYPE
from app.employers.models import Employer
from app.employers.units import records
from app.employers.units.services import (
    OPERATOR_ONLY,
    SELF_SERVICE,
    UNITS,
    changes_of,
    make_owner,
    unit_for,
    update_unit,
    users_of,
)
from app.employers.verification.effects import unit_facts
from app.employers.words import ROLE_WORDS
from app.fab.datamodel import ScopedInterface
from app.fab.menu import Entry
from app.fab.search import ContainsUnit, Equal, OneOf
from app.fab.views import ScopedModelView
from app.web.current import current_actor
from app.web.filters import state_markup
from app.web.numbers import row_id

_VERBS = ("can_list", "can_show", "can_export", "can_edit")
_FIELDS = (*OPERATOR_ONLY, *SELF_SERVICE)
_TABLES = ("employer_type", "employer_nature", "employer_industry", "employer_size")


def verified_word(unit: Employer) -> Any:
    """Whether the unit has proved who it is."""
    if unit.verified_at is None:
        return state_markup(gettext("Not verified"), "over")
    return state_markup(gettext("Verified"), "in_force")


class UnitAdmin(ScopedModelView):
    """Every unit, for operators."""

    datamodel = ScopedInterface(Employer)
    route_base = "/staff/units"
    menu = Entry(UNITS, "building-2", "units")
    class_permission_name = UNITS
    base_permissions = list(_VERBS)
    permissions = dict.fromkeys(_VERBS, (OPERATOR,))
    list_title = _("Unit information")
    search_columns = ["name", "uscc", "type", "nature", "industry"]
    search_kinds = {
        "name": (ContainsUnit,),
        "uscc": (Equal,),
        "type": (OneOf,),
        "nature": (OneOf,),
        "industry": (OneOf,),
    }
    search_choices = {
        name: lambda table=f"employer_{name}": codes.choices(table)  # type: ignore[misc]
        for name in ("type", "nature", "industry")
    }
    label_columns = {
        **records.LABELS,
        "type_word": _("Type of the unit"),
        "nature_word": _("Nature of the unit"),
        "verified_word": _("Verification"),
        "changed": _("Last changed"),
    }
    computed = {
        "type_word": lambda unit: codes.label("employer_type", unit.type),
        "nature_word": lambda unit: codes.label("employer_nature", unit.nature),
        "verified_word": verified_word,
        "changed": lambda unit: time_text(unit.updated_at),
    }
    list_columns = ["name", "uscc", "type_word", "nature_word", "verified_word", "changed"]
    order_columns = ["name"]

    def row_extras(self, rows: Sequence[Any]) -> dict[str, Any]:
        """The row opens the unit."""
        return {
            "row_urls": {row.id: url_for(f"{self.endpoint}.show", pk=row.id) for row in rows},
            "row_tools": {row.id: "" for row in rows},
            "numeric_columns": ["uscc"],
            "wide_columns": ["type_word"],
        }

    @expose("/show/<pk>")
    @has_access
    def show(self, pk: Any) -> Any:
        """One unit in its form, with its users and what was changed."""
        unit = unit_for(row_id(pk), actor=current_actor())
        return self._page(unit, unit_facts(unit), {})

    @expose("/change/<pk>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def change(self, pk: Any) -> Any:
        """Save the form."""
        actor = current_actor()
        unit = unit_for(row_id(pk), actor=actor)
        values = {name: request.form[name] for name in _FIELDS if name in request.form}
        try:
            update_unit(unit.id, values, actor=actor, seen=request.form.get("seen"))
        except Invalid as error:
            return self._page(unit, request.form, error.errors), 422
        except Conflict as error:
            if error.code == "unit_exists":
                return self._page(unit, request.form, {"uscc": [error.message]}), 409
            flash(error.message, "danger")
            return redirect(url_for(f"{self.endpoint}.show", pk=unit.id))
        flash(
            gettext("The unit information has been saved. Signings that are not complete show it from now on."),
            "success",
        )
        return redirect(url_for(f"{self.endpoint}.show", pk=unit.id))

    @expose("/owner/<pk>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def owner(self, pk: Any) -> Any:
        """Make one of its users owner."""
        actor = current_actor()
        unit = unit_for(row_id(pk), actor=actor)
        try:
            new = make_owner(unit.id, {name: request.form.get(name, "") for name in ("account", "reason")}, actor=actor)
        except Invalid as error:
            return self._page(unit, unit_facts(unit), error.errors), 422
        except Conflict as error:
            flash(error.message, "danger")
        else:
            flash(gettext("%(name)s is owner of the unit now; all its users are told.", name=new.name), "success")
        return redirect(url_for(f"{self.endpoint}.show", pk=unit.id))

    def _page(self, unit: Employer, values: Mapping[str, Any], errors: Mapping[str, Any]) -> str:
        return self.render_template(
            "employers/unit_admin.html",
            title=unit.name,
            unit=unit,
            word=verified_word(unit),
            values=values,
            seen=values.get("seen") or unit.updated_at.isoformat(),
            errors=texts_of(errors),
            opinions={},
            options={table: codes.choices(table) for table in _TABLES},
            rule=NATURES_OF_TYPE,
            people=users_of(unit.id),
            masked=mask_phone,
            history=records.history_of(changes_of(unit)),
            may_change=current_actor().may("can_edit", UNITS),
            back_url=url_for(f"{self.endpoint}.list"),
            change=f"{self.endpoint}.change",
            make_owner=f"{self.endpoint}.owner",
            roles=ROLE_WORDS,
        )
