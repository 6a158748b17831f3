"""No test waits for the limits of another."""

from __future__ import annotations

from tests.entrances.conftest import _fresh_limits as _fresh_limits
from tests.signing.conftest import stage as stage
