"""What an installation is asked about itself."""

from __future__ import annotations

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select

from app.access.actors import OPERATOR
from app.access.models import Account
from app.base.database import session


def has_operator() -> bool:
    """Whether there is anybody who can log in and make the other accounts."""
    query = select(Account.id).join(Account.user).where(Account.kind == OPERATOR, User.active)
    return session.scalar(query.limit(1)) is not None
