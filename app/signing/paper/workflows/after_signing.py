"""The rows after the signing, the same for both signings on paper."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.signing.paper import effects as do
from app.signing.paper import guards
from app.signing.paper.forms import EditCategoryForm
from app.signing.workflow import after_signing

AFTER_SIGNING = after_signing(
    notice="paper",
    edit=_("Change job category, nature and industry"),
    edited=_("School changed job category, nature or industry"),
    edit_form=EditCategoryForm,
    edit_guard=guards.category_changes,
    edit_effects=(do.change_category, do.report_signed),
    void_effects=(do.tell_unit,),
)
