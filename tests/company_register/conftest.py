"""The application asks the stand-in of the company register, which runs as its own process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from app.company_register.client import use_company_register
from tests.fixtures.company_register import code_ending, register_url

__all__ = ["code_ending", "register_url", "with_register"]


@pytest.fixture
def with_register(app: Flask, register_url: str) -> Iterator[None]:
    """The application asks the stand-in, with a breaker that nobody has tripped."""
    from app.company_register import client

    client._clients.clear()
    use_company_register(register_url)
    yield
    use_company_register("")
