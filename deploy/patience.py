"""Threads that only work: a request is read by the server's one loop and handed to a thread once all of it is there.

gunicorn's own threads read while they wait, so a few people on bad lines (or one who sends half requests on purpose)
would hold them all. Here they hold a little memory, for as long as they keep sending.

Where requests come faster than they are answered, all would wait ever longer, and those answered at last would have
gone. So once somebody has waited too long for a thread, whoever comes then is told at once to try again in a moment.
"""

from __future__ import annotations

import contextlib
import math
import re
import select
import selectors
import socket
import struct
import time
from collections import deque
from functools import cache, partial
from pathlib import Path
from typing import Any

from gunicorn import http
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, TConn, ThreadWorker

LARGEST = 12 * 1024 * 1024 + 64 * 1024  # what the program takes at all, and its head
_LARGEST_HEAD = 64 * 1024
_MOST_HELD = 256 * 1024 * 1024  # of all requests of a process that are still coming
_PIECE = 256 * 1024
SECONDS = 20.0  # for a head, and for every piece of a body of this length:
SLOWEST = 8 * 1024  # bytes a second
LONGEST_WAIT = 8.0  # seconds for a thread; while somebody has waited longer, nobody else is let in
_AGAIN = 10  # seconds after which to try once more
_WATCHERS = (b"/health", b"/ready", b"/metrics")  # they would think that nobody is here
_BUSY = Path(__file__).parent / "busy"
_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,15})[ \t]*\r$", re.IGNORECASE | re.MULTILINE)
_CHUNKED = re.compile(rb"^transfer-encoding:.*chunked", re.IGNORECASE | re.MULTILINE)
_EXPECTS = re.compile(rb"^expect:[ \t]*100-continue", re.IGNORECASE | re.MULTILINE)


class Request:
    """The bytes of one request as they come in."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.began = time.monotonic()
        self.expected: int | None = None  # its length, once the head is there
        self.chunked = False

    @property
    def deadline(self) -> float:
        """When it has taken too long: 20 seconds, and more for what has really come."""
        return self.began + SECONDS + len(self.data) / SLOWEST

    def add(self, data: bytes) -> bool:
        """Take what has come; true where the sender waits for a word before the body."""
        self.data += data
        if self.expected is not None or self.chunked:
            return False
        end = self.data.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = bytes(self.data[: end + 2])
        length = _LENGTH.search(head)
        self.chunked = _CHUNKED.search(head) is not None
        self.expected = None if self.chunked else end + 4 + (int(length[1]) if length else 0)
        return _EXPECTS.search(head) is not None

    @property
    def complete(self) -> bool:
        """Whether a thread would not have to wait for it; also when it is refused anyway."""
        if self.chunked:
            return self.data.endswith(b"0\r\n\r\n") or len(self.data) > LARGEST
        if self.expected is None:
            return len(self.data) > _LARGEST_HEAD
        return len(self.data) >= self.expected or self.expected > LARGEST


class PatientWorker(ThreadWorker):
    """gunicorn's threaded worker with a waiting room in front of the threads."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.held = 0
        self.last_call = math.inf  # until when a server that stops waits for what has begun to come
        self.waiting: deque[float] = deque()  # since when each complete request waits for a thread
        self.told = -math.inf  # when the log was told last that people are sent away

    def set_accept_enabled(self, enabled: bool) -> None:
        """Who stops takes those who are at the door and closes it: a balancer turns to another server at once."""
        super().set_accept_enabled(enabled)
        if not self.alive and not enabled:
            self.last_call = time.monotonic() + STOP_KEEPALIVE_LINGER
            for listener in self.sockets:
                while _is_called(listener):
                    self.accept(listener)
                listener.close()

    def enqueue_req(self, conn: TConn) -> None:
        """Every connection passes here: new, used again, or with the next request already begun."""
        if conn.parser is None:
            _limit(conn.sock)
            conn.parser = http.get_parser(conn.cfg, conn.sock, conn.client)
            conn.initialized = conn.data_ready = True
        conn.request = Request()
        self._take(conn, conn.parser.unreader.take_buffered())
        if conn.request.complete:
            self._hand_over(conn)
            return
        conn.sock.setblocking(False)
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._read, conn))

    def handle(self, conn: TConn) -> Any:
        """In a thread: the one that has waited longest is next."""
        with contextlib.suppress(IndexError):
            self.waiting.popleft()
        return super().handle(conn)

    def murder_pending(self) -> None:
        """End what sends too slowly; everything that is not there soon after the server was told to stop."""
        now = time.monotonic()
        for conn in [*self.pending_conns]:
            if min(conn.request.deadline, self.last_call) < now:
                self._turn_away(conn)

    def _read(self, conn: TConn, _sock: Any) -> None:
        try:
            data = conn.sock.recv(_PIECE)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if not data or self.held + len(data) > _MOST_HELD:
            self._turn_away(conn)
            return
        self._take(conn, data)
        if conn.request.complete:
            self._leave(conn)
            self._hand_over(conn)

    def _take(self, conn: TConn, data: bytes) -> None:
        self.held += len(data)
        if conn.request.add(data):
            with contextlib.suppress(OSError):  # whoever has gone is noticed at the next reading
                conn.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _hand_over(self, conn: TConn) -> None:
        data = bytes(conn.request.data)
        self.held -= len(data)
        if self._is_late() and not _path(data).startswith(_WATCHERS):
            self._send_away(conn, data)
            return
        conn.parser.unreader.unread(data)
        conn.request = None
        self.waiting.append(time.monotonic())
        super().enqueue_req(conn)

    def _is_late(self) -> bool:
        try:
            return time.monotonic() - self.waiting[0] > LONGEST_WAIT
        except IndexError:  # a thread has just taken the last one
            return False

    def _send_away(self, conn: TConn, data: bytes) -> None:
        """Say at once that nothing was done, and when to come again."""
        if time.monotonic() - self.told > _AGAIN:
            self.told = time.monotonic()
            self.log.warning("requests wait for more than %d s: who comes now is told to try again", LONGEST_WAIT)
        with contextlib.suppress(OSError):  # whoever has gone need not be told
            conn.sock.send(_busy("busy.json" if _path(data).startswith(b"/api/") else "busy.html"))
        self.nr_conns -= 1
        conn.close(graceful=True)

    def _leave(self, conn: TConn) -> None:
        self.poller.unregister(conn.sock)
        self.pending_conns.remove(conn)

    def _turn_away(self, conn: TConn) -> None:
        self._leave(conn)
        self.held -= len(conn.request.data)
        self.nr_conns -= 1
        conn.close()


def _path(data: bytes) -> bytes:
    """What is asked for, of a request's first line."""
    return b"".join(data[:4096].split(b" ", 2)[1:2])


@cache
def _busy(name: str) -> bytes:
    """The answer to who is sent away: a page for people, JSON for programs."""
    body = (_BUSY / name).read_bytes()
    kind = "application/json" if name.endswith(".json") else "text/html; charset=utf-8"
    head = {
        "Content-Type": kind,
        "Content-Length": len(body),
        "Retry-After": _AGAIN,
        "Cache-Control": "no-store",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Connection": "close",
    }
    lines = ["HTTP/1.1 503 Service Unavailable", *(f"{key}: {value}" for key, value in head.items()), "", ""]
    return "\r\n".join(lines).encode() + body


def _is_called(listener: Any) -> bool:
    """Whether somebody waits to be let in."""
    waiting = select.poll()
    waiting.register(listener, select.POLLIN)
    return bool(waiting.poll(0))


def _limit(sock: socket.socket) -> None:
    """A reader who takes nothing lets go of the thread too."""
    seconds = struct.pack("ll", int(SECONDS), 0)
    for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
        sock.setsockopt(socket.SOL_SOCKET, option, seconds)
