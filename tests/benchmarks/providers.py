"""Providers of messages in a process of their own, as far away as real ones: WeChat and short messages, and a mail server."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from urllib.parse import urlsplit

PAUSE = 0.04  # seconds from a request to its answer
_ANSWERS = {
    "/cgi-bin/stable_token": {"access_token": "T", "expires_in": 7200},
    "/cgi-bin/message/template/send": {"errcode": 0, "msgid": 1},
    "/": {"Code": "OK", "BizId": "1^0"},
}


@dataclass(frozen=True)
class Providers:
    """The ports at which they listen on this machine."""

    http: int
    smtp: int


@contextmanager
def running_providers() -> Iterator[Providers]:
    """Both of them, until the block ends."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(there,), daemon=True)
    process.start()
    try:
        yield Providers(*here.recv())
    finally:
        process.kill()
        process.join()


def _serve(told: Connection) -> None:
    asyncio.run(_listen(told))


async def _listen(told: Connection) -> None:
    http = await asyncio.start_server(_answered, "127.0.0.1", 0)
    smtp = await asyncio.start_server(_post_office, "127.0.0.1", 0)
    told.send((http.sockets[0].getsockname()[1], smtp.sockets[0].getsockname()[1]))
    await asyncio.Event().wait()


async def _answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(2 * PAUSE)  # what the handshakes of TCP and TLS cost
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            lengths = [line.partition(":")[2] for line in head if line.lower().startswith("content-length")]
            await reader.readexactly(int(lengths[0]) if lengths else 0)
            await asyncio.sleep(PAUSE)
            body = json.dumps(_ANSWERS[urlsplit(head[0].split()[1]).path]).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
    except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
        writer.close()


async def _post_office(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(2 * PAUSE)
    writer.write(b"220 ready\r\n")
    try:
        while line := await reader.readline():
            word = line.split()[0].upper()
            await asyncio.sleep(PAUSE / 4)  # the way there and back; a message itself takes longer
            if word == b"DATA":
                writer.write(b"354 go on\r\n")
                await reader.readuntil(b"\r\n.\r\n")
                await asyncio.sleep(PAUSE)
            writer.write(b"250 ok\r\n" if word != b"QUIT" else b"221 bye\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    writer.close()
