"""Telling the employment system that a school has opened signing: its bulk removal is blocked from then on (R3.2)."""

from __future__ import annotations

from app.workflow import outbox


def post_switch(school: str, cohort: int, *, is_open: bool, key: str) -> None:
    """Leave the news to the workers, in the transaction that changes the school's setting.

    For the settings of schools. `school` is the 院校代码; `key` names the change for ever. Later news of the same
    roster wins, whatever arrives late.
    """
    payload = {"action": "switch", "school": school, "cohort": cohort, "open": is_open}
    outbox.post("ems", payload, key=key, order_key=f"switch:{school}:{cohort}")
