"""Which rooms the house has, and the opening of their doors: one convention, no central list of views."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from click import Group
from flask import Blueprint, Flask
from flask_appbuilder.api import BaseApi
from flask_appbuilder.baseviews import BaseView
from jinja2 import ChoiceLoader, FileSystemLoader

from app.fab.menu import open_view

# Upper rooms last: a room may import those before it, never those after it.
ROOMS = (
    *("workflow", "access", "access.api_keys", "web", "fab", "codes", "notices", "passcodes", "ems"),
    *("company_register", "documents", "documents.scans"),
    *("keys",),
    *(
        "payments",
        "schools",
        "schools.seasons",
        "schools.texts",
        "schools.departments",
        "roster",
        "roster.imports",
        "roster.reminders",
    ),
    *("staff", "staff.roles", "reconciliation", "exchange", "cases", "cases.phrases", "cases.arrivals", "cases.views"),
    *("cases.assignments",),
    *("employers", "employers.units", "employers.verification", "employers.renewal", "employers.favorites"),
    *("employers.colleagues", "entrances", "trail", "flags"),
    *("machines", "machines.keys", "machines.webhooks"),
    *("signing", "signing.online", "signing.paper", "termination", "termination.online", "termination.offline"),
    *("amendment", "destination", "household", "household.archive", "household.hukou"),
    *("leaving", "leaving.authorizations", "leaving.dispatch"),
    *("objection", "objection.flags", "correction", "recognition"),
    *("signals", "signals.sampling"),
    *("portal", "portal.graduate", "portal.employer", "portal.staff"),
    *("statistics", "statistics.employment", "statistics.plan", "deadlines", "retention"),
    *("operations", "operations.backups"),
)
_RULES = ("models", "workflow", "workflows", "jobs", "handlers")
_DOORS = ("commands", "admin", "pages", "api")
_ADDRESS = ("route_base", "resource_name", "workflow")  # what a class with an address says of itself
_APP = Path(__file__).parent


def load_rooms() -> None:
    """Import tables, workflows and outbox handlers of every room, so that each is known before anything runs."""
    for room in ROOMS:
        for name in _RULES:
            _modules(f"app.{room}.{name}")


def open_doors(app: Flask) -> None:
    """Open what commands, FAB views, pages and API of the rooms define; what else a door needs it does in register(app)."""
    for module in door_modules():
        for one in defined_in(module):
            _open(app, one)
        if hasattr(module, "register"):
            module.register(app)


def door_modules() -> Iterator[Any]:
    """The modules of all doors, in the order of the rooms."""
    for name in _DOORS:
        for room in ROOMS:
            yield from _modules(f"app.{room}.{name}")


def defined_in(module: Any) -> list[Any]:
    """What a module opens: groups of commands, blueprints, classes of views and APIs that have an address.

    `OPENS` names the classes where some of them lie in other files.
    """
    own = [one for one in vars(module).values() if isinstance(one, type) and one.__module__ == module.__name__]
    doors = [one for one in own if issubclass(one, (BaseApi, BaseView)) and any(map(vars(one).get, _ADDRESS))]
    parts = [one for one in vars(module).values() if isinstance(one, (Group, Blueprint))]
    return [*parts, *getattr(module, "OPENS", doors)]


def _open(app: Flask, one: Any) -> None:
    if isinstance(one, Group):
        app.cli.add_command(one)
    elif isinstance(one, Blueprint):
        if app.blueprints.get(one.name) is not one:  # its routes may lie in several files
            app.register_blueprint(one)
    elif issubclass(one, BaseApi):
        app.appbuilder.add_api(one)  # type: ignore[attr-defined]
    else:
        open_view(app, one)


def open_extensions(app: Flask, names: Iterable[str]) -> None:
    """Call register(app) of modules beside the product; their templates lie in the folder `templates` beside them."""
    for name in names:
        module = importlib.import_module(name)
        _find_templates_in(app, [Path(str(module.__file__)).parent / "templates"])
        module.register(app)


def use_templates(app: Flask) -> None:
    """Let pages find the templates of every room, which lie in the room's own folder."""
    _find_templates_in(app, [_APP / room.replace(".", "/") / "templates" for room in ROOMS])


def _find_templates_in(app: Flask, folders: Iterable[Path]) -> None:
    own = [FileSystemLoader(str(folder)) for folder in folders if folder.is_dir()]
    app.jinja_loader = ChoiceLoader([app.jinja_loader, *own])  # type: ignore[list-item]


def _modules(path: str) -> list[Any]:
    """The module and, where it is a folder, those in it; [] where the room has none of that name."""
    if find_spec(path.rpartition(".")[0]) is None or find_spec(path) is None:
        return []
    module = importlib.import_module(path)
    inner = pkgutil.iter_modules(getattr(module, "__path__", ()), f"{path}.")
    return [module, *(importlib.import_module(one.name) for one in inner)]
