"""去向登记信息表 as a lasting paper, from what was frozen when it was confirmed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.base.clock import SHANGHAI
from app.documents.agreement import check_printable, environment
from app.documents.lasting import Lasting
from app.documents.typefaces import cleaned
from app.documents.words import CHECK_NUMBER, FILES, TITLES
from app.leaving.models import Leaving

KIND = "leaving_sheet"


def sheet_of(case: Leaving) -> Lasting | None:
    """The sheet of a confirmed case; None where it was opened again before the sheet was made. Raises UnprintableText."""
    if not case.snapshot:
        return None
    check_printable(case.snapshot)
    sheet: dict[str, Any] = cleaned(case.snapshot)
    confirmed_at = datetime.fromisoformat(sheet["confirmed_at"]).astimezone(SHANGHAI)
    body = environment().get_template("documents/leaving_sheet.html")
    return Lasting(
        kind=KIND,
        title=TITLES[KIND],
        number=sheet["number"],
        number_name=CHECK_NUMBER,
        body=body.render(sheet={**sheet, "confirmed_at": confirmed_at}),
        made_at=confirmed_at,
        address=sheet["verify_url"],
        file_name=f"{FILES[KIND]} {sheet['number']}.pdf",
    )
