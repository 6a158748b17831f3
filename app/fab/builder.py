"""FAB put together the way this house needs it: only the views that are wanted, no history in the cookie."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from flask import Flask, current_app, request
from flask_appbuilder import AppBuilder
from flask_appbuilder.api.manager import SwaggerView
from flask_appbuilder.baseviews import BaseView
from flask_appbuilder.filters import TemplateFilters
from flask_appbuilder.views import UtilView
from flask_babel import gettext as _

from app.fab import addresses, menu, table
from app.fab.document import OpenApi
from app.fab.security import SecurityManager
from app.web import language
from app.web.current import actor_or_none
from app.web.pages import own_referrer


class PlatformBuilder(AppBuilder):
    """AppBuilder without FAB's own start page, log-in, registration, language switch and menu API."""

    def __init__(self, app: Flask, session: Any, *, start_page: type[BaseView]) -> None:
        _keep_no_history()
        app.config.setdefault("FAB_ADD_MENU_API", False)
        app.config.setdefault("FAB_API_SWAGGER_TEMPLATE", "fab/swagger.html")
        super().__init__(app, session, indexview=start_page, security_manager_class=SecurityManager, update_perms=False)
        language.use_languages(app)  # FAB would put the language into every visitor's cookie

    def _add_admin_views(self) -> None:
        self._indexview = self.add_view_no_menu(self.indexview)
        self.add_view_no_menu(UtilView)
        self.sm.register_views()
        self.add_api(OpenApi)
        self.add_view_no_menu(SwaggerView)
        self.menuapi_manager.register_views()

    def _add_global_filters(self) -> None:
        self.template_filters = MenuFilters(current_app, self.sm)
        parts = {part.__name__: part for part in (menu.side_menu, table.list_head, table.list_rows, table.list_actions)}
        current_app.jinja_env.globals.update(parts)

    @property
    def app_name(self) -> str:
        """The product's name, also as the title of the API's description."""
        return _("Platform for graduates' destinations and online signing")

    def get_url_for_locale(self, lang: str) -> str:
        """Nothing to press: the browser says which language its reader wants (app.web.language)."""
        del lang
        return ""


class MenuFilters(TemplateFilters):
    """FAB's template filters; a menu entry also obeys its own condition and belongs to a module."""

    def is_menu_visible(self, item: Any) -> bool:
        """Whether the reader of the page sees the entry."""
        return menu.is_visible(item, actor_or_none())

    is_menu_visible._filter = "is_menu_visible"  # type: ignore[attr-defined]

    def link_page_filter(self, page: int, view: str) -> str:
        """The present list on another page."""
        before, after = addresses.around(f"page_{view}")
        return f"{before}{page}{after}"

    link_page_filter._filter = "link_page"  # type: ignore[attr-defined]

    def link_page_size_filter(self, size: int, view: str) -> str:
        """The present list with other pages."""
        before, after = addresses.around(f"psize_{view}")
        return f"{before}{size}{after}"

    link_page_size_filter._filter = "link_page_size"  # type: ignore[attr-defined]

    @staticmethod
    def find_views_by_name(name: str) -> Any:
        """FAB's own looks through all views, a dozen times a page."""
        builder: Any = current_app.appbuilder  # type: ignore[attr-defined]
        return _views(builder, len(builder.baseviews)).get(name)


@lru_cache(maxsize=4)
def _views(builder: AppBuilder, count: int) -> Mapping[str, BaseView]:
    """The views by name; `count` of them were open."""
    return {type(view).__name__: view for view in reversed(builder.baseviews[:count])}


def _keep_no_history() -> None:
    """FAB keeps the last five addresses in the cookie, 3.4 KB with Chinese filters; `back` needs none."""
    BaseView.update_redirect = lambda self: None
    BaseView.get_redirect = _back


def _back(view: BaseView) -> str:
    """Where the reader came from, if that was here; else the start."""
    came_from = own_referrer()
    if came_from is None or came_from.partition("?")[0] == request.path:
        return str(view.appbuilder.get_url_for_index)
    return came_from
