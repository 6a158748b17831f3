"""Shape of what an owner hands in, and of an operator's word on it."""

from __future__ import annotations

from app.codes.forms import FormSchema, Text
from app.documents.forms import Printed, PrintedPlace
from app.employers.forms import SelfServiceForm


class RenewalForm(SelfServiceForm):
    """单位信息 as it is now; a credit code never changes, for another one is another unit."""

    name = PrintedPlace(64, required=True)
    short_name = Printed(32, load_default=None, allow_none=True)
    job_industry = Text(64, load_default=None, allow_none=True)
    business_scope = Text(128, load_default=None, allow_none=True)
    welfare = Text(1000, load_default=None, allow_none=True)
    intro = Text(4000, load_default=None, allow_none=True)


class SendBackForm(FormSchema):
    """What is wrong."""

    reason = Text(500, required=True)
