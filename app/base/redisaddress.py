"""Where Redis (or Valkey) is reached: one server, or whichever of several its sentinels call the master."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from redis import Redis
from redis.backoff import ConstantBackoff, NoBackoff
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import TimeoutError as NoAnswer
from redis.retry import Retry
from redis.sentinel import Sentinel

_SENTINEL = {"redis+sentinel": {}, "rediss+sentinel": {"ssl": True}}
_WAITS = {"socket_connect_timeout": 2.0, "socket_timeout": 30.0}  # seconds
# A sentinel answers out of its head; one that is away keeps nobody from the next.
_ASKING = {"socket_connect_timeout": 1.0, "socket_timeout": 1.0, "retry": Retry(NoBackoff(), 0)}
_PORT = 26379


def link_to(url: str) -> Redis:
    """A client for this address; nothing is opened until it is needed. Raises ValueError where it cannot be read.

    `redis://`, `rediss://` and `unix://` name one server. `redis+sentinel://user:password@host:26379,host/master/0` names
    those who know which server is the master of that name: they are asked with each new connection, so that nobody has
    to be started anew after a failover. What they themselves want to see: `?sentinel_username=…&sentinel_password=…`.
    """
    parts = urlsplit(url)
    if parts.scheme not in _SENTINEL:
        return Redis.from_url(url, **_WAITS)
    login, _, hosts = parts.netloc.rpartition("@")
    name, _, database = unquote(parts.path).strip("/").partition("/")
    nodes = [_node(one) for one in hosts.split(",") if one]
    if not (name and nodes and (database or "0").isdecimal()):
        raise ValueError("sentinels are named as redis+sentinel://host:26379,host:26379/master/0")
    secure, theirs = _SENTINEL[parts.scheme], dict(parse_qsl(parts.query))
    user, _, password = (unquote(one) for one in login.partition(":"))
    shown = _login(theirs.get("sentinel_username", ""), theirs.get("sentinel_password", ""))
    sentinel = Sentinel(nodes, sentinel_kwargs={**secure, **_ASKING, **shown})
    # Once more: the first word to a master that has become a replica only tells that it is none.
    again = Retry(ConstantBackoff(0.1), 1, supported_errors=(NoConnection, NoAnswer))
    mine = {**secure, **_WAITS, **_login(user, password), "db": int(database or "0"), "retry": again}
    client: Redis = sentinel.master_for(name, **mine)
    return client


def sentinels_of(client: Redis) -> dict[str, bool]:
    """Its sentinels, and whether each answers and knows the master; none where it has one server."""
    pool: Any = client.connection_pool
    manager: Sentinel | None = getattr(pool, "sentinel_manager", None)
    found = {}
    for one in manager.sentinels if manager else ():
        where = one.connection_pool.connection_kwargs
        try:
            known: Any = one.sentinel_masters()
        except (NoConnection, NoAnswer):
            known = {}
        found[f"{where['host']}:{where['port']}"] = pool.service_name in known
    return found


def _login(user: str, password: str) -> dict[str, str]:
    return {name: value for name, value in (("username", user), ("password", password)) if value}


def _node(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":") if ":" in text.rpartition("]")[2] else (text, "", str(_PORT))
    return host.strip("[]"), int(port)
