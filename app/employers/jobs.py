"""Jobs of the units: importing this registers their kinds."""

from __future__ import annotations
