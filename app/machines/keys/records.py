"""How keys and their scopes are told: which scopes there are, and what each opens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _

from app.access.actors import Actor
from app.access.api_keys.guards import CLOSED, actions_of
from app.access.words import THINGS
from app.fab.api import RoomApi
from app.workflow import registry

_ALWAYS = frozenset(("dictionaries", "chain"))  # open to every key, or to everybody
_LABELS = {
    "accounts": _("Account management"),
    "audit": _("Audit trail"),
    "settings": _("Settings"),
    "sync": _("Sync with the employment system"),
    "warnings": _("Flagged units"),
}
ACTION_LABELS = {"read": _("read"), "write": _("write"), "decide": _("review, sign, terminate")}


@dataclass(frozen=True)
class Resource:
    """One part of the API and what a key can be given of it."""

    name: str
    label: str
    actions: tuple[str, ...]
    views: frozenset[str]  # whose permissions stand before it; empty: open to every account


def resources() -> list[Resource]:
    """Every part of the API that keys can be given."""
    found: dict[str, list[RoomApi]] = {}
    for view in current_app.appbuilder.baseviews:  # type: ignore[attr-defined]
        if isinstance(view, RoomApi) and view.resource_name:
            found.setdefault(view.resource_name.split("/")[0], []).append(view)
    return [_resource(name, views) for name, views in found.items() if name not in CLOSED | _ALWAYS]


def scopes() -> frozenset[str]:
    """Every scope there is."""
    return frozenset(f"{one.name}:{action}" for one in resources() for action in one.actions)


def resources_for(actor: Actor) -> list[Resource]:
    """Those of which the actor may do something today."""
    own = {view for _permission, view in actor.permissions}
    return [one for one in resources() if not one.views or one.views & own]


def _resource(name: str, views: Sequence[RoomApi]) -> Resource:
    workflows: dict[str, Any] = {one.name: one.label for one in registry.all_workflows()}
    labels = [
        workflows.get(name),
        _LABELS.get(name),
        THINGS.get(name),
        *(getattr(view, "permission_label", None) for view in views),
    ]
    label = next((str(one) for one in labels if one), name)
    reads_only = all(verb == "get" for view in views for one in view.operations() for verb in [one.verb])
    guarded = all(view.permissions or name in workflows for view in views)
    return Resource(
        name,
        label,
        ("read",) if reads_only else actions_of(name),
        frozenset(str(view.class_permission_name) for view in views) if guarded else frozenset(),
    )
