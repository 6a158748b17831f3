"""Codes in hand: laid down unsent for an act that binds a graduate, then entered and checked as any other."""

from __future__ import annotations

from datetime import timedelta

from app.access.actors import GRADUATE
from app.base import clock
from app.base.database import lasting
from app.passcodes.acts import Act
from app.passcodes.models import BINDING, VerificationCode
from app.passcodes.services import code_digest


def lay_code(act: Act, code: str) -> None:
    """Let this code hold for the act, in a transaction of its own; for the demonstration and for tests."""
    with lasting() as own:
        own.add(
            VerificationCode(
                purpose=BINDING,
                subject=act.subject,
                user_id=act.user_id,
                reader=GRADUATE,
                channel="sms",
                address="15400000000",
                digest=code_digest(BINDING, act.subject, code),
                expires_at=clock.now() + timedelta(minutes=10),
            )
        )
