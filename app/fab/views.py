"""The base of all FAB views: every way to a row goes through the scope, every address is checked.

* ``ScopedModelView``: list, show, export. Set ``datamodel = ScopedInterface(Model)``, ``route_base = "/staff/…"``,
  ``search_columns`` (never relations; [] for none), ``list_columns``, ``open_to`` (kinds of account whose roles are
  first given the view), ``module`` if it belongs to one. ``computed`` gives cells that the model does not have, and
  adds, as ``label_columns`` do, to those of the classes above; ``search_kinds`` gives other filters than the column's
  type has. Actions are FAB's ``@action``; they get scoped rows.
* ``reference_data = True`` opens FAB's own add, edit and delete; scope columns are never on its forms.
* ``WorkflowModelView`` in cases/admin/lists.py: a workflow's list with the actions of its table.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Response, g, has_request_context, request, url_for
from flask_appbuilder.actions import ActionItem
from flask_appbuilder.hooks import before_request
from flask_appbuilder.models.filters import Filters
from flask_appbuilder.security.decorators import has_access
from flask_appbuilder.views import ModelView, expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup

from app.access import looks
from app.access.actors import OPERATOR, STAFF, Actor, module_refusal
from app.base.errors import Forbidden, NotFound, TooLarge
from app.fab import addresses
from app.fab.asked import joined
from app.fab.conditions import InScope
from app.fab.datamodel import ScopedInterface
from app.fab.listing import Kinds, rows_in_chunks
from app.fab.search_form import FilterWidget
from app.web.current import current_actor
from app.web.numbers import row_id
from app.web.paging import COUNT_CAP
from app.web.sheets import Column, download_sheet, export_answer

SCOPE_COLUMNS = frozenset(
    ("province_id", "school_id", "department_id", "level", "cohort", "graduate_id", "employer_id", "state", "version")
)
_WRITING = {"add", "edit", "delete", "download"}
READING = frozenset(("GET", "HEAD"))  # 只读 views and downloads; every other method takes 读写 (R1.4)
WRITES = frozenset(("add", "create", "edit", "delete"))  # FAB's names of permissions whose pages are forms
MOST_ROWS = 500


class ScopedModelView(ModelView):
    """A list and its records within the scope of whoever looks."""

    datamodel: ScopedInterface
    open_to: Sequence[str] = (OPERATOR,)
    module: str | None = None
    scoped = True
    reference_data = False
    search_kinds: Mapping[str, Kinds] = {}
    search_choices: Mapping[str, Callable[[], Sequence[tuple[str, Any]]]] = {}
    computed: Mapping[str, Callable[[Any], Any]] = {}
    whole: Mapping[str, Callable[[Any], Any]] = {}  # what a cell masks, for downloads with a reason
    # What FAB's own class leaves without a type.
    search_columns: Any = None
    list_columns: Any = None
    order_columns: Any = None
    add_columns: Any = None
    edit_columns: Any = None
    base_filters: Any = None
    list_title: Any = ""
    search_form_extra_fields: Any = None
    exclude_route_methods: Any = frozenset()
    page_size = 25
    base_order = ("id", "desc")
    search_widget = FilterWidget

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name in ("label_columns", "computed", "whole"):
            above = (vars(base).get(name) or {} for base in reversed(cls.__mro__))
            setattr(cls, name, {key: value for one in above for key, value in one.items()})

    def __init__(self, **kwargs: Any) -> None:
        if not self.reference_data:
            self.exclude_route_methods = set(self.exclude_route_methods) | _WRITING
        else:
            self.exclude_route_methods = set(self.exclude_route_methods) | {"download"}
        super().__init__(**kwargs)

    # Set-up ---------------------------------------------------------------------------------------------------------

    def _init_properties(self) -> None:
        declared = self._checked_search_columns()
        listed_order = self.order_columns
        self.datamodel.computed = self.computed
        if self.scoped:
            self.base_filters = [["id", InScope, current_actor], *(self.base_filters or [])]
        super()._init_properties()
        self.search_columns = declared
        self.order_columns = list(listed_order or [c for c in self.list_columns if c in self.datamodel.list_columns])
        self._filters = self._offered_filters()
        if not self.reference_data:
            self.add_columns = self.edit_columns = []
        for columns in (self.add_columns, self.edit_columns):
            wrong = SCOPE_COLUMNS & set(columns) if self.scoped else set()
            if wrong:
                raise TypeError(f"{self.__class__.__name__}: scope columns {sorted(wrong)} must not be on a form")

    def _checked_search_columns(self) -> list[str]:
        name = self.__class__.__name__
        if self.search_columns is None:
            raise TypeError(f"{name}: search_columns must be set; the default would load whole tables")
        relations = [column for column in self.search_columns if self.datamodel.is_relation(column)]
        if relations:
            raise TypeError(f"{name}: relations {relations} cannot be searched")
        return list(self.search_columns)

    def _init_forms(self) -> None:
        fields = dict(self.search_form_extra_fields or {})
        fields.update({name: addresses.search_field(self.label_columns.get(name, name)) for name in self.search_kinds})
        fields.update(
            {
                name: addresses.ChoiceField(self.label_columns.get(name, name), choices)
                for name, choices in self.search_choices.items()
            }
        )
        self.search_form_extra_fields = fields
        super()._init_forms()

    def _offered_filters(self) -> Filters:
        filters = self.datamodel.get_filters([])
        convert = filters.filter_converter(self.datamodel).convert
        filters._search_filters = {
            name: [kind(name, self.datamodel) for kind in self.search_kinds[name]]
            if name in self.search_kinds
            else convert(name)
            for name in self.search_columns
        }
        return filters

    # FAB keeps one filters object for all requests; two threads then see each other's search.

    @property
    def _filters(self) -> Filters:
        if not has_request_context():
            return self._declared_filters
        held: dict[int, Filters] = g.setdefault("filters_of_views", {})
        if id(self) not in held:
            held[id(self)] = copy.copy(self._declared_filters)
            held[id(self)].clear_filters()
        return held[id(self)]

    @_filters.setter
    def _filters(self, filters: Filters) -> None:
        self._declared_filters = filters

    # Every request --------------------------------------------------------------------------------------------------

    @before_request
    def check_request(self) -> None:
        """Refuse odd addresses (400) and whom the module is closed to (403) before anything is read."""
        addresses.check_numbers()
        actor = current_actor()
        if actor.kind not in STAFF:  # a workflow's permissions are shared with the API, which all kinds use
            raise Forbidden(_("This page belongs to another workplace. Please go to the start page."))
        if self.module and not (actor.reads if self._only_reads() else actor.writes)(self.module):
            raise module_refusal(actor, self.module)

    def _only_reads(self) -> bool:
        """Whether the address only shows something: 只读 does not get as far as a form (R1.4)."""
        method = getattr(self, (request.endpoint or "").rpartition(".")[2], None)
        return request.method in READING and getattr(method, "_permission_name", None) not in WRITES

    @expose("/list/")
    @has_access
    def list(self) -> str:
        """One page of the rows in scope."""
        widgets = self._list()
        return str(self.render_template(self.list_template, title=self.list_title, widgets=widgets, **self.list_head()))

    def list_head(self) -> dict[str, Any]:
        """What stands at the head beside the title: `lead`, a sentence, and `head_tools`, Markup; override where any does."""
        return {}

    def _list(self, **kwargs: Any) -> dict[str, Any]:
        name = self.__class__.__name__
        looks.note_list(looks.READ_LIST, self.datamodel.obj)
        self.read_address()
        column, direction = addresses.order(name, self.offered_orders())
        page, size = addresses.page(name, self.page_size, COUNT_CAP)
        widgets = self._get_list_widget(
            filters=self._filters, order_column=column, order_direction=direction, page=page, page_size=size, **kwargs
        )
        return dict(self._get_search_widget(form=self.search_form.refresh(), widgets=widgets))

    def list_filters(self) -> Filters:
        """What the address narrows the list to, within the scope."""
        self.read_address()
        return joined(self._filters, self._base_filters)

    def read_address(self) -> None:
        """Put what the address narrows the list to into the filters; override where more does."""
        addresses.read_filters(self._filters)

    def offered_orders(self) -> Sequence[str]:
        """The columns by which this reader can order the list; override where readers differ."""
        return list(self.order_columns)

    def list_order(self) -> tuple[str, str]:
        """The order that the address asks for, else the list's own."""
        column, direction = addresses.order(self.__class__.__name__, self.offered_orders())
        return (column, direction) if column else self.base_order

    def _get_list_widget(
        self,
        filters: Filters,
        actions: Mapping[str, ActionItem] | None = None,
        order_column: str = "",
        order_direction: str = "",
        page: int | None = None,
        page_size: int | None = None,
        widgets: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """FAB's list widget, which also gets the rows themselves and what row_extras() says of them."""
        if not order_column:
            order_column, order_direction = self.base_order
        size = page_size or self.page_size
        narrowed = joined(filters, self._base_filters)
        count, rows = self.datamodel.query(narrowed, order_column, order_direction, page=page, page_size=size)
        if page and count and not rows:  # past the end: the last page
            page = (min(count, COUNT_CAP - 1) - 1) // size
            count, rows = self.datamodel.query(narrowed, order_column, order_direction, page=page, page_size=size)
        columns = self.shown_columns()
        widgets, extras = widgets or {}, dict(self.row_extras(rows))
        offered = extras.pop("actions", self.actions)
        widgets["list"] = self.list_widget(
            # Each cell repeats its column's label: it is put into the page's language once.
            label_columns={name: str(self.label_columns.get(name, "")) for name in columns},
            include_columns=columns,
            value_columns=self.datamodel.get_values(rows, columns),
            order_columns=self.offered_orders(),
            formatters_columns=self.formatters_columns,
            page=page or 0,
            page_size=size,
            count=count,
            capped=count >= COUNT_CAP,
            pks=self.datamodel.get_keys(rows),
            rows=rows,
            actions=offered if actions is None else actions,
            filters=filters,
            modelview_name=self.__class__.__name__,
            **{"list_tools": self.list_tools(), **extras, **kwargs},
        )
        return widgets

    def shown_columns(self) -> Sequence[str]:
        """The columns of the list for this reader; override where they differ."""
        return list(self.list_columns)

    def list_tools(self) -> Markup:
        """下载当前查询数据 for those who may (R8.13)."""
        if not current_actor().may("can_export", str(self.class_permission_name)):
            return Markup("")
        address = f"{url_for(f'{self.endpoint}.export')}?{request.query_string.decode('ascii', 'replace')}"
        label = gettext("Download the data of this query")
        link = Markup('<a class="button" href="{}">{}</a>').format(address.rstrip("?"), label)
        return link + download_sheet(
            url_for(f"{self.endpoint}.export"), masks=bool(self.whole), columns=self.sheet_columns()
        )

    def row_extras(self, rows: Sequence[Any]) -> dict[str, Any]:
        """More for the list's template, or other `actions` than the view's; override. No statement per row."""
        del rows
        return {}

    def _show(self, pk: Any) -> dict[str, Any]:
        item = self.row(pk)
        widgets = self._get_show_widget(self.datamodel.get_pk_value(item), item)
        return dict(self._get_related_views_widgets(item, orders={}, pages={}, page_sizes={}, widgets=widgets))

    @expose("/delete/<pk>", methods=["POST"])
    @has_access
    def delete(self, pk: Any) -> Any:
        """FAB's delete, by POST only."""
        self._delete(pk)
        return self.post_delete_redirect()

    def row(self, pk: Any) -> Any:
        """The row, if it is in scope; raises NotFound."""
        item = self.datamodel.get(pk, self._base_filters)
        if item is None:
            raise NotFound()
        looks.note(looks.READ, item)
        return item

    def rows_of(self, pks: Sequence[Any]) -> Sequence[Any]:
        """All these rows; raises NotFound when any of them is not in scope, so that nothing is half done."""
        keys = chosen_ids(pks)
        rows = self.datamodel.get_many(keys, self._base_filters)
        if len(rows) != len(keys):
            raise NotFound()
        return rows

    @expose("/action/<string:name>/<pk>", methods=["POST"])
    def action(self, name: str, pk: Any) -> Any:
        """One action on one row in scope; FAB's own looks the row up without any scope."""
        chosen = self.known_action(name)
        row = self.row(pk)
        self.permit(name)
        return chosen.func(row)

    @expose("/action_post", methods=["POST"])
    def action_post(self) -> Any:
        """One action on many rows, all of which must be in scope."""
        name = request.form.get("action", "")
        chosen = self.known_action(name)
        rows = self.rows_of(request.form.getlist("rowid"))
        self.permit(name)
        return chosen.func(rows)

    def known_action(self, name: str) -> ActionItem:
        """The action of that name; raises NotFound."""
        if name not in (self.actions or {}):
            raise NotFound(_("There is no such action."))
        return self.actions[name]

    def permit(self, name: str) -> Actor:
        """The actor, if the role has the action; raises Forbidden."""
        actor = current_actor()
        if not actor.may(self.get_action_permission_name(name), str(self.class_permission_name)):
            raise Forbidden()
        return actor

    @expose("/export")
    @has_access
    def export(self) -> Response:
        """下载当前查询数据: the rows of the current search as a file, with a line in the audit trail (R8.13)."""
        rows = rows_in_chunks(self.sheet_model(), self.list_filters(), *self.list_order())
        query = request.query_string.decode(errors="replace")[:1000]
        subject = str(self.class_permission_name)
        columns = self.sheet_columns()
        return export_answer(str(self.list_title), columns, rows, subject=subject, detail={"query": query})

    def sheet_model(self) -> ScopedInterface:
        """What the rows of the download are read with."""
        return self.datamodel

    def sheet_columns(self) -> Sequence[Column]:
        """The columns of the download, with what every list of this kind has."""
        return self.columns()

    def columns(self) -> Sequence[Column]:
        """The columns of the download: those of the list, as plain values."""

        return [self.column(name) for name in self.shown_columns()]

    def column(self, name: str) -> Column:
        """A cell of the list as a column of the download."""

        def cell(row: Any) -> Any:
            return self.datamodel._get_attr_value(row, name)

        return Column(self.label_columns.get(name, name), cell, 20, self.whole.get(name))


def chosen_ids(pks: Sequence[Any]) -> list[int]:
    """The ids of a form, each once; raises NotFound for none or odd ones, TooLarge for too many."""
    if not pks:
        raise NotFound(_("Please choose at least one record."))
    if len(pks) > MOST_ROWS:
        raise TooLarge(_("At most %(most)s records can be handled at once.", most=MOST_ROWS))
    return list(dict.fromkeys(row_id(pk) for pk in pks))
