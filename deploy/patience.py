"""Threads that only work: a request is read by the server's one loop and handed to a thread once all of it is there.

gunicorn's own threads read while they wait, so a few people on bad lines (or one who sends half requests on purpose)
would hold them all. Here they hold a little memory, for as long as they keep sending.
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
from functools import partial
from typing import Any

from gunicorn import http
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, TConn, ThreadWorker

LARGEST = 12 * 1024 * 1024 + 64 * 1024  # what the program takes at all, and its head
_LARGEST_HEAD = 64 * 1024
_MOST_HELD = 256 * 1024 * 1024  # of all requests of a process that are still coming
_PIECE = 256 * 1024
SECONDS = 20.0  # for a head, and for every piece of a body of this length:
SLOWEST = 8 * 1024  # bytes a second
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
        self.held -= len(conn.request.data)
        conn.parser.unreader.unread(bytes(conn.request.data))
        conn.request = None
        super().enqueue_req(conn)

    def _leave(self, conn: TConn) -> None:
        self.poller.unregister(conn.sock)
        self.pending_conns.remove(conn)

    def _turn_away(self, conn: TConn) -> None:
        self._leave(conn)
        self.held -= len(conn.request.data)
        self.nr_conns -= 1
        conn.close()


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
