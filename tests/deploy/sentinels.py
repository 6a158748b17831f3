"""Valkey as it stands on several machines: a master, a replica, and three sentinels who agree on which is which."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import redis

from tests.fixtures.patience import until
from trial.places import free_port
from trial.processes import start, stop, tail
from trial.valkey import program

MASTER = "agreements"
PASSWORD, SENTINELS_PASSWORD = "of-the-servers", "of-the-sentinels"
_AGREED = 2
_WATCH = f"""
requirepass {SENTINELS_PASSWORD}
sentinel monitor {MASTER} 127.0.0.1 {{master}} {_AGREED}
sentinel auth-pass {MASTER} {PASSWORD}
sentinel down-after-milliseconds {MASTER} 1500
sentinel failover-timeout {MASTER} 5000
"""


class Node:
    """One process: a server, or with `words` of its own a sentinel."""

    def __init__(self, folder: Path, name: str, config: str, *words: str, password: str = PASSWORD) -> None:
        self.folder, self.port, self.password = folder / name, free_port(), password
        self.log = folder / f"{name}.log"
        self.folder.mkdir()
        own = f'port {self.port}\nbind 127.0.0.1\ndir "{self.folder}"\n'
        self.config = self.folder / "own.conf"
        self.config.write_text(own + config, encoding="ascii")
        self.command = [str(program()), str(self.config), *words]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Node:
        """Start it, or start it again, and wait until it answers."""
        self.process = start(self.command, folder=self.folder, env={"LC_ALL": "C"}, log=self.log)
        until(self._answers, lambda: tail(self.log, 20))
        return self

    def _answers(self) -> bool:
        with suppress(redis.ConnectionError):
            return bool(self.connect().ping())
        return False

    def connect(self) -> redis.Redis:
        """A client of this process alone."""
        return redis.Redis(port=self.port, password=self.password, decode_responses=True)

    @property
    def role(self) -> str:
        """master or slave."""
        return str(self.connect().info("replication")["role"])

    def kill(self) -> None:
        """As the power goes."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()


class Watched:
    """All of them."""

    def __init__(self, servers: list[Node], sentinels: list[Node]) -> None:
        self.servers, self.sentinels = servers, sentinels

    @property
    def url(self) -> str:
        """The address as the settings want it; the first of the sentinels does not exist."""
        nodes = ",".join(f"127.0.0.1:{port}" for port in (free_port(), *(one.port for one in self.sentinels)))
        return f"redis+sentinel://:{PASSWORD}@{nodes}/{MASTER}/0?sentinel_password={SENTINELS_PASSWORD}"

    def master(self) -> Node:
        """The server that the sentinels call the master."""
        _, port = self.sentinels[0].connect().sentinel_get_master_addr_by_name(MASTER)
        return next(one for one in self.servers if one.port == int(port))

    def settled(self) -> bool:
        """Whether a replica follows the master, and the sentinels know of it and of each other."""
        state = self.sentinels[0].connect().sentinel_master(MASTER)
        replication = self.master().connect().info("replication")
        followers = [name for name, value in replication.items() if name.startswith("slave") and value]
        others = int(state["num-other-sentinels"]) == len(self.sentinels) - 1
        online = replication.get("slave0", {}).get("state") == "online"
        return bool(followers) and online and others and int(state["num-slaves"]) == 1


@contextmanager
def watched() -> Iterator[Watched]:
    """A master, its replica and three sentinels; gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="sentinels-"))
    both = f'requirepass {PASSWORD}\nprimaryauth {PASSWORD}\nsave ""\nappendonly no\nmaxmemory-policy noeviction\n'
    nodes: list[Node] = []
    try:
        nodes.append(first := Node(folder, "first", both).start())
        nodes.append(Node(folder, "second", f"{both}replicaof 127.0.0.1 {first.port}\n").start())
        for name in ("red", "green", "blue"):
            words, own = ("--sentinel",), _WATCH.format(master=first.port)
            nodes.append(Node(folder, name, own, *words, password=SENTINELS_PASSWORD).start())
        every = Watched(nodes[:2], nodes[2:])
        until(every.settled, lambda: tail(nodes[2].log, 20), pause=0.2)
        yield every
    finally:
        stop([one.process for one in reversed(nodes) if one.process is not None], signal.SIGTERM)
        shutil.rmtree(folder, ignore_errors=True)
