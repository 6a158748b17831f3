"""Outside channels: one interface (base.py), one file per channel. A new channel is one more file here.

A channel's file names itself with `declare(name, make)`; `make` gets the settings and returns the channel, or None
where its provider is not configured. In the trial and in tests a development channel stands in for it then.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable

from app.base.settings import once
from app.notices.channels.base import Channel
from app.notices.channels.development import DevelopmentChannel
from config import Settings

Make = Callable[[Settings], Channel | None]
_declared: dict[str, Make] = {}


def declare(name: str, make: Make) -> None:
    """Make a channel known; called once by its file."""
    _declared[name] = make


@once
def channels_in_use(settings: Settings) -> dict[str, Channel]:
    """The channels of this installation by name; raises SettingsError for a provider that is configured by half."""
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        importlib.import_module(module.name)
    chosen = {name: make(settings) for name, make in _declared.items()}
    if not settings.is_production:
        chosen = {name: channel or DevelopmentChannel(name) for name, channel in chosen.items()}
    return {name: channel for name, channel in chosen.items() if channel is not None}


def channel(name: str) -> Channel | None:
    """The channel of that name, None where this installation has none."""
    return channels_in_use().get(name)


def channel_names() -> tuple[str, ...]:
    """Every channel that the program knows, configured or not."""
    return tuple(_declared)
