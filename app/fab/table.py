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

_ASKS = 'data-dialog-open="delete-record"'


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
    offered = {
        **({"show": _("Details")} if can_show and not can_edit else {}),
        **({"edit": _("Change")} if can_edit else {}),
        **({"delete": _("Delete")} if can_delete else {}),
    }
    rows = []
    for pk in pks:
        own = _address(view, "show", pk) if can_show else None
        said = tools.get(pk, "") if tools else _tools(view, pk, offered, {"show": own})
        rows.append(Row((urls or {}).get(pk) or own, written(pk) if pickable else None, said))
    return table_rows(values, columns, rows, **shown)


def _tools(view: str, pk: Any, offered: Mapping[str, str], known: Mapping[str, str | None]) -> Markup:
    """What can be done with one row by FAB's own pages."""
    found = []
    for name, label in offered.items():
        path = known[name] if name in known else _address(view, name, pk)
        if path and name == "delete":
            style, said = "button button--small button--caution", f'href="#delete-record" role="button" {_ASKS}'
            found.append(f'<a class="{style}" {said} data-action="{written(path)}">{written(label)}</a>')
        elif path:
            found.append(button(label, "small", href=path))
    return Markup(f'<span class="rowtools">{"".join(found)}</span>')  # noqa: S704  (each part is escaped)


def _address(view: str, name: str, pk: Any) -> str | None:
    try:
        return url_for(f"{view}.{name}", pk=pk)
    except BuildError:
        return None
