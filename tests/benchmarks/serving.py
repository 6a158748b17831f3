"""What one installation answers in a second: gunicorn as `deploy` starts it, and clients that ask over HTTP.

Beside it stands the peer, under the same settings of the same server. The clients run on the same machine and take
their part of it, of both alike; what counts is the one beside the other.
"""

from __future__ import annotations

import http.client
import json
import multiprocessing
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from time import monotonic, perf_counter, sleep

from flask.testing import FlaskClient

from tests.benchmarks import peer as beside
from tests.benchmarks.house import House
from tests.benchmarks.pages import SCHOOL_ACCOUNT, staff_view
from tests.benchmarks.peer.running import Peer
from tests.benchmarks.people import GRADUATE_ACCOUNT, whole_accounts
from trial.places import free_port

CLIENTS, SECONDS, TURNS = 6, 5, 3
_ROOT = Path(__file__).resolve().parents[2]
_OURS = ("deploy/gunicorn_conf.py", "app:create_app()")
_THEIRS = ("tests/benchmarks/peer/gunicorn_conf.py", "tests.benchmarks.peer.wsgi:application")


@dataclass(frozen=True)
class Page:
    """An address as somebody asks for it who is logged in."""

    name: str
    path: str
    headers: Mapping[str, str]
    peer: tuple[str, Mapping[str, str]] | None = None  # the peer's page beside it


@dataclass
class Served:
    """What came of the turns of one page."""

    a_second: float
    milliseconds: float  # from a request to the last byte of its answer, at the median


def measured_serving(house: House) -> str:
    """A table: one row a page."""
    whole = whole_accounts(house)
    django = Peer(house, school=whole.school, province=whole.province, unit=whole.unit)
    cookie = django.browser(beside.SCHOOL).cookies["sessionid"].value
    pages = list(_pages(house, {"Cookie": f"sessionid={cookie}"}))
    with _server(*_OURS) as ours, _server(*_THEIRS, PEER=_peers(house)) as theirs:
        rows = [_row(page, ours, theirs) for page in pages]
    heads = ("one installation", "a second", "median, ms", "Django's admin, a second", "median, ms", "ratio")
    return "\n".join([f"| {' | '.join(heads)} |", "|" + "---|" * len(heads), *rows])


def _pages(house: House, peers: Mapping[str, str]) -> Iterator[Page]:
    address = f"{staff_view(house).route_base}/list/"
    school = _cookies(house.browser(SCHOOL_ACCOUNT))
    yield Page("a school's list", address, school, ("/admin/peer/onlinesigning/", peers))
    yield Page("a graduate's home", "/graduate/", _cookies(house.browser(GRADUATE_ACCOUNT, "graduate")))
    yield Page("API, a school's list", "/api/v1/online_signing/", house.token(SCHOOL_ACCOUNT))


def _cookies(client: FlaskClient) -> dict[str, str]:
    kept = client._cookies.values()  # type: ignore[attr-defined]
    return {"Cookie": "; ".join(f"{one.key}={one.value}" for one in kept)}


def _peers(house: House) -> str:
    return json.dumps({"address": house.address, "scopes": beside.scopes})


@contextmanager
def _server(settings: str, program: str, **env: str) -> Iterator[int]:
    """gunicorn with these settings on a port of its own, once it answers."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-c", settings, program]
    process = subprocess.Popen(command, cwd=_ROOT, env={**os.environ, "PORT": str(port), **env})
    try:
        deadline = monotonic() + 120
        while not _answers(port):
            if process.poll() is not None or monotonic() > deadline:
                raise SystemExit(f"{program} does not answer.")
            sleep(0.2)
        yield port
    finally:
        process.terminate()
        process.wait(60)


def _answers(port: int) -> bool:
    with suppress(OSError):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/")
        return connection.getresponse().status < 500
    return False


def _row(page: Page, ours: int, theirs: int) -> str:
    """In turn, so that whatever else the machine does falls on both."""
    turns: list[Served] = []
    peers: list[Served] = []
    for _ in range(TURNS):
        turns.append(_asked(ours, page.path, page.headers))
        if page.peer:
            peers.append(_asked(theirs, *page.peer))
    best = max(turns, key=lambda one: one.a_second)
    cells = [page.name, f"{best.a_second:.0f}", f"{best.milliseconds:.0f}"]
    if peers:
        peer = max(peers, key=lambda one: one.a_second)
        cells += [f"{peer.a_second:.0f}", f"{peer.milliseconds:.0f}", f"{best.a_second / peer.a_second:.2f}"]
    return f"| {' | '.join((*cells, *['–'] * (6 - len(cells))))} |"


def _asked(port: int, path: str, headers: Mapping[str, str]) -> Served:
    """So many clients of a process of their own, each with one connection, each asking again when it has its answer."""
    here, there = multiprocessing.Pipe()
    clients = multiprocessing.get_context("spawn").Process(target=_clients, args=(there, port, path, dict(headers)))
    clients.start()
    times: Sequence[float] = here.recv()
    clients.join()
    if not times:
        raise SystemExit(f"{path} was not answered with 200.")
    return Served(len(times) / SECONDS, median(times) * 1000)


def _clients(told: Connection, port: int, path: str, headers: dict[str, str]) -> None:
    times: list[float] = []
    for seconds in (1, SECONDS):  # the first second is for the caches
        times.clear()
        end = monotonic() + seconds
        threads = [threading.Thread(target=_client, args=(port, path, headers, end, times)) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    told.send(times)


def _client(port: int, path: str, headers: dict[str, str], end: float, times: list[float]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    while monotonic() < end:
        begun = perf_counter()
        connection.request("GET", path, headers={"Accept-Encoding": "gzip", **headers})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            times.clear()
            return
        times.append(perf_counter() - begun)
