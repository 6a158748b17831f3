"""The address of Redis: one server, or the sentinels that know the master."""

from __future__ import annotations

from typing import Any

import pytest

from app import create_app
from app.base.redisaddress import link_to, sentinels_of
from config import SettingsError, settings_from


def test_sentinels_and_master_are_read_from_the_address() -> None:
    client = link_to("rediss+sentinel://me:p%40ss@one:5,two,[fe80::1]:7,[fe80::2]/mymaster/3?sentinel_password=other")
    pool: Any = client.connection_pool
    nodes = [one.connection_pool.connection_kwargs for one in pool.sentinel_manager.sentinels]
    assert pool.service_name == "mymaster"
    shown = [pool.connection_kwargs[name] for name in ("db", "username", "password")]
    assert shown == [3, "me", "p@ss"]
    assert [(one["host"], one["port"]) for one in nodes] == [
        ("one", 5),
        ("two", 26379),
        ("fe80::1", 7),
        ("fe80::2", 26379),
    ]
    assert {one["password"] for one in nodes} == {"other"}
    assert not sentinels_of(link_to("redis://one/0"))


@pytest.mark.parametrize(
    "url",
    [
        "http://one",
        "redis+sentinel://one:1",
        "redis+sentinel:///m",
        "redis+sentinel://one:x/m",
        "redis+sentinel://one/m/x",
    ],
)
def test_what_cannot_be_read_is_told_at_the_start(url: str, environment: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"."):
        link_to(url)
    with pytest.raises(SettingsError, match=r"^REDIS_URL: "):
        create_app(settings_from({**environment, "REDIS_URL": url}))
