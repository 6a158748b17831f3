"""Which rooms the house has, and the opening of their doors: one convention, no central list of views."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import ChoiceLoader, FileSystemLoader

# Upper rooms last: a room may import those before it, never those after it.
ROOMS = (
    *("workflow", "access", "web", "fab", "codes", "notices", "passcodes", "ems", "company_register", "documents"),
    *("payments", "schools", "roster", "staff", "staff.roles", "cases"),
    *("employers", "employers.units", "employers.verification", "employers.favorites", "entrances", "flags"),
    *("signing", "signing.online", "signing.paper", "termination", "termination.online", "termination.offline"),
    *("destination", "household", "household.archive", "household.hukou", "portal", "portal.graduate"),
    *("portal.employer", "portal.staff", "statistics"),
)
_RULES = ("models", "workflow", "workflows", "jobs", "handlers")
_DOORS = ("commands", "admin", "pages", "api")
_APP = Path(__file__).parent


def load_rooms() -> None:
    """Import tables, workflows and outbox handlers of every room, so that each is known before anything runs."""
    for room in ROOMS:
        for name in _RULES:
            _import(f"app.{room}.{name}")


def open_doors(app: Flask) -> None:
    """Call register(app) of each room's commands, FAB views, pages and API, in the order of the rooms."""
    for name in _DOORS:
        for room in ROOMS:
            module = _import(f"app.{room}.{name}")
            if hasattr(module, "register"):
                module.register(app)


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


def _import(path: str) -> Any:
    if find_spec(path.rpartition(".")[0]) is None or find_spec(path) is None:
        return None
    module = importlib.import_module(path)
    if hasattr(module, "__path__"):
        for inner in pkgutil.iter_modules(module.__path__, f"{path}."):
            importlib.import_module(inner.name)
    return module
