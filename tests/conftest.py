"""What every test can ask for; the fixtures themselves are in tests/fixtures/."""

from __future__ import annotations

pytest_plugins = [
    "tests.fixtures.database",
    "tests.fixtures.application",
    "tests.fixtures.servers",
    "tests.fixtures.browser",
]
