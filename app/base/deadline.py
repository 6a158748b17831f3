"""A time limit for a whole HTTP call: httpx limits each single wait only, so a dripping answer would never end."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

_own = threading.local()
Resolve = Callable[[str, int], str]


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """All waiting of this thread's calls inside the block ends after `seconds` together."""
    _own.end = time.monotonic() + seconds
    try:
        yield
    finally:
        _own.end = None


def _left(timeout: float | None) -> float | None:
    end = getattr(_own, "end", None)
    if end is None:
        return timeout
    left = end - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the time for the whole call is over")
    return left if timeout is None else min(timeout, left)


class _Stream(httpcore.NetworkStream):
    """A connection whose every wait is cut to what is left of the call's time."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, _left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Opens connections of the kind above."""

    def __init__(self, resolve: Resolve | None) -> None:
        self._inner = httpcore.SyncBackend()
        self._resolve = resolve

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        # The address that was looked at is the one that is called, whatever the name stands for a moment later.
        address = self._resolve(host, port) if self._resolve else host
        return _Stream(self._inner.connect_tcp(address, port, _left(timeout), local_address, socket_options))

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)


class _Body(httpx.SyncByteStream):
    """The answer's bytes as they come."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __iter__(self) -> Iterator[bytes]:
        with _told_by_httpx():
            yield from self._inner

    def close(self) -> None:
        self._inner.close()


class DeadlineTransport(httpx.BaseTransport):
    """httpx's own transport has no option for the network below its pool; this one's connections obey `within`.

    `by_proxy`: by the HTTP proxy that the environment names for an address (HTTPS_PROXY, NO_PROXY and their like).
    `trust`: whom it believes and how it shows itself over TLS, where that is not as everybody does.
    """

    def __init__(
        self,
        *,
        by_proxy: bool = False,
        connections: int = 8,
        resolve: Resolve | None = None,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._by_proxy, self._resolve, self._trust = by_proxy, resolve, trust
        self._connections = connections
        self._pools: dict[str | None, httpcore.ConnectionPool] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One exchange; the caller reads the body, and closes it."""
        pool = self._pool(_proxy_of(request.url) if self._by_proxy else None)
        with _told_by_httpx():
            answer = pool.handle_request(
                httpcore.Request(
                    request.method,
                    _core_url(request.url),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=request.extensions,
                )
            )
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer.stream), extensions=answer.extensions
        )

    def close(self) -> None:
        for pool in self._pools.values():
            pool.close()

    def _pool(self, proxy: str | None) -> httpcore.ConnectionPool:
        if proxy not in self._pools:
            shared: dict[str, Any] = {
                "ssl_context": self._trust or _trusted(),
                "max_connections": self._connections,
                "max_keepalive_connections": self._connections,
                "keepalive_expiry": 20,
                "network_backend": _Backend(self._resolve),
            }
            if proxy is None:
                made = httpcore.ConnectionPool(**shared)
            else:
                way = httpx.Proxy(proxy)
                made = httpcore.HTTPProxy(_core_url(way.url), proxy_auth=way.raw_auth, **shared)
            self._pools.setdefault(proxy, made)
        return self._pools[proxy]


def _proxy_of(url: httpx.URL) -> str | None:
    known = getproxies()
    found = known.get(url.scheme) or known.get("all")
    if not found or proxy_bypass(url.host):
        return None
    return found if "://" in found else f"http://{found}"


@cache
def _trusted() -> ssl.SSLContext:
    return httpx.create_ssl_context()


def _core_url(url: httpx.URL) -> httpcore.URL:
    return httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)


@contextmanager
def _told_by_httpx() -> Iterator[None]:
    """The errors of the layer below as those of httpx: they have the same names."""
    try:
        yield
    except httpcore.TimeoutException as error:
        raise getattr(httpx, type(error).__name__, httpx.ReadTimeout)(str(error)) from error
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError, httpcore.UnsupportedProtocol) as error:
        raise getattr(httpx, type(error).__name__, httpx.NetworkError)(str(error)) from error
