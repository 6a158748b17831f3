"""How a system outside is asked whether it keeps a contract: `python -m app.ROOM.contract URL`.

Every check is played, whatever becomes of the others, and told with its sentence. A program ends with 0 when all hold,
with 1 when one does not, with 2 when nobody answers. For makers of such systems and those who take them over.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx


class Broken(Exception):
    """What was asked for and did not come."""


@dataclass
class Asked:
    """The system that is asked."""

    http: httpx.Client
    told: argparse.Namespace

    def call(self, method: str, path: str, wanted: int = 200, **more: Any) -> Any:
        """The answer as JSON; raises Broken where the status is another."""
        answer = self.http.request(method, path, **more)
        if answer.status_code != wanted:
            raise Broken(f"{method} {path}: {answer.status_code} != {wanted}  {answer.text[:300]}")
        try:
            return answer.json()
        except ValueError:
            raise Broken(f"{method} {path}: no JSON  {answer.text[:300]}") from None


@dataclass(frozen=True)
class Contract:
    """What a kind of system is asked.

    `data` is a TOML file whose table `words` has a sentence for each check, by its name. `options` are those of the
    program beside the address, `root` is what is added to it; `leave` tidies up at the end.
    """

    program: str
    about: str
    data: Path
    checks: Sequence[Callable[[Any], None]]
    asked: Callable[[httpx.Client, argparse.Namespace], Any] = Asked
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    root: str = ""
    seconds: float = 20.0
    leave: Callable[[Any], None] = lambda _asked: None

    def words(self) -> dict[str, str]:
        """The sentences by the names of the checks."""
        return dict(tomllib.loads(self.data.read_text(encoding="utf-8"))["words"])


def expect(found: Any, wanted: Any, about: str) -> None:
    """Raise Broken unless both are the same."""
    if found != wanted:
        raise Broken(f"{about}: {found!r} != {wanted!r}")


def play(contract: Contract, asked: Any, say: Callable[[str], None]) -> int:
    """Play all checks; returns how many do not hold."""
    words, broken = contract.words(), 0
    for one in contract.checks:
        try:
            one(asked)
            say(f"✓ {words[one.__name__]}")
        except (
            Broken,
            KeyError,
            TypeError,
            ValueError,
            IndexError,
            httpx.ReadTimeout,
            httpx.RemoteProtocolError,
        ) as error:
            broken += 1
            say(f"✗ {words[one.__name__]}\n    {type(error).__name__}: {error}")
    contract.leave(asked)
    return broken


def main(contract: Contract, arguments: Sequence[str] | None = None) -> int:
    """Run the program; returns the status with which it ends."""
    parser = argparse.ArgumentParser(prog=contract.program, description=contract.about)
    parser.add_argument("url", help="where the system stands")
    parser.add_argument("--token", default="", help="sent as Authorization: Bearer")
    for name, options in contract.options.items():
        parser.add_argument(name, **options)
    told = parser.parse_args(arguments)
    headers = {"Authorization": f"Bearer {told.token}"} if told.token else {}
    base = f"{told.url.rstrip('/')}{contract.root}"
    try:
        with httpx.Client(base_url=base, headers=headers, timeout=contract.seconds) as http:
            broken = play(contract, contract.asked(http, told), _say)
    except httpx.TransportError as error:
        _say(f"✗ {told.url}: {error}")
        return 2
    _say(f"{len(contract.checks) - broken}/{len(contract.checks)}")
    return 1 if broken else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
