"""RQ jobs of the signings."""

from __future__ import annotations

from app.signing.online.services import expire_overdue_invitations


def expire_invitations_job() -> int:
    """Run by the clock every minute."""
    return expire_overdue_invitations()
