"""Kept views and the choice of columns above a list; both live in the list's address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import flash, get_template_attribute, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_appbuilder.views import expose
from flask_babel import gettext as _
from markupsafe import Markup

from app.base.errors import Conflict, Invalid, Malformed
from app.cases.admin.bulk import BulkView
from app.cases.views import services
from app.cases.views.queries import views_of
from app.web.current import current_actor
from app.web.numbers import row_id
from app.web.once import drawn_once
from app.web.pages import refusal_text
from app.web.parts import csrf, hidden_inputs

COLUMNS = "cols"
_TEMPLATE = "views/views.html"
_KEPT = ("_flt_", "_oc_", "_od_", "psize_", COLUMNS)


class KeptViews(BulkView):
    """A list whose address can be kept under a name, and whose columns can be chosen."""

    def offered_columns(self) -> Sequence[str]:
        """The columns that this reader may choose from, in the list's own order."""
        return super().shown_columns()

    def shown_columns(self) -> Sequence[str]:
        """Those of the address, in its order, else all; the first column always stands."""
        offered, chosen = list(self.offered_columns()), request.args.get(COLUMNS, "")
        if not chosen:
            return offered
        wanted = chosen.split(",")
        unknown = [name for name in wanted if name not in offered]
        if unknown:
            raise Malformed(_("This list has no column “%(column)s”.", column=unknown[0][:64]))
        return list(dict.fromkeys([offered[0], *wanted]))

    def _get_list_widget(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """FAB's hook: what was chosen is shown on narrow desks too."""
        chosen = {"wide_columns": ()} if request.args.get(COLUMNS) else {}
        found: dict[str, Any] = super()._get_list_widget(*args, **{**kwargs, **chosen})
        return found

    def _plain_address(self) -> str:
        kept = urlencode([(name, value) for name, value in _pairs() if name != COLUMNS])
        return f"{url_for(f'{self.endpoint}.list')}?{kept}"

    def list_tools(self) -> Markup:
        """The reader's views and those of colleagues, and the sheet in which columns are chosen and a view is kept."""
        actor = current_actor()
        offered, shown = list(self.offered_columns()), list(self.shown_columns())
        address, narrowed = url_for(f"{self.endpoint}.list"), COLUMNS in request.args
        views = [
            {
                "name": one.name,
                "url": f"{address}?{one.query}",
                "current": one.query == _address(),
                "shared": one.shared,
                "by": one.made_by if one.user_id != actor.user_id else "",
                "remove": url_for(f"{self.endpoint}.forget_view", pk=one.id) if one.user_id == actor.user_id else "",
            }
            for one in views_of(self.workflow, actor)
        ]
        own = [one for one in views if one["remove"]]
        tools = drawn_once(
            _TEMPLATE,
            "tools",
            [
                (name, str(self.label_columns.get(name, name)), name in shown)
                for name in dict.fromkeys([*shown, *offered])
            ],
            address,
            url_for(f"{self.endpoint}.keep_view"),
            narrowed,
            kept=hidden_inputs(pair for pair in _pairs() if pair[0] != COLUMNS),
            query=_address(),
            plain_url=self._plain_address() if narrowed else "",
            mine=get_template_attribute(_TEMPLATE, "own")(own) if own else "",
            token=csrf(),
        )
        chips = get_template_attribute(_TEMPLATE, "chips")(views) if views else ""
        return Markup(chips) + tools + super().list_tools()  # noqa: S704  (made by a template)

    @expose("/views", methods=["POST"])
    @has_access
    @permission_name("list")
    def keep_view(self) -> ResponseReturnValue:
        """Keep the list as it is shown under a name."""
        sent = {name: request.form[name] for name in ("name", "query") if name in request.form}
        told = {**sent, "listing": self.workflow, "shared": "shared" in request.form}
        try:
            services.keep_view(told, actor=current_actor())
            flash(_("The view is kept."), "success")
        except (Conflict, Invalid) as error:
            flash(refusal_text(error), "danger")
        return redirect(f"{url_for(f'{self.endpoint}.list')}?{services.plain_query(sent.get('query', ''))}")

    @expose("/views/<pk>", methods=["POST"])
    @has_access
    @permission_name("list")
    def forget_view(self, pk: Any) -> ResponseReturnValue:
        """Remove a view of one's own."""
        services.forget_view(row_id(pk), actor=current_actor())
        flash(_("The view is removed."), "success")
        return redirect(url_for(f"{self.endpoint}.list"))


def _pairs() -> list[tuple[str, str]]:
    return [(name, value) for name, value in request.args.items(multi=True) if name.startswith(_KEPT) and value]


def _address() -> str:
    return urlencode(_pairs())
