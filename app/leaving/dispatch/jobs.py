"""RQ jobs of the dispatches, run by the clock."""

from __future__ import annotations

from app.leaving.dispatch.services import put_all_on_the_list


def put_on_the_list_job() -> int:
    """Archives that were confirmed before there was a list; every hour."""
    return put_all_on_the_list()
