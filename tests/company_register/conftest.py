"""The platform asking the stand-in of the company register."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.fixtures.company_register import code_ending, register_url

__all__ = ["code_ending", "register_url", "with_register"]


@pytest.fixture
def with_register(change_settings: Callable[..., None], register_url: str) -> None:
    """The application asks the stand-in, with a breaker that nobody has tripped."""
    change_settings(register_url=register_url)
