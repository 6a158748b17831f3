"""What W11 promises: the leaving confirmation."""

from __future__ import annotations

from tests.house.tables import Expected
from tests.leaving.stage import ANSWER, REPORT, STATES, bring

TABLES = (
    Expected(
        "leaving",
        STATES,
        {
            ("open", "confirm", "graduate"): "confirmed",
            ("open", "report", "graduate"): "reported",
            ("reported", "answer", "school"): "open",
            ("confirmed", "reopen", "system"): "open",
        },
        bring=bring,
        begins="start",
        data={"report": REPORT, "answer": ANSWER},
        unseen=frozenset({"employer"}),
        brings_along={"confirmed": (("dispatch", "start"),)},
    ),
)
