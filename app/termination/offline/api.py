"""The API of the offline terminations."""

from __future__ import annotations

from collections.abc import Mapping

from app.cases.api import CaseApi
from app.fab.listing import Kinds
from app.fab.search import Equal, OneOf


class OfflineTerminationApi(CaseApi):
    """W5: a graduate's applications to be released from an offline or supplementary signing (R7.7)."""

    workflow = "offline_termination"
    search: Mapping[str, Kinds | None] = {
        **CaseApi.search,
        "signing_workflow": (Equal, OneOf),
        "signing_id": (Equal, OneOf),
        "reason_code": (Equal, OneOf),
        "settlement": (Equal, OneOf),
    }
