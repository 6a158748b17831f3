"""The filters and the rows of a list on screen: what FAB's widgets look up for each field and each cell is found once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for
from flask_appbuilder.widgets import RenderTemplateWidget, SearchWidget
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.routing import BuildError

from app.web.cells import Row, table_rows
from app.web.drawing import written
from app.web.parts import button


class FilterWidget(SearchWidget):
    """FAB's search, without the controls that it would draw and our template draws itself."""

    def __call__(self, **kwargs: Any) -> Any:
        form = self.template_args["form"]
        labels = {column: str(form[column].label.text) for column in self.template_args["include_cols"]}
        return RenderTemplateWidget.__call__(self, **{**kwargs, "label_columns": labels})


def list_rows(
    values: Sequence[Mapping[str, Any]],
    columns: Sequence[str],
    pks: Sequence[Any],
    *,
    view: str,
    may: tuple[bool, bool, bool],
    urls: Mapping[Any, str] | None = None,
    tools: Mapping[Any, Any] | None = None,
    pickable: bool = False,
    **shown: Any,
) -> Markup:
    """The rows of FAB's list; `may`: whether the reader may look at, change and delete them."""
    can_show, can_edit, can_delete = may
    links = [(can_show and not can_edit, "show", _("Details")), (can_edit, "edit", _("Change"))]
    offered = [(name, label) for may_it, name, label in links if may_it]
    rows = [
        Row(
            path=(urls or {}).get(pk) or (_address(view, "show", pk) if can_show else None),
            pick=str(written(pk)) if pickable else None,
            tools=tools.get(pk, "") if tools else _tools(view, pk, offered, can_delete),
        )
        for pk in pks
    ]
    return table_rows(values, columns, rows, **shown)


def _tools(view: str, pk: Any, offered: Sequence[tuple[str, str]], can_delete: bool) -> Markup:
    """What can be done with one row by FAB's own pages."""
    found = [button(label, "small", href=path) for name, label in offered if (path := _address(view, name, pk))]
    gone = _address(view, "delete", pk) if can_delete else None
    if gone:
        found.append(
            Markup(
                '<a class="button button--small button--caution" href="#delete-record" role="button"'
                ' data-dialog-open="delete-record" data-action="{}">{}</a>'
            ).format(gone, _("Delete"))
        )
    return Markup('<span class="rowtools">{}</span>').format(Markup("").join(found))


def _address(view: str, name: str, pk: Any) -> str | None:
    try:
        return url_for(f"{view}.{name}", pk=pk)
    except BuildError:
        return None
