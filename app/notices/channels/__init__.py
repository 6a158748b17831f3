"""Outside channels: one interface (base.py), one file per channel. A new channel is one more file here.

A channel's file names itself with `declare(name, make)`; `make` gets the settings and returns the channel, or None
where its provider is not configured. In the trial and in tests a development channel stands in for it then.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable

from app.notices.channels.base import Channel
from app.notices.channels.development import DevelopmentChannel
from config import Settings

Make = Callable[[Settings], Channel | None]
_declared: dict[str, Make] = {}
_in_use: dict[str, Channel] = {}


def declare(name: str, make: Make) -> None:
    """Make a channel known; called once by its file."""
    _declared[name] = make


def use_settings(settings: Settings) -> None:
    """Choose the channels once at start; raises SettingsError for a provider that is configured by half."""
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        importlib.import_module(module.name)
    _in_use.clear()
    for name, make in _declared.items():
        chosen = make(settings) or (None if settings.is_production else DevelopmentChannel(name))
        if chosen is not None:
            _in_use[name] = chosen


def channel(name: str) -> Channel | None:
    """The channel of that name, None where this installation has none."""
    return _in_use.get(name)


def channel_names() -> tuple[str, ...]:
    """Every channel that the program knows, configured or not."""
    return tuple(_declared)
