"""Search filters of the dispatches."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from flask_babel import lazy_gettext as _
from sqlalchemy import and_

from app.base import clock
from app.base.errors import Malformed
from app.fab.search import SearchFilter, as_number

SILENT: Final = "silent_days"  # the name of the filter in addresses
DAYS: Final = (7, 15, 30, 60)  # offered on the list; programs may ask for others
_MOST: Final = 3650


class SilentFor(SearchFilter):
    """Sent more than so many days ago, without a receipt until now."""

    name, arg_name = _("is"), "eq"

    def condition(self, value: Any) -> Any:
        """By the day on which it was sent; raises Malformed."""
        number = as_number(value)
        if not 0 <= number <= _MOST:
            raise Malformed(_("This list cannot be searched that way."))
        model = self.model
        away = and_(model.received_on.is_(None), model.returned_on.is_(None))
        return and_(model.sent_on < clock.today() - timedelta(days=number), away)
