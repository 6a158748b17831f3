"""Outside channels: one interface (base.py), one file per channel. A new channel is one more file here.

A channel's file says all that is to be known of it by `declare(Declaration(…))`: name, label, what its settings are
called, how it is made of them, what its own failures mean. Lists, filters, templates, inbox and API ask here. Where
its provider is not configured a development channel stands in for it in the trial and in tests.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

from app.base.settings import once
from app.notices.channels.base import BoundChannel, Channel, Declaration
from app.notices.channels.development import DevelopmentChannel
from config import Settings

_declared: dict[str, Declaration] = {}


def declare(declaration: Declaration) -> None:
    """Make a channel known; called once by its file."""
    _declared[declaration.name] = declaration


def declared() -> Mapping[str, Declaration]:
    """Every channel that the program knows by name, configured or not."""
    _load_own()
    return _declared


@cache
def _load_own() -> None:
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        importlib.import_module(module.name)


@once
def channels_in_use(settings: Settings) -> dict[str, Channel]:
    """The channels of this installation by name; raises SettingsError for a provider that is configured by half."""
    chosen = {name: one.make(settings.beginning_with(one.settings)) for name, one in declared().items()}
    if not settings.is_production:
        chosen = {name: channel or DevelopmentChannel(name) for name, channel in chosen.items()}
    return {name: channel for name, channel in chosen.items() if channel is not None}


def channel(name: str) -> Channel | None:
    """The channel of that name, None where this installation has none."""
    return channels_in_use().get(name)


def channels_of_log_in() -> dict[str, BoundChannel]:
    """Those by whose bound address graduates log in, by name (R1.2)."""
    bound = {name: one for name, one in channels_in_use().items() if isinstance(one, BoundChannel)}
    return {name: one for name, one in bound.items() if one.binding.login}
