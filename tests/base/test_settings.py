"""One object of settings: what is made from it is made once, and anew when it changes or in another process."""

from __future__ import annotations

import os
from collections.abc import Callable

from app.base.settings import once, settings
from config import Settings


@once
def _made(settings: Settings) -> list[str]:
    return [settings.service_phone]


def test_made_once_until_the_settings_change(change_settings: Callable[..., None]) -> None:
    first = _made()
    assert _made() is first
    change_settings(service_phone="400-0000000")
    assert settings().service_phone == "400-0000000"
    assert _made() == ["400-0000000"]


def test_a_forked_process_makes_its_own(change_settings: Callable[..., None]) -> None:
    parent = _made()
    pid = os.fork()
    if pid == 0:
        os._exit(0 if _made() is not parent and _made() is _made() else 1)
    assert os.waitpid(pid, 0)[1] == 0
