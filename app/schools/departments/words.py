"""What departments are called on pages: a name that waits to be assigned says so."""

from __future__ import annotations

from flask_babel import gettext as _

from app.schools.models import Department


def department_word(department: Department) -> str:
    """The name; of one that nobody has assigned yet, that it is to be checked."""
    if department.unsettled_since is None:
        return department.name
    return str(_("%(name)s (department to be checked)", name=department.name))
