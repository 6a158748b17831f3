"""What each code table is called on the screen."""

from __future__ import annotations

from typing import Any, Final

from flask_babel import lazy_gettext as _

TABLE_NAMES: Final[dict[str, Any]] = {
    "agreement_type": _("Types of agreement"),
    "archive_dispatch_way": _("Ways of sending archives"),
    "archive_transfer_type": _("Types of archive transfer"),
    "country": _("Countries and regions"),
    "destination": _("Destinations"),
    "destination_legacy": _("Destinations (old codes)"),
    "destination_rules": _("Fields and proofs of destinations"),
    "education_group": _("Groups of education levels"),
    "education_level": _("Education levels"),
    "employer_industry": _("Industries of employers"),
    "employer_nature": _("Natures of employers"),
    "employer_nature_legacy": _("Natures of employers (old codes)"),
    "employer_size": _("Sizes of employers"),
    "employer_type": _("Types of employers"),
    "employment_form": _("Forms of employment"),
    "ethnicity": _("Ethnic groups"),
    "gbt4754_section": _("Sections of industries (GB/T 4754)"),
    "hardship_category": _("Hardship categories"),
    "hukou_transfer_type": _("Types of hukou transfer"),
    "id_type": _("Types of identity document"),
    "job_category": _("Job categories"),
    "job_category_local": _("Job categories (local codes)"),
    "module_permission": _("Module permissions"),
    "normal_student": _("Categories of teacher students"),
    "political_status": _("Political status"),
    "reject_reason": _("Reasons for rejection"),
    "report_card_type_legacy": _("Types of report card (until 2022)"),
    "rescission_reason": _("Reasons for termination"),
    "rescission_result": _("Results of termination"),
    "return_reason": _("Reasons for returning"),
    "review_mode": _("Review modes"),
    "sex": _("Sexes"),
    "stat_metric": _("Statistical rates"),
    "training_mode": _("Training modes"),
    "study_form": _("Forms of study"),
    "origin_kind": _("Town or country"),
    "uscc_registrar": _("Registrars of credit codes"),
    "waiting_reason": _("Reasons for not working yet"),
    "warning_reason": _("Reasons for a warning"),
    "withdraw_reason": _("Reasons for withdrawal"),
}


def table_name(table: str) -> str:
    """The name of a code table in the reader's language; the table's own name where it has none."""
    return str(TABLE_NAMES.get(table, table))
