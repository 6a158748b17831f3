"""What tests of the import share: an account that may import, and a function that brings a sheet through its check."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from app.access.actors import Actor
from app.base.database import session, transaction
from app.roster.imports.services.batches import check_batch, receive_sheet
from app.roster.models import RosterBatch
from app.workflow.models import OutboxMessage

Check = Callable[..., RosterBatch]


@pytest.fixture
def school(actor_of: Callable[[str], Actor]) -> Actor:
    """A school account of 10284 in charge of all levels."""
    return actor_of("school10284")


@pytest.fixture
def check(app_context: Flask, school: Actor) -> Check:
    """A function: upload this content and have it checked here; returns the batch."""

    def run(content: bytes, actor: Actor = school) -> RosterBatch:
        batch = receive_sheet(content, "名单.xlsx", actor=actor)
        with transaction():
            check_batch(batch.id)
        session.refresh(batch)
        return batch

    return run


def told_numbers() -> dict[str, str]:
    """The numbers that were told that others stand in their place: which ones, masked."""
    letters = session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "letter"))
    told = [one.payload for one in letters if one.payload["template"] == "roster_number_changed"]
    return {one["address"]: one["facts"]["mobile"] for one in told}
