"""What kinds of account and permissions are called: every (permission, view) pair as a sentence for people (R1.3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _

from app.access.actors import DEPARTMENT, EMPLOYER, GRADUATE, OPERATOR, PROVINCE, ROLE_OF_KIND, SCHOOL
from app.access.permissions import Pair
from app.access.posts import POST_NAMES, POSTS
from app.access.roles import callable_events, seeds_of_workflow
from app.workflow import registry
from app.workflow.table import Workflow

KIND_NAMES = {
    OPERATOR: _("Operator (platform)"),
    PROVINCE: _("Province account"),
    SCHOOL: _("School account"),
    DEPARTMENT: _("Department account"),
    EMPLOYER: _("Employer account"),
    GRADUATE: _("Graduate account"),
}
KIND_OF_ROLE = {role: kind for kind, role in ROLE_OF_KIND.items()} | dict.fromkeys(POSTS, OPERATOR)
ROLE_NAMES = {role: KIND_NAMES[kind] for kind, role in ROLE_OF_KIND.items()} | POST_NAMES  # of the shipped roles
MENU = "menu_access"

# What most rooms call alike. A view adds its own verbs by `permission_labels` = {"can_open": _("open")}.
VERBS: Mapping[str, Any] = {
    "can_list": _("see the list"),
    "can_show": _("see details"),
    "can_add": _("add"),
    "can_create": _("add"),
    "can_edit": _("change"),
    "can_delete": _("delete"),
    "can_export": _("download the list"),
    "can_download": _("download"),
    "can_get": _("read"),
    "can_read": _("read"),
    "can_confirm": _("confirm own information"),
    "can_import": _("import"),
    "can_undo": _("take back"),
    "can_remove": _("remove"),
    "can_restore": _("restore"),
    "can_retry": _("try again"),
    "can_open": _("open"),
    "can_save": _("save"),
    "can_sign_off": _("sign off"),
    MENU: _("entry in the menu"),
}
# Things that have no page with a title of their own. A view names itself by `permission_label`, `label` or its title.
THINGS: Mapping[str, Any] = {
    "OpenApi": _("Description of the API"),
    "SwaggerView": _("Page that describes the API"),
    "dictionaries": _("Code tables (API)"),
    "notifications": _("Messages"),
    "me": _("Own account"),
    "graduates": _("Student roster"),
    "favorites": _("Favorites"),
    "employers": _("Unit information"),
    "colleagues": _("Colleagues and permissions"),
    "attachments": _("Attachments"),
    "jobs": _("Background jobs"),
    "templates": _("Letter information"),
    "roster": _("Import of the student roster"),
    "province_settings": _("Settings of the province"),
    "school_settings": _("Settings of the school"),
}
# Groups of the matrix: the three modules, then the rooms that belong to none.
GROUPS: Mapping[str, Any] = {
    "employment": _("Destinations and online signing"),
    "archive": _("Archive registration"),
    "hukou": _("Hukou registration"),
    "roster": _("Student management"),
    "employers": _("Units"),
    "signing": _("Units"),
    "schools": _("Settings"),
    "staff": _("Accounts and roles"),
    "access": _("Accounts and roles"),
    "entrances": _("Accounts and roles"),
    "codes": _("Reference data"),
    "notices": _("Messages"),
    "ems": _("Operations"),
    "reconciliation": _("Operations"),
    "other": _("Other"),
}


@dataclass(frozen=True)
class Sentence:
    """One pair as people read it: 在线签约管理 · 审核通过, in its group."""

    pair: Pair
    group: str
    thing: str
    verb: str
    kinds: frozenset[str] | None = None  # of account that it can mean something to; None for all

    @property
    def text(self) -> str:
        return f"{self.thing} · {self.verb}"

    @property
    def order(self) -> tuple[int, str, int, str]:
        """By group, thing, and verb: reading before writing."""
        known = [*VERBS]
        position = known.index(self.pair[0]) if self.pair[0] in known else len(known)
        return list(GROUPS).index(self.group), self.thing, position, self.verb


def sentences(pairs: Iterable[Pair], views: Iterable[Any], menu: Iterable[Any]) -> list[Sentence]:
    """All pairs as sentences in the order of the matrix. `views` and `menu` are those of FAB's builder."""
    known = _Known.of(views, menu)
    return sorted((known.sentence(pair) for pair in pairs), key=lambda one: one.order)


@dataclass(frozen=True)
class _Known:
    views: Mapping[str, list[Any]]
    entries: Mapping[str, Any]
    workflows: Mapping[str, Workflow]

    @classmethod
    def of(cls, views: Iterable[Any], menu: Iterable[Any]) -> _Known:
        by_name: dict[str, list[Any]] = {}
        for view in views:
            by_name.setdefault(str(view.class_permission_name), []).append(view)
        return cls(by_name, dict(_entries(menu)), {one.name: one for one in registry.all_workflows()})

    def sentence(self, pair: Pair) -> Sentence:
        permission, view = pair
        if permission == MENU:
            return self._of_menu(pair)
        workflow = self.workflows.get(view)
        if workflow is not None:
            return Sentence(
                pair, workflow.module, str(workflow.label), self._event(workflow, permission), _kinds_of(workflow, pair)
            )
        return Sentence(pair, self._group(view), self._thing(view), self._verb(view, permission))

    def _of_menu(self, pair: Pair) -> Sentence:
        entry = self.entries.get(pair[1])
        view = getattr(entry, "baseview", None)
        label = str(getattr(entry, "label", "") or pair[1])
        group = self._group_of(view) if view is not None else "other"
        return Sentence(pair, group, label, str(VERBS[MENU]))

    def _event(self, workflow: Workflow, permission: str) -> str:
        event = permission.removeprefix("can_")
        if event not in callable_events(workflow):
            return str(VERBS.get(permission, permission))
        row = next(one for one in (*workflow.initial, *workflow.transitions) if one.event == event)
        return str(row.label(None))

    def _thing(self, view: str) -> str:
        for one in self.views.get(view, ()):
            for name in ("permission_label", "label", "list_title"):
                if getattr(one, name, None):
                    return str(getattr(one, name))
        return str(THINGS.get(view, view))

    def _verb(self, view: str, permission: str) -> str:
        for one in self.views.get(view, ()):
            own = getattr(one, "permission_labels", {}).get(permission)
            acting = (getattr(one, "actions", None) or {}).get(permission)
            if own or acting:
                return str(own or getattr(acting, "text", ""))
        return str(VERBS.get(permission, permission))

    def _group(self, view: str) -> str:
        return next((self._group_of(one) for one in self.views.get(view, ())), "other")

    def _group_of(self, view: Any) -> str:
        workflow = self.workflows.get(getattr(view, "workflow", ""))
        module = workflow.module if workflow else getattr(view, "module", None)
        parts = type(view).__module__.split(".")
        room = parts[1] if parts[0] == "app" and len(parts) > 1 else "other"
        return module or (room if room in GROUPS else "other")


def _entries(menu: Iterable[Any]) -> Iterable[tuple[str, Any]]:
    for item in menu:
        yield item.name, item
        yield from _entries(item.childs)


def _kinds_of(workflow: Workflow, pair: Pair) -> frozenset[str]:
    """Kinds of account to which the table opens the step: for others the permission would have no effect."""
    return frozenset(kind for kind, given in seeds_of_workflow(workflow) if given == pair)
