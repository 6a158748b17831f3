"""The cohort rule under its old address; it lives in app/cohorts.py, where the schools' settings can reach it too."""

from __future__ import annotations

from app.cohorts import current_cohort as current_cohort
from app.cohorts import is_operable as is_operable
from app.cohorts import shown_cohorts as shown_cohorts
from app.cohorts import use_switch as use_switch
