"""Jobs of the units: importing this registers their kinds."""

from __future__ import annotations

from app.employers import favorites_import as favorites_import
