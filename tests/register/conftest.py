"""The stand-in of the company register as its own process, and codes that it answers in a given way."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import httpx
import pytest
from flask import Flask

from app.codes.validators import credit_check_character
from app.company_register.client import use_register
from trial import processes
from trial.places import free_port

ROOT = Path(__file__).resolve().parents[2]
_numbers = count(1)


@pytest.fixture(scope="session")
def register_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the running stand-in."""
    port = free_port()
    process = processes.start(
        [sys.executable, "-m", "trial.company_register"],
        folder=ROOT,
        env={**os.environ, "REGISTER_STANDIN_PORT": str(port), "PYTHONPATH": str(ROOT)},
        log=tmp_path_factory.mktemp("register") / "log",
    )
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/health").status_code == 200:
                break
        except httpx.TransportError:
            time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    processes.stop([process])


@pytest.fixture
def code_ending() -> Callable[[str], str]:
    """A function: code_ending("1") is a valid credit code, new each time, that ends so."""

    def find(last: str) -> str:
        while True:
            body = f"91110108{next(_numbers):09d}"
            if credit_check_character(body) == last:
                return body + last

    return find


@pytest.fixture
def with_register(app: Flask, register_url: str) -> Iterator[None]:
    """The application asks the stand-in, with a breaker that nobody has tripped."""
    from app.company_register import client

    client._clients.clear()
    use_register(register_url)
    yield
    use_register("")
