"""The tables of the platform as Django's models; only what its lists show. Imported once Django is set up."""

from __future__ import annotations

from django.db import models

from tests.benchmarks.peer import NAME


def _choices(*codes: object) -> list[tuple[object, str]]:
    """Named, so that no filter has to look for them in a million rows."""
    return [(one, str(one)) for one in codes]


STATES = _choices(
    *("invited", "dept_review", "school_review", "signed", "declined", "expired", "withdrawn", "aborted"),
    *("rejected", "terminated", "voided"),
)
LEVELS = _choices("undergraduate", "postgraduate")
COHORTS = _choices(*range(2020, 2031))
MODES = _choices("1", "21", "22", "23", "41", "42", "5")


class School(models.Model):
    """A school."""

    code = models.CharField(max_length=5)
    name = models.CharField(max_length=64)

    class Meta:
        """Not Django's to make."""

        app_label, managed, db_table = NAME, False, "schools"

    def __str__(self) -> str:
        return self.name


class Department(models.Model):
    """A department."""

    name = models.CharField(max_length=64)

    class Meta:
        """Not Django's to make."""

        app_label, managed, db_table = NAME, False, "departments"

    def __str__(self) -> str:
        return self.name


class Employer(models.Model):
    """A unit."""

    name = models.CharField(max_length=64)
    uscc = models.CharField(max_length=18, null=True)

    class Meta:
        """Not Django's to make."""

        app_label, managed, db_table = NAME, False, "employers"

    def __str__(self) -> str:
        return self.name


class Graduate(models.Model):
    """A graduate; what is sealed is left out."""

    province_id = models.BigIntegerField()
    school = models.ForeignKey(School, models.DO_NOTHING)
    department = models.ForeignKey(Department, models.DO_NOTHING)
    level = models.CharField(max_length=16, choices=LEVELS)
    cohort = models.IntegerField(choices=COHORTS)
    exam_number = models.CharField(max_length=20)
    student_number = models.CharField(max_length=20)
    name = models.CharField(max_length=64)
    sex = models.CharField(max_length=1)
    id_type = models.CharField(max_length=4)
    major = models.CharField(max_length=64)
    education = models.CharField(max_length=4)
    training_mode = models.CharField(max_length=4, choices=MODES)
    confirmed_at = models.DateTimeField(null=True)
    invalid_since = models.DateTimeField(null=True)

    class Meta:
        """Not Django's to make."""

        app_label, managed, db_table = NAME, False, "graduates"

    def __str__(self) -> str:
        return self.name


class OnlineSigning(models.Model):
    """An online signing."""

    state = models.CharField(max_length=32, choices=STATES)
    stage = models.CharField(max_length=8)
    number = models.CharField(max_length=18, null=True)
    level = models.CharField(max_length=16, choices=LEVELS)
    cohort = models.IntegerField(choices=COHORTS)
    province_id = models.BigIntegerField()
    school = models.ForeignKey(School, models.DO_NOTHING)
    department = models.ForeignKey(Department, models.DO_NOTHING)
    graduate = models.ForeignKey(Graduate, models.DO_NOTHING)
    employer = models.ForeignKey(Employer, models.DO_NOTHING)
    valid_until = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        """Not Django's to make."""

        app_label, managed, db_table = NAME, False, "online_signings"

    def __str__(self) -> str:
        return self.number or str(self.pk)
