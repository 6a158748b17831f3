"""What W13 promises: the archive on its way."""

from __future__ import annotations

from typing import Any

from tests.house.tables import Expected
from tests.leaving.dispatch.stage import DATA, STATES, bring


def _data(case: Any, event: str) -> dict[str, Any]:
    del case
    return DATA[event]() if event in DATA else {}


TABLES = (
    Expected(
        "dispatch",
        STATES,
        {
            ("waiting", "send", "school"): "sent",
            ("returned", "send", "school"): "sent",
            ("sent", "correct", "school"): "sent",
            ("sent", "receive", "school"): "received",
            ("sent", "bounce", "school"): "returned",
            ("sent", "escalate", "system"): "missed",
            ("missed", "correct", "school"): "sent",
            ("missed", "receive", "school"): "received",
            ("missed", "bounce", "school"): "returned",
            ("received", "bounce", "school"): "returned",
            ("waiting", "renew", "system"): "waiting",
            ("returned", "renew", "system"): "waiting",
            ("dropped", "renew", "system"): "waiting",
            ("waiting", "drop", "system"): "dropped",
            ("returned", "drop", "system"): "dropped",
        },
        bring=bring,
        begins="start",
        begun_by=frozenset({"school", "system"}),
        data=_data,
        unseen=frozenset({"employer"}),
        silent=frozenset({"renew", "drop"}),
    ),
)
