"""What W9 promises: objections to records in a graduate's name."""

from __future__ import annotations

from tests.house.tables import Expected
from tests.objection.stage import EXPLAIN, FINDING, FLAG_STATES, STATES, bring, bring_flag

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
    Expected(
        "flag_objection",
        FLAG_STATES,
        {
            **{("open", "approve", kind): "upheld" for kind in ("school", "province")},
            ("rejected", "approve", "province"): "upheld",
            ("open", "reject", "school"): "rejected",
        },
        bring=bring_flag,
        begins="start",
        begun_by=frozenset({"employer"}),
        data={"approve": {"note": "已核实"}, "reject": FINDING},
        unseen=frozenset({"department", "graduate"}),
    ),
)
