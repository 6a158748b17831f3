"""Which rooms the house has, and the opening of their doors: one convention, no central list of views."""

from __future__ import annotations

import importlib
import pkgutil
from importlib.util import find_spec
from typing import Any

from flask import Flask

# Upper rooms last: a room may import those before it, never those after it.
ROOMS = (
    *(
        "workflow",
        "access",
        "codes",
        "notices",
        "passcodes",
        "ems",
        "register",
        "documents",
        "payments",
        "schools",
        "roster",
        "staff",
    ),
    *("employers", "entrances", "flags", "signing", "termination", "destination", "household", "review", "statistics"),
    "demo",
)
_RULES = ("models", "workflows", "jobs", "handlers")
_DOORS = ("commands", "admin", "pages", "api")


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
            if module is not None:
                module.register(app)


def _import(path: str) -> Any:
    if find_spec(path.rpartition(".")[0]) is None or find_spec(path) is None:
        return None
    module = importlib.import_module(path)
    if hasattr(module, "__path__"):
        for inner in pkgutil.iter_modules(module.__path__, f"{path}."):
            importlib.import_module(inner.name)
    return module
