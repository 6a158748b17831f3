"""FAB put together the way this house needs it: only the views that are wanted, no history in the cookie."""

from __future__ import annotations

from typing import Any

from flask import Flask, request
from flask_appbuilder import AppBuilder
from flask_appbuilder.api.manager import SwaggerView
from flask_appbuilder.baseviews import BaseView
from flask_appbuilder.filters import TemplateFilters
from flask_appbuilder.views import UtilView
from flask_babel import gettext as _

from app.fab import menu, table
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
        from flask import current_app

        self.template_filters = MenuFilters(current_app, self.sm)
        current_app.jinja_env.globals.update(side_menu=menu.side_menu, list_rows=table.list_rows)

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
