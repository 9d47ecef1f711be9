"""Schools and their calendars. None of these tables has personal data, so every signed-in user may read them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from haven.platform.row_security.policies import public_table

WRITE = ("select", "insert", "update")


@public_table("public register of schools", WRITE)
class LocalAuthority(models.Model):
    code = models.TextField(unique=True)
    name = models.TextField()

    def __str__(self) -> str:
        return self.name


@public_table("public register of schools", WRITE)
class Trust(models.Model):
    ref = models.TextField(unique=True)
    name = models.TextField()

    def __str__(self) -> str:
        return self.name


@public_table("public register of schools", WRITE)
class School(models.Model):
    urn = models.IntegerField(unique=True)
    name = models.TextField()
    local_authority = models.ForeignKey(LocalAuthority, models.PROTECT, null=True, related_name="+")
    trust = models.ForeignKey(Trust, models.PROTECT, null=True, related_name="+")
    establishment_number = models.TextField(blank=True)
    phase = models.TextField(blank=True)
    type = models.TextField(blank=True)
    status = models.TextField(blank=True)
    low_age = models.SmallIntegerField(null=True)
    high_age = models.SmallIntegerField(null=True)
    address = models.TextField(blank=True)
    postcode = models.TextField(blank=True)
    telephone = models.TextField(blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


@public_table("places of a school", WRITE)
class Site(models.Model):
    school = models.ForeignKey(School, models.PROTECT, related_name="sites")
    name = models.TextField()
    address = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["school", "name"], name="one_site_of_a_name")]


@public_table("when a school's sessions begin and its register closes", WRITE)
class SessionTimes(models.Model):
    """Dated: on a day, the row with the latest `begins_on` not after it is used; a row for a site takes priority over one for the whole
    school."""

    school = models.ForeignKey(School, models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, models.PROTECT, null=True, related_name="+")
    begins_on = models.DateField()
    am_starts = models.TimeField()
    am_register_closes = models.TimeField()
    am_ends = models.TimeField()
    pm_starts = models.TimeField()
    pm_register_closes = models.TimeField()
    pm_ends = models.TimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "site", "begins_on"], name="one_set_of_times_a_day", nulls_distinct=False
            )
        ]


@public_table("terms, holidays, INSET days and closures of a school", (*WRITE, "delete"))
class CalendarSpan(models.Model):
    """A named period of the academic year: a term, a holiday, an INSET day or a closure."""

    school = models.ForeignKey(School, models.PROTECT, related_name="+")
    year = models.TextField()
    kind = models.TextField(choices=[(k, k) for k in ("term", "holiday", "inset", "closure", "bank_holiday")])
    name = models.TextField()
    begins_on = models.DateField()
    ends_on = models.DateField()
    half = models.CharField(max_length=2, blank=True, choices=[("", "the whole day"), ("AM", "AM"), ("PM", "PM")])
    """The half of a single day that the period covers; "" for whole days."""

    class Meta:
        ordering = ["begins_on"]


@public_table("the sessions on which a school was open", ("select", "insert"))
class Calendar(models.Model):
    """One version of a school's list of sessions in an academic year. Never changed: a snow day creates the next version, and the register
    rows are realigned in the same transaction. `sessions` has session keys (days since 1970 x 2, plus 1 for the afternoon)."""

    school = models.ForeignKey(School, models.PROTECT, related_name="+")
    year = models.TextField()
    version = models.IntegerField(default=1)
    sessions = ArrayField(models.IntegerField())
    reason = models.TextField(blank=True)
    made_at = models.DateTimeField()
    made_by_name = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["school", "year", "version"], name="one_calendar_version")]


@public_table("what a school has switched on or off", ("select", "insert"))
class Switch(models.Model):
    """An option of a school that was switched on or off, by whom and why. Never changed: the newest row is current."""

    school = models.ForeignKey(School, models.PROTECT, related_name="+")
    name = models.TextField()
    is_on = models.BooleanField()
    reason = models.TextField()
    set_at = models.DateTimeField()
    set_by_name = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["school", "name", "-id"], name="switch_newest")]
