"""What kinds of account are called."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.access.actors import DEPARTMENT, EMPLOYER, GRADUATE, OPERATOR, PROVINCE, SCHOOL

KIND_NAMES = {
    OPERATOR: _("Operator (platform)"),
    PROVINCE: _("Province account"),
    SCHOOL: _("School account"),
    DEPARTMENT: _("Department account"),
    EMPLOYER: _("Employer account"),
    GRADUATE: _("Graduate account"),
}
