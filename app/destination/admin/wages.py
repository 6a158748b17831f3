"""最低工资标准: with what the pay of some destinations is compared; operators fill in what they know."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import DecimalField, SelectField
from wtforms.validators import InputRequired, NumberRange, Optional

from app.codes import queries as codes
from app.codes.admin import ReferenceView, period_fields
from app.destination import services
from app.destination.models import MinimumWage
from app.fab.datamodel import ScopedInterface
from app.fab.menu import Entry


def _places() -> list[tuple[str, str]]:
    """Provinces, and the cities that may have an amount of their own."""
    provinces = codes.regions_under()
    return [
        place
        for province in provinces
        for place in (province, *((code, codes.region_label(code)) for code, _name in codes.regions_under(province[0])))
    ]


def _amount(label: Any, hint: Any = "") -> DecimalField:
    return DecimalField(
        label,
        places=2,
        description=hint,
        validators=[Optional(), NumberRange(0.01, 999_999)],
        render_kw={"class": "input", "inputmode": "decimal"},
    )


class MinimumWageView(ReferenceView):
    """A line for each province, more for cities with amounts of their own and for coming years."""

    datamodel = ScopedInterface(MinimumWage)
    route_base = "/staff/minimum-wages"
    menu = Entry("minimum_wages", "banknote", "reference")
    class_permission_name = services.WAGES_VIEW
    save = staticmethod(services.save_minimum_wage)
    list_title = show_title = _("Minimum wages")
    add_title, edit_title = _("Add a minimum wage"), _("Change a minimum wage")
    base_order = ("region", "asc")
    search_columns = ["region", "valid_to"]
    search_form_extra_fields = {"region": SelectField(_("Region"), choices=codes.regions_under)}
    computed = {"place": lambda row: codes.region_label(row.region)}
    list_columns = ["place", "monthly", "hourly", "valid_from", "valid_to", "edited_by"]
    show_columns = [*list_columns, "edited_at"]
    order_columns = ["monthly", "hourly", "valid_from", "valid_to"]
    label_columns = {
        "place": _("Region"),
        "region": _("Region"),
        "monthly": _("Yuan a month"),
        "hourly": _("Yuan an hour"),
    }
    add_columns = edit_columns = ["region", "monthly", "hourly", "valid_from", "valid_to"]
    edit_form_extra_fields = {
        "region": SelectField(
            _("Region"), choices=_places, validators=[InputRequired()], render_kw={"class": "select"}
        ),
        "monthly": _amount(_("Yuan a month"), _("Empty: not known, nobody is warned.")),
        "hourly": _amount(_("Yuan an hour")),
        **{name: field for name, field in period_fields().items() if name != "note"},
    }
    add_form_extra_fields = edit_form_extra_fields
