"""毕业去向类型: what operators change of the destination types (R7.9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_appbuilder.views import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.base.dates import day_text, time_text
from app.base.errors import Invalid, texts_of
from app.base.wording import listed
from app.codes import queries as codes
from app.destination import services
from app.destination.catalogue import type_from_row
from app.destination.models import DestinationTypeRow
from app.destination.types.kinds import KINDS
from app.fab.datamodel import ScopedInterface
from app.fab.menu import Entry
from app.fab.views import ScopedModelView
from app.web.current import current_actor

NEW_LINES = 2
LABELS: dict[str, Any] = {
    "label": _("Destination"),
    "code": _("Code"),
    "parent_label": _("Code above"),
    "position": _("Place in the list"),
    "needed": _("Required fields"),
    "papers": _("Proofs"),
    "valid_from": _("Valid from"),
    "valid_to": _("Valid to"),
    "edited_at": _("Last change"),
    "edited_by": _("Changed by"),
    "hint": _("For whom it is"),
}


class DestinationTypeView(ScopedModelView):
    """Every type that can be registered; a click on a row opens its form."""

    datamodel = ScopedInterface(DestinationTypeRow)
    route_base = "/staff/destination-types"
    menu = Entry("destination_types", "list", "reference")
    class_permission_name = services.TYPES_VIEW
    base_permissions = ["can_list", "can_show", "can_export", "can_edit"]
    scoped = False
    list_title = show_title = _("Types of destinations")
    base_order = ("position", "asc")
    search_columns = ["code", "label"]
    computed = {
        "parent_label": lambda row: codes.label("destination", row.parent),
        "needed": lambda row: listed(one["label"] for one in row.content["fields"] if one["required"]),
        "papers": lambda row: listed(one["label"] for one in row.content["proofs"]),
    }
    list_columns = ["label", "code", "parent_label", "needed", "papers", "valid_from", "valid_to", "edited_by"]
    show_columns = ["label", "code", "parent_label", "needed", "papers", "valid_from", "valid_to", "edited_at"]
    order_columns = ["position", "code", "label", "valid_from", "valid_to"]
    formatters_columns = {"valid_from": day_text, "valid_to": day_text, "edited_at": time_text}
    label_columns = LABELS

    def row_extras(self, rows: Sequence[Any]) -> dict[str, Any]:
        """Who may change a type comes to its form by a click on the row."""
        extras: dict[str, Any] = {"wide_columns": ["needed", "edited_by", "parent_label"]}
        if current_actor().may("can_edit", services.TYPES_VIEW):
            extras["row_urls"] = {row.code: url_for(f"{self.endpoint}.change", pk=row.code) for row in rows}
        return extras

    @expose("/change/<pk>", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def change(self, pk: str) -> Any:
        """The form, and its saving; what is refused stays on the form with the reason at the field."""
        row = self.row(pk)
        if request.method == "GET":
            return self._form(row, _values_of(row), {})
        sent = _sent(row)
        try:
            services.edit_destination_type(row.code, sent, actor=current_actor())
        except Invalid as error:
            return self._form(row, sent, error.errors), 422
        flash(gettext("Saved. All pages show it within a few seconds."), "success")
        return redirect(url_for(f"{self.endpoint}.list"))

    def _form(self, row: DestinationTypeRow, values: Mapping[str, Any], errors: Mapping[str, Sequence[Any]]) -> str:
        kind = type_from_row(row)
        told = texts_of(errors)
        return self.render_template(
            "destination/type_edit.html",
            title=kind.label,
            lead=f"{row.code} · {codes.label('destination', row.parent)}",
            back_url=url_for(f"{self.endpoint}.list"),
            values=values,
            errors=told,
            labels={**{path: path for path in told}, **LABELS, **_paths(values)},
            kinds={one.name: KIND_LABELS.get(one.kind, one.kind) for one in kind.fields},
        )


KIND_LABELS: dict[str, Any] = {
    "text": _("one line"),
    "long_text": _("several lines"),
    "code": _("choice from a code table"),
    "choice": _("choice"),
    "country": _("country or region"),
    "region": _("region of China"),
    "date": _("date"),
    "phone": _("phone number"),
    "email": _("e-mail address"),
    "uri": _("web address"),
    "uscc": _("credit code"),
    "money": _("amount in yuan"),
    "number": _("whole number"),
    "flag": _("yes or no"),
}
assert set(KIND_LABELS) == set(KINDS)


def _paths(values: Mapping[str, Any]) -> dict[str, Any]:
    """What people call the places at which the service names errors."""
    fields = {f"fields.{name}.label": one["label"] or name for name, one in values["fields"].items()}
    return {**fields, **{f"proofs.{place}.label": one["label"] for place, one in enumerate(values["proofs"])}}


def _values_of(row: DestinationTypeRow) -> dict[str, Any]:
    content = row.content
    blank = {"kind": "", "label": "", "hint": "", "required": False}
    return {
        "label": row.label,
        "hint": content.get("hint", ""),
        "position": row.position,
        "valid_from": row.valid_from,
        "valid_to": row.valid_to,
        "fields": {one["name"]: one for one in content["fields"]},
        "proofs": [*content["proofs"], *([blank] * NEW_LINES)],
    }


def _sent(row: DestinationTypeRow) -> dict[str, Any]:
    """The posted form as the service takes it."""
    form = request.form
    proofs: list[dict[str, Any]] = []
    while (start := f"proof-{len(proofs)}") + "-label" in form and len(proofs) < 40:
        proofs.append(_part(start, "kind", "label", "hint"))
    return {
        **{name: form.get(name, "") for name in ("label", "hint", "position", "valid_from", "valid_to")},
        "fields": {
            one["name"]: {**_part(f"field-{one['name']}", "label", "hint"), "name": one["name"]}
            for one in row.content["fields"]
        },
        "proofs": proofs,
    }


def _part(start: str, *names: str) -> dict[str, Any]:
    form = request.form
    return {
        **{name: form.get(f"{start}-{name}", "") for name in names},
        "required": bool(form.get(f"{start}-required")),
    }
