"""python -m app.company_register.contract URL --unit CODE: asks a company register whether it keeps the contract.

CODE is the credit code of a unit that is in it. Nothing is written. The contract: README.md.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from app.base import contract
from app.base.contract import Asked, Broken, Contract, expect
from app.company_register.client import SECONDS, read_entry

UNKNOWN: Final = "000000000000000000"  # of the right length, but no code of any unit


def a_unit_is_told(asked: Asked) -> None:
    """By the reader that the platform itself uses."""
    read_entry(asked.call("GET", f"/units/{asked.told.unit}"))


def the_same_is_told_again(asked: Asked) -> None:
    first, again = (read_entry(asked.call("GET", f"/units/{asked.told.unit}")) for _time in range(2))
    expect(again, first, "asked again")


def founded_comes_before_since(asked: Asked) -> None:
    entry = read_entry(asked.call("GET", f"/units/{asked.told.unit}"))
    if entry.founded and entry.since and entry.since < entry.founded:
        raise Broken(f"since {entry.since} < founded {entry.founded}")


def unknown_units_are_404(asked: Asked) -> None:
    asked.call("GET", f"/units/{asked.told.unknown}", 404)


def nonsense_is_refused(asked: Asked) -> None:
    for code in ("x", "%E2%82%AC", "1" * 200):
        status = asked.http.get(f"/units/{code}").status_code
        if not 400 <= status < 500:
            raise Broken(f"/units/{code[:20]}: {status}")


CONTRACT: Final = Contract(
    "python -m app.company_register.contract",
    str(__doc__),
    Path(__file__).parent / "data" / "contract.toml",
    (a_unit_is_told, the_same_is_told_again, founded_comes_before_since, unknown_units_are_404, nonsense_is_refused),
    options={"--unit": {"required": True}, "--unknown": {"default": UNKNOWN}},
    seconds=SECONDS,  # a longer answer counts as none
)

if __name__ == "__main__":
    sys.exit(contract.main(CONTRACT))
