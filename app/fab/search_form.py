"""The filters above a list: one field a column, and a chip for each filter that is set."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from flask import get_template_attribute, request
from flask_appbuilder.widgets import SearchWidget
from flask_babel import gettext as _
from markupsafe import Markup

from app.fab.addresses import ChoiceField
from app.web.filters import url_without
from app.web.once import drawn_once
from app.web.parts import hidden_inputs

_TEMPLATE = "appbuilder/general/widgets/search.html"
_DATES = ("DateField", "DateTimeField", "DateTimeLocalField")
_YES = ("True", "1", "y")

# Column, label, kind, names of its arguments in the address, choices, the chosen one.
_Field = tuple[str, str, str, list[str], list[tuple[str, str]], str]


class FilterWidget(SearchWidget):
    """FAB's search, drawn once for all who are shown the same fields."""

    def __call__(self, **_kwargs: Any) -> Markup:
        form, columns = self.template_args["form"], self.template_args["include_cols"]
        if not columns:
            return Markup()
        found: Mapping[str, Sequence[Any]] = self.filters.get_search_filters()
        ways = {column: [way.arg_name for way in found.get(column, ())] for column in columns}
        fields = [told for column in columns if (told := _field(column, form[column], ways[column]))]
        names = {name for field in fields for name in field[3]}
        typed = {
            name: request.args.get(name, "")[: 10 if kind == "range" else None]
            for _column, _label, kind, own, _choices, _chosen in fields
            if kind in ("range", "text")
            for name in own
        }
        drawn = drawn_once(_TEMPLATE, "form", fields, **_hidden(names), **typed)
        return drawn + _chips(form, columns, ways, names) if request.args else drawn


def _field(column: str, control: Any, ways: Sequence[str | None]) -> _Field | None:
    """None for a day that cannot be searched as a range."""
    label, kind = str(control.label.text), str(control.type)
    if kind in _DATES:
        low, high = _number(ways, "gt"), _number(ways, "lt")
        return (column, label, "range", [_name(low, column), _name(high, column)], [], "") if low and high else None
    name = _name(_number(ways, "ct") or _number(ways, "eq", "rel_o_m", "rel_m_m") or "0", column)
    value = request.args.get(name, "")
    if kind == "BooleanField":
        return column, label, "flag", [name], [], "True" if value in _YES else "False" if value == "False" else ""
    if not hasattr(control, "iter_choices"):
        return column, label, "text", [name], [], ""
    choices = [one for one in _choices(control) if one[0] not in ("__None", "", "None")]
    return column, label, "choice", [name], choices, value if any(one[0] == value for one in choices) else ""


def _choices(control: Any) -> list[tuple[str, str]]:
    known = control.known() if isinstance(control, ChoiceField) else control.iter_choices()
    return [(str(one[0]), str(one[1])) for one in known]


def _number(ways: Sequence[str | None], *wanted: str) -> str:
    """The place of the first way that is wanted, as the address says it; "" where there is none."""
    return next((str(at) for at, way in enumerate(ways) if way in wanted), "")


def _name(number: str, column: str) -> str:
    return f"_flt_{number}_{column}"


def _hidden(names: Collection[str]) -> dict[str, Markup]:
    """What the address says besides, which a search keeps: order and size before the fields, other filters after them."""
    pairs = [pair for pair in request.args.items(multi=True) if pair[0] not in names]
    plain = [pair for pair in pairs if not pair[0].startswith(("_flt_", "page_"))]
    filters = [pair for pair in pairs if pair[0].startswith("_flt_")]
    return {"before": hidden_inputs(plain), "after": hidden_inputs(filters)}


def _chips(
    form: Any, columns: Sequence[str], ways: Mapping[str, Sequence[str | None]], names: Collection[str]
) -> Markup:
    """The filters that are set, each with a way to remove it."""
    chips = []
    for key, value in request.args.items(multi=True):
        _blank, flt, number, column = (*key.split("_", 3), "", "", "")[:4]
        if flt == "flt" and value and column in columns:
            words = _words(form[column], value, since=key in names and number == _number(ways[column], "gt"))
            chips.append((str(form[column].label.text), words, url_without(key)))
    draw = get_template_attribute("components/lists.html", "chips")
    return Markup(draw(chips, url_without("_flt_") if len(chips) > 1 else None))  # noqa: S704  (made by a template)


def _words(control: Any, value: str, *, since: bool) -> str:
    """A filter's value as its reader says it."""
    if control.type == "BooleanField":
        return _("Yes") if value in _YES else _("No")
    if hasattr(control, "iter_choices"):
        return next((word for known, word in _choices(control) if known == value), value)
    if control.type.startswith("Date"):
        return _("from %(day)s", day=value) if since else _("until %(day)s", day=value)
    return value
