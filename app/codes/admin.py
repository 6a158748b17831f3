"""代码管理: code tables, regions and institutions on the operators' screens. Nothing is deleted, it only ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from flask import flash, redirect, request, url_for
from flask_babel import lazy_gettext as _
from werkzeug.wrappers import Response
from wtforms import DateField, Field, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from app.base.database import session, transaction
from app.base.dates import day_text, time_text
from app.base.errors import Invalid
from app.codes import queries, services
from app.codes.models import CodeEntry, Region, University
from app.codes.tables import TABLE_NAMES, table_name
from app.fab.datamodel import ScopedInterface
from app.fab.menu import Entry
from app.fab.views import ScopedModelView
from app.web.current import current_actor

LEVELS: Final = {"province": _("Province"), "city": _("City"), "county": _("County")}
_EMPTY: Final = ("", _("Please choose"))


def _text(label: Any, longest: int, *, required: bool = True, hint: Any = "") -> Field:
    validators = [InputRequired() if required else Optional(), Length(max=longest)]
    return StringField(label, description=hint, validators=validators, render_kw={"class": "input"})


def _choice(label: Any, choices: Any) -> Field:
    return SelectField(label, choices=choices, validators=[InputRequired()], render_kw={"class": "select"})


def _day(label: Any, hint: Any) -> Field:
    return DateField(label, validators=[Optional()], description=hint, render_kw={"class": "input"})


def period_fields() -> dict[str, Field]:
    """Valid from, valid to and note, as every form of reference data has them."""
    note = {"class": "textarea"}
    return {
        "valid_from": _day(_("Valid from"), _("The first valid day; empty: always was.")),
        "valid_to": _day(_("Valid to"), _("The last valid day; empty: without end.")),
        "note": TextAreaField(_("Note"), validators=[Optional(), Length(max=2000)], render_kw=note),
    }


def _provinces() -> list[tuple[str, Any]]:
    return [_EMPTY, *queries.regions_under()]


def _levels_of_universities() -> list[tuple[str, Any]]:
    levels = session.query(University.level).distinct().order_by(University.level)
    return [_EMPTY, *((level, level) for (level,) in levels)]


class ReferenceView(ScopedModelView):
    """A table of reference data: everybody's, so without scope; saved by one of the services."""

    scoped = False
    reference_data = True
    base_permissions = ["can_list", "can_show", "can_add", "can_edit", "can_export"]
    exclude_route_methods = {"delete"}
    label_columns = {
        "code": _("Code"),
        "label": _("Name of the entry"),
        "name": _("Name of the entry"),
        "note": _("Note"),
        "valid_from": _("Valid from"),
        "valid_to": _("Valid to"),
        "edited_at": _("Last change"),
        "edited_by": _("Changed by"),
    }
    formatters_columns = {"valid_from": day_text, "valid_to": day_text, "edited_at": time_text}
    save: Callable[..., None]

    def _add(self) -> Any:
        form = self.add_form.refresh()
        if request.method == "POST" and self._saved(form, self.datamodel.obj()):
            return None
        return self._get_add_widget(form=form)

    def _edit(self, pk: Any) -> Any:
        row = self.row(pk)
        if request.method == "GET":
            return self._get_edit_widget(form=self.edit_form.refresh(obj=row))
        form = self.edit_form.refresh(request.form)
        return None if self._saved(form, row) else self._get_edit_widget(form=form)

    def _saved(self, form: Any, row: Any) -> bool:
        """Whether the form was accepted; else its fields say why not."""
        if not form.validate():
            return False
        try:
            with transaction():
                form.populate_obj(row)
                self.save(row, actor=current_actor())
        except Invalid as refused:
            _mark(form, refused)
            return False
        flash(str(_("Saved. All pages show it within a few seconds.")), "success")
        return True

    def post_add_redirect(self) -> Response:
        """Back to the list."""
        return redirect(url_for(f"{self.endpoint}.list"))

    post_edit_redirect = post_add_redirect


def _mark(form: Any, refused: Invalid) -> None:
    for name, texts in refused.errors.items():
        words = [str(text) for text in texts]
        if name in form:
            form[name].errors = [*form[name].errors, *words]
        else:
            flash("".join(words), "danger")


class CodeEntryView(ReferenceView):
    """代码表管理: all code tables but regions and institutions."""

    datamodel = ScopedInterface(CodeEntry)
    route_base = "/staff/codes"
    menu = Entry("codes", "list", "reference")
    class_permission_name = services.CODES_VIEW
    save = staticmethod(services.save_code_entry)
    list_title = show_title = _("Code tables")
    add_title, edit_title = _("Add a code"), _("Change a code")
    base_order = ("id", "asc")
    search_columns = ["code_table", "code", "label", "parent", "valid_to"]
    search_form_extra_fields = {"code_table": SelectField(_("Table"), choices=list(TABLE_NAMES.items()))}
    computed = {"table_label": lambda entry: table_name(entry.code_table)}
    list_columns = ["label", "code", "table_label", "parent", "valid_from", "valid_to", "edited_by"]
    show_columns = [*list_columns, "position", "note", "edited_at"]
    order_columns = ["code", "label", "position", "valid_from", "valid_to"]
    label_columns = {
        "code_table": _("Table"),
        "table_label": _("Table"),
        "parent": _("Code above"),
        "position": _("Place in the list"),
    }
    edit_columns = ["label", "parent", "position", "valid_from", "valid_to", "note"]
    add_columns = ["code_table", "code", *edit_columns]
    edit_form_extra_fields = {
        "label": _text(_("Name of the entry"), 128),
        "parent": _text(_("Code above"), 32, required=False),
        "position": IntegerField(
            _("Place in the list"),
            validators=[Optional(), NumberRange(0, 1_000_000)],
            description=_("Smaller numbers come first; empty: at the end."),
            render_kw={"class": "input"},
        ),
        **period_fields(),
    }
    add_form_extra_fields = {
        "code_table": _choice(_("Table"), [_EMPTY, *TABLE_NAMES.items()]),
        "code": _text(_("Code"), 32, hint=_("Codes are texts: 01 and 1 are two codes.")),
        **edit_form_extra_fields,
    }


class RegionView(ReferenceView):
    """行政区划管理."""

    datamodel = ScopedInterface(Region)
    route_base = "/staff/regions"
    menu = Entry("regions", "map-pin", "reference")
    class_permission_name = services.REGIONS_VIEW
    save = staticmethod(services.save_region)
    list_title = show_title = _("Regions")
    add_title, edit_title = _("Add a region"), _("Change a region")
    base_order = ("code", "asc")
    search_columns = ["code", "name", "full_name", "level", "valid_to"]
    search_form_extra_fields = {"level": SelectField(_("Level of the region"), choices=list(LEVELS.items()))}
    computed = {"level_label": lambda region: LEVELS[region.level]}
    list_columns = ["full_name", "code", "level_label", "valid_from", "valid_to", "edited_by"]
    show_columns = [*list_columns, "name", "parent", "note", "edited_at"]
    order_columns = ["code", "valid_from", "valid_to"]
    label_columns = {
        "full_name": _("Full name of the region"),
        "level": _("Level of the region"),
        "level_label": _("Level of the region"),
        "parent": _("Region above"),
    }
    edit_columns = ["name", "valid_from", "valid_to", "note"]
    add_columns = ["code", *edit_columns]
    edit_form_extra_fields = {"name": _text(_("Name of the entry"), 64), **period_fields()}
    add_form_extra_fields = {
        "code": _text(_("Code"), 6, hint=_("Six digits; they say in which province and city the region lies.")),
        **edit_form_extra_fields,
    }


class UniversityView(ReferenceView):
    """院校名单管理."""

    datamodel = ScopedInterface(University)
    route_base = "/staff/universities"
    menu = Entry("universities", "school", "reference")
    class_permission_name = services.UNIVERSITIES_VIEW
    save = staticmethod(services.save_university)
    list_title = show_title = _("National list of institutions")
    add_title, edit_title = _("Add an institution"), _("Change an institution")
    base_order = ("identifier", "asc")
    search_columns = ["code", "name", "province", "city", "level", "valid_to"]
    search_form_extra_fields = {"province": SelectField(_("Province"), choices=queries.regions_under)}
    computed = {"province_label": lambda university: queries.region_label(university.province)}
    list_columns = ["name", "code", "province_label", "city", "level", "authority", "valid_to"]
    show_columns = [*list_columns, "identifier", "valid_from", "note", "edited_at", "edited_by"]
    order_columns = ["code", "name", "province", "city", "level", "valid_to"]
    label_columns = {
        "code": _("School code"),
        "identifier": _("School identifier"),
        "province": _("Province"),
        "province_label": _("Province"),
        "city": _("City"),
        "authority": _("Authority in charge"),
        "level": _("Level of the school"),
    }
    edit_columns = ["name", "province", "city", "authority", "level", "valid_from", "valid_to", "note"]
    add_columns = ["identifier", *edit_columns]
    edit_form_extra_fields = {
        "name": _text(_("Name of the entry"), 64),
        "province": _choice(_("Province"), _provinces),
        "city": _text(_("City"), 64, required=False),
        "authority": _text(_("Authority in charge"), 64, required=False),
        "level": _choice(_("Level of the school"), _levels_of_universities),
        **period_fields(),
    }
    add_form_extra_fields = {
        "identifier": _text(_("School identifier"), 10, hint=_("Ten digits; the last five are the school code.")),
        **edit_form_extra_fields,
    }
