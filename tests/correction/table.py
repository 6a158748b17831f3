"""What W12 promises: corrections of student data."""

from __future__ import annotations

from tests.correction.stage import DECLINED, STATES, bring
from tests.house.tables import Expected

TABLES = (
    Expected(
        "correction",
        STATES,
        {
            ("open", "withdraw", "graduate"): "withdrawn",
            ("open", "approve", "school"): "accepted",
            ("open", "mend", "school"): "mended",
            ("open", "reject", "school"): "declined",
        },
        bring=bring,
        begins="start",
        data={"reject": DECLINED},
        unseen=frozenset({"employer"}),
        silent=frozenset({"withdraw"}),
    ),
)
