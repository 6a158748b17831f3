"""What W9 promises: objections to records in a graduate's name."""

from __future__ import annotations

from tests.house.tables import Expected
from tests.objection.stage import EXPLAIN, FINDING, STATES, bring

OPEN = STATES[:3]
TABLES = (
    Expected(
        "objection",
        STATES,
        {
            **{(state, "withdraw", "graduate"): "withdrawn" for state in OPEN},
            ("open", "inquire", "province"): "inquiry",
            ("inquiry", "explain", "school"): "explained",
            **{(state, "uphold", "province"): "upheld" for state in OPEN},
            **{(state, "dismiss", "province"): "dismissed" for state in OPEN},
        },
        bring=bring,
        begins="start",
        data={"explain": EXPLAIN, "uphold": FINDING, "dismiss": FINDING},
        unseen=frozenset({"employer", "department"}),
        unseen_in={"open": frozenset({"school"})},
        silent=frozenset({"withdraw"}),
        brings_along={"upheld": (("online_signing", "uphold"),)},
    ),
)
